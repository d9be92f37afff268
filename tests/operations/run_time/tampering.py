"""What an intruder does to the platform in a night, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.operations.run_time.estate import Estate

Do = Callable[[Estate], Any]

WORLD = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
OPEN = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), False
)
CLOSED = dict.fromkeys(OPEN, True)
ANYONE = {"Sid": "Everyone", "Effect": "Allow", "Principal": "*"}
STRANGER = {"AWS": "arn:aws:iam::999999999999:root"}


@dataclass(frozen=True)
class Tampering:
    """One thing that an intruder does, and what becomes of it.

    `kind`, `name` and `path` say where it shows; with an empty `path`, it is the resource as a
    whole. `controls` are among those that do not hold any more, and `call` is what CloudTrail has
    of it. `way` is the remediation that heals it, `pulumi`, or `person`; `undoes` is what Pulumi
    does then, or a person.
    """

    does: Do
    kind: str
    name: str
    path: str
    controls: frozenset[str]
    call: str
    way: str = "pulumi"
    undoes: Do | None = None
    judged: str = "dangerous"


def breaks(*controls: str) -> frozenset[str]:
    """Controls that do not hold any more."""
    return frozenset(controls)
