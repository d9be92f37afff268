"""What the command line names: controls, their configuration, outputs of other stacks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fintech_infra.cli.failure import Failure
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.controls.control import Control, Parameter


def select_controls(patterns: Iterable[str], disabled: Iterable[str] = ()) -> tuple[Control, ...]:
    """Return the controls that match the patterns (all without any), less the disabled ones.

    Raises:
        Failure: a pattern matches nothing; every such pattern is named.
    """
    from fintech_infra.controls import CONTROLS
    from fintech_infra.controls.evaluate import select

    wanted = [part.strip() for text in patterns for part in text.split(",") if part.strip()]
    try:
        chosen = select(CONTROLS, wanted) if wanted else tuple(CONTROLS)
    except ValueError as error:
        raise Failure(
            Problem(line, hint="fintech-infra controls lists them")
            for line in str(error).splitlines()
        ) from error
    off = set(disabled)
    return tuple(control for control in chosen if control.id not in off)


def read_parameters(
    path: str, *, packs: bool = False
) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """Read a policy configuration file: parameters by control id, and the ids that are disabled.

    The form is that of Pulumi's policy packs: control ids to a level, or to an object with
    `enforcementLevel` and parameters; `all` is left to policy packs, and so, with `packs`, is
    every name that is no control.

    Raises:
        Failure: the file, an id, a level or a parameter is wrong; all are listed.
    """
    if not path:
        return {}, ()
    content = read_object(path)
    from fintech_infra.controls import CONTROLS

    known = {control.id: control for control in CONTROLS}
    parameters: dict[str, dict[str, Any]] = {}
    disabled: list[str] = []
    problems: list[Problem] = []
    for id_, setting in content.items():
        if id_ == "all" or (packs and id_ not in known):
            continue
        if id_ not in known:
            problems.append(Problem(f"{id_!r} is no control", path))
            continue
        rest = dict(setting) if isinstance(setting, dict) else {"enforcementLevel": setting}
        level = rest.pop("enforcementLevel", None)
        problems += [Problem(fault, path) for fault in _faults(known[id_], level, rest)]
        if level == "disabled":
            disabled.append(id_)
        if rest:
            parameters[id_] = {name: _frozen(value) for name, value in rest.items()}
    if problems:
        raise Failure(problems)
    return parameters, tuple(disabled)


_LEVELS = ("advisory", "mandatory", "remediate", "disabled")


def _faults(control: Control, level: Any, given: Mapping[str, Any]) -> Iterable[str]:
    if level not in (None, *_LEVELS):  # a list has no hash
        yield f"{control.id}: {level!r} is no enforcement level; they are {', '.join(_LEVELS)}"
    known = {parameter.name: parameter for parameter in control.parameters}
    for name, value in given.items():
        if name not in known:
            accepted = ", ".join(known) or "none"
            yield f"{control.id}: {name!r} is no parameter; it has {accepted}"
        elif not _fits(value, known[name]):
            default = known[name].default
            kind = f"a list of {_item(default).__name__}" if _is_list(default) else None
            yield (
                f"{control.id}: {name} is {value!r}, but must be "
                f"{kind or known[name].type.__name__}, like {_listed(default)!r}"
            )


def _fits(value: Any, parameter: Parameter) -> bool:
    """Whether a value of JSON is one for a parameter; a list has items of one type."""
    if not _is_list(parameter.default):
        return type(value) is parameter.type
    return isinstance(value, list) and all(type(it) is _item(parameter.default) for it in value)


def _is_list(default: Any) -> bool:
    return isinstance(default, tuple)


def _item(default: tuple[Any, ...]) -> type:
    """The type of the items; where there is none to tell by, they are texts."""
    return type(default[0]) if default else str


def _listed(default: Any) -> Any:
    return [*default] if _is_list(default) else default


def _frozen(value: Any) -> Any:
    """A value as controls take it."""
    return tuple(value) if isinstance(value, list) else value


def read_object(path: str) -> Mapping[str, Any]:
    """Read a policy configuration file.

    Raises:
        Failure: it cannot be read, or does not hold an object.
    """
    try:
        content = json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise Failure([Problem(f"cannot be read: {error.strerror}", path)]) from error
    except ValueError as error:
        raise Failure([Problem(f"is not valid JSON: {error}", path)]) from error
    if not isinstance(content, dict):
        raise Failure([Problem("must hold an object of control ids", path)])
    return content


def read_stack_outputs(pairs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Read `stack:key=value` pairs; a value that is JSON counts as such, any other as text.

    Raises:
        Failure: a pair is not of that form; every such pair is named.
    """
    outputs: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for pair in pairs:
        where, separator, text = pair.partition("=")
        stack, colon, key = where.rpartition(":")
        if not (separator and colon and stack and key):
            problems.append(
                Problem(
                    f"--stack-output {pair!r} is not of the form STACK:KEY=VALUE",
                    hint="for instance --stack-output acme/network/prod:vpcId=vpc-0123",
                )
            )
            continue
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        outputs.setdefault(stack, {})[key] = value
    if problems:
        raise Failure(problems)
    return outputs
