"""Ordinary edits and oddities: what people do to an environment, on the model alone.

An edit takes an environment and a source of randomness and gives the next environment, or None
where the environment has nothing that it could be done to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

from fintech_infra.environment import Environment, Resource, join, walk
from review_copying import clone, subtree

Edit = Callable[[Environment, Random], Environment | None]
CLONED = (
    "LockedDownBucket", "EncryptionKey", "ImmutableService", "EphemeralCompute", "ManagedSecret",
    "ImageRepository",
)  # fmt: skip
SIZES = (
    "memorySize", "desiredCount", "timeout", "reservedConcurrentExecutions", "threshold", "period",
    "maxCapacity", "minCapacity", "deregistrationDelay", "maxVcpus", "maximumRetryAttempts",
    "messageRetentionSeconds", "maximumEventAgeInSeconds", "evaluationPeriods", "noncurrentDays",
)  # fmt: skip
WORDS = ("ledger", "intake", "payout", "mandate", "dispute", "treasury", "onboarding", "limits")


def changed(environment: Environment, urn: str, **inputs: Any) -> Environment:
    """The environment with inputs of one resource set; None takes one away."""

    def edit(resource: Resource) -> Resource:
        given = {**resource.inputs, **inputs}
        kept = {key: value for key, value in given.items() if value is not None}
        return replace(resource, inputs=kept)

    return with_resource(environment, urn, edit)


def with_resource(
    environment: Environment, urn: str, edit: Callable[[Resource], Resource]
) -> Environment:
    """The environment with one resource edited."""
    return replace(
        environment,
        resources=tuple(edit(item) if item.urn == urn else item for item in environment.resources),
    )


def without(environment: Environment, *urns: str) -> Environment:
    """The environment without some resources."""
    gone = set(urns)
    return replace(
        environment, resources=tuple(item for item in environment.resources if item.urn not in gone)
    )


def pick(environment: Environment, random: Random, *types: str) -> Resource | None:
    """A resource whose type ends so."""
    found = [item for item in environment.resources if item.type.endswith(types)]
    return random.choice(found) if found else None


def put(value: Any, path: str, new: Any) -> Any:
    """A copy of a value in which what lies at a path, as `walk` names it, is another."""
    if not path:
        return new
    if isinstance(value, list | tuple):
        return [put(item, rest, new) if rest is not None else item
                for item, rest in ((item, _rest(path, join("", at)))
                                   for at, item in enumerate(value))]  # fmt: skip
    return {
        key: put(item, rest, new) if (rest := _rest(path, join("", key))) is not None else item
        for key, item in value.items()
    }


def _rest(path: str, lead: str) -> str | None:
    if path == lead:
        return ""
    if path.startswith(lead) and path[len(lead)] in ".[":
        return path[len(lead) :].removeprefix(".")
    return None


def leaves(environment: Environment, name: str) -> Iterator[tuple[Resource, str, Any]]:
    """Every input whose path ends with a name."""
    for resource in environment.resources:
        for path, value in walk(dict(resource.inputs)):
            if re.split(r"[.\[\]]+", path)[-1] == name:
                yield resource, path, value


def set_leaf(environment: Environment, urn: str, path: str, new: Any) -> Environment:
    """The environment with one input, deep or not, set."""
    return with_resource(
        environment, urn, lambda item: replace(item, inputs=put(dict(item.inputs), path, new))
    )


# Ordinary edits


def resize(environment: Environment, random: Random) -> Environment | None:
    """A size goes up or down by half or by two."""
    found = [
        item for name in random.sample(SIZES, len(SIZES)) for item in leaves(environment, name)
        if isinstance(item[2], int | float) and item[2] > 1
    ][:40]  # fmt: skip
    if not found:
        return None
    resource, path, value = random.choice(found)
    new = max(1, round(value * random.choice((0.5, 0.75, 1.25, 1.5, 2))))
    return set_leaf(environment, resource.urn, path, new)


def new_digest(environment: Environment, random: Random) -> Environment | None:
    """A container image or a function's code is built anew."""
    definition = pick(environment, random, ":TaskDefinition", ":JobDefinition")
    if definition is None:
        return None
    text = json.dumps(dict(definition.inputs), default=str)
    if "@sha256:" not in text:
        return None
    fresh = f"@sha256:{random.getrandbits(256):064x}"
    return with_resource(
        environment,
        definition.urn,
        lambda item: replace(
            item, inputs=_substituted(item.inputs, r"@sha256:[0-9a-f]{64}", fresh)
        ),
    )


def _substituted(value: Any, pattern: str, new: str) -> Any:
    if isinstance(value, str):
        return re.sub(pattern, new, value)
    if isinstance(value, dict):
        return {key: _substituted(item, pattern, new) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_substituted(item, pattern, new) for item in value]
    return value


def reword(environment: Environment, random: Random) -> Environment | None:
    """Somebody says something better."""
    name = random.choice(("description", "alarmDescription", "Name"))
    found = [item for item in leaves(environment, name) if isinstance(item[2], str)]
    if not found:
        return None
    resource, path, value = random.choice(found)
    return set_leaf(environment, resource.urn, path, f"{value} {random.choice(WORDS)}")


def rename(environment: Environment, random: Random) -> Environment | None:
    """A component gets another name: what it is made of goes and comes again."""
    root = pick(environment, random, *CLONED)
    if root is None:
        return None
    grown = clone(environment, root, f"{random.choice(WORDS)}-{random.randrange(1000)}", random)
    return without(grown, *(item.urn for item in subtree(environment, root)))


def new_service(environment: Environment, random: Random) -> Environment | None:
    """One more of a component that is there."""
    root = pick(environment, random, *CLONED)
    if root is None:
        return None
    return clone(environment, root, f"{random.choice(WORDS)}-{random.randrange(1000)}", random)


def drop_service(environment: Environment, random: Random) -> Environment | None:
    """One of the components that were added goes."""
    found = [item for item in environment.resources
             if item.type.endswith(CLONED) and re.search(r"-\d+$", item.name)]  # fmt: skip
    if not found:
        return None
    return without(environment, *(item.urn for item in subtree(environment, random.choice(found))))


def more_actions(environment: Environment, random: Random) -> Environment | None:
    """A role may do one thing more, of those that others may."""
    roles = [item for item in environment.of_type("aws:iam/rolePolicy:RolePolicy")
             if isinstance(item.inputs.get("policy"), str)]  # fmt: skip
    one, other = random.choice(roles), random.choice(roles)
    document = json.loads(one.inputs["policy"])
    said = random.choice(json.loads(other.inputs["policy"])["Statement"])
    actions = said.get("Action", "logs:PutLogEvents")
    action = actions if isinstance(actions, str) else random.choice(actions)
    target = next(item for item in document["Statement"])
    if "Action" not in target or "*" in action:
        return None
    given = target["Action"] if isinstance(target["Action"], list) else [target["Action"]]
    target["Action"] = sorted({*given, action})
    return changed(environment, one.urn, policy=json.dumps(document))


def upgrade(environment: Environment, random: Random) -> Environment | None:
    """A runtime or an engine gets its next version, everywhere or in one place."""
    name = random.choice(("runtime", "engineVersion", "platformVersion"))
    found = [item for item in leaves(environment, name) if re.search(r"\d$", str(item[2]))]
    for resource, path, value in found[: random.choice((1, len(found)))]:
        head, last = re.fullmatch(r"(.*?)(\d+)", str(value)).groups()  # type: ignore[union-attr]
        environment = set_leaf(environment, resource.urn, path, f"{head}{int(last) + 1}")
    return environment if found else None


def reschedule(environment: Environment, random: Random) -> Environment | None:
    """Something runs at other times."""
    found = [item for name in ("scheduleExpression", "schedule") for item in
             leaves(environment, name) if isinstance(item[2], str)]  # fmt: skip
    if not found:
        return None
    resource, path, value = random.choice(found)
    new = re.sub(r"\d+", lambda number: str(int(number[0]) % 12 + 2), value, count=1)
    return set_leaf(environment, resource.urn, path, new)


def tag(environment: Environment, random: Random) -> Environment | None:
    """A resource is tagged with who owns it."""
    found = [item for item in environment.resources if isinstance(item.inputs.get("tags"), dict)]
    if not found:
        return None
    one = random.choice(found)
    return changed(environment, one.urn, tags={**one.inputs["tags"], "owner": random.choice(WORDS)})


def new_rule(environment: Environment, random: Random) -> Environment | None:
    """One more rule like another, to another group."""
    rule = pick(environment, random, ":SecurityGroupIngressRule")
    group = pick(environment, random, ":SecurityGroup")
    if rule is None or group is None:
        return None
    name = f"{rule.name}-{random.randrange(1000)}"
    made = replace(
        rule,
        urn=rule.urn.replace(f"::{rule.name}", f"::{name}"),
        name=name,
        id=f"sgr-{random.getrandbits(68):017x}",
        inputs={**rule.inputs, "securityGroupId": group.id, "tags": {"Name": name}},
        outputs={},
    )
    return replace(environment, resources=(*environment.resources, made))


ORDINARY: tuple[tuple[Edit, int], ...] = (
    (resize, 5), (new_digest, 5), (reword, 4), (new_service, 3), (rename, 1), (drop_service, 1),
    (more_actions, 3), (upgrade, 1), (reschedule, 2), (tag, 2), (new_rule, 1),
)  # fmt: skip


def ordinary(environment: Environment, random: Random) -> tuple[Environment, tuple[str, ...]]:
    """An ordinary change: one to three ordinary edits, and their names."""
    edits, weights = zip(*ORDINARY, strict=True)
    done: list[str] = []
    wanted = random.choice((1, 1, 2, 3))
    while len(done) < wanted:
        edit: Edit = random.choices(edits, weights)[0]
        found = edit(environment, random)
        if found is not None:
            environment = found
            done.append(edit.__name__)
    return environment, tuple(done)
