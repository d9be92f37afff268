"""What makes the arguments of a baseline wrong. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._baseline.design import (
    UNUSED_DAYS,
    BaselineScope,
    SecurityStandard,
)
from fintech_infra.components._shape import nearest

LONGEST_NAME: Final = 63 - len("-config-access-logs") - len("-1a2b3c4")
"""Characters of the component's name that the name of the longest bucket leaves.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_DETECTOR: Final = re.compile(r"[0-9a-f]{32}")
_ANALYZER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,254}")
_EMAIL: Final = re.compile(r"[^\s@]{1,64}@[^\s@]+\.[^\s@]+")
_PHONE: Final = re.compile(r"[\s0-9()+-]{1,25}")

Problem = tuple[str, str]

# https://docs.aws.amazon.com/accounts/latest/reference/API_AlternateContact.html
_LIMITS: Final = {"name": 64, "title": 50, "email": 254}
_ANALYZERS: Final = (
    "external_access_analyzer",
    "unused_access_analyzer",
    "internal_access_analyzer",
)


def baseline_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of the baseline `name`."""
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        accepted = f"up to {LONGEST_NAME} letters, digits and '-', starting with a letter or digit"
        yield "name", f"is {name!r}; names of buckets start with it: accepted are {accepted}"
    days = int(args.get("unused_access_days", UNUSED_DAYS[-1]))
    if days not in UNUSED_DAYS:
        accepted = f"{UNUSED_DAYS[0]} to {UNUSED_DAYS[-1]}"
        yield "unused_access_days", f"is {days}; accepted are {accepted} (PCI DSS 4.0.1 8.2.6)"
    for index, standard in enumerate(args.get("further_standards", [])):
        if standard not in list(SecurityStandard):
            reason = f"is {standard!r}; {nearest(standard, SecurityStandard)}"
            yield f"further_standards[{index}]", reason
    if args.get("critical_resource_arns") == []:
        yield "critical_resource_arns", "is empty; name at least one resource, or leave it out"
    yield from _contact_problems(args)
    yield from _bucket_problems(args)
    yield from _adoption_problems(args.get("adopt", {}))


def _contact_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    contact = args.get("security_contact")
    whole = args.get("scope", BaselineScope.ACCOUNT) == BaselineScope.ACCOUNT
    if whole and contact is None:
        yield "security_contact", "is required; AWS writes there when the account is abused"
    if not whole and contact is not None:
        yield "security_contact", "is set once per account, by the baseline of its first region"
    for key, longest in _LIMITS.items():
        given = (contact or {}).get(key)
        if given is not None and not 1 <= len(given) <= longest:
            yield f"security_contact.{key}", f"is {given!r}; accepted are 1 to {longest} characters"
    shapes = {"email": (_EMAIL, "soc@example.com"), "phone": (_PHONE, "+44 20 7946 0000")}
    for key, (shape, example) in shapes.items():
        given = (contact or {}).get(key)
        if given is not None and not shape.fullmatch(given):
            yield f"security_contact.{key}", f"is {given!r}; accepted are such as {example!r}"


def _bucket_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    given = sorted({"config_bucket", "config_bucket_key_arn"} & args.keys())
    if len(given) == 1:
        missing = ({"config_bucket", "config_bucket_key_arn"} - set(given)).pop()
        yield missing, f"is required with {given[0]}"
    if given and "recorder_name" in args.get("adopt", {}):
        yield given[0], "is for a recorder that is made here, and adopt.recorder_name names another"


def _adoption_problems(adopt: Mapping[str, Any]) -> Iterator[Problem]:
    detector = adopt.get("detector_id")
    if detector is not None and not _DETECTOR.fullmatch(detector):
        yield "adopt.detector_id", f"is {detector!r}; accepted are 32 hexadecimal digits"
    for key in _ANALYZERS:
        given = adopt.get(key)
        if given is not None and not _ANALYZER.fullmatch(given):
            yield f"adopt.{key}", f"is {given!r}; accepted is the name of an analyzer, not its ARN"
    # https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorder.html
    recorder = adopt.get("recorder_name")
    if recorder is not None and not 1 <= len(recorder) <= 256:  # noqa: PLR2004 - of that page
        yield "adopt.recorder_name", f"is {recorder!r}; accepted are 1 to 256 characters"
