"""Measures how old the value of a secret is."""
