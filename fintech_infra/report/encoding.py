"""Property values in machine formats: JSON, with markers for what JSON cannot say."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from importlib import metadata
from typing import Any, Final

from fintech_infra.environment import UNKNOWN, Asset

UNKNOWN_MARK: Final[Mapping[str, bool]] = {"$unknown": True}
"""Stands where a value is not known before deployment."""


def encode(value: Any) -> Any:
    """Return `value` as JSON can carry it, mappings in order of their keys.

    An asset becomes `{"$asset": {kind, location, digest, members}}` without what is empty;
    infinities and NaN, which JSON has no word for, become strings.
    """
    if value is UNKNOWN:
        return dict(UNKNOWN_MARK)
    if isinstance(value, Asset):
        return {"$asset": _asset(value)}
    if isinstance(value, Mapping):
        return {str(key): encode(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _asset(asset: Asset) -> dict[str, Any]:
    fields = {
        "kind": asset.kind,
        "location": asset.location,
        "digest": asset.digest,
        "members": list(asset.members),
    }
    return {key: item for key, item in fields.items() if item}


def document(content: Mapping[str, Any]) -> str:
    """Write a JSON document: ASCII only, indented, ended by a newline."""
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def own_version() -> str:
    """The version of this package; empty for a copy that was never installed."""
    try:
        return metadata.version("fintech_infra")
    except metadata.PackageNotFoundError:
        return ""
