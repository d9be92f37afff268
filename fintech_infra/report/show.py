"""A resource's resolved inputs, for people: one `name: value` a line, nested by indentation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.environment import UNKNOWN, Asset, Resource
from fintech_infra.report.redact import MASK, Redaction

_INLINE: Final = 60
"""A list of plain values stays in one line up to this many characters."""

_STEP: Final = "  "


def show(resource: Resource, redaction: Redaction) -> list[str]:
    """Return the inputs of a resource as lines, in order of their names.

    Strings are quoted; those that hold a JSON document, as policies do, are laid out as the
    document behind the word `json`. Unknown values are `<unknown>`, secrets `[secret]`, assets
    `file handler.zip sha256:...`. A value that is null is as good as absent and left out.
    """
    return list(_entries(redaction.inputs(resource)))


def _entries(values: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(values, key=str):
        if values[key] is not None:
            yield from _entry(f"{key}:", values[key])


def _entry(lead: str, value: Any) -> Iterator[str]:
    """Yield `lead value`, or `lead` and the value's own lines below it."""
    note, content = _parsed(value)
    plain = _plain(content)
    if plain is not None:
        yield f"{lead} {note}{plain}"
        return
    yield f"{lead} {note}".rstrip()
    if isinstance(content, Mapping):
        below = _entries(content)
    else:
        below = (line for item in content for line in _item(item))
    for line in below:
        yield _STEP + line


def _item(value: Any) -> Iterator[str]:
    """Yield an item of a list; a mapping begins beside the dash."""
    content = _parsed(value)[1]
    if not isinstance(content, Mapping) or not content:
        yield from _entry("-", value)
        return
    lines = _entries(content)
    yield f"- {next(lines, '')}"
    for line in lines:
        yield _STEP + line


def _parsed(value: Any) -> tuple[str, Any]:
    """A JSON document in a string as its content, with a word that says so."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return "json ", json.loads(value)
        except ValueError:
            pass
    return "", value


def _plain(value: Any) -> str | None:
    """A value in one line; None where it takes several."""
    if isinstance(value, Mapping):
        return None if value else "{}"
    if isinstance(value, list | tuple):
        items = [_plain(item) for item in value if not _nests(item)]
        inline = f"[{', '.join(item or '' for item in items)}]"
        return inline if len(items) == len(value) and len(inline) <= _INLINE else None
    return _scalar(value)


def _nests(value: Any) -> bool:
    return isinstance(_parsed(value)[1], Mapping | list | tuple)


def _scalar(value: Any) -> str:
    if value is UNKNOWN:
        return "<unknown>"
    if isinstance(value, Asset):
        return _asset(value)
    if isinstance(value, str) and value == MASK:
        return value
    return json.dumps(value, ensure_ascii=False)


def _asset(asset: Asset) -> str:
    """Kind, place and the beginning of the digest, which is enough to tell two versions apart."""
    digest = f"sha256:{asset.digest.removeprefix('sha256:')[:12]}" if asset.digest else ""
    members = f"of {', '.join(asset.members)}" if asset.members else ""
    return " ".join(part for part in (asset.kind, asset.location, members, digest) if part)
