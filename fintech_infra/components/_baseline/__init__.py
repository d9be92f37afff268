"""Parts of SecurityBaseline."""
