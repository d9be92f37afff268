"""Templates of ARNs: `arn:partition:service:region:account:resource`."""

from __future__ import annotations


def regional(service: str, resource: str) -> str:
    """The template of the ARN of something that lives in a region."""
    return f"arn:{{PARTITION}}:{service}:{{REGION}}:{{ACCOUNT}}:{resource}"


def everywhere(service: str, resource: str) -> str:
    """The template of the ARN of something that an account has once for all regions."""
    return f"arn:{{PARTITION}}:{service}::{{ACCOUNT}}:{resource}"


def public(service: str, resource: str) -> str:
    """The template of the ARN of something whose name is unique among all accounts."""
    return f"arn:{{PARTITION}}:{service}:::{resource}"
