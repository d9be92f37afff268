"""What a ledger says about one deployment, and what it gives every entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Basis(StrEnum):
    """Where the resolved environment was read from, and so what it proves."""

    STATE = "state"
    """An exported state: what the deployment left behind."""
    PLAN = "plan"
    """A plan of the engine: what the deployment was to do."""
    SAVED = "saved"
    """A saved environment, whatever that was made from."""
    PROGRAM = "program"
    """An offline preview of the program: what it declares; outputs are simulated."""


class Result(StrEnum):
    """How the deployment ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Stack:
    """What is deployed as one; at every moment one deployment of it is the current one."""

    organization: str
    project: str
    name: str

    def __str__(self) -> str:
        """The fully qualified name, as Pulumi writes it."""
        return f"{self.organization}/{self.project}/{self.name}"


@dataclass(frozen=True, slots=True)
class Git:
    """The commit and the tree that are checked out, and whether files differ from them.

    `repository` is the address of the remote without user names, passwords and queries.
    """

    commit: str
    tree: str
    dirty: bool
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A container image that resources run; `digest` is empty where a tag alone names it."""

    reference: str
    digest: str
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file that took part, by name and digest."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Builder:
    """What ran the deployment (SLSA's builder): a URI, and its own name for this run."""

    id: str
    invocation: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The facts of one deployment.

    `environment` is the digest of its document (`operations.digest`); `environment_name` is what
    people call it, such as production. `git` is None where `no_git` says why. `gate`, `approvals`
    and `review` are decisions that were made on it, kept with the ledger as they are.
    """

    stack: Stack
    environment_name: str
    environment: str
    basis: Basis
    result: Result
    started: datetime
    ended: datetime
    actor: str
    git: Git | None
    no_git: str
    images: tuple[Image, ...]
    verdict: Mapping[str, Any]
    versions: Mapping[str, Any]
    builder: Builder
    policies: tuple[File, ...] = ()
    waivers: File | None = None
    lock: File | None = None
    gate: File | None = None
    approvals: tuple[File, ...] = ()
    review: File | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a ledger an entry stands.

    `ledger` is the ledger's own name, which its first entry was given. `previous` is the digest of
    the entry before, empty for the first. `recorded` never runs back from entry to entry.
    """

    ledger: str
    sequence: int
    previous: str
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it was read: its place, what is looked for, and the whole statement.

    `digest` is that of the entry's bytes; `deployment` that of its facts, equal where the same
    deployment is recorded twice.
    """

    place: Place
    stack: Stack
    started: datetime
    ended: datetime
    environment: str
    deployment: str
    digest: str
    leaf: bytes
    predicate: Mapping[str, Any]
    subjects: tuple[Mapping[str, Any], ...]
    keys: tuple[str, ...]
    """The owners of the keys that signed it."""

    @property
    def sequence(self) -> int:
        """Its number; the first entry has 0."""
        return self.place.sequence

    @property
    def objects(self) -> tuple[str, ...]:
        """The digests of the objects that it needs in the store."""
        predicate = self.predicate
        files = [predicate["gate"], predicate["review"], *predicate["approvals"]]
        named = [str(item["digest"]) for item in files if item]
        return (self.environment, str(predicate["provenance"]), *named)
