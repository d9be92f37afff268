"""Functions of the Kubernetes package that the SDK itself calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import yaml

from fintech_infra.engine.simulation.calls.call import Call, CallError
from fintech_infra.environment import UNKNOWN


def _decode(call: Call) -> dict[str, Any]:
    text = call.args.get("text")
    if text is UNKNOWN:
        return {"result": UNKNOWN}
    try:
        documents = list(yaml.safe_load_all(text or ""))
    except yaml.YAMLError as error:
        raise CallError(f"the manifest is not YAML: {error}") from error
    return {"result": [document for document in documents if document]}


def _rendered_elsewhere(_: Call) -> dict[str, Any]:
    """Helm and Kustomize are programs of their own and may fetch charts: unknown here."""
    return {"result": UNKNOWN}


CALLS: Final[Mapping[str, Callable[[Call], dict[str, Any]]]] = {
    "kubernetes:yaml:decode": _decode,
    "kubernetes:helm:template": _rendered_elsewhere,
    "kubernetes:kustomize:directory": _rendered_elsewhere,
}
