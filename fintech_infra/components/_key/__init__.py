"""Parts of EncryptionKey."""
