"""What AWS makes of resources: ids, ARNs, names, endpoints and regions, as tables."""
