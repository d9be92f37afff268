"""Parts of EphemeralCompute."""
