"""Parts of BackupVault."""
