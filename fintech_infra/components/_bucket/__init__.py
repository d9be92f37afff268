"""Parts of LockedDownBucket."""
