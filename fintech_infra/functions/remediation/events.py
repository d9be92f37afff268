"""Reads EventBridge events. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final, cast

from fintech_infra.functions.remediation.model import Occurrence, UnknownEventError

_SOURCES: Final = {
    "AWS API Call via CloudTrail": "cloudtrail",
    "Config Rules Compliance Change": "config",
    "GuardDuty Finding": "guardduty",
}
_NAMES: Final = {"cloudtrail": "eventName", "config": "configRuleName", "guardduty": "type"}
_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
"""Event ids become part of the keys of records, so they are nothing but ids."""


def occurrence(
    event: Mapping[str, Any], *, account: str, deployers: Collection[str] = ()
) -> Occurrence:
    """Return what an event says.

    `account` is the one healed here. `deployers` are the ARNs of the roles that deploy.

    Raises:
        UnknownEventError: it is of no known kind, is malformed, or is of another account; or the
            call that it reports failed.
    """
    source = _SOURCES.get(str(event.get("detail-type")))
    if source is None:
        raise UnknownEventError(f"events of type {event.get('detail-type')!r} are not known")
    if not str(event.get("source", "")).startswith("aws."):
        raise UnknownEventError(f"{event.get('source')!r} is not AWS, so anyone can have sent it")
    if event.get("account") != account:
        raise UnknownEventError(f"is of account {event.get('account')!r}, not {account}")
    id_, detail = event.get("id"), event.get("detail")
    if not isinstance(id_, str) or not _ID.fullmatch(id_) or not isinstance(detail, Mapping):
        raise UnknownEventError("has no id or no detail")
    found = cast("Mapping[str, Any]", detail)
    if found.get("errorCode"):
        raise UnknownEventError(f"reports a call that failed: {found['errorCode']}")
    actor = _actor(found)
    return Occurrence(
        id=id_,
        time=str(event.get("time", "")),
        account=account,
        region=str(event.get("region", "")),
        source=source,
        name=str(found.get(_NAMES[source], "")),
        detail=found,
        actor=actor,
        deployed=actor in deployers,
    )


def _actor(detail: Mapping[str, Any]) -> str:
    """The role behind the caller's session, else the caller."""
    identity = read(detail, "userIdentity")
    issuer = read(identity, "sessionContext", "sessionIssuer", "arn")
    return str(issuer or read(identity, "arn") or "")


def read(value: Any, *path: str) -> Any:
    """Return what is below `value` at the path of keys, None where there is nothing."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, Any]", value).get(key)
    return value


def requested(happened: Occurrence, *keys: str) -> str:
    """Return the first of the call's request parameters `keys` that names something.

    Raises:
        UnknownEventError: none does.
    """
    for key in keys:
        found = read(happened.detail, "requestParameters", key)
        if isinstance(found, str) and found:
            return found
    raise UnknownEventError(f"{happened.name} names no resource in {', '.join(keys)}")


def noncompliant(happened: Occurrence, resource_type: str) -> str:
    """Return the id of the resource of this type that a Config rule found noncompliant.

    Raises:
        UnknownEventError: it found something else.
    """
    detail = happened.detail
    if read(detail, "newEvaluationResult", "complianceType") != "NON_COMPLIANT":
        raise UnknownEventError(f"{happened.name} did not find it noncompliant")
    if detail.get("resourceType") != resource_type:
        raise UnknownEventError(
            f"{happened.name} judges {detail.get('resourceType')!r}, not {resource_type}"
        )
    found = detail.get("resourceId")
    if not isinstance(found, str) or not found:
        raise UnknownEventError(f"{happened.name} names no resource")
    return found
