"""What makes the arguments of a repository wrong. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._identifiers import ACCOUNT_ID, ORGANIZATION

KEPT: Final = range(10, 1001)
"""Enough for what runs, what it is rolled back to and what is being tried; and an end."""

_WORD: Final = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_NAME: Final = re.compile(rf"{_WORD}(?:/{_WORD})*")
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html"""

_LENGTHS: Final = range(2, 257)
_RANDOM_END: Final = len("-1a2b3c4")

Problem = tuple[str, str]


def repository_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of the repository `name`."""
    given = args.get("repository_name")
    if given is None:
        yield from _name_problems("name", name, _LENGTHS[-1] - _RANDOM_END)
    else:
        yield from _name_problems("repository_name", given, _LENGTHS[-1])
    keep = args.get("keep", KEPT[0])
    if keep not in KEPT:
        yield "keep", f"is {keep}; accepted are {KEPT[0]} to {KEPT[-1]} images"
    accounts = args.get("pull_accounts", [])
    for index, account in enumerate(accounts):
        path = f"pull_accounts[{index}]"
        if not ACCOUNT_ID.fullmatch(account):
            yield path, f"is {account!r}; accepted are account ids of twelve digits"
        elif account in accounts[:index]:
            yield path, f"is {account!r}, which is there already"
    organization = args.get("org_id")
    if organization is not None and not ORGANIZATION.fullmatch(organization):
        yield "org_id", f"is {organization!r}; accepted are ids such as 'o-a1b2c3d4e5'"


def _name_problems(path: str, name: str, longest: int) -> Iterator[Problem]:
    if not _NAME.fullmatch(name) or not _LENGTHS[0] <= len(name) <= longest:
        yield (
            path,
            (
                f"is {name!r}, and names the repository: accepted are {_LENGTHS[0]} to {longest} "
                "lower-case letters, digits and . _ - / between them"
            ),
        )
