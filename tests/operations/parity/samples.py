"""Small environments for comparisons: the same program in several stacks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fintech_infra.environment import STACK_TYPE, Environment, Resource
from fintech_infra.operations.parity import Difference

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
REGIONS = {"dev": "eu-west-1", "staging": "eu-west-1", "prod": "eu-central-1"}
COMPONENT = "shop:index:Part"

Row = tuple[str, str, str, Mapping[str, Any]]
"""Name of the component (empty for none), type, name and inputs. In texts `{stack}` is the stack,
`{account}` and `{region}` are its own, and `@name` is the ARN of the row of
that name, where there is one."""


def made(stack: str, rows: Sequence[Row], account: str = "", region: str = "") -> Environment:
    """The environment that a program of these rows makes of a stack."""
    words = {
        "stack": stack,
        "account": account or ACCOUNTS.get(stack, "444444444444"),
        "region": region or REGIONS.get(stack, "eu-north-1"),
        "names": f" {' '.join(row[2] for row in rows)} ",
    }
    root = Resource(f"urn:pulumi:{stack}::shop::{STACK_TYPE}::shop-{stack}", STACK_TYPE,
                    f"shop-{stack}", custom=False)  # fmt: skip
    parts = {row[0]: _component(row[0], root, words) for row in rows if row[0]}
    leaves = [_leaf(row, parts.get(row[0], root), words) for row in rows]
    return Environment("shop", stack, resources=(root, *parts.values(), *leaves))


def _component(name: str, root: Resource, words: Mapping[str, str]) -> Resource:
    own = _put(name, words)
    urn = f"urn:pulumi:{words['stack']}::shop::{COMPONENT}::{own}"
    return Resource(urn, COMPONENT, own, custom=False, parent=root.urn)


def _leaf(row: Row, parent: Resource, words: Mapping[str, str]) -> Resource:
    _, type_, raw, inputs = row
    name = _put(raw, words)
    above = parent.type if parent.type != STACK_TYPE else ""
    chain = f"{above}${type_}" if above else type_
    arn = _arn(raw, words)
    return Resource(
        urn=f"urn:pulumi:{words['stack']}::shop::{chain}::{parent.name}-{name}",
        type=type_,
        name=name,
        inputs=_put(inputs, words),
        outputs={"arn": arn},
        id=arn.rpartition(":")[2],
        parent=parent.urn,
    )


def _arn(name: str, words: Mapping[str, str]) -> str:
    digest = hashlib.sha256(f"{words['stack']}{name}".encode()).hexdigest()[:7]
    return f"arn:aws:x:{words['region']}:{words['account']}:{_put(name, words)}-0{digest}"


def _put(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _put(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [_put(item, words) for item in value]
    if not isinstance(value, str):
        return value
    if value.startswith("@"):
        return _arn(value[1:], words) if f" {value[1:]} " in words["names"] else "nobody"
    for word, text in words.items():
        value = value.replace(f"{{{word}}}", text)
    return value


def changed(
    environment: Environment, type_: str, name: str, change: Callable[[Resource], Resource | None]
) -> Environment:
    """An environment in which one resource is another one, or is not there."""
    (found,) = [it for it in environment.resources if (it.type, it.name) == (type_, name)]
    kept = [change(it) if it is found else it for it in environment.resources]
    return replace(environment, resources=tuple(it for it in kept if it is not None))


def with_inputs(**inputs: Any) -> Callable[[Resource], Resource]:
    """A change of top-level inputs."""
    return lambda it: replace(it, inputs={**it.inputs, **inputs})


def gone(_: Resource) -> None:
    """The change that takes a resource away."""


def lines(differences: Sequence[Difference]) -> list[str]:
    """What differs, short: aspect, name, path."""
    return sorted(f"{it.aspect} {it.match.any.name} {it.path}".strip() for it in differences)
