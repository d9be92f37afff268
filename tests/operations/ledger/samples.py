"""A ledger in a folder or in memory, with a key, a clock and deployments of two stacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fintech_infra.operations.digest import canonical, digest
from fintech_infra.operations.ledger.append import Recorded, append
from fintech_infra.operations.ledger.model import (
    Basis,
    Builder,
    Deployment,
    File,
    Git,
    Image,
    Result,
    Stack,
)
from fintech_infra.operations.ledger.reader import Reader
from fintech_infra.operations.signing import TrustedKey, TrustedKeys
from fintech_infra.operations.signing.keys import facts_of
from fintech_infra.operations.signing.library import CryptoSigner, SSlibKey

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
NAME = "0123456789abcdef0123456789abcdef"
PROD = Stack("acme", "payments", "prod")
DEV = Stack("acme", "payments", "dev")


@dataclass
class MemoryStore:
    """A store in memory; `content` is there to be tampered with."""

    content: dict[str, bytes] = field(default_factory=dict[str, bytes])
    reads: list[str] = field(default_factory=list[str])
    left: list[str] = field(default_factory=list[str])
    place: str = "memory"

    def create(self, key: str, content: bytes) -> bool:
        if key in self.content:
            return False
        self.content[key] = content
        return True

    def read(self, key: str) -> bytes | None:
        self.reads.append(key)
        return self.content.get(key)

    def keys(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in self.content if key.startswith(prefix)))

    def last(self, prefix: str) -> str | None:
        return max(self.keys(prefix), default=None)

    def hidden(self) -> Iterator[str]:
        return iter(())

    def remains(self) -> Iterator[str]:
        return iter(self.left)

    def copy(self) -> MemoryStore:
        return MemoryStore(dict(self.content))


@cache
def signer(seed: int = 1) -> CryptoSigner:
    """An Ed25519 key that is the same in every run."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    id_, _, _ = facts_of(_pem(key))
    return CryptoSigner(key, SSlibKey.from_crypto(key.public_key(), keyid=id_))


def _pem(key: Ed25519PrivateKey) -> str:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return public.decode()


def trusted(*seeds: int, until: datetime | None = None) -> TrustedKeys:
    """The public halves of keys, as they are trusted."""
    found: list[TrustedKey] = []
    for seed in seeds or (1,):
        pem = _pem(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))
        id_, scheme, _ = facts_of(pem)
        found.append(TrustedKey(id_, scheme, pem, f"pipeline-{seed}", START, until))
    return TrustedKeys(tuple(found), "ledger-keys.json")


def environment(number: int) -> bytes:
    """A document of an environment, for the store."""
    return canonical({"format": "fintech-infra environment", "number": number})


def deployment(number: int = 0, stack: Stack = PROD, **changes: Any) -> Deployment:
    """The deployment that ended `number` hours after the start."""
    ended = START + timedelta(hours=number)
    hexadecimal = f"{number:040x}"
    return replace(
        Deployment(
            stack=stack,
            environment_name="production" if stack is PROD else "development",
            environment=digest(environment(number)),
            basis=Basis.STATE,
            result=Result.SUCCEEDED,
            started=ended - timedelta(minutes=3),
            ended=ended,
            actor="alice",
            git=Git(
                hexadecimal, hexadecimal[::-1], dirty=False, repository="https://git.example/p"
            ),
            no_git="",
            images=(
                Image(
                    f"registry.example/api@sha256:{number:064x}",
                    f"sha256:{number:064x}",
                    ("urn:pulumi:prod::payments::aws:ecs/taskDefinition:TaskDefinition::api",),
                ),
            ),
            verdict={
                "outcome": "clean",
                "failOn": "medium",
                "judged": 12,
                "findings": {
                    section: dict.fromkeys(("critical", "high", "medium", "low"), 0)
                    for section in ("new", "known", "waived")
                },
                "fixed": 0,
            },
            versions={"fintechInfra": "0.1.0", "pulumi": "3.272.0", "python": "3.11.7"}
            | {"providers": {"aws": "7.51.1"}},
            builder=Builder("https://ci.example/runner", f"run-{number}"),
            policies=(File("fintech_infra.controls", digest(b"controls")),),
            lock=File("requirements.txt", digest(b"lock")),
        ),
        **changes,
    )


def record(
    reader: Reader, made: Deployment, seed: int = 1, now: datetime | None = None, **objects: bytes
) -> Recorded:
    """Record a deployment a minute after it has ended, or at `now`."""
    number = round((made.ended - START) / timedelta(hours=1))
    at = now or made.ended + timedelta(minutes=1)
    content = [environment(number), *objects.values()]
    return append(reader, made, content, signer(seed), clock=lambda: at, name=NAME)


def ledger(size: int) -> tuple[MemoryStore, Reader]:
    """A ledger of some entries: prod deploys every hour, dev every third time instead."""
    store = MemoryStore()
    reader = Reader(store, trusted())
    for number in range(size):
        record(reader, deployment(number, DEV if number % 3 == 2 else PROD))
    return store, reader
