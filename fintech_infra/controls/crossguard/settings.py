"""What may be set for one policy: the control's parameters, and what an undecided verdict does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final, cast

from fintech_infra.controls.control import Control, Parameter


class Undecided(StrEnum):
    """What a policy does where its control cannot tell."""

    REPORT = "report"
    """Say so, and let the deployment go on."""
    BLOCK = "block"
    """Count it as a violation, at the policy's own enforcement level."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force for one policy."""

    parameters: Mapping[str, Any]
    undecided: Undecided


_UNDECIDED: Final = "undecided"
_SCALARS: Final[Mapping[type, str]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
}
_LISTS: Final = (tuple, frozenset)


def schema(control: Control) -> dict[str, dict[str, Any]]:
    """Return the JSON schema of what may be set, by name, defaults included.

    Pulumi adds `enforcementLevel` to it.

    Raises:
        TypeError: the control has a parameter of a type that a configuration cannot give, or one
            with a name that is taken.
    """
    described: dict[str, dict[str, Any]] = {}
    for parameter in control.parameters:
        kind = _kind(parameter)
        if not kind or parameter.name in {_UNDECIDED, "enforcementLevel"}:
            raise TypeError(
                f"{control.id}: the parameter {parameter.name!r} with default "
                f"{parameter.default!r} cannot be configured; types are "
                f"{', '.join(_SCALARS.values())} and tuple or frozenset of one of them, and the "
                f"names {_UNDECIDED!r} and 'enforcementLevel' are taken"
            )
        described[parameter.name] = {**kind, "default": _plain(parameter.default)}
    described[_UNDECIDED] = {
        "type": "string",
        "enum": [choice.value for choice in Undecided],
        "default": Undecided.REPORT.value,
        "description": "What to do where the control cannot tell: say so, or count a violation.",
    }
    return described


def settings(control: Control, given: Mapping[str, Any]) -> Settings:
    """Return the settings that the configuration `given` results in.

    Raises:
        ValueError: names or values are wrong; the message lists them all.
    """
    accepted = {parameter.name: parameter for parameter in control.parameters}
    problems = list(_problems(accepted, given))
    if problems:
        raise ValueError(
            "\n".join([f"the configuration of policy {control.id!r} is wrong:", *problems])
        )
    return Settings(
        {name: _convert(accepted[name], given[name]) for name in accepted if name in given},
        Undecided(given.get(_UNDECIDED, Undecided.REPORT)),
    )


def _problems(accepted: Mapping[str, Parameter], given: Mapping[str, Any]) -> Iterator[str]:
    for name, value in given.items():
        if name == _UNDECIDED:
            if value not in list(Undecided):
                yield f"  {name}: {value!r} is none of {', '.join(map(repr, map(str, Undecided)))}"
        elif name not in accepted:
            yield f"  {name}: {_unknown(name, [*accepted, _UNDECIDED, 'enforcementLevel'])}"
        elif _convert(accepted[name], value) is None:
            yield f"  {name}: {value!r} is not of type {_name(accepted[name])}"


def _unknown(name: str, accepted: list[str]) -> str:
    near = get_close_matches(name, accepted, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"settings are {', '.join(accepted)}"
    return f"is not a setting; {hint}"


def _kind(parameter: Parameter) -> dict[str, Any]:
    """Return the JSON schema of a parameter's type, nothing where it has none."""
    if issubclass(parameter.type, _LISTS):
        item = _SCALARS.get(_item_type(parameter))
        return {"type": "array", "items": {"type": item}} if item else {}
    return {"type": _SCALARS[parameter.type]} if parameter.type in _SCALARS else {}


def _plain(default: Any) -> Any:
    """Return a default as JSON has it, in an order that does not change."""
    if isinstance(default, frozenset):
        return sorted(default)
    return list(default) if isinstance(default, tuple) else default


def _name(parameter: Parameter) -> str:
    kind = _kind(parameter)
    return f"array of {kind['items']['type']}" if "items" in kind else str(kind["type"])


def _item_type(parameter: Parameter) -> type:
    """Return the type of a list's items, as its default tells: text where that is empty."""
    return type(next(iter(parameter.default), ""))


def _convert(parameter: Parameter, value: Any) -> Any:
    """Return `value` as the parameter's type, None where it is of another."""
    if not issubclass(parameter.type, _LISTS):
        return _scalar(parameter.type, value)
    if not isinstance(value, list):
        return None
    items = [_scalar(_item_type(parameter), item) for item in cast("list[Any]", value)]
    return None if None in items else parameter.type(items)


def _scalar(kind: type, value: Any) -> Any:
    """Return `value` as `kind`, None where it is of another. All numbers of JSON are floats."""
    if kind in {bool, str}:
        return value if isinstance(value, kind) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return None if kind is int and not float(value).is_integer() else kind(value)
