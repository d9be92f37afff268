"""Whether the condition of a statement holds, as far as a program says what it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any, Final, cast

from fintech_infra.environment.documents import Condition, matches
from fintech_infra.environment.values import UNKNOWN, UnknownValueError

Context = Mapping[str, str | None]
"""Values of condition keys, in lower case, for one request. None says that the request has none;
of a key that is left out nothing is known, unless `EVERY_TAG` says so for tags."""

TAG: Final = "aws:resourcetag/"
"""What the keys of the tags of a resource start with; those of single services count as these."""
EVERY_TAG: Final = TAG
"""In a context: the tags of the resource are all there."""

# Keys about the caller's circumstances. Who meets them may do all that the statement says.
_ON_THE_CALLER: Final = (
    "aws:currenttime", "aws:epochtime", "aws:multifactorauth", "aws:principal", "aws:referer",
    "aws:requestedregion", "aws:securetransport", "aws:sourceidentity", "aws:sourceip",
    "aws:sourcevpc", "aws:tokenissuetime", "aws:useragent", "aws:userid", "aws:username",
    "aws:viaawsservice", "aws:vpce", "aws:vpcsourceip",
)  # fmt: skip
_MOST: Final = 2
"""Values of a condition that a sentence names, at most."""
_NEGATED: Final = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}
_COMPARE: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "stringequals": lambda wanted, found: wanted == found,
    "stringequalsignorecase": lambda wanted, found: wanted.lower() == found.lower(),
    "stringlike": matches,
    "arnequals": matches,
    "arnlike": matches,
}


def holds(condition: Condition, context: Context) -> bool | None:
    """Whether a condition holds; None where the context does not tell.

    Raises:
        UnknownValueError: it depends on a value that is not known before deployment.
    """
    operator, key = condition.operator.lower(), _spelt(condition.key)
    told = key in context or (key.startswith(TAG) and EVERY_TAG in context)
    if ":" in operator or not told:
        return None
    found = context.get(key)
    if operator == "null":
        return _any(condition, "true" if found is None else "false", _COMPARE["stringequals"])
    optional = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    if found is None and (operator in _NEGATED or operator in _COMPARE):
        return optional or operator in _NEGATED
    plain = _NEGATED.get(operator, operator)
    if found is None or plain not in _COMPARE or any("${" in _known(v) for v in condition.values):
        return None
    return _any(condition, found, _COMPARE[plain]) is (plain == operator)


def exclude_one_another(conditions: Iterable[Condition]) -> bool:
    """Whether no request can meet all conditions: one key would need values of two kinds.

    >>> one, other = (Condition("StringEquals", "aws:PrincipalAccount", (it,)) for it in "12")
    >>> exclude_one_another([one, other]), exclude_one_another([one, one])
    (True, False)
    """
    by_key: dict[str, list[Condition]] = {}
    for item in conditions:
        if item.operator.lower() in _COMPARE and not any(map(_is_open, item.values)):
            by_key.setdefault(item.key.lower(), []).append(item)
    return any(
        not any(_meet(one, other) for one in first.values for other in second.values)
        for same in by_key.values()
        for first, second in combinations(same, 2)
    )


def _is_open(value: str) -> bool:
    return cast("Any", value) is UNKNOWN or "${" in value


def _meet(one: str, other: str) -> bool:
    wild = [set(text) & {"*", "?"} for text in (one, other)]
    return all(wild) or matches(one, other) or matches(other, one)


def is_on_the_caller(condition: Condition) -> bool:
    """Whether a condition is about who asks, when and whence, and not about what is asked for.

    >>> is_on_the_caller(Condition("Bool", "aws:MultiFactorAuthPresent", ("true",)))
    True
    >>> is_on_the_caller(Condition("StringEquals", "aws:ResourceTag/team", ("pay",)))
    False
    """
    return condition.key.lower().startswith(_ON_THE_CALLER)


def said(conditions: tuple[Condition, ...]) -> str:
    """Conditions in words: "where aws:SourceVpce is vpce-1"; nothing for none."""
    if not conditions:
        return ""
    return "where " + " and ".join(
        f"{item.key} is {_quantified(item)}{_listed(item.values)}" for item in conditions
    )


def _spelt(key: str) -> str:
    service, mark, tag = key.lower().partition(":resourcetag/")
    return f"{TAG}{tag}" if mark else service


def _quantified(condition: Condition) -> str:
    return "not " if condition.operator.lower().removesuffix("ifexists") in _NEGATED else ""


def _listed(values: tuple[str, ...]) -> str:
    shown = [_shown(value) for value in values[:_MOST]]
    more = [f"{len(values) - _MOST} more"] if len(values) > _MOST else []
    return " or ".join((*shown, *more))


def _shown(value: str) -> str:
    return "something not known yet" if cast("Any", value) is UNKNOWN else value


def _any(condition: Condition, found: str, compare: Callable[[str, str], bool]) -> bool:
    return any(compare(_known(value), found) for value in condition.values)


def _known(value: str) -> str:
    if cast("Any", value) is UNKNOWN:
        raise UnknownValueError
    return value
