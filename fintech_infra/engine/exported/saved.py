"""Environments that this command has saved, as `fintech_infra.environment.codec` describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.engine.exported.fields import Fields
from fintech_infra.engine.exported.values import DEEPEST
from fintech_infra.environment import UNKNOWN, Asset, Environment, Options
from fintech_infra.environment.codec import FORMAT_VERSION, MARK, decode

_TEXTS: Final = ("name", "id", "parent", "provider")
_FLAGS: Final = ("custom", "existing", "opaque")
_LISTS: Final = ("dependencies", "secrets")
_NEEDED: Final = (*_TEXTS, *_FLAGS, *_LISTS, "inputs", "outputs", "options", "source")
_OPTIONS: Final = {name: item.default for name, item in Options.__dataclass_fields__.items()}
_SEVERITIES: Final = ("info", "warning", "error")


def read_saved(content: Mapping[str, Any], fields: Fields) -> Environment:
    """Return a saved environment.

    Raises:
        PreviewError: another version wrote it, or it was changed by hand; all mistakes are listed.
    """
    if content.get("version") != FORMAT_VERSION:
        fields.note(
            "version",
            f"is {content.get('version')!r}; this version of fintech-infra reads {FORMAT_VERSION}",
            hint="save the environment again with: fintech-infra preview STACK --save FILE",
        )
        fields.settle()
    for key in ("project", "stack", "organization"):
        fields.text(content, key, "", needed=True)
    resources = [
        _resource(item, at, fields) for at, item in fields.objects(content, "resources", "")
    ]
    if not resources and fields.sound:
        fields.note("resources", "are none, so there is nothing to judge")
    outputs = _revived(fields.mapping(content, "outputs", ""), "outputs", fields)
    secrets = fields.texts(content, "secretOutputs", "")
    diagnostics = _diagnostics(content, fields)
    fields.settle()
    return decode(
        {
            **content,
            "resources": resources,
            "outputs": outputs,
            "secretOutputs": secrets,
            "diagnostics": diagnostics,
        }
    )


def _resource(item: Mapping[str, Any], at: str, fields: Fields) -> Mapping[str, Any]:
    for key in ("urn", "type"):
        fields.text(item, key, at, needed=True)
    for key in _NEEDED:
        if key not in item:
            fields.note(f"{at}.{key}", "is missing")
    return {
        **item,
        **{key: fields.text(item, key, at) for key in _TEXTS},
        **{key: fields.flag(item, key, at) for key in _FLAGS},
        **{key: fields.texts(item, key, at) for key in _LISTS},
        **{
            key: _revived(fields.mapping(item, key, at), f"{at}.{key}", fields)
            for key in ("inputs", "outputs")
        },
        "propertyDependencies": fields.text_lists(item, "propertyDependencies", at),
        "options": _options(item, at, fields),
        "source": _source(item, at, fields),
    }


def _options(item: Mapping[str, Any], at: str, fields: Fields) -> Mapping[str, Any]:
    given = fields.mapping(item, "options", at)
    there = f"{at}.options"
    found: dict[str, Any] = {}
    for name in given:
        if name == "custom_timeouts":
            found[name] = _pairs(given, there, fields)
        elif isinstance(_OPTIONS.get(name), bool):
            found[name] = fields.flag(given, name, there)
        elif isinstance(_OPTIONS.get(name), str):
            found[name] = fields.text(given, name, there)
        elif name in _OPTIONS:
            found[name] = list(fields.texts(given, name, there))
        else:
            fields.note(f"{there}.{name}", "is no option of a resource")
    return found


def _pairs(given: Mapping[str, Any], at: str, fields: Fields) -> list[tuple[str, str]]:
    found: Any = given["custom_timeouts"]
    if isinstance(found, list) and all(_is_of(pair, str, str) for pair in found):
        return [(name, text) for name, text in found]
    fields.note(f"{at}.custom_timeouts", "must be a list of pairs of texts")
    return []


def _source(item: Mapping[str, Any], at: str, fields: Fields) -> Any:
    found = item.get("source")
    if found is None or _is_of(found, str, int):
        return found
    fields.note(f"{at}.source", "must be null, or a list of a file and a line")
    return None


def _diagnostics(content: Mapping[str, Any], fields: Fields) -> list[Any]:
    found: Any = content.get("diagnostics") or []
    if not isinstance(found, list):
        fields.note("diagnostics", "must be a list")
        return []
    for index, item in enumerate(found):
        if not _is_of(item, str, str, str) or item[0] not in _SEVERITIES:
            fields.note(f"diagnostics[{index}]", "must be a severity, a message and a URN")
    return found


def _is_of(value: Any, *types: type) -> bool:
    """Whether a value is a list of items of these types."""
    return (
        isinstance(value, list)
        and len(value) == len(types)
        and all(type(item) is type_ for item, type_ in zip(value, types, strict=True))
    )


def _revived(value: Any, at: str, fields: Fields, deep: int = 0) -> Any:
    """A value with what JSON cannot say back in it: unknown values and assets."""
    if not isinstance(value, dict | list):
        return value
    if deep > DEEPEST:
        fields.note(at, f"is nested more than {DEEPEST} levels deep")
        return UNKNOWN
    if isinstance(value, list):
        return [_revived(item, f"{at}[{n}]", fields, deep + 1) for n, item in enumerate(value)]
    if MARK in value:
        return _special(value, at, fields)
    return {key: _revived(item, f"{at}.{key}", fields, deep + 1) for key, item in value.items()}


def _special(value: Mapping[str, Any], at: str, fields: Fields) -> Any:
    if value == {MARK: "unknown"}:
        return UNKNOWN
    parts: Any = value.get("of")
    if value[MARK] == "asset" and _is_of(parts, str, str, str, list):
        kind, location, digest, members = parts
        if kind in {"file", "text", "remote", "archive"} and all(
            isinstance(item, str) for item in members
        ):
            return Asset(kind, location, digest, tuple(members))
    fields.note(at, f"is no value: {MARK} is neither unknown nor an asset of four parts")
    return UNKNOWN
