"""How often the value of a secret changes, and who changes it: its arguments, and its plan."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input

from fintech_infra.components._classification import PERSONAL, DataClass
from fintech_infra.components._identifiers import TAG_VALUE

MOST_DAYS: Final = 90
"""The period after which SecretsManager.4 of AWS's own best practices finds a secret too old."""

MOST_PERSONAL_DAYS: Final = 30
"""Shorter for what opens personal and cardholder data: PCI DSS 4.0.1 8.6.3 asks for a period that
fits the risk."""

WINDOW_HOURS: Final = range(1, 25)
"""https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html"""

Problem = tuple[str, str]


class SecretRotationArgs(TypedDict):
    """Rotation by a Lambda function that Secrets Manager calls."""

    function_arn: Input[str]
    """ARN of the function that changes the value, in the same account and region. It is let be
    called for this secret only."""
    function_role_arn: NotRequired[Input[str]]
    """ARN of the role that the function runs as; the secret's policy lets it read and write values.
    Required with `consumers`, which would keep it from reading. Default: IAM decides."""
    every_days: NotRequired[int]
    """Days between rotations, 1 to 90, for `pii` and `cardholder` 1 to 30. Default: the longest of
    these. Changing it does not rotate at once."""
    window_hours: NotRequired[int]
    """Hours after midnight UTC within which a rotation starts, 1 to 24. Default: any time of the
    day."""


class ExternalRotationArgs(TypedDict):
    """Rotation by somebody else than Secrets Manager, who is named."""

    owner: str
    """Who changes the value, such as a team; becomes the tag `rotation-owner`. 3 to 256 letters,
    digits, spaces and `+ - = . _ : / @`."""
    reason: str
    """Why Secrets Manager cannot, such as `issued by the card scheme`; becomes the tag
    `rotation-reason`. Written like `owner`."""
    every_days: NotRequired[int]
    """Days within which the value is changed, 1 to 90, for `pii` and `cardholder` 1 to 30. Default:
    the longest of these."""


@dataclass(frozen=True)
class RotationPlan:
    """How old the value of a secret may become, and what its tags say about who changes it."""

    days: int
    tags: Mapping[str, str]


def most_days(data_class: DataClass) -> int:
    """Return the longest period between rotations for what a class of data is opened with."""
    return MOST_PERSONAL_DAYS if data_class in PERSONAL else MOST_DAYS


def rotation_problems(data_class: DataClass, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with who rotates a secret, and how often."""
    given = [key for key in ("rotation", "rotated_elsewhere") if key in args]
    if len(given) != 1:
        found = "both are given" if given else "is missing"
        yield (
            "rotation",
            (
                f"{found}; give either rotation, with the ARN of a function, or rotated_elsewhere, "
                "with owner and reason (PCI DSS 4.0.1 8.6.3)"
            ),
        )
    for key in given:
        yield from _period_problems(data_class, key, args[key])
    hours = args.get("rotation", {}).get("window_hours", WINDOW_HOURS[0])
    if hours not in WINDOW_HOURS:
        accepted = f"{WINDOW_HOURS[0]} to {WINDOW_HOURS[-1]}"
        yield "rotation.window_hours", f"is {hours}; accepted are {accepted}"
    for key in ("owner", "reason"):
        text = args.get("rotated_elsewhere", {}).get(key)
        if text is not None and not TAG_VALUE.fullmatch(text):
            yield (
                f"rotated_elsewhere.{key}",
                f"is {text!r}; accepted are 3 to 256 letters, digits, spaces and + - = . _ : / @",
            )


def _period_problems(
    data_class: DataClass, key: str, given: Mapping[str, Any]
) -> Iterator[Problem]:
    most = most_days(data_class)
    days = given.get("every_days", most)
    if not 1 <= days <= most:
        yield (
            f"{key}.every_days",
            f"is {days}; accepted are 1 to {most} days for {data_class} data (PCI DSS 4.0.1 8.6.3)",
        )


def plan_rotation(data_class: DataClass, args: Mapping[str, Any]) -> RotationPlan:
    """Return the rotation of a secret whose arguments were found to be right."""
    elsewhere = args.get("rotated_elsewhere")
    given = args["rotation"] if elsewhere is None else elsewhere
    days = int(given.get("every_days", most_days(data_class)))
    if elsewhere is None:
        return RotationPlan(days, {})
    return RotationPlan(
        days,
        {"rotation-owner": elsewhere["owner"], "rotation-reason": elsewhere["reason"]},
    )
