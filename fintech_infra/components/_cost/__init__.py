"""Parts of CostGuard."""
