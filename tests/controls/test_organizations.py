"""Controls over organizations and what they share, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fintech_infra.environment import STACK_TYPE

ORGANIZATION = "aws:organizations/organization:Organization"
POLICY = "aws:organizations/policy:Policy"
ATTACHMENT = "aws:organizations/policyAttachment:PolicyAttachment"
FEATURES = "aws:iam/organizationsFeatures:OrganizationsFeatures"
SHARE = "aws:ram/resourceShare:ResourceShare"
STACK = (STACK_TYPE, "s", {})
HIDDEN = ("x:y:Remote", "c", {}, {"custom": False, "opaque": True})

ATTACHED = (ATTACHMENT, "a", {"policyId": "p-id", "targetId": "r-1"})
GLOBAL = ["iam:*", "organizations:*", "sts:*", "support:*"]
ELSEWHERE = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}
GUARDED = [
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "config:*ConfigurationRecorder",
    "guardduty:Delete*",
    "organizations:LeaveOrganization",
    "securityhub:DisableSecurityHub",
]
BUT_BREAK_GLASS = {"ArnNotLike": {"aws:PrincipalARN": "arn:aws:iam::*:role/break-glass"}}
AT = "content.Statement[0]"


def policy(name: str = "p", **elements: Any) -> Any:
    return (POLICY, name, {"content": json.dumps({"Statement": [elements]})})


def deny(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Resource": "*", **elements}


def regions(**changed: Any) -> list[Any]:
    found = deny(NotAction=GLOBAL, Condition=ELSEWHERE) | changed
    return [policy(**{key: value for key, value in found.items() if value}), ATTACHED]


def guards(actions: Any = GUARDED, **more: Any) -> Any:
    return policy(**deny(Action=actions, **more))


REGIONS: list[tuple[str, list[Any], list[str]]] = [
    ("restricted", regions(), []),
    ("nothing of the kind", [policy(**deny(Action="s3:DeleteBucket"))], []),
    ("another type", [(POLICY, "p", {"type": "TAG_POLICY", "content": "{}"})], []),
    ("not attached", regions()[:1], ["violated p"]),
    (
        "attached out of sight",
        [*regions()[:1], (ATTACHMENT, "a", {"policyId": "?"})],
        ["undecided p"],
    ),
    (
        "the listed are denied",
        regions(Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        [f"violated p {AT}.Condition"],
    ),
    (
        "some actions",
        regions(NotAction=None, Action="ec2:*"),
        [f"violated p {AT}.Action"],
    ),
    ("some resources", regions(Resource="arn:aws:s3:::b"), [f"violated p {AT}.Resource"]),
    ("global services, too", regions(NotAction=None, Action="*"), [f"violated p {AT}"]),
    (
        "with the home of global services",
        regions(
            NotAction=None,
            Action="*",
            Condition={"StringNotEquals": {"aws:RequestedRegion": ["us-east-1"]}},
        ),
        [],
    ),
    (
        "a pattern of regions",
        regions(Condition={"StringNotLike": {"aws:RequestedRegion": "eu-*"}}),
        [f"violated p {AT}.Condition"],
    ),
    (
        "but for a role",
        regions(Condition={**ELSEWHERE, **BUT_BREAK_GLASS}),
        [],
    ),
    ("not known", [(POLICY, "p", {"content": "?"}), ATTACHED], ["undecided p content"]),
]
AUDIT: list[tuple[str, list[Any], list[str]]] = [
    ("all denied", [guards(), ATTACHED], []),
    ("but for a role", [guards(Condition=BUT_BREAK_GLASS), ATTACHED], []),
    ("not attached", [guards()], ["violated p"]),
    ("some denied", [guards("cloudtrail:*"), ATTACHED], ["violated p content"]),
    (
        "by two policies",
        [
            guards(GUARDED[:2]),
            policy("q", **deny(Action=GUARDED[2:])),
            ATTACHED,
            (ATTACHMENT, "b", {"policyId": "q-id"}),
        ],
        [],
    ),
    ("of one trail, which is not of the kind", [guards(Resource="arn:aws:cloudtrail:*")], []),
    ("nothing of the kind", [policy(**deny(Action="s3:DeleteBucket"))], []),
    ("not known", [(POLICY, "p", {"content": "?"}), ATTACHED], ["undecided p content"]),
    (
        "beside one not known",
        [guards(), (POLICY, "q", {"content": "?"}), ATTACHED],
        ["undecided p content", "undecided q content"],
    ),
]
BOTH = ["RootCredentialsManagement", "RootSessions"]
TRUSTING = (ORGANIZATION, "o", {"awsServiceAccessPrincipals": ["iam.amazonaws.com"]})
ROOT: list[tuple[str, list[Any], list[str]]] = [
    ("managed", [TRUSTING, (FEATURES, "f", {"enabledFeatures": BOTH})], []),
    ("not managed", [TRUSTING], ["violated o"]),
    ("perhaps in a component", [TRUSTING, HIDDEN], ["undecided o"]),
    (
        "no sessions",
        [(FEATURES, "f", {"enabledFeatures": BOTH[:1]})],
        ["violated f enabledFeatures"],
    ),
    (
        "without access",
        [(ORGANIZATION, "o", {}), (FEATURES, "f", {"enabledFeatures": BOTH})],
        ["violated o awsServiceAccessPrincipals"],
    ),
    ("not known", [(FEATURES, "f", {"enabledFeatures": "?"})], ["undecided f enabledFeatures"]),
    ("another account", [STACK], []),
]
SHARES: list[tuple[str, list[Any], list[str]]] = [
    ("inside", [(SHARE, "r", {"allowExternalPrincipals": False})], []),
    ("by default", [(SHARE, "r", {})], []),
    (
        "outside",
        [(SHARE, "r", {"allowExternalPrincipals": True})],
        ["violated r allowExternalPrincipals"],
    ),
    (
        "not known",
        [(SHARE, "r", {"allowExternalPrincipals": "?"})],
        ["undecided r allowExternalPrincipals"],
    ),
]
CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("organizations-region-restriction", *row) for row in REGIONS),
    *(("organizations-audit-services-protected", *row) for row in AUDIT),
    *(("iam-root-access-centralized", *row) for row in ROOT),
    *(("ram-no-external-principals", *row) for row in SHARES),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_an_organization_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_only_approved_regions_may_be_listed(judged: Any) -> None:
    control = "organizations-region-restriction"

    assert judged(control, regions(), approved_regions=("eu-west-1", "eu-central-1")) == []
    assert judged(control, regions(), approved_regions=("eu-west-1",)) == [
        f"violated p {AT}.Condition"
    ]


@pytest.mark.parametrize(
    ("control", "present"),
    [
        ("organizations-region-restriction", regions()),
        ("organizations-audit-services-protected", [guards(), ATTACHED]),
        ("iam-root-access-centralized", [(FEATURES, "f", {"enabledFeatures": BOTH})]),
    ],
)
def test_only_the_baseline_of_the_management_account_has_to_declare_it(
    control: str, present: list[Any], judged: Any
) -> None:
    baseline = {"account_stacks": ("project/prod",)}
    other = policy("q", **deny(Action="s3:DeleteBucket"))

    assert judged(control, [STACK]) == []
    assert judged(control, [STACK], **baseline) == ["violated s"]
    assert judged(control, [STACK, other], **baseline) == ["violated s"]
    assert judged(control, [STACK, HIDDEN], **baseline) == ["undecided s"]
    assert judged(control, [STACK, other, *present], **baseline) == []
