"""Compliance frameworks: which requirements the controls support, as data.

One TOML file per framework lists requirements with a title in our own words and the controls that
support them, and below `beyond` the requirements that no preview can say anything about. A control
supports a requirement, it never fulfils one: it shows how an environment is built, not how an
organisation works.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fintech_infra.controls import CONTROLS
from fintech_infra.controls.control import Control

NAMES: Final = (
    "pci_dss_4_0_1",
    "soc2",
    "gdpr",
    "cis_aws_foundations_5_0",
    "nist_800_53_r5",
    "iso_27001_2022",
    "sox_itgc",
    "dora",
)
"""The framework files, in the order in which reports name them."""

_FIELDS: Final = ("name", "title", "version", "source")


class MappingError(ValueError):
    """Raised when a framework file is wrong; lists every mistake in it."""


class Beyond(StrEnum):
    """Why a requirement is out of a preview's reach."""

    PROCESS = "process"
    """It asks how an organisation works, its premises included."""
    PEOPLE = "people"
    """It asks what people know, sign or do."""
    RUNTIME = "runtime"
    """It asks what only running systems show, or those that no program declares."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a framework and the ids of the controls that support it.

    Without controls, `beyond` says why no preview can say anything about it.
    """

    id: str
    title: str
    controls: tuple[str, ...]
    beyond: Beyond | None = None


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework: short `name` for reports, full `title`, `version`, where to read it."""

    name: str
    title: str
    version: str
    source: str
    requirements: tuple[Requirement, ...]

    def __str__(self) -> str:
        """Name and version, as in `PCI DSS 4.0.1`."""
        return f"{self.name} {self.version}"

    def uncovered(self, controls: Iterable[Control] = CONTROLS) -> tuple[Requirement, ...]:
        """The requirements within reach that none of `controls` supports."""
        known = {control.id for control in controls}
        return tuple(item for item in self.within_reach if known.isdisjoint(item.controls))

    @property
    def within_reach(self) -> tuple[Requirement, ...]:
        """The requirements that controls can support."""
        return tuple(item for item in self.requirements if item.beyond is None)


def parse(file: str, text: str, known: Collection[str]) -> Framework:
    """Read one framework file; `known` are the ids of the controls that there are.

    Raises:
        MappingError: the text is not TOML, lacks a field, names a control that does not exist, or
            says both that a requirement is supported and that it is out of reach.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{file}: is not TOML: {error}") from None
    head: Mapping[str, Any] = data.get("framework", {})
    found: Mapping[str, Mapping[str, Any]] = data.get("requirements", {})
    beyond = list(_beyond(data.get("beyond", {})))
    problems = [f"[framework] lacks {field!r}" for field in _FIELDS if not head.get(field)]
    for requirement, entry in found.items():
        problems += (f"requirement {requirement} {wrong}" for wrong in _wrong(entry, known))
    problems += _doubled(found, beyond)
    problems += [
        f"[beyond] has {kind!r}; accepted are {', '.join(Beyond)}"
        for kind in data.get("beyond", {})
        if kind not in list(Beyond)
    ]
    if problems:
        raise MappingError("\n".join(f"{file}: {problem}" for problem in problems))
    supported = [
        Requirement(key, entry["title"], tuple(entry["controls"])) for key, entry in found.items()
    ]
    requirements = sorted((*supported, *beyond), key=lambda item: _natural(item.id))
    return Framework(**{field: head[field] for field in _FIELDS}, requirements=tuple(requirements))


def _beyond(tables: Mapping[str, Mapping[str, str]]) -> Iterator[Requirement]:
    for kind in Beyond:
        for id_, title in tables.get(kind, {}).items():
            yield Requirement(id_, title, (), kind)


def _doubled(found: Iterable[str], beyond: Iterable[Requirement]) -> Iterator[str]:
    seen = set(found)
    for item in beyond:
        if item.id in seen:
            yield f"requirement {item.id} is there twice, one of them under [beyond.{item.beyond}]"
        if not item.title:
            yield f"requirement {item.id} lacks a title"
        seen.add(item.id)


def _natural(id_: str) -> list[tuple[int, int, str]]:
    """Sort numbers as numbers: 1.10 comes after 1.9."""
    parts = re.findall(r"\d+|\D+", id_)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def _wrong(entry: Mapping[str, Any], known: Collection[str]) -> list[str]:
    listed: list[str] = entry.get("controls", [])
    problems = [] if entry.get("title") else ["lacks a title"]
    problems += [f"names the unknown control {item!r}" for item in listed if item not in known]
    problems += [f"names {item!r} twice" for item in sorted(set(listed)) if listed.count(item) > 1]
    return problems if "controls" in entry else [*problems, "lacks the list of controls"]


@cache
def load() -> tuple[Framework, ...]:
    """Return all frameworks.

    Raises:
        MappingError: a framework file is wrong.
    """
    known = {control.id for control in CONTROLS}
    here = files(__name__)
    return tuple(
        parse(f"{name}.toml", (here / f"{name}.toml").read_text("utf-8"), known) for name in NAMES
    )


@cache
def requirements() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return, by control id, the `(framework name, requirement id)` pairs that a control supports.

    >>> [pair for pair in requirements()["vpc-flow-logs-enabled"] if pair[0] == "CIS AWS"]
    [('CIS AWS', '3.7')]
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for framework in load():
        for requirement in framework.requirements:
            for control in requirement.controls:
                found.setdefault(control, []).append((framework.name, requirement.id))
    return {control: tuple(pairs) for control, pairs in found.items()}


def requirements_of(control_id: str) -> tuple[tuple[str, str], ...]:
    """Return the `(framework name, requirement id)` pairs that a control supports."""
    return requirements().get(control_id, ())


def uncited(controls: Iterable[Control] = CONTROLS) -> tuple[Control, ...]:
    """Return the controls that no framework requirement names."""
    return tuple(control for control in controls if control.id not in requirements())
