"""An account that moto plays, the state of a stack in it, and what tripwires make of both."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from fintech_infra.controls import CONTROLS
from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.drift import Captured, Drift, Pictures, Standard, decide, pictures
from fintech_infra.operations.tripwires import explained, live
from fintech_infra.operations.tripwires.model import Tripwire
from tests.operations.drift.refreshed import NOW, shop, side

REGION = "eu-central-1"
ACCOUNT = "123456789012"


@cache
def session() -> boto3.Session:
    """One for all tests: it reads the models of services once."""
    return boto3.Session("AKIDEXAMPLE", "example", "example", region_name=REGION)


def client(service: str, region: str = REGION) -> Any:
    """A client of nobody, of its own."""
    chosen: Any = service
    return session().client(chosen, region_name=region)


_shared = cache(client)
"""Clients that no test changes: making them is slow."""


@contextmanager
def account() -> Generator[Access]:
    """An empty account, asked as operations ask."""
    without_images = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}  # reading them takes most of the time
    with patch.dict(os.environ, without_images), mock_aws():
        yield Access(_shared, REGION)


@dataclass(frozen=True)
class Refusing(Access):
    """An account that refuses some operations, or breaks their answers off after `pages`."""

    refuses: Callable[[str], bool] = lambda _operation: False
    told: int = 0

    def ask(self, service: str, operation: str, **more: Any) -> dict[str, Any] | None:
        """Ask, unless it is refused."""
        if self.refuses(f"{service}:{operation}"):
            raise UnreadError(f"{service}:{operation}", "AccessDenied", "no")
        return super().ask(service, operation, **more)

    def pages(self, service: str, operation: str, **more: Any) -> Iterator[dict[str, Any]]:
        """Yield some pages, then refuse."""
        if not self.refuses(f"{service}:{operation}"):
            yield from super().pages(service, operation, **more)
            return
        yield from islice(super().pages(service, operation, **more), self.told)
        raise UnreadError(f"{service}:{operation}", "ThrottlingException", "no")


def refusing(access: Access, refuses: Callable[[str], bool], told: int = 0) -> Refusing:
    """The same account with some operations refused."""
    return Refusing(access.make, access.region, refuses=refuses, told=told)


class Hollow(Access):
    """An account whose answers have nothing in them."""

    def ask(self, service: str, operation: str, **more: Any) -> dict[str, Any] | None:
        """Say nothing, but for who asks."""
        return super().ask(service, operation, **more) if service == "sts" else {}

    def pages(self, service: str, operation: str, **more: Any) -> Iterator[dict[str, Any]]:
        """Yield a page with nothing on it."""
        yield {}


def untold(before: Captured, access: Access, tripwires: Sequence[Tripwire]) -> set[tuple[str, str]]:
    """What is not told of an untouched account, by name and property; all else is as recorded."""
    found = live(before, access, tripwires)
    was = found.before.environment.by_urn
    for it in found.after.environment.resources:
        for name, value in it.outputs.items():
            if value is UNKNOWN:
                assert found.unread[it.urn, name]
            else:
                assert value == was[it.urn].outputs[name]
    return {(was[urn].name, path) for urn, path in found.unread}


def made(
    type_: str, name: str, inputs: Mapping[str, Any], arn: str = "", **outputs: Any
) -> Resource:
    """A resource as a state has it. `arn` is that of AWS, by default one of the account."""
    urn = f"urn:pulumi:prod::shop::{type_}::{name}"
    told = {"arn": arn or f"arn:aws:x:{REGION}:{ACCOUNT}:{name}", **inputs, **outputs}
    return Resource(urn, type_, name, inputs, told, id=str(outputs.get("id", name)))


def captured(*resources: Resource) -> Captured:
    """The state of a stack."""
    return side(shop(*resources))


def previewed(*resources: Resource) -> Captured:
    """The same stack as a preview has it, where outputs are made up."""
    return Captured(Environment("shop", "prod", resources=resources))


def looked(before: Captured, access: Access, tripwires: Sequence[Tripwire]) -> Drift:
    """What the controls make of what tripwires see."""
    return looked_at(before, access, tripwires)[0]


def looked_at(
    before: Captured, access: Access, tripwires: Sequence[Tripwire]
) -> tuple[Drift, Pictures]:
    """What the controls make of it, and the pictures that they were shown."""
    told = live(before, access, tripwires)
    shown = pictures(told.before, told.after)
    standard = Standard(CONTROLS)
    return explained(decide(shown, standard, NOW), told, standard), shown


def outcome(report: Drift) -> list[tuple[str, str, str]]:
    """Name, property and judgement of every item, worst first."""
    return [(it.name, it.path, it.judgement.value) for it in report.items]


def controls(report: Drift) -> set[str]:
    """The controls that some item breaks."""
    return {cause.control for item in report.items for cause in item.causes}
