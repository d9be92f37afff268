"""Waivers that a program declares next to its resources: markers in the environment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from glob import escape
from typing import Any, Final

from fintech_infra.controls.waivers import fields
from fintech_infra.controls.waivers.fields import Wrong
from fintech_infra.controls.waivers.model import MARKER_TYPE, Mistake, Waiver
from fintech_infra.environment import Environment, Resource

_OF: Final = ("ofType", "ofName")
"""Inputs of a marker that name the resource on which the option stands."""


def read_inline(
    environment: Environment, known: Collection[str]
) -> tuple[tuple[Waiver, ...], tuple[Mistake, ...]]:
    """Return the waivers whose markers are in an environment, and what is wrong with others.

    `known` are the ids of the controls that there are. An environment that has only what a pack
    has seen so far will do: a marker is registered before what it is for.
    """
    waivers: list[Waiver] = []
    mistakes: list[Mistake] = []
    for marker in environment.of_type(MARKER_TYPE):
        waiver, wrong = _read(marker, known)
        if waiver is not None:
            waivers.append(waiver)
        file, line = (marker.source.file, marker.source.line) if marker.source else ("", 0)
        mistakes += (
            Mistake(file, line, f"the waiver {marker.name!r}: {item.message}", item.hint)
            for item in wrong
        )
    return tuple(waivers), tuple(mistakes)


def _read(marker: Resource, known: Collection[str]) -> tuple[Waiver | None, list[Wrong]]:
    # A state keeps the one or the other of a component.
    values: dict[str, Any] = {**marker.outputs, **marker.inputs}
    type_, name = (values.pop(key, "") for key in _OF)
    unfit = [
        Wrong(key, f"{key} is {value!r}, but must be text", "declare it with waived(...)")
        for key, value in zip(_OF, (type_, name), strict=True)
        if not (isinstance(value, str) and value)
    ]
    if unfit:
        return None, unfit
    owner = _sibling(marker.urn, type_, name)
    is_exact = "resource" not in values
    if is_exact:
        values["resource"] = escape(owner)
    waiver, wrong = fields.read(values, known, is_exact=is_exact)
    if waiver is None:
        return None, wrong
    within = "" if is_exact else owner
    return replace(waiver, within=within, origin=marker.urn, source=marker.source), []


def _sibling(urn: str, type_: str, name: str) -> str:
    """The URN of a resource with the same parent.

    >>> _sibling("urn:pulumi:dev::shop::a:b:C$fintech_infra:index:Waiver::x", "x:y:Z", "logs")
    'urn:pulumi:dev::shop::a:b:C$x:y:Z::logs'
    """
    stack, project, types = [*urn.split("::"), "", "", ""][:3]
    above = types.rpartition("$")[0]
    return f"{stack}::{project}::{f'{above}$' if above else ''}{type_}::{name}"
