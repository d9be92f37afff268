"""Heals what was changed behind Pulumi's back: judged first, within limits, and recorded."""
