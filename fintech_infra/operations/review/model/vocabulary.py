"""Words that may be sent as they are: those of providers, which nobody's program can invent.

Names of properties and words of values are taken from the classes and the documentation of the
installed AWS SDK. A value goes out in clear only where the documentation of its own property names
it, or where it has one of the few narrow forms below. Everything else is a text of the program's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fintech_infra.engine.sdk.schema import Schemas
    from fintech_infra.engine.sdk.shapes import Shape

_TOKEN: Final = re.compile(r"aws:([a-zA-Z0-9]+)/([a-zA-Z0-9]+):[A-Za-z0-9]+")
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_QUOTED: Final = re.compile(r"[`\"]([\w.:/+-]{1,64})[`\"]")
_NAMES: Final = re.compile(
    r"(?:name|prefix|suffix|description|comment|identifier|id|ids|arn|arns|title|bucket|alias|key"
    r"|user|username|address|text|message|uri|url)$",
    re.IGNORECASE,
)
"""Properties that name or describe: their documentation quotes examples, not words of a value."""

_EVERYWHERE: Final = frozenset({
    "true", "false", "Enabled", "Disabled", "ENABLED", "DISABLED", "Allow", "Deny", "*",
})  # fmt: skip
_ENGINE: Final = (
    r"postgres|mysql|mariadb|aurora-(?:postgresql|mysql)|(?:custom-)?(?:oracle-(?:ee|se2)(?:-cdb)?"
    r"|sqlserver-(?:ee|se|ex|web|dev))|db2-(?:ae|se)|docdb|neptune|redis|valkey|memcached"
)
_SIZE: Final = (
    r"(?:(?:db|cache|ml|dms)\.)?[a-z]{1,4}\d[a-z]{0,4}\."
    r"(?:nano|micro|small|medium|large|xlarge|\d{1,2}xlarge|metal)(?:\.search)?"
)
_DIRECTIONS: Final = "(?:central|(?:north|south)(?:east|west)?|east|west)"
_TLS_POLICY: Final = (
    r"ELBSecurityPolicy-(?:TLS13-1-[0-3]|TLS-1-[0-2]|FS(?:-1-[12])?|20\d\d-\d\d)"
    r"(?:-(?:Ext[12]?|Res|FIPS|PQ|20\d\d-\d\d)){0,4}"
)
REGION: Final = rf"(?:us|eu|ap|sa|ca|me|af|il|mx)-(?:gov-)?{_DIRECTIONS}-\d"
_FORMS: Final = tuple(
    (re.compile(keys, re.IGNORECASE), re.compile(values))
    for keys, values in (
        (r"(instance|node)(class|types?)$|^size$", _SIZE),
        (r"version$", r"v?\d{1,4}(?:\.\d{1,4}){0,3}|TLSv?1(?:[._][0-3])?(?:_20[12]\d)?|IPv[46]"),
        (r"^engine$", _ENGINE),
        (r"protocol$", r"-1|all|tcp|udp|icmp|icmpv6|[A-Z]{3,5}|HTTP[12S]"),
        (
            r"runtimes?$",
            r"(?:python|nodejs|java|dotnet|ruby|go|provided)[\d.]{0,4}(?:x|al2|\.?al2023)?",
        ),
        (r"^(ssl|security)policy$", _TLS_POLICY),
        (r"region$", REGION),
        (r"^availabilityzones?$", rf"{REGION}[a-f]"),
        (r"^(cpu|memory|fromport|toport|port)$", r"-?\d{1,6}"),
    )
)  # fmt: skip
"""What documentation tells in tables instead of words: key of the property, form of the value."""


class Vocabulary:
    """What the installed AWS SDK knows: types, properties, and the words of their values."""

    def __init__(self) -> None:
        """Start empty; a type's classes are loaded when it is first asked for."""
        self._schemas: Schemas | None = None

    def inputs(self, type_: str) -> Shape | None:
        """The inputs of a resource type, None where the SDK knows no such type of AWS."""
        found = _TOKEN.fullmatch(type_)
        if found is None or not _loaded(found[1], found[2]):
            return None
        shape = self._known().resource(type_)
        if shape is None or not shape.cls.__module__.startswith("pulumi_aws."):
            return None
        return shape.inputs

    def words(self, shape: Shape, key: str) -> frozenset[str]:
        """The words that the documentation of a property names."""
        if _NAMES.search(key) or shape.cls is None:
            return frozenset()
        return _documented(shape.cls, shape.fields[key].python_name)

    def _known(self) -> Schemas:
        if self._schemas is None:
            from fintech_infra.engine.sdk.schema import Schemas

            self._schemas = Schemas()
        return self._schemas


@cache
def _loaded(folder: str, leaf: str) -> bool:
    """Whether the SDK has the module of a type token; loads it."""
    from importlib import import_module

    name = _WORD.sub("_", leaf).lower()
    for package in (folder, f"{folder}_"):
        try:
            import_module(f"pulumi_aws.{package}.{name}")
        except ImportError:
            continue
        return True
    return False


@cache
def _documented(cls: type, python_name: str) -> frozenset[str]:
    text = getattr(cls, python_name, None).__doc__ or ""
    return frozenset(_QUOTED.findall(text))


def is_word(value: str, key: str, words: frozenset[str]) -> bool:
    """Whether a text at the property `key` is a word of the provider's.

    >>> [is_word(value, "engine", frozenset()) for value in ("postgres", "ignore-all-rules")]
    [True, False]
    """
    if value in words or value in _EVERYWHERE:
        return True
    return any(keys.search(key) and values.fullmatch(value) for keys, values in _FORMS)


def shapes_below(shape: Shape | None) -> Mapping[str, Shape]:
    """The shapes of the properties of an object, by wire name; empty for what is none."""
    if shape is None or shape.kind != "object":
        return {}
    return {name: field.shape for name, field in shape.fields.items()}
