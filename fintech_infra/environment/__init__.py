"""The model: what an environment is, as pure data that knows neither Pulumi nor AWS."""

from fintech_infra.environment.model import (
    STACK_TYPE,
    Diagnostic,
    Environment,
    Options,
    Resource,
    Source,
)
from fintech_infra.environment.values import (
    UNKNOWN,
    Asset,
    Unknown,
    UnknownValueError,
    each,
    join,
    read,
    segments,
    walk,
)

__all__ = [
    "STACK_TYPE",
    "UNKNOWN",
    "Asset",
    "Diagnostic",
    "Environment",
    "Options",
    "Resource",
    "Source",
    "Unknown",
    "UnknownValueError",
    "each",
    "join",
    "read",
    "segments",
    "walk",
]
