"""What is wrong with the arguments of an EdgeShield."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._edge.rules import GREATEST_RATE, LEAST_RATE, paths_pattern

_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_NAME: Final = re.compile(r"[\w-]{1,100}", re.ASCII)
"""The web ACL and its metrics carry the name: letters, digits, `-` and `_`, at most 128.
https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html"""

_LONGEST_PATTERN: Final = 512
"""Characters of a regular expression.
https://docs.aws.amazon.com/waf/latest/APIReference/API_RegexMatchStatement.html"""

_MOST_EXEMPT: Final = 5
"""Patterns that a challenge can exempt.
https://docs.aws.amazon.com/waf/latest/APIReference/API_ClientSideAction.html"""


def edge_problems(name: str, args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(path, reason)` for everything that is wrong with the values of `args`."""
    if not _NAME.fullmatch(name):
        yield "name", f"is {name!r}; accepted are 1 to 100 letters, digits, '-' and '_'"
    for key in ("rate_per_5_minutes", "login_rate_per_5_minutes"):
        yield from _rate_problems(key, args)
    yield from _path_problems(args)
    for index, country in enumerate(args.get("blocked_countries", ())):
        if not _COUNTRY.fullmatch(country):
            reason = f"is {country!r}; accepted are two capital letters (ISO 3166-1), as in 'KP'"
            yield f"blocked_countries[{index}]", reason
    yield from _pattern_problems(args.get("challenge_exempt_patterns", ()))
    yield from _scope_problems(args)


def _rate_problems(key: str, args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    rate = args.get(key)
    if rate is not None and not LEAST_RATE <= rate <= GREATEST_RATE:
        yield key, f"is {rate} requests; accepted are {LEAST_RATE} to {GREATEST_RATE:,}"
    if key.startswith("login") and rate is not None and not args.get("login_paths"):
        yield key, "limits nothing; name the login_paths that it is for"


def _path_problems(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    paths: list[str] = args.get("login_paths", [])
    wrong = False
    for index, path in enumerate(paths):
        if not path.startswith("/") or len(path) == 1:
            wrong = True
            yield f"login_paths[{index}]", f"is {path!r}; accepted is a path below '/', as '/login'"
    if paths and not wrong and len(paths_pattern(paths)) > _LONGEST_PATTERN:
        reason = (
            f"need a pattern of {len(paths_pattern(paths))} characters and AWS accepts "
            f"{_LONGEST_PATTERN}; give what the paths have in common"
        )
        yield "login_paths", reason
    takeover = args.get("takeover")
    if takeover and not str(takeover["login_path"]).startswith("/"):
        given = takeover["login_path"]
        yield "takeover.login_path", f"is {given!r}; accepted is a path, such as '/session'"


def _pattern_problems(patterns: Any) -> Iterator[tuple[str, str]]:
    if len(patterns) > _MOST_EXEMPT:
        reason = f"has {len(patterns)} patterns and AWS accepts {_MOST_EXEMPT}; join them with '|'"
        yield "challenge_exempt_patterns", reason
    for index, pattern in enumerate(patterns):
        path = f"challenge_exempt_patterns[{index}]"
        if not 0 < len(pattern) <= _LONGEST_PATTERN:
            yield path, f"has {len(pattern)} characters; accepted are 1 to {_LONGEST_PATTERN}"
        try:
            re.compile(pattern)
        except re.error as error:
            yield path, f"is not a regular expression: {error}"


def _scope_problems(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if args.get("scope") != "cloudfront":
        return
    for key in ("load_balancer_arns", "region"):
        if args.get(key):
            yield key, "is not for the scope 'cloudfront', whose web ACLs a distribution refers to"
