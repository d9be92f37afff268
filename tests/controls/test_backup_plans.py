"""Controls over backup plans, case by case."""

from __future__ import annotations

from typing import Any

import pytest

PLAN = "aws:backup/plan:Plan"
VAULT = "aws:backup/vault:Vault"
SELECTION = "aws:backup/selection:Selection"
TESTS = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
TESTED = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
CLUSTER = "aws:rds/cluster:Cluster"
TABLE = "aws:dynamodb/table:Table"
DAILY = "cron(0 5 * * ? *)"
FAR = "arn:aws:backup:eu-central-1:111122223333:backup-vault:v"
NEAR = "arn:aws:backup:eu-west-1:111122223333:backup-vault:w"
OWN = {"outputs": {"arn": "arn:aws:backup:eu-west-1:111122223333:backup-plan:p"}}


def rule(schedule: Any = DAILY, days: Any = 35, *copies: str, vault: str = "v-id") -> Any:
    return {
        "schedule": schedule,
        "targetVaultName": vault,
        "lifecycle": {"deleteAfter": days},
        "copyActions": [{"destinationVaultArn": copy} for copy in copies],
    }


def plan(*rules: Any, region: Any = "eu-west-1") -> Any:
    return (PLAN, "p", {"rules": list(rules), "region": region})


MINIMUMS: list[tuple[str, list[Any], list[str]]] = [
    ("daily, for five weeks", [plan(rule())], []),
    ("hourly", [plan(rule("cron(0 * * * ? *)"))], []),
    ("at a rate", [plan(rule("rate(12 hours)"))], []),
    ("in the way of classic cron", [plan(rule("cron(0 5 ? * * *)"))], []),
    ("for ever", [plan(rule(days=None))], []),
    ("monthly, beside daily", [plan(rule(), rule("cron(0 5 1 * ? *)", 400))], []),
    ("weekly", [plan(rule("cron(0 5 ? * SUN *)"))], ["violated p rules"]),
    ("at a slow rate", [plan(rule("rate(2 days)"))], ["violated p rules"]),
    ("on demand", [plan(rule(None))], ["violated p rules"]),
    ("for a week", [plan(rule(days=7))], ["violated p rules[0].lifecycle.deleteAfter"]),
    (
        "one of two for a week",
        [plan(rule(), rule(days=7))],
        ["violated p rules[1].lifecycle.deleteAfter"],
    ),
    ("not known", [plan(rule(days="?"))], ["undecided p rules[0].lifecycle.deleteAfter"]),
    ("schedule not known", [plan(rule("?"))], ["undecided p rules[0].schedule"]),
]

OFFSITE: list[tuple[str, list[Any], list[str]]] = [
    ("in another region", [plan(rule(DAILY, 35, FAR))], []),
    (
        "in another account",
        [(PLAN, "p", {"rules": [rule(DAILY, 35, NEAR.replace("1111", "9999"))]}, OWN)],
        [],
    ),
    (
        "in a vault made with it",
        [(VAULT, "w", {"region": "eu-central-1"}), plan(rule(DAILY, 35, "?w"))],
        [],
    ),
    ("nowhere", [plan(rule())], ["violated p rules"]),
    ("in the same region", [plan(rule(DAILY, 35, NEAR))], ["violated p rules"]),
    (
        "monthly only",
        [plan(rule(), rule("cron(0 5 1 * ? *)", 400, FAR))],
        ["violated p rules"],
    ),
    (
        "not known",
        [plan(rule(DAILY, 35, "?"))],
        ["undecided p rules[0].copyActions[0].destinationVaultArn"],
    ),
    (
        "of a plan in a region that is not known",
        [plan(rule(DAILY, 35, NEAR), region=None)],
        ["undecided p rules[0].copyActions[0].destinationVaultArn"],
    ),
]


def restores(*vaults: str) -> Any:
    return (TESTS, "t", {"recoveryPointSelection": {"includeVaults": list(vaults)}})


TESTED_ARNS = (TESTED, "s", {"restoreTestingPlanName": "t-id"})
V = (VAULT, "v", {})

RESTORES: list[tuple[str, list[Any], list[str]]] = [
    ("of the vault", [V, plan(rule()), restores("arn:aws:s3:::v"), TESTED_ARNS], []),
    ("of every vault", [plan(rule(vault="elsewhere")), restores("*"), TESTED_ARNS], []),
    ("none", [V, plan(rule())], ["violated p rules[0].targetVaultName"]),
    (
        "of another vault",
        [V, (VAULT, "w", {}), plan(rule()), restores("arn:aws:s3:::w"), TESTED_ARNS],
        ["violated p rules[0].targetVaultName"],
    ),
    (
        "of nothing in particular",
        [V, plan(rule()), restores("arn:aws:s3:::v")],
        ["violated p rules[0].targetVaultName"],
    ),
    (
        "of a vault of elsewhere",
        [plan(rule(vault="elsewhere"))],
        ["undecided p rules[0].targetVaultName"],
    ),
    (
        "not known of which",
        [V, plan(rule()), (TESTS, "t", {"recoveryPointSelection": "?"})],
        ["undecided p"],
    ),
]


def selection(**inputs: Any) -> Any:
    return (SELECTION, "s", inputs)


def tag(key: str, value: str) -> Any:
    return {"type": "STRINGEQUALS", "key": key, "value": value}


def condition(**kinds: Any) -> Any:
    return [
        {kind: [{"key": f"aws:ResourceTag/{key}", "value": value} for key, value in tags.items()]}
        for kind, tags in kinds.items()
    ]


D = (CLUSTER, "d", {"tags": {"tier": "gold"}})
COVERAGE: list[tuple[str, list[Any], list[str]]] = [
    ("by its ARN", [D, selection(resources=["arn:aws:s3:::d"])], []),
    ("by an output", [D, selection(resources=["?d"])], []),
    ("by a pattern", [D, selection(resources=["arn:aws:s3:::*"])], []),
    ("with everything", [D, selection(resources=["*"])], []),
    ("by a tag", [D, selection(selectionTags=[tag("tier", "gold")])], []),
    (
        "by a tag that its provider adds",
        [
            (TABLE, "d", {}, {"outputs": {"tagsAll": {"tier": "gold"}}}),
            selection(selectionTags=[tag("tier", "gold")]),
        ],
        [],
    ),
    (
        "by a condition",
        [D, selection(resources=["*"], conditions=condition(stringEquals={"tier": "gold"}))],
        [],
    ),
    ("in a program that plans no backups", [D], []),
    ("of a replica", [(CLUSTER, "d", {"replicationSourceIdentifier": "x"}), selection()], []),
    ("by the second", [D, selection(), (SELECTION, "u", {"resources": ["*"]})], []),
    ("by none", [D, selection(resources=["arn:aws:s3:::e"])], ["violated d"]),
    ("by another tag", [D, selection(selectionTags=[tag("tier", "tin")])], ["violated d"]),
    (
        "but for its condition",
        [D, selection(resources=["*"], conditions=condition(stringEquals={"tier": "tin"}))],
        ["violated d"],
    ),
    (
        "but left out",
        [D, selection(resources=["*"], notResources=["arn:aws:s3:::d"])],
        ["violated d"],
    ),
    ("not known", [D, selection(resources=["?"])], ["undecided d"]),
    (
        "by a condition of another kind",
        [D, selection(resources=["*"], conditions=condition(stringLikes={"tier": "g*"}))],
        ["undecided d"],
    ),
    (
        "by a pattern, its own ARN not known",
        [(CLUSTER, "d", {}, {"outputs": {}}), selection(resources=["arn:aws:rds:*"])],
        ["undecided d"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("backup-plan-minimums", *case) for case in MINIMUMS),
    *(("backup-plan-offsite-copy", *case) for case in OFFSITE),
    *(("backup-restore-testing-scheduled", *case) for case in RESTORES),
    *(("backup-plan-covers-data-stores", *case) for case in COVERAGE),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_backups_are_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


@pytest.mark.parametrize(
    "control", ["backup-plan-offsite-copy", "backup-restore-testing-scheduled"]
)
def test_plans_outside_production_need_neither_copies_nor_tests(control: str, judged: Any) -> None:
    assert judged(control, [V, plan(rule())], stack="dev") == []


def test_the_days_that_recovery_points_are_kept_can_be_set(judged: Any) -> None:
    assert judged("backup-plan-minimums", [plan(rule())], minimum_days=90) == [
        "violated p rules[0].lifecycle.deleteAfter"
    ]
