"""Stops what costs money in an environment whose time is up, and nothing of production, ever."""
