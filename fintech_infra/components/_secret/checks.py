"""What makes the arguments of a secret wrong. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._classification import DataClass
from fintech_infra.components._identifiers import ORGANIZATION, REGION
from fintech_infra.components._key.policy import ROLE
from fintech_infra.components._secret.rotation import Problem, rotation_problems

_LONGEST_PURPOSE: Final = 2048
"""https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html"""

_NAME: Final = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_LIKE_A_SUFFIX: Final = re.compile(r".*-[A-Za-z0-9]{6}")
_FUNCTION: Final = re.compile(
    r"arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,64}(:[\w$-]+)?"
)


def secret_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of a secret."""
    purpose = args.get("purpose")
    if purpose is not None and not 1 <= len(purpose) <= _LONGEST_PURPOSE:
        yield (
            "purpose",
            f"has {len(purpose)} characters; say in 1 to {_LONGEST_PURPOSE} what the secret opens",
        )
    yield from _name_problems(args.get("secret_name"))
    yield from rotation_problems(DataClass(args.get("data_class", DataClass.CONFIDENTIAL)), args)
    yield from _reader_problems(args)
    yield from _replica_problems(args)
    organization = args.get("org_id")
    if organization is not None and not ORGANIZATION.fullmatch(organization):
        yield "org_id", f"is {organization!r}; accepted are ids such as 'o-a1b2c3d4e5'"


def _name_problems(name: str | None) -> Iterator[Problem]:
    if name is None:
        return
    if not _NAME.fullmatch(name):
        yield (
            "secret_name",
            f"is {name!r}; accepted are up to 512 letters, digits and / _ + = . @ -",
        )
    elif _LIKE_A_SUFFIX.fullmatch(name):
        yield (
            "secret_name",
            (
                f"is {name!r}, which ends like the six characters that AWS adds to an ARN, so the "
                "two get mixed up; choose another end"
            ),
        )


def _reader_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    consumers = args.get("consumers")
    rotation: Mapping[str, Any] = args.get("rotation", {})
    if consumers is not None and not consumers:
        yield "consumers", "is empty; name the roles that read the secret, or leave it out"
    for index, consumer in enumerate(consumers or []):
        yield from _arn_problems(f"consumers[{index}]", consumer, ROLE, _A_ROLE)
    known = [item for item in consumers or [] if isinstance(item, str)]
    for twice in sorted({item for item in known if known.count(item) > 1}):
        yield "consumers", f"names {twice} twice"
    if consumers and rotation and "function_role_arn" not in rotation:
        yield (
            "rotation.function_role_arn",
            "is required with consumers: nobody else reads the secret, so it could not be rotated",
        )
    yield from _arn_problems(
        "rotation.function_role_arn", rotation.get("function_role_arn"), ROLE, _A_ROLE
    )
    yield from _arn_problems(
        "rotation.function_arn", rotation.get("function_arn"), _FUNCTION, _A_FUNCTION
    )


_A_ROLE: Final = "a role, such as 'arn:aws:iam::111122223333:role/app'"
_A_FUNCTION: Final = "a function, such as 'arn:aws:lambda:eu-west-1:111122223333:function:rotate'"


def _arn_problems(path: str, arn: Any, form: re.Pattern[str], what: str) -> Iterator[Problem]:
    if isinstance(arn, str) and not form.fullmatch(arn):
        yield path, f"is {arn!r}; accepted is the ARN of {what}"


def _replica_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    seen = {args.get("region")}
    for index, replica in enumerate(args.get("replicas", [])):
        path, region = f"replicas[{index}].region", replica["region"]
        if not REGION.fullmatch(region):
            yield path, f"is {region!r}; accepted are regions such as 'eu-central-1'"
        elif region in seen:
            yield path, f"is {region!r}, where the secret is already"
        seen.add(region)
