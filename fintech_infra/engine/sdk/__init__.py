"""What the classes of an installed SDK say about inputs, outputs and data sources."""
