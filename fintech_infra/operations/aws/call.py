"""One call, as CloudTrail recorded it: who made it, from where, and what it asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast

from fintech_infra.operations.moments import read_moment

_HIDDEN: Final = re.compile(
    r"passw(or)?d|secret(?!(id|arn|name)$)|token|credential|private_?key|passphrase|api_?key"
    r"|authorization$|userdata|plaintext|environment|variables|parametervalue|connectionstring",
    re.IGNORECASE,
)
"""Names of parameters whose values may be secrets. CloudTrail hides some of them itself."""
_PAIRED: Final = ("key", "name", "parameterKey", "Key", "Name", "ParameterKey")
_SECRET: Final = re.compile(
    r"(AKIA|ASIA)[A-Z0-9]{16}|-----BEGIN|eyJ[\w-]{8,}\.eyJ|://[^/\s:@]+:[^/\s@]+@|gh[pousr]_\w{20}"
)
"""Values that are secrets whatever their name: keys, tokens, addresses with a password."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as CloudTrail recorded it.

    `service` is as in `ec2`, the beginning of the event's source; `name` as in `StopLogging`.
    `actor` is the ARN of the role behind a session, else of the caller, or what else CloudTrail
    says of it (the name of an AWS service); empty where it says nothing. `session` is the name of
    the role's session or of the federated user, `person` the source identity of a session, `via`
    an AWS service that made the call for the actor. `error` is a code, empty for a call that
    succeeded. `resources` are names and ARNs. `parameters` are those of the request, without any
    that may be secret.
    """

    time: datetime
    service: str
    name: str
    actor: str
    session: str = ""
    person: str = ""
    via: str = ""
    address: str = ""
    agent: str = ""
    resources: tuple[str, ...] = ()
    error: str = ""
    read_only: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    id: str = ""

    def names(self, resource: str) -> bool:
        """Whether the call names a resource: among its resources, or in a parameter.

        An ARN also counts where it ends with the name, as `.../orders` does for `orders`.
        """
        told = (*self.resources, *_texts(self.parameters))
        return any(it == resource or it.endswith((f"/{resource}", f":{resource}")) for it in told)


def read_call(event: Mapping[str, Any]) -> Call:
    """A call from an entry of `LookupEvents`, whose `CloudTrailEvent` is the record as JSON.

    Where the record is missing or cannot be read, what the entry itself says has to do.
    """
    record = _record(event.get("CloudTrailEvent"))
    identity = _mapping(record.get("userIdentity"))
    actor, session = _actor(identity)
    context = _mapping(identity.get("sessionContext"))
    invoked = _text(identity.get("invokedBy"))
    service = _text(event.get("EventSource")) or _text(record.get("eventSource"))
    return Call(
        time=_time(event.get("EventTime"), record.get("eventTime")),
        service=service.partition(".")[0],
        name=_text(event.get("EventName")) or _text(record.get("eventName")),
        actor=actor or _text(event.get("Username")),
        session=session,
        person=_text(context.get("sourceIdentity")),
        via=invoked if invoked != actor else "",
        address=_text(record.get("sourceIPAddress")),
        agent=_text(record.get("userAgent")),
        resources=tuple(dict.fromkeys(_resources(event, record))),
        error=_text(record.get("errorCode")),
        read_only=_is_true(event.get("ReadOnly", record.get("readOnly"))),
        parameters=_without_secrets(_mapping(record.get("requestParameters"))),
        id=_text(event.get("EventId")),
    )


def _record(text: object) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(text)) if isinstance(text, str) else {}
    except (ValueError, RecursionError):
        return {}


def _actor(identity: Mapping[str, Any]) -> tuple[str, str]:
    """Who called, and in which session.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    arn = _text(identity.get("arn"))
    issuer = _mapping(_mapping(identity.get("sessionContext")).get("sessionIssuer"))
    behind = _text(issuer.get("arn"))
    if behind and behind != arn:
        return behind, arn.rpartition("/")[2]
    if arn.startswith("arn:") and ":assumed-role/" in arn:
        return arn.rpartition("/")[0], arn.rpartition("/")[2]
    if arn or identity.get("type") == "AWSService":
        return arn or _text(identity.get("invokedBy")), ""
    person = _mapping(identity.get("onBehalfOf"))
    if person:
        return f"{_text(person.get('identityStoreArn'))}/{_text(person.get('userId'))}", ""
    said = (_text(identity.get(key)) for key in ("userName", "principalId", "accountId"))
    return next((it for it in said if it), ""), ""


def _resources(event: Mapping[str, Any], record: Mapping[str, Any]) -> Iterator[str]:
    for part, listed in (
        ("ResourceName", event.get("Resources")),
        ("ARN", record.get("resources")),
    ):
        for item in cast("list[Any]", listed) if isinstance(listed, list) else []:
            if name := _text(_mapping(item).get(part)):
                yield name


def _without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    paired = any(_HIDDEN.search(_text(values.get(key))) for key in _PAIRED)
    return {
        key: kept
        for key, value in values.items()
        if not _HIDDEN.search(key) and not (paired and key.lower().startswith("value"))
        if (kept := _kept(value)) is not None
    }


def _kept(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _without_secrets(cast("Mapping[str, Any]", value))
    if isinstance(value, list):
        return [kept for it in cast("list[Any]", value) if (kept := _kept(it)) is not None]
    return None if isinstance(value, str) and _SECRET.search(value) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in cast("Mapping[str, Any]", value).values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _time(told: object, recorded: object) -> datetime:
    """When a call was made; the beginning of time where nobody says."""
    if isinstance(told, datetime):
        return told.astimezone(UTC)
    try:
        return read_moment(_text(recorded))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _is_true(told: object) -> bool:
    return told is True or told == "true"


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
