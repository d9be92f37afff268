"""Says whether the services that watch an account are awake."""
