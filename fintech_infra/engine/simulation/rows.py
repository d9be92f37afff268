"""Rows: what the tables say about a type, whichever package it is from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fintech_infra.engine.sdk.schema import ResourceShape


@cache
def _tables(package: str) -> Mapping[str, Mapping[str, Any]]:
    """The rows of a package, imported when the package is first used."""
    if package == "aws":
        from fintech_infra.engine.simulation.aws.tables import ROWS

        return ROWS
    from fintech_infra.engine.simulation.others import ROWS as OTHERS

    return OTHERS


def row_of(token: str, shape: ResourceShape | None) -> Mapping[str, Any]:
    """What the tables say about a type; for AWS, what its service does with any resource."""
    package = token.partition(":")[0]
    known = _tables(package).get(token, {})
    if package == "aws":
        from fintech_infra.engine.simulation.aws.tables import usual

        return {**usual(token, shape), **known}
    if package == "kubernetes":
        from fintech_infra.engine.simulation.others import KUBERNETES

        return {**KUBERNETES, **known}
    return known
