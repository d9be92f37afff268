"""Oddities to plant: legal, each unheard of in the histories that the edits make."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from fintech_infra.environment import Environment, Resource
from review_copying import clone, subtree
from review_edits import changed, leaves, pick, set_leaf, with_resource, without

FOREIGN = "999988887777"


@dataclass(frozen=True)
class Planted:
    """An environment with an oddity, and the resources that a reviewer should be sent to."""

    environment: Environment
    urns: frozenset[str]


Plant = Callable[[Environment, Random], Planted | None]


def _set(*types: str, **inputs: Any) -> Plant:
    """Set inputs of one resource of a type."""

    def plant(environment: Environment, random: Random) -> Planted | None:
        found = pick(environment, random, *types)
        if found is None:
            return None
        return Planted(changed(environment, found.urn, **inputs), frozenset({found.urn}))

    return plant


def _leaf(name: str, new: Callable[[Any], Any]) -> Plant:
    """Set one input, deep or not, of those with a name."""

    def plant(environment: Environment, random: Random) -> Planted | None:
        found = [item for item in leaves(environment, name) if new(item[2]) != item[2]]
        if not found:
            return None
        resource, path, value = random.choice(found)
        made = set_leaf(environment, resource.urn, path, new(value))
        return Planted(made, frozenset({resource.urn}))

    return plant


def _statement(*types: str, path: str = "policy", **statement: Any) -> Plant:
    """Add a statement to a policy; `{arn}` in it is what the first statement is about."""

    def plant(environment: Environment, random: Random) -> Planted | None:
        found = pick(environment, random, *types)
        if found is None or not isinstance(found.inputs.get(path), str):
            return None
        document = json.loads(found.inputs[path])
        about = document["Statement"][0].get("Resource", "*")
        added = {"Effect": "Allow", "Resource": about, **statement}
        if path == "assumeRolePolicy":
            del added["Resource"]
        document["Statement"].append(added)
        made = changed(environment, found.urn, **{path: json.dumps(document)})
        return Planted(made, frozenset({found.urn}))

    return plant


def _unconditional(environment: Environment, random: Random) -> Planted | None:
    """A queue's policy forgets who may send on whose behalf."""
    found = [item for item in environment.of_type("aws:sqs/queuePolicy:QueuePolicy")
             if "aws:SourceArn" in str(item.inputs.get("policy"))]  # fmt: skip
    if not found:
        return None
    one = random.choice(found)
    document = json.loads(one.inputs["policy"])
    for statement in document["Statement"]:
        if statement["Effect"] == "Allow":
            statement.pop("Condition", None)
    made = changed(environment, one.urn, policy=json.dumps(document))
    return Planted(made, frozenset({one.urn}))


def _gone(type_: str) -> Plant:
    """Take a companion away; its bucket or its component is where it is missing."""

    def plant(environment: Environment, random: Random) -> Planted | None:
        found = pick(environment, random, type_)
        if found is None:
            return None
        about = environment.references(found, "bucket")
        urns = {found.parent, *(item.urn for item in about)}
        return Planted(without(environment, found.urn), frozenset(urns))

    return plant


def _new_without(type_: str) -> Plant:
    """Add a bucket like another, but for a companion."""

    def plant(environment: Environment, random: Random) -> Planted | None:
        root = pick(environment, random, ":LockedDownBucket")
        if root is None:
            return None
        name = f"odd-{random.randrange(1000)}"
        grown = clone(environment, root, name, random)
        new = [item for item in grown.resources if item.urn not in environment.by_urn]
        gone = [item.urn for item in new if item.type.endswith(type_)]
        return Planted(without(grown, *gone), frozenset(item.urn for item in new))

    return plant


def _rule(**inputs: Any) -> Plant:
    """Make an ingress rule admit something else."""

    def plant(environment: Environment, random: Random) -> Planted | None:
        found = pick(environment, random, ":SecurityGroupIngressRule")
        if found is None:
            return None
        made = changed(environment, found.urn, **inputs)
        return Planted(made, frozenset({found.urn}))

    return plant


def _unprotected(environment: Environment, random: Random) -> Planted | None:
    found = [item for item in environment.resources if item.options.protect]
    if not found:
        return None
    one = random.choice(found)

    def edit(item: Resource) -> Resource:
        return replace(item, options=replace(item.options, protect=False))

    return Planted(with_resource(environment, one.urn, edit), frozenset({one.urn}))


def _elsewhere(environment: Environment, random: Random) -> Planted | None:
    """One more bucket, in a region where nothing is."""
    root = pick(environment, random, ":LockedDownBucket")
    if root is None:
        return None
    grown = clone(environment, root, f"odd-{random.randrange(1000)}", random)
    new = [item for item in grown.resources if item.urn not in environment.by_urn]
    for item in new:
        if item.custom and item.package == "aws":
            grown = changed(grown, item.urn, region="sa-east-1")
    return Planted(grown, frozenset(item.urn for item in new))


def _peer(environment: Environment, random: Random) -> Planted | None:
    """A role trusts somebody else's account."""
    one = pick(environment, random, "aws:iam/role:Role")
    if one is None or not isinstance(one.inputs.get("assumeRolePolicy"), str):
        return None
    document = json.loads(one.inputs["assumeRolePolicy"])
    document["Statement"][0]["Principal"] = {"AWS": f"arn:aws:iam::{FOREIGN}:root"}
    made = changed(environment, one.urn, assumeRolePolicy=json.dumps(document))
    return Planted(made, frozenset({one.urn}))


_ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
_CIDR = {"referencedSecurityGroupId": None}

ODDITIES: Mapping[str, Plant] = {
    "port that no rule admits": _rule(fromPort=3389, toPort=3389),
    "every port": _rule(fromPort=0, toPort=65535),
    "rule for 10.0.0.0/8": _rule(cidrIpv4="10.0.0.0/8", **_CIDR),
    "rule for a foreign network": _rule(cidrIpv4="8.8.8.0/24", **_CIDR),
    "role trusts a foreign account": _peer,
    "foreign account in a key policy": _statement(
        "aws:kms/key:Key", Principal={"AWS": f"arn:aws:iam::{FOREIGN}:role/app"},
        Action="kms:Decrypt",
    ),
    "anyone in a bucket policy": _statement(
        ":BucketPolicy", Principal="*", Action="s3:GetObject"
    ),
    "service that no trust policy names": _statement(
        "aws:iam/role:Role", path="assumeRolePolicy", Action="sts:AssumeRole",
        Principal={"Service": "sagemaker.amazonaws.com"},
    ),
    "every action of a service": _statement(_ROLE_POLICY, Action="dynamodb:*"),
    "iam:PassRole on everything": _statement(_ROLE_POLICY, Action="iam:PassRole", Resource="*"),
    "NotAction": _statement(_ROLE_POLICY, NotAction="iam:*"),
    "condition dropped": _unconditional,
    "administrator policy": _set(
        ":RolePolicyAttachment", policyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    ),
    "region where nothing is": _elsewhere,
    "memory x 40": _leaf("memorySize", lambda value: value * 40),
    "timeout x 50": _leaf("timeout", lambda value: value * 50 if isinstance(value, int) else value),
    "log retention dropped": _leaf("retentionInDays", lambda _: 1),
    "object lock shortened": _leaf(
        "days", lambda value: 1 if value in {2555, 2557, 2562} else value
    ),
    "key rotation off": _set("aws:kms/key:Key", enableKeyRotation=False),
    "public access block off": _set(":BucketPublicAccessBlock", blockPublicPolicy=False),
    "bucket versioning off": _leaf("status", lambda now: "Suspended" if now == "Enabled" else now),
    "forceDestroy": _set("aws:s3/bucket:Bucket", forceDestroy=True),
    "public addresses in a subnet": _set("aws:ec2/subnet:Subnet", mapPublicIpOnLaunch=True),
    "log group without its key": _set("aws:cloudwatch/logGroup:LogGroup", kmsKeyId=None),
    "alarm that tells nobody": _set("aws:cloudwatch/metricAlarm:MetricAlarm", actionsEnabled=False),
    "older runtime": _leaf("runtime", lambda _: "python3.8"),
    "data-class that nobody uses": _leaf("data-class", lambda _: "none"),
    "protect taken away": _unprotected,
    "public access block gone": _gone(":BucketPublicAccessBlock"),
    "bucket policy gone": _gone(":BucketPolicy"),
    "new bucket without encryption": _new_without(":BucketServerSideEncryptionConfiguration"),
    "new bucket without versioning": _new_without(":BucketVersioning"),
}  # fmt: skip


__all__ = ["ODDITIES", "Planted", "subtree"]
