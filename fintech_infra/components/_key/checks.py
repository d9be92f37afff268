"""What makes the arguments of a key wrong. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from fintech_infra.components._identifiers import ORGANIZATION
from fintech_infra.components._key.policy import KeyOperation, duties
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
    administrators = _known(args.get("administrators", []))
    for sentence in duties(administrators, _known(user["principal"] for user in users)):
        yield "administrators, users", sentence


def _known(arns: Iterable[Any]) -> list[str]:
    """The ARNs that are not outputs; those are checked when the policy is compiled."""
    return [arn for arn in arns if isinstance(arn, str)]


def _name_problems(given: list[str], accepted: type[StrEnum], path: str) -> Iterator[Problem]:
    for index, item in enumerate(given):
        if item not in list(accepted):
            yield f"{path}[{index}]", f"is {item!r}; {nearest(item, accepted)}"
