"""From an exception in the user's program to a problem they can act on."""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import pulumi

from fintech_infra.engine.errors import Problem
from fintech_infra.engine.host.places import Places
from fintech_infra.engine.sdk import private

_UNEXPECTED: Final = re.compile(
    r"(\w+)\._internal_init\(\) got an unexpected keyword argument '(\w+)'"
)
_ENGINE: Final = Path(__file__).parent.parent
_MISSING: Final = re.compile(r"Missing required property '(\w+)'")
_PROCESSED: Final = re.compile(
    r"While processing (?:resource|input): '(.*?)', type:? (?:'(.*)'$)?", re.MULTILINE
)


def explain(error: BaseException, places: Places) -> Problem:
    """Say what went wrong, in the user's terms, at the innermost of the user's own lines."""
    frames = list(_frames(error))
    if not any(places.is_users(file) for file, _, _ in frames):
        frames = [*frames, *_walk(private.first_failure())]
    own = [(file, line) for file, line, _ in frames if places.is_users(file)]
    error, subject = _root(error)
    message, hint = _words(error, frames)
    if not own:
        own = [place for _, _, names in frames for place in private.declared_at(names)]
        message = f"{subject}: {message}" if subject else message
        if isinstance(error, KeyError) and not own:
            hint = "require_output raises this where the other stack has no such output"
    source = places.nearest(reversed(own))
    if frames and Path(frames[-1][0]).is_relative_to(_ENGINE):
        message = f"the preview itself failed: {message}"
        hint = "this is a fault of fintech-infra; --debug shows where"
    if isinstance(error, SyntaxError) and error.filename:
        source = places.nearest([(error.filename, error.lineno or 0)])
    return Problem(
        message,
        source.file if source else "",
        source.line if source else 0,
        hint,
        "".join(traceback.format_exception(error)),
    )


def _root(error: BaseException) -> tuple[BaseException, str]:
    """The exception that the SDK wrapped while it registered a resource, and the input it is of."""
    parts: list[str] = []
    while (named := _PROCESSED.match(str(error))) and (cause := _cause(error)) is not None:
        parts.append(f"{named[2]} {named[1]!r}" if named[2] else named[1])
        error = cause
    return error, ": ".join(parts)


def _cause(error: BaseException) -> BaseException | None:
    """What an exception was raised from. The SDK raises some from themselves: then the context."""
    return error.__context__ if error.__cause__ is error else error.__cause__


def _words(error: BaseException, frames: list[tuple[str, int, Any]]) -> tuple[str, str]:
    text = str(error).strip()
    if isinstance(error, SystemExit):
        code = error.code
        return (
            f"the program ended itself with sys.exit({code!r})",
            "a Pulumi program ends by reaching its end; raise an error to stop a deployment",
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0].replace("_", "-")
        return (
            f"imports {error.name}, which is not installed where the preview runs",
            f"install it there, for instance with: pip install {package}",
        )
    if isinstance(error, SyntaxError):
        return f"is not valid Python: {error.msg}", ""
    if isinstance(error, pulumi.ConfigMissingError):
        hint = f"set it with --config {error.key}=VALUE or in the stack's file"
        return text.partition("\n")[0], hint
    if isinstance(error, pulumi.RunError | pulumi.InputPropertiesError):
        return text, ""
    if isinstance(error, TypeError):
        return _type_error(text, frames)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__, ""


def _type_error(text: str, frames: list[tuple[str, int, Any]]) -> tuple[str, str]:
    made = next((f for f in reversed(frames) if f[2].get("resource_name")), None)
    what = ""
    if made is not None:
        owner = made[2].get("__self__") or made[2].get("self")
        what = f"{type(owner).__name__} {made[2]['resource_name']!r}"
    unexpected = _UNEXPECTED.search(text)
    if unexpected and made is not None:
        owner = type(made[2].get("__self__") or made[2].get("self"))
        given = unexpected[2]
        accepted = [
            name
            for name in inspect.signature(owner._internal_init).parameters  # noqa: SLF001 - as every SDK class has it
            if name not in {"__self__", "resource_name", "opts", "__props__"}
        ]
        near = get_close_matches(given, accepted, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(accepted)}"
        return f"{what} has no input {given!r}", hint
    missing = _MISSING.search(text)
    if missing and what:
        return f"{what} needs the input {missing[1]!r}", f"add {missing[1]}=..."
    return f"TypeError: {text}", ""


def _frames(error: BaseException) -> Iterator[tuple[str, int, Any]]:
    """Yield file, line and locals of every frame, outermost first; a cause counts as inner."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield from _walk(current.__traceback__)
        current = _cause(current)


def _walk(trace: TracebackType | None) -> Iterator[tuple[str, int, Any]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno, trace.tb_frame.f_locals
        trace = trace.tb_next
