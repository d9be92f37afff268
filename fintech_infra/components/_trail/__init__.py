"""Parts of AuditTrail."""
