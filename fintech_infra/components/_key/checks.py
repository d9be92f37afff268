"""What makes the arguments of a key wrong. Pure."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from fintech_infra.components._identifiers import ORGANIZATION
from fintech_infra.components._key.policy import ROLE, KeyOperation, duties
from fintech_infra.components._key.replicas import replica_problems
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._shape import nearest

ROTATION_DAYS: Final = range(90, 366)
"""From the shortest period that KMS accepts to a year, the customary cryptoperiod."""

_ALIAS: Final = re.compile(r"(?!aws/)[A-Za-z0-9/_-]{1,250}")

Problem = tuple[str, str]


def key_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of a key."""
    days = args.get("rotation_days", ROTATION_DAYS[-1])
    if days not in ROTATION_DAYS:
        accepted = f"{ROTATION_DAYS[0]} to {ROTATION_DAYS[-1]}"
        yield "rotation_days", f"is {days}; accepted are {accepted} days"
    yield from _alias_problems(args.get("alias"))
    yield from _name_problems(args.get("services", []), KeyService, "services")
    yield from _user_problems(args)
    yield from replica_problems(args)
    organization = args.get("org_id")
    if organization is not None and not ORGANIZATION.fullmatch(organization):
        yield "org_id", f"is {organization!r}; accepted are ids such as 'o-a1b2c3d4e5'"


def _alias_problems(alias: str | None) -> Iterator[Problem]:
    if alias is None:
        return
    if alias.startswith("alias/"):
        yield "alias", f"is {alias!r}; leave out 'alias/', it is added"
    elif not _ALIAS.fullmatch(alias):
        reason = (
            f"is {alias!r}; accepted are up to 250 letters, digits, '/', '_' and '-', not starting "
            "with 'aws/'"
        )
        yield "alias", reason


def _user_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    users = args.get("users", [])
    for index, user in enumerate(users):
        path = f"users[{index}].operations"
        yield from _name_problems(user["operations"], KeyOperation, path)
        if not user["operations"]:
            yield path, f"is empty; accepted are {', '.join(KeyOperation)}"
    named = [
        *((f"administrators[{n}]", arn) for n, arn in enumerate(args.get("administrators", []))),
        *((f"users[{n}].principal", user["principal"]) for n, user in enumerate(users)),
    ]
    # Outputs are checked when the policy is compiled.
    known = [(path, arn) for path, arn in named if isinstance(arn, str)]
    for path, arn in known:
        for sentence in duties([arn], []):
            yield path, sentence
    administrators = {arn for path, arn in known if path.startswith("administrators")}
    for path, arn in known:
        if path.startswith("users") and ROLE.fullmatch(arn) and arn in administrators:
            (sentence,) = duties([arn], [arn])
            yield path, sentence


def _name_problems(given: list[str], accepted: type[StrEnum], path: str) -> Iterator[Problem]:
    for index, item in enumerate(given):
        if item not in list(accepted):
            yield f"{path}[{index}]", f"is {item!r}; {nearest(item, accepted)}"
