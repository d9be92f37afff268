"""Parts of EdgeShield."""
