"""IAM policy documents as data: statements with principals, actions, resources and conditions.

Reads the JSON text, a mapping, or a mapping in which single values are not known yet. Those stay
`UNKNOWN` inside the statement, so that whoever needs one of them ends undecided and whoever does
not is not disturbed. What a statement means to a caller is in `access`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from fintech_infra.environment.values import UNKNOWN, UnknownValueError, join

_ELEMENTS: Final = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
    "Condition",
)  # fmt: skip


ARN_PARTS: Final = 6
"""Colon-separated parts of an ARN; the last may hold colons itself."""


class DocumentError(ValueError):
    """Raised when a policy document is not one: AWS would refuse it.

    `path` is the property path of the part that is wrong.
    """

    def __init__(self, path: str, reason: str) -> None:
        """Say what is wrong where."""
        super().__init__(reason)
        self.path = path


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a statement names: `kind` is AWS, Service, Federated, CanonicalUser or `*`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a condition block; its values are alternatives."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `path` is relative to the document; absent elements are empty tuples.

    Of each pair (`actions`, `not_actions` and so on) AWS accepts one; resource-based policies of
    roles have no resources, identity-based policies have no principals.
    """

    path: str
    allows: bool
    sid: str = ""
    principals: tuple[Principal, ...] = ()
    not_principals: tuple[Principal, ...] = ()
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def covers_action(self, action: str) -> bool:
        """Whether the statement is about `action`, such as `kms:Decrypt`.

        Raises:
            UnknownValueError: it depends on an action that is not known before deployment.
        """
        if self.not_actions:
            return not any(matches(pattern, action, fold=True) for pattern in self.not_actions)
        return any(matches(pattern, action, fold=True) for pattern in self.actions)

    def covers_every_action(self) -> bool:
        """Whether the statement names every action of every service."""
        return any(matches(pattern, "any:Action", fold=True) for pattern in self.actions)

    def covers_every_resource(self) -> bool:
        """Whether the statement names every resource; a statement without resources does not."""
        return any(set(pattern) == {"*"} for pattern in map(_known, self.resources))


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document."""

    statements: tuple[Statement, ...]

    @property
    def allowing(self) -> Iterator[Statement]:
        """The statements that allow."""
        return (statement for statement in self.statements if statement.allows)

    @property
    def denying(self) -> Iterator[Statement]:
        """The statements that deny."""
        return (statement for statement in self.statements if not statement.allows)


def parse(value: Any) -> Document:
    """Read a policy document from JSON text or from a mapping.

    Raises:
        UnknownValueError: the document, its statements or an effect are not known yet.
        DocumentError: it is not a policy document; the path is relative to the document.
    """
    if value is UNKNOWN:
        raise UnknownValueError
    return _parse_text(value) if isinstance(value, str) else _parse_mapping(value)


def matches(pattern: str, value: str, *, fold: bool = False) -> bool:
    """Whether `value` matches an IAM pattern: `*` stands for any text, `?` for one character.

    `fold` ignores case, as AWS does for actions but not for resources.

    >>> matches("kms:*Crypt", "kms:Decrypt", fold=True), matches("s3:Get?", "s3:GetObject")
    (True, False)
    """
    return _compiled(_known(pattern), fold).fullmatch(value) is not None


def resource_part(pattern: str) -> str:
    """Return what an ARN (or a pattern of one) says after the account, `*` where it says anything.

    >>> resource_part("arn:aws:kms:eu-west-1:111122223333:key/*"), resource_part("arn:aws:kms:*")
    ('key/*', '*')
    """
    parts = _known(pattern).split(":", ARN_PARTS - 1)
    if len(parts) == ARN_PARTS:
        return parts[-1]
    return "*" if parts[-1].endswith("*") else pattern


def _known(value: str) -> str:
    if cast("Any", value) is UNKNOWN:
        raise UnknownValueError
    return value


@lru_cache(maxsize=8192)
def _compiled(pattern: str, fold: bool) -> re.Pattern[str]:  # noqa: FBT001 - a cache key
    text = "".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if fold else 0))


@lru_cache(maxsize=4096)
def _parse_text(text: str) -> Document:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise DocumentError("", f"is not JSON: {error}") from None
    return _parse_mapping(value)


def _parse_mapping(value: Any) -> Document:
    if not isinstance(value, Mapping):
        raise DocumentError("", f"is {_kind(value)}, not a policy document")
    members = {str(key).lower(): member for key, member in value.items()}
    found = members.get("statement")
    if found is UNKNOWN:
        raise UnknownValueError("Statement")
    if found is None:
        raise DocumentError("", "has no Statement")
    if isinstance(found, Mapping):
        return Document((_statement(found, "Statement"),))
    if not isinstance(found, list | tuple):
        raise DocumentError("Statement", f"is {_kind(found)}, not a list of statements")
    return Document(
        tuple(_statement(item, join("Statement", index)) for index, item in enumerate(found))
    )


def _statement(value: Any, path: str) -> Statement:
    if value is UNKNOWN:
        raise UnknownValueError(path)
    if not isinstance(value, Mapping):
        raise DocumentError(path, f"is {_kind(value)}, not a statement")
    given = {str(key).lower(): member for key, member in value.items()}
    sid, effect, *elements = (given.get(element.lower()) for element in _ELEMENTS)
    principal, not_principal, action, not_action, resource, not_resource, condition = elements
    if effect is UNKNOWN:
        raise UnknownValueError(join(path, "Effect"))
    if effect not in ("Allow", "Deny"):
        raise DocumentError(join(path, "Effect"), f"is {effect!r}; accepted are 'Allow', 'Deny'")
    if (action is None) == (not_action is None):
        raise DocumentError(path, "needs one of Action and NotAction")
    return Statement(
        path=path,
        allows=effect == "Allow",
        sid=sid if isinstance(sid, str) else "",
        principals=_principals(principal, join(path, "Principal")),
        not_principals=_principals(not_principal, join(path, "NotPrincipal")),
        actions=_texts(action, join(path, "Action")),
        not_actions=_texts(not_action, join(path, "NotAction")),
        resources=_texts(resource, join(path, "Resource")),
        not_resources=_texts(not_resource, join(path, "NotResource")),
        conditions=_conditions(condition, join(path, "Condition")),
    )


def _principals(value: Any, path: str) -> tuple[Principal, ...]:
    if value is None:
        return ()
    if value is UNKNOWN or value == "*":
        return (Principal("*", value),)
    if not isinstance(value, Mapping):
        raise DocumentError(path, f"is {value!r}; accepted are '*' and a map of kinds")
    return tuple(
        Principal(str(kind), item)
        for kind, items in value.items()
        for item in _texts(items, join(path, str(kind)))
    )


def _conditions(value: Any, path: str) -> tuple[Condition, ...]:
    if value is None:
        return ()
    if value is UNKNOWN:
        raise UnknownValueError(path)
    if not isinstance(value, Mapping):
        raise DocumentError(path, f"is {_kind(value)}, not a map of operators")
    found: list[Condition] = []
    for operator, block in value.items():
        at = join(path, str(operator))
        if block is UNKNOWN:
            raise UnknownValueError(at)
        if not isinstance(block, Mapping):
            raise DocumentError(at, f"is {_kind(block)}, not a map of condition keys")
        found += (
            Condition(str(operator), str(key), _texts(items, join(at, str(key)), scalar=True))
            for key, items in block.items()
        )
    return tuple(found)


def _texts(value: Any, path: str, *, scalar: bool = False) -> tuple[str, ...]:
    """Read a string or a list of strings; with `scalar` numbers and booleans as AWS spells them."""
    if value is None:
        return ()
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return tuple(_text(item, path, scalar=scalar) for item in (value if listed else (value,)))


def _text(value: Any, path: str, *, scalar: bool) -> str:
    if value is UNKNOWN or isinstance(value, str):
        return value
    if scalar and isinstance(value, bool | int | float):
        return json.dumps(value)
    raise DocumentError(path, f"is {value!r}; accepted are text and a list of texts")


def _kind(value: Any) -> str:
    return f"a {type(value).__name__}" if value is not None else "empty"
