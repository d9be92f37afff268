"""Parts of EncryptedDatabase."""
