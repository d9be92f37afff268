"""What a deployment would give: outputs of resources and results of data sources."""
