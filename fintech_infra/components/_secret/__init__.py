"""Parts of ManagedSecret."""
