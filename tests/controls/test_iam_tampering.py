"""The control over who may blind an account, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

CONTROL = "iam-policy-no-audit-tamper"
POLICY = "aws:iam/policy:Policy"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE = "aws:iam/role:Role"
TRAIL = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
AT = "violated p policy.Statement[0].Action"


def document(*statements: Any) -> str:
    return json.dumps({"Statement": statements})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def policy(*statements: Any) -> list[Any]:
    return [(POLICY, "p", {"policy": document(*statements)})]


def of_role(*boundary: Any) -> list[Any]:
    return [
        (ROLE_POLICY, "p", {"role": "r-id", "policy": document(allow("cloudtrail:*"))}),
        (ROLE, "r", {"permissionsBoundary": "?b"}),
        (POLICY, "b", {"policy": document(allow("*"), *boundary)}),
    ]


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (CONTROL, "reads", policy(allow(["cloudtrail:Get*", "guardduty:List*"])), []),
    (CONTROL, "stops", policy(allow("cloudtrail:StopLogging")), [AT]),
    (CONTROL, "stops one", policy(allow("cloudtrail:StopLogging", TRAIL)), [AT]),
    (CONTROL, "by pattern", policy(allow("config:Delete*")), [AT]),
    (CONTROL, "changes any", policy(allow("cloudtrail:UpdateTrail")), [AT]),
    (CONTROL, "changes one", policy(allow("cloudtrail:UpdateTrail", TRAIL)), []),
    (CONTROL, "deletes logs", policy(allow("logs:*", "arn:aws:logs:*:*:log-group:/app/*")), [AT]),
    (CONTROL, "with a condition", policy(allow("macie2:*", Condition={"Bool": {"a": "b"}})), [AT]),
    (CONTROL, "is administration", policy(allow("*")), []),
    (CONTROL, "all but IAM", policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
     [AT]),
    (CONTROL, "denied as well", policy(allow("inspector2:*"), deny("inspector2:Disable")), []),
    (CONTROL, "denied for one", policy(allow("cloudtrail:Stop*"), deny("cloudtrail:*", TRAIL)),
     [AT]),
    (
        CONTROL,
        "denied now and then",
        policy(allow("macie2:*"), deny("macie2:*", Condition={"Bool": {"a": "b"}})),
        [AT],
    ),
    (CONTROL, "beyond a boundary", of_role(deny("cloudtrail:*")), []),
    (CONTROL, "within a boundary", of_role(deny("guardduty:*")), [AT]),
    (
        CONTROL,
        "inline in a bounded role",
        [
            (
                ROLE,
                "r",
                {
                    "permissionsBoundary": "?b",
                    "inlinePolicies": [{"policy": document(allow("cloudtrail:*"))}],
                },
            ),
            (POLICY, "b", {"policy": document(allow("*"), deny("cloudtrail:*"))}),
        ],
        [],
    ),
    (CONTROL, "not known", [(POLICY, "p", {"policy": "?"})], ["undecided p policy"]),
    (
        CONTROL,
        "boundary not known",
        [*of_role()[:2], (POLICY, "b", {"policy": "?"})],
        ["undecided p"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_policy_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_the_message_names_the_calls(messages: Any) -> None:
    assert messages(CONTROL, policy(allow("config:*"))) == [
        (
            "config:DeleteConfigurationRecorder, config:DeleteDeliveryChannel, "
            "config:StopConfigurationRecorder allowed"
        )
    ]


def test_the_boundary_of_a_harmless_policy_need_not_be_known(judged: Any) -> None:
    resources = of_role()[1:2]
    resources += [(ROLE_POLICY, "p", {"role": "r-id", "policy": document(allow("s3:GetObject"))})]
    resources += [(POLICY, "b", {"policy": "?"})]

    assert judged(CONTROL, resources) == []
