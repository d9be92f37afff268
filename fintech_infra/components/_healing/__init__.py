"""Parts of SelfHealing."""
