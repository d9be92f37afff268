"""Parts of ImageRepository."""
