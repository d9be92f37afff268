"""This repository's own stacks are alike, and each way of breaking that is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.parity import FILE_NAME, Difference, Rules, compare, judge, read_file
from tests.operations.parity.samples import changed, gone, with_inputs
from tests.previews import ROOT, platform

pytestmark = pytest.mark.xdist_group("platform")

VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


@cache
def rules() -> Rules:
    found, mistakes = read_file(ROOT / FILE_NAME, FILE_NAME)
    assert mistakes == ()
    return found


def found(other: Environment) -> tuple[Difference, ...]:
    """What no rule allows between production and another environment."""
    reference = platform("prod")
    return judge([compare(reference, other)], rules().rules, reference).found


def broken(type_: str, name: str, change: Callable[[Resource], Any]) -> set[tuple[str, str, str]]:
    """Aspect, name and path of what is found when one thing of staging is another one."""
    differences = found(changed(platform("staging"), type_, name, change))
    return {(str(it.aspect), it.match.any.name, it.path) for it in differences}


def test_the_stacks_are_alike_and_every_rule_is_needed() -> None:
    reference = platform("prod")
    pairs = [compare(reference, platform(it)) for it in ("dev", "staging")]
    judged = judge(pairs, rules().rules, reference)
    assert judged.found == ()
    assert judged.unused == ()
    assert rules().reference == "prod"


def test_a_resource_that_is_missing_is_found() -> None:
    assert ("resource", "statements-versioning", "") in broken(
        VERSIONING, "statements-versioning", gone
    )


def test_a_setting_is_found_and_so_is_the_control_that_fails_by_it() -> None:
    assert broken(CLUSTER, "ledger", with_inputs(storageEncrypted=False)) >= {
        ("setting", "ledger", "storageEncrypted"),
        ("control", "ledger", "rds-storage-encrypted"),
    }


def test_an_option_is_found() -> None:
    assert ("option", "ledger", "options.protect") in broken(
        CLUSTER, "ledger", lambda it: replace(it, options=replace(it.options, protect=False))
    )


def test_a_network_path_that_is_missing_is_found() -> None:
    found_ = broken(INGRESS, "payments-api-from-internet", gone)
    assert ("network path", "payments-api", "the internet") in found_


def test_a_permission_is_found() -> None:
    def more(policy: Resource) -> Resource:
        document = json.loads(policy.inputs["policy"])
        document["Statement"].append(
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"}
        )
        return with_inputs(policy=json.dumps(document))(policy)

    found_ = broken(ROLE_POLICY, "healing-judge", more)
    assert ("setting", "healing-judge", "policy.Statement") in found_
    assert {name for aspect, name, _ in found_ if aspect == "permission"} >= {"payment-records"}


def test_a_thing_that_was_renamed_is_matched_and_nothing_differs() -> None:
    def renamed(alarm: Resource) -> Resource:
        return replace(alarm, name="ledger-cpu-high", urn=f"{alarm.urn}-high")

    assert broken(ALARM, "ledger-cpu", renamed) == set()
    other = changed(platform("staging"), ALARM, "ledger-cpu", renamed)
    matches = compare(platform("prod"), other, ()).matches
    (match,) = [it for it in matches if it.other and it.other.name == "ledger-cpu-high"]
    assert match.reference is not None
    assert match.reference.name == "ledger-cpu"
    assert match.why.startswith("renamed: the nearest of 1")


def test_one_more_in_a_zone_that_dev_lacks_is_held_to_its_siblings() -> None:
    reference = changed(
        platform("prod"), INSTANCE, "ledger-c", with_inputs(publiclyAccessible=True)
    )
    differences = judge([compare(reference, platform("dev"))], rules().rules, reference).found
    assert {it.path for it in differences} >= {"publiclyAccessible"}
