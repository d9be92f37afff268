"""Remedies: what they set, what they leave, and the resource with them.

That a remedy mends what it says, and harms nothing, is shown by the cases of every control: see
`mending`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, Control
from fintech_infra.controls.remedies import (
    Change,
    changes,
    decided,
    denying_plaintext,
    in_production,
    mended,
    patch,
    remedy_of,
)
from fintech_infra.environment import (
    UNKNOWN,
    Asset,
    Environment,
    Resource,
    UnknownValueError,
)
from tests.controls.mending import LEFT, violations
from tests.controls.test_remedies_in_place import REMEDIED, violating

Build = Callable[..., Environment]

BY_ID = {control.id: control for control in CONTROLS}
# Faults that only a parameter brings about, or a stack that is not production.
BY_PARAMETER = {
    "apigateway-partner-mtls DomainName mutualTlsAuthentication",
    "cognito-client-hardened UserPoolClient refreshTokenValidity",
    "ec2-ami-not-public AmiLaunchPermission accountId",
    "ecs-exec-controlled Service enableExecuteCommand",
    "guardduty-enabled Stack",
    "iam-password-policy-strength Stack",
    "lb-listener-modern-policy Listener sslPolicy",
    "rds-snapshot-not-public Snapshot sharedAccounts[]",
}

each_remedied = pytest.mark.parametrize("control", REMEDIED, ids=lambda control: control.id)


def resource(type_: str = "aws:x/y:Z", stack: str = "prod", **inputs: Any) -> Resource:
    return Resource(f"urn:pulumi:{stack}::p::{type_}::r", type_, "r", inputs)


def remedy(id_: str, subject: Resource, **parameters: Any) -> dict[str, Any]:
    return remedy_of(BY_ID[id_], subject, parameters)


# ------------------------------------------------------------------------------ the catalogue


def test_every_fault_that_is_said_to_be_left_is_left(environment: Build) -> None:
    left: set[str] = set()
    for control in REMEDIED:
        for item, subject in violating(control, environment):
            after = mended(item, remedy_of(control, item))
            left |= violations(control, after, subject, {})

    assert left - LEFT == set()
    assert LEFT - left == BY_PARAMETER


@each_remedied
def test_a_remedy_leaves_the_resource_it_reads_alone(control: Control, environment: Build) -> None:
    for item, _ in violating(control, environment):
        before = repr(item.inputs)
        mended(item, remedy_of(control, item))

        assert repr(item.inputs) == before


# --------------------------------------------------------------------------- what is not mended


@pytest.mark.parametrize(
    ("id_", "subject", "expected"),
    [
        (
            "rds-backup-retention",
            resource("aws:rds/instance:Instance", backupRetentionPeriod=1),
            {"backupRetentionPeriod": 7},
        ),
        ("rds-backup-retention", resource("aws:rds/instance:Instance"), {}),
        (
            "rds-backup-retention",
            resource("aws:rds/instance:Instance", backupRetentionPeriod=UNKNOWN),
            {},
        ),
        ("rds-backup-retention", resource("aws:rds/cluster:Cluster"), {"backupRetentionPeriod": 7}),
        (
            "cloudwatch-log-group-retention",
            resource("aws:cloudwatch/logGroup:LogGroup", retentionInDays=30),
            {"retentionInDays": 365},
        ),
        ("cloudwatch-log-group-retention", resource("aws:cloudwatch/logGroup:LogGroup"), {}),
        (
            "iam-password-policy-reuse-and-age",
            resource("aws:iam/accountPasswordPolicy:AccountPasswordPolicy"),
            {"passwordReusePrevention": 24, "maxPasswordAge": 90},
        ),
        (
            "iam-password-policy-reuse-and-age",
            resource("aws:iam/accountPasswordPolicy:AccountPasswordPolicy", hardExpiry=True),
            {"passwordReusePrevention": 24},
        ),
        (
            "dynamodb-recoverable",
            resource("aws:dynamodb/table:Table", stack="dev"),
            {"pointInTimeRecovery.enabled": True},
        ),
        (
            "ecs-exec-controlled",
            resource("aws:ecs/service:Service", enableExecuteCommand=True),
            {"enableExecuteCommand": False},
        ),
        (
            "ecs-exec-controlled",
            resource("aws:ecs/service:Service", stack="dev", enableExecuteCommand=True),
            {},
        ),
        (
            "cognito-user-pool-strong-auth",
            resource("aws:cognito/userPool:UserPool", stack="dev"),
            {
                "passwordPolicy.requireLowercase": True,
                "passwordPolicy.requireNumbers": True,
                "passwordPolicy.requireSymbols": True,
                "passwordPolicy.requireUppercase": True,
                "passwordPolicy.minimumLength": 12,
            },
        ),
        (
            "cognito-user-pool-strong-auth",
            resource("aws:cognito/userPool:UserPool", passwordPolicy={"requireUppercase": True}),
            {
                "passwordPolicy.minimumLength": 12,
                "passwordPolicy.requireNumbers": True,
                "deletionProtection": "ACTIVE",
            },
        ),
        (
            "rds-final-snapshot-kept",
            resource(
                "aws:rds/cluster:Cluster", skipFinalSnapshot=True, finalSnapshotIdentifier=UNKNOWN
            ),
            {"skipFinalSnapshot": False, "deleteAutomatedBackups": False},
        ),
        (
            "redshift-recoverable",
            resource(
                "aws:redshift/cluster:Cluster",
                automatedSnapshotRetentionPeriod=1,
                allowVersionUpgrade=False,
                skipFinalSnapshot=True,
                finalSnapshotIdentifier="last",
            ),
            {
                "automatedSnapshotRetentionPeriod": 7,
                "allowVersionUpgrade": True,
                "skipFinalSnapshot": False,
            },
        ),
        (
            "kinesis-stream-encrypted",
            resource(
                "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
                serverSideEncryption={"enabled": False, "keyType": "CUSTOMER_MANAGED_CMK"},
            ),
            {},
        ),
        (
            "secretsmanager-policy-not-public",
            resource("aws:secretsmanager/secretPolicy:SecretPolicy", policy="no JSON"),
            {},
        ),
        (
            "s3-public-access-block-complete",
            resource(
                "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
                blockPublicAcls=True,
                blockPublicPolicy=False,
                ignorePublicAcls=UNKNOWN,
            ),
            {"blockPublicPolicy": True, "restrictPublicBuckets": True},
        ),
        (
            "cloudfront-viewer-tls",
            resource(
                "aws:cloudfront/distribution:Distribution",
                defaultCacheBehavior={"viewerProtocolPolicy": "https-only"},
                orderedCacheBehaviors=[{}, {"viewerProtocolPolicy": "allow-all"}],
                viewerCertificate={"acmCertificateArn": UNKNOWN},
            ),
            {
                "orderedCacheBehaviors[0].viewerProtocolPolicy": "redirect-to-https",
                "orderedCacheBehaviors[1].viewerProtocolPolicy": "redirect-to-https",
                "viewerCertificate.minimumProtocolVersion": "TLSv1.2_2021",
            },
        ),
        ("s3-versioning-enabled", resource("aws:s3/bucket:Bucket"), {}),
    ],
)
def test_a_remedy_sets_what_is_safe(id_: str, subject: Resource, expected: dict[str, Any]) -> None:
    assert remedy(id_, subject) == expected


@pytest.mark.parametrize(
    ("id_", "type_", "parameters", "expected"),
    [
        (
            "rds-backup-retention",
            "aws:rds/cluster:Cluster",
            {"minimum_days": 14},
            {"backupRetentionPeriod": 14},
        ),
        ("rds-backup-retention", "aws:rds/cluster:Cluster", {"minimum_days": 40}, {}),
        (
            "kms-rotation-enabled",
            "aws:kms/key:Key",
            {"maximum_days": 90},
            {"enableKeyRotation": True},
        ),
        ("kms-rotation-enabled", "aws:kms/key:Key", {"maximum_days": 60}, {}),
        ("kms-deletion-window-long", "aws:kms/key:Key", {"minimum_days": 31}, {}),
        (
            "secretsmanager-recovery-window",
            "aws:secretsmanager/secret:Secret",
            {"minimum_days": 14},
            {"recoveryWindowInDays": 14},
        ),
        (
            "iam-role-session-bounded",
            "aws:iam/role:Role",
            {"maximum_minutes": 120},
            {"maxSessionDuration": 7200},
        ),
        ("iam-role-session-bounded", "aws:iam/role:Role", {"maximum_minutes": 30}, {}),
        (
            "iam-role-session-bounded",
            "aws:ssoadmin/permissionSet:PermissionSet",
            {"maximum_minutes": 30},
            {"sessionDuration": "PT30M"},
        ),
        (
            "lb-listener-modern-policy",
            "aws:lb/listener:Listener",
            {"approved_prefixes": ("Ours",)},
            {},
        ),
        (
            "iam-password-policy-strength",
            "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
            {"minimum_length": 16, "account_stacks": ("*",)},
            {
                "requireLowercaseCharacters": True,
                "requireNumbers": True,
                "requireSymbols": True,
                "requireUppercaseCharacters": True,
                "minimumPasswordLength": 16,
            },
        ),
    ],
)
def test_a_remedy_follows_the_parameters_in_force(
    id_: str, type_: str, parameters: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert remedy(id_, resource(type_), **parameters) == expected


def test_the_retention_of_logs_is_one_that_the_service_accepts() -> None:
    group = resource("aws:cloudwatch/logGroup:LogGroup", retentionInDays=30)

    assert remedy("cloudwatch-log-group-retention", group, minimum_days=401) == {
        "retentionInDays": 545
    }
    assert remedy("cloudwatch-log-group-retention", group, minimum_days=4000) == {}


# ------------------------------------------------------------------------------ TLS in policies

BUCKET = "arn:aws:s3:::b"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"
DENIED = {"Bool": {"aws:SecureTransport": "false"}}


def statement(*on: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Sid": "A", "Effect": "Allow", "Principal": "*", "Action": "x:Y"}
    return found | ({"Resource": list(on)} if on else {}) | more


def document(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Id": "own", "Statement": list(statements)}


def denied(policy: Any, *, inside: str = "", implied: bool = False, room: int = 9000) -> Any:
    add = denying_plaintext("x:*", room=room, inside=inside, implied=implied)
    return add(resource(policy=policy)).get("policy")


def test_text_stays_text_and_a_mapping_a_mapping() -> None:
    given = document(statement(QUEUE))
    added = {
        "Sid": "DenyPlaintext",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "x:*",
        "Resource": QUEUE,
        "Condition": DENIED,
    }
    expected = document(statement(QUEUE), added)

    assert denied(given) == expected
    assert denied(json.dumps(given)) == json.dumps(expected)
    assert given == document(statement(QUEUE))


def test_a_bucket_is_closed_together_with_its_objects() -> None:
    found = denied(document(statement(f"{BUCKET}/*"), statement(f"{BUCKET}/a/b")), inside="/*")

    assert found["Statement"][-1]["Resource"] == [BUCKET, f"{BUCKET}/*"]


def test_a_lone_statement_becomes_the_first_of_a_list() -> None:
    found = denied({"Statement": statement(QUEUE)})

    assert [item["Sid"] for item in found["Statement"]] == ["A", "DenyPlaintext"]


def test_a_policy_may_be_about_all_that_it_is_attached_to() -> None:
    assert denied(document(statement("*")))["Statement"][1]["Resource"] == "*"
    assert "Resource" not in denied(document(statement()), implied=True)["Statement"][1]


def test_the_name_of_a_statement_is_taken_once() -> None:
    taken = [statement(QUEUE, Sid="DenyPlaintext"), statement(QUEUE, Sid="DenyPlaintext2")]

    assert denied(document(*taken))["Statement"][-1]["Sid"] == "DenyPlaintext3"


@pytest.mark.parametrize(
    "policy",
    [
        None,
        UNKNOWN,
        "no JSON",
        '["a list"]',
        "{}",
        document(),
        document(statement()),
        document(statement(QUEUE, Principal=UNKNOWN)),
        document(statement(QUEUE), statement("arn:aws:sqs:eu-west-1:111122223333:other")),
        document(statement("arn:aws:sqs:*:*:q?")),
        document(statement("q")),
        document(
            statement(QUEUE, Sid="X", Effect="Deny", Action="x:*", Condition=DENIED, Resource=QUEUE)
        ),
    ],
)
def test_a_policy_is_left_alone(policy: Any) -> None:
    assert denied(policy) is None


def test_everything_is_no_bucket() -> None:
    assert denied(document(statement("*")), inside="/*") is None


def test_a_policy_does_not_outgrow_its_service() -> None:
    given = document(statement(QUEUE))
    size = len(json.dumps(denied(given)))

    assert denied(given, room=size) is not None
    assert denied(given, room=size - 1) is None


@pytest.mark.parametrize(
    ("id_", "type_", "name"),
    [
        ("s3-policy-tls-only", "aws:s3/bucketPolicy:BucketPolicy", BUCKET),
        ("s3-policy-tls-only", "aws:s3/bucket:Bucket", BUCKET),
        (
            "sns-sqs-policy-tls-only",
            "aws:sns/topicPolicy:TopicPolicy",
            "arn:aws:sns:eu-west-1:111122223333:t",
        ),
        ("sns-sqs-policy-tls-only", "aws:sqs/queuePolicy:QueuePolicy", QUEUE),
        (
            "efs-access-restricted",
            "aws:efs/fileSystemPolicy:FileSystemPolicy",
            "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1",
        ),
    ],
)
def test_a_policy_that_names_its_subject_is_mended(
    judged: Callable[..., list[str]], id_: str, type_: str, name: str
) -> None:
    allowed = statement(name, Principal={"AWS": "arn:aws:iam::111122223333:role/app"})
    subject = resource(type_, policy=json.dumps(document(allowed)))
    found = json.loads(remedy(id_, subject)["policy"])

    assert judged(id_, [(type_, "r", dict(subject.inputs))]) == ["violated r policy"]
    assert judged(id_, [(type_, "r", {"policy": json.dumps(found)})]) == []
    assert found["Statement"][0] == allowed


# -------------------------------------------------------------------------- the patched resource


def test_a_patch_sets_makes_and_takes_away() -> None:
    given: dict[str, Any] = {
        "keep": {"a": UNKNOWN, "b": Asset("text", digest="0")},
        "rules": [{"port": 1}, {"port": 2}, {"port": 3}],
        "gone": 1,
    }
    values = {
        "rules[0]": None,
        "rules[2]": None,
        "rules[1].port": 22,
        "new.deep.er": [1],
        'tags["a.b"]': "x",
        "gone": None,
        "absent.below": None,
    }
    before = deepcopy(given)
    found = patch(resource(**given), values)

    assert found["rules"] == [{"port": 22}]
    assert found["new"] == {"deep": {"er": [1]}}
    assert found["tags"] == {"a.b": "x"}
    assert found["keep"]["a"] is UNKNOWN
    assert found["keep"]["b"] == Asset("text", digest="0")
    assert found.keys() == {"keep", "rules", "new", "tags"}
    assert given["rules"] == before["rules"]
    assert given.keys() == before.keys()


def test_a_patch_shares_nothing_with_what_it_is_given() -> None:
    value = ["a"]
    subject = resource(nested={"list": [1]})
    found = patch(subject, {"new": value})
    found["new"].append("b")
    found["nested"]["list"].append(2)

    assert value == ["a"]
    assert subject.inputs["nested"] == {"list": [1]}


@pytest.mark.parametrize("path", ["list[3]", "list.key", "text.key", "text[0]", "map[0]"])
def test_a_patch_refuses_a_path_that_leads_nowhere(path: str) -> None:
    subject = resource(list=[1], text="a", map={})

    with pytest.raises(ValueError, match=r"cannot be set: there is no place for"):
        patch(subject, {path: 1})


def test_a_patch_refuses_a_path_through_what_is_not_known() -> None:
    with pytest.raises(UnknownValueError) as caught:
        patch(resource(options=UNKNOWN), {"options.tls": True})

    assert caught.value.path == "options.tls"


def test_changes_are_those_that_change_something() -> None:
    subject = resource(same=1, other=1, hidden=UNKNOWN)
    values = {"same": 1, "other": 2, "hidden": 3, "absent": 4, "away": None}
    found = changes(subject, values)

    assert [item.path for item in found] == ["other", "hidden", "absent"]
    assert found[0] == Change("other", 1, 2)
    assert found[1].old is UNKNOWN
    assert found[2] == Change("absent", None, 4)


def test_what_is_secret_stays_secret() -> None:
    subject = Resource("u", "t", "r", {"policy": "a"}, secrets=("inputs.policy",))

    assert mended(subject, {"policy": "b"}).secrets == ("inputs.policy",)
    assert mended(subject, {"policy": "b"}).inputs == {"policy": "b"}


def test_a_remedy_that_cannot_know_returns_nothing() -> None:
    subject = resource("aws:kms/key:Key", rotationPeriodInDays=UNKNOWN)

    assert remedy("kms-rotation-enabled", subject) == {}


def test_faults_are_taken_until_one_cannot_be_known() -> None:
    def look() -> Iterator[Any]:
        yield "a"
        raise UnknownValueError("b")

    assert decided(look()) == ["a"]


@pytest.mark.parametrize(("stack", "expected"), [("eu-prod", True), ("dev", False)])
def test_the_stack_is_read_from_the_urn(stack: str, expected: bool) -> None:
    assert in_production(resource(stack=stack)) is expected
