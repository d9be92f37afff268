"""Parts of DeployIdentity."""
