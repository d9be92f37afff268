"""Parts of HardenedVpc."""
