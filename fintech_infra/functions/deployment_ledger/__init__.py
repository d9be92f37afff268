"""Ledger of deployments: what ran when, as records that cannot be changed."""
