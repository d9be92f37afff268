"""What happened, what is declared, and what would put it right: plain data, without AWS."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Facts = Mapping[str, Any]
"""What is found live of one resource; plain JSON values, recorded as before and after."""


class UnknownEventError(ValueError):
    """Raised when an event is not one that its remediation knows; it belongs to the dead letters.

    Guessing would mean acting on something that nobody wrote a remediation for.
    """


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happened, as EventBridge tells it.

    `source` is `cloudtrail`, `config` or `guardduty`. `name` is the API call, the Config rule or
    the type of the finding. `actor` is the ARN of who called, empty where nobody did. `deployed`
    says that the actor is a role that deploys, so that the change is the declaration's own.
    """

    id: str
    time: str
    account: str
    region: str
    source: str
    name: str
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    actor: str = ""
    deployed: bool = False


@dataclass(frozen=True, slots=True)
class Declared:
    """What the program declares of a resource, as it published it.

    `urn` is the resource's URN in Pulumi, empty where it was not published. `settings` are what
    the remediation of its kind needs to know, such as the ports that are open on purpose.
    """

    urn: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Step:
    """One call of boto3: `service` and `operation` by its names, with these parameters."""

    service: str
    operation: str
    parameters: Mapping[str, Any]

    def __str__(self) -> str:
        """Render for people, as `cloudtrail start_logging {"Name": "main"}`."""
        return f"{self.service} {self.operation} {json.dumps(self.parameters, sort_keys=True)}"


class Remedy(StrEnum):
    """What would put a resource right."""

    NONE = "none"
    """It is as declared, or nothing is declared that it could differ from."""
    STEPS = "steps"
    """A few calls restore exactly what is declared."""
    REAPPLY = "reapply"
    """Only the program knows all that is declared: Pulumi has to apply it again."""
    REPORT = "report"
    """It looks wrong, but nothing declared says what would be right: a person has to look."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would put a resource right, and why."""

    remedy: Remedy
    reason: str
    steps: tuple[Step, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the steps: what is approved is exactly this, and nothing else is done."""
        steps = [[step.service, step.operation, step.parameters] for step in self.steps]
        return hashlib.sha256(json.dumps(steps, sort_keys=True).encode()).hexdigest()


def conforms(reason: str) -> Plan:
    """Return the plan to do nothing."""
    return Plan(Remedy.NONE, reason)


def restore(reason: str, *steps: Step) -> Plan:
    """Return the plan to make these calls."""
    return Plan(Remedy.STEPS, reason, steps)


def reapply(reason: str) -> Plan:
    """Return the plan to ask for the program to be applied again."""
    return Plan(Remedy.REAPPLY, reason)


def report(reason: str) -> Plan:
    """Return the plan to tell people, who have to find out what is right."""
    return Plan(Remedy.REPORT, reason)


Clients = Callable[[str], Any]
"""Gives the boto3 client of a service by its name."""


@dataclass(frozen=True, slots=True)
class Remediation:
    """How one kind of change is put right.

    `subject` names the resource that an occurrence is about and raises UnknownEventError where it
    cannot; `observe` reads it live, and changes nothing; `plan` compares with what is declared
    (None where nothing is) and is pure. `operations` are all calls that a plan can contain.
    `sensitive` ones touch identities or keys, or destroy data: a person approves each.
    `owner` gives the id under which a subject is declared, where that is not its own.
    """

    name: str
    subject: Callable[[Occurrence], str]
    observe: Callable[[Clients, Occurrence, str], Facts]
    plan: Callable[[Occurrence, str, Declared | None, Facts], Plan]
    operations: tuple[tuple[str, str], ...] = ()
    sensitive: bool = False
    owner: Callable[[str], str] = str


def plain_id(given: str) -> str:
    """Return the id at the end of an ARN, and anything else as it is.

    >>> plain_id("arn:aws:cloudtrail:eu-west-1:111122223333:trail/main")
    'main'
    >>> plain_id("arn:aws:logs:eu-west-1:111122223333:log-group:/ledger/audit:*")
    '/ledger/audit'
    >>> plain_id("arn:aws:s3:::ledger"), plain_id("/ledger/audit")
    ('ledger', '/ledger/audit')
    """
    if not given.startswith("arn:"):
        return given
    resource = given.split(":", 5)[-1].removesuffix(":*")
    marks = [at for mark in ":/" if (at := resource.find(mark)) >= 0]
    return resource[min(marks) + 1 :] if marks else resource


def declared_for(published: Mapping[str, Any], owner: str) -> Declared | None:
    """Return what was published for the resource with this id, else for all (`*`), else None."""
    by_id = {plain_id(key): value for key, value in published.items()}
    found = by_id.get(plain_id(owner), by_id.get("*"))
    if found is None:
        return None
    settings = {key: value for key, value in found.items() if key != "urn"}
    return Declared(urn=found.get("urn", ""), settings=settings)
