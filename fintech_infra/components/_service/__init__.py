"""Parts of ImmutableService."""
