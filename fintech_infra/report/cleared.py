"""An environment without its secrets, for whatever leaves the process.

A secret becomes a value that is not known, and its path stays secret: a control that needs it
cannot decide. The same goes for whatever else a secret's text turns up in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fintech_infra.environment import UNKNOWN, Asset, Diagnostic, Environment, Resource, join
from fintech_infra.environment.codec import MARK
from fintech_infra.report.redact import Redaction


def without_secrets(environment: Environment) -> Environment:
    """An environment with unknown values in the place of its secrets."""
    redaction = Redaction(environment)
    exports, secret = _cleared(environment.outputs, redaction.exports(environment), redaction)
    return replace(
        environment,
        resources=tuple(_without(resource, redaction) for resource in environment.resources),
        outputs=exports,
        secret_outputs=tuple(dict.fromkeys((*environment.secret_outputs, *secret))),
        diagnostics=tuple(
            Diagnostic(item.severity, redaction.text(item.message), item.urn)
            for item in environment.diagnostics
        ),
    )


def _without(resource: Resource, redaction: Redaction) -> Resource:
    inputs, hidden = _cleared(resource.inputs, redaction.inputs(resource), redaction)
    outputs, assigned = _cleared(resource.outputs, redaction.outputs(resource), redaction)
    secrets = (*(f"inputs.{path}" for path in hidden), *(f"outputs.{path}" for path in assigned))
    identity, options = redaction.text(resource.id), resource.options
    return replace(
        resource,
        inputs=inputs,
        outputs=outputs,
        id=resource.id if identity == resource.id else "",
        options=replace(options, import_id=redaction.text(options.import_id)),
        secrets=tuple(dict.fromkeys((*resource.secrets, *secrets))),
    )


def _cleared(
    values: Mapping[str, Any], redacted: Mapping[str, Any], redaction: Redaction
) -> tuple[dict[str, Any], list[str]]:
    """Values with nothing known of what was redacted, and the paths of that."""
    clearing = _Clearing(redaction)
    return clearing.mapping(values, redacted, ""), clearing.hidden


class _Clearing:
    """Puts unknown values where a redacted copy differs, and notes the paths."""

    def __init__(self, redaction: Redaction) -> None:
        self.hidden: list[str] = []
        self._redaction = redaction

    def mapping(
        self, values: Mapping[str, Any], redacted: Mapping[str, Any], path: str
    ) -> dict[str, Any]:
        if len(redacted) < len(values):  # keys that differ in a secret alone have become one
            return {key: self._hide(join(path, key)) for key in redacted}
        pairs = zip(redacted.items(), values.values(), strict=True)
        return {key: self._value(item, now, join(path, key)) for (key, now), item in pairs}

    def _value(self, value: Any, redacted: Any, path: str) -> Any:
        if isinstance(redacted, str):
            same = isinstance(value, str) and redacted == value
            return value if same else self._hide(path)
        if isinstance(value, Mapping):
            if MARK in value:  # it would read back as something else
                return UNKNOWN
            return self.mapping(value, redacted, path)
        if isinstance(value, list | tuple):
            pairs = enumerate(zip(redacted, value, strict=True))
            return [self._value(item, now, join(path, at)) for at, (now, item) in pairs]
        if isinstance(value, Asset):
            return self._asset(value, path)
        if isinstance(value, float) and not math.isfinite(value):
            return UNKNOWN
        return value

    def _asset(self, asset: Asset, path: str) -> Any:
        """An asset, unless its place tells a secret, as a signed address does."""
        places = (asset.location, *asset.members)
        told = any(self._redaction.text(place) != place for place in places)
        return self._hide(path) if told else asset

    def _hide(self, path: str) -> Any:
        self.hidden.append(path)
        return UNKNOWN
