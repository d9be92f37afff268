"""LockedDownBucket: its resources, its policy, its retention and what it refuses.

What these tests do not prove: that S3 accepts the policy, that a service's logs arrive, or that a
replication completes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import Output, ResourceOptions
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._bucket.access import reading, writing
from fintech_infra.components._bucket.deliveries import LogSource, delivery_statements
from fintech_infra.components._bucket.discovery import IBAN, PAN, TEST_PANS
from fintech_infra.components._bucket.policy import BucketFacts, own_sids, statements
from fintech_infra.components._policy import Account
from fintech_infra.components.locked_down_bucket import LockedDownBucket

ACCOUNT = Account(
    id="111122223333", partition="aws", region="eu-west-1", dns_suffix="amazonaws.com"
)
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BUCKET = "arn:aws:s3:::ledger-1a2b3c4"
OBJECTS = f"{BUCKET}/*"
BOTH = [BUCKET, OBJECTS]
APP = "arn:aws:iam::111122223333:role/app"
GIVEN: Any = {"kms_key_arn": KEY, "access_log_bucket": "logs"}
OWN_ACCOUNT = {"aws:SourceAccount": "111122223333"}

COMPONENT = "fintech_infra:index:LockedDownBucket"
S3 = "aws:s3/bucket"
POLICY = f"{S3}Policy:BucketPolicy"
LIFECYCLE = f"{S3}LifecycleConfiguration:BucketLifecycleConfiguration"
ENCRYPTION = f"{S3}ServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
LOGGING = f"{S3}Logging:BucketLogging"
LOCK = f"{S3}ObjectLockConfiguration:BucketObjectLockConfiguration"
DEFAULTS = "rules[0].applyServerSideEncryptionByDefault"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
JOB = "aws:macie2/classificationJob:ClassificationJob"
IDENTIFIER = "aws:macie/customDataIdentifier:CustomDataIdentifier"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
MACIE = (
    "arn:aws:iam::111122223333:role/aws-service-role/macie.amazonaws.com/"
    "AWSServiceRoleForAmazonMacie"
)


def bucket_children(name: str) -> list[tuple[str, str]]:
    """What every bucket consists of, itself included."""
    return [
        (f"{S3}:Bucket", name),
        (LIFECYCLE, f"{name}-lifecycle"),
        (f"{S3}OwnershipControls:BucketOwnershipControls", f"{name}-ownership"),
        (POLICY, f"{name}-policy"),
        (f"{S3}PublicAccessBlock:BucketPublicAccessBlock", f"{name}-public-access"),
        (ENCRYPTION, f"{name}-encryption"),
        (f"{S3}Versioning:BucketVersioning", f"{name}-versioning"),
        (COMPONENT, name),
    ]


def policy_of(found: Any, name: str = "ledger-policy") -> list[dict[str, Any]]:
    """The statements of one bucket's policy."""
    return json.loads(found.one(POLICY, name).inputs["policy"])["Statement"]


def reasons(args: Any, name: str = "ledger") -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    with pytest.raises(pulumi.InputPropertiesError) as error:
        LockedDownBucket(name, args)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def test_without_options_it_makes_its_own_key_and_log_bucket(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: LockedDownBucket("ledger", {}))
    assert found.identities == sorted(
        [
            *bucket_children("ledger"),
            (LOGGING, "ledger-access-logging"),
            *bucket_children("ledger-access-logs"),
            ("fintech_infra:index:EncryptionKey", "ledger-key"),
            ("aws:kms/key:Key", "ledger-key"),
            ("aws:kms/alias:Alias", "ledger-key"),
        ]
    )
    assert found.snake_case_keys() == []


def test_a_given_key_and_log_bucket_are_used(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: LockedDownBucket("ledger", GIVEN))
    assert found.identities == sorted(
        [*bucket_children("ledger"), (LOGGING, "ledger-access-logging")]
    )
    assert found.one(LOGGING).inputs["targetBucket"] == "logs"
    assert found.outputs("ledger")["kms_key_arn"] == KEY


def test_every_child_is_hardened(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: LockedDownBucket("ledger", GIVEN))
    bucket = found.one(f"{S3}:Bucket").state["bucket"]
    inputs = {item.name: item.inputs for item in found if item.custom}
    del inputs["ledger-policy"]
    assert inputs == {
        "ledger": {
            "forceDestroy": False,
            "objectLockEnabled": False,
            "tags": {"data-class": "confidential", "purpose": "data"},
        },
        "ledger-public-access": {
            "bucket": bucket,
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        "ledger-ownership": {"bucket": bucket, "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        "ledger-versioning": {
            "bucket": bucket,
            "versioningConfiguration": {"status": "Enabled"},
        },
        "ledger-encryption": {
            "bucket": bucket,
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": KEY,
                    },
                    "blockedEncryptionTypes": ["SSE-C"],
                    "bucketKeyEnabled": True,
                }
            ],
        },
        "ledger-lifecycle": {
            "bucket": bucket,
            "transitionDefaultMinimumObjectSize": "all_storage_classes_128K",
            "rules": [
                {
                    "id": "superseded",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                    "noncurrentVersionExpiration": {"noncurrentDays": 365},
                    "expiration": {"expiredObjectDeleteMarker": True},
                }
            ],
        },
        "ledger-access-logging": {
            "bucket": bucket,
            "targetBucket": "logs",
            "targetPrefix": "ledger/",
            "targetObjectKeyFormat": {"partitionedPrefix": {"partitionDateSource": "EventTime"}},
        },
    }


def test_the_policy_denies_plaintext_old_tls_and_other_encryption(
    deploy: Callable[..., Any],
) -> None:
    found = deploy(lambda: LockedDownBucket("ledger", GIVEN))
    arn = found.one(f"{S3}:Bucket").state["arn"]
    header = "s3:x-amz-server-side-encryption"
    deny = {"Effect": "Deny", "Principal": "*"}
    upload = {**deny, "Action": "s3:PutObject", "Resource": f"{arn}/*"}
    everything = {**deny, "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
    assert policy_of(found) == [
        {
            "Sid": "DenyPlaintextTransport",
            **everything,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "DenyOldTls",
            **everything,
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        },
        {
            "Sid": "DenyOtherEncryption",
            **upload,
            "Condition": {
                "Null": {header: "false"},
                "StringNotEquals": {header: ["aws:kms", "aws:kms:dsse"]},
            },
        },
        {
            "Sid": "DenyCustomerKeys",
            **upload,
            "Condition": {"Null": {f"{header}-customer-algorithm": "false"}},
        },
        {
            "Sid": "DenyOtherKeys",
            **upload,
            "Condition": {
                "Null": {f"{header}-aws-kms-key-id": "false"},
                "StringNotEquals": {f"{header}-aws-kms-key-id": KEY},
            },
        },
    ]


def test_its_own_log_bucket_keeps_access_logs_that_nobody_can_delete(
    deploy: Callable[..., Any],
) -> None:
    found = deploy(lambda: LockedDownBucket("ledger", {}))
    logs = found.one(f"{S3}:Bucket", "ledger-access-logs").state
    assert found.one(LOGGING).inputs["targetBucket"] == logs["bucket"]
    assert found.one(ENCRYPTION, "ledger-access-logs-encryption").inputs["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
            "blockedEncryptionTypes": ["SSE-C"],
        }
    ]
    assert policy_of(found, "ledger-access-logs-policy")[-2:] == [
        {
            "Sid": "DenyDeletion",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
            "Resource": f"{logs['arn']}/*",
        },
        {
            "Sid": "S3AccessLogsWrites",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"{logs['arn']}/*",
            "Condition": {
                "StringEquals": OWN_ACCOUNT,
                "ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"},
            },
        },
    ]
    rules = found.one(LIFECYCLE, "ledger-access-logs-lifecycle").inputs["rules"]
    assert [rule.get("expiration") for rule in rules] == [None, {"days": 400}]


def test_a_key_of_its_own_serves_s3_and_what_delivers(deploy: Callable[..., Any]) -> None:
    args: Any = {
        "purpose": "landing",
        "receives": ["cloudtrail", "vended-logs", "config"],
        "access_log_bucket": "logs",
    }
    found = deploy(lambda: LockedDownBucket("trail", args))
    key = json.loads(found.one("aws:kms/key:Key").inputs["policy"])["Statement"]
    assert [item["Sid"] for item in key] == [
        "AdministrationByAccount",
        "UseThroughServices",
        "DelegationToServices",
        "UseByTrails",
        "UseByTrailsInBuckets",
        "DescriptionByTrails",
        "UseByConfig",
        "UseByLogDelivery",
    ]
    assert key[1]["Condition"]["StringEquals"]["kms:ViaService"] == "s3.eu-west-1.amazonaws.com"


def test_children_are_ordered_as_s3_needs_them(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: LockedDownBucket("ledger", {}))
    urns = {item.name: item.urn for item in found if item.custom}

    def waits(name: str, for_: str) -> bool:
        (child,) = [item for item in found if item.name == name and item.custom]
        return urns[for_] in child.depends_on

    assert waits("ledger-ownership", "ledger-public-access")
    assert waits("ledger-policy", "ledger-ownership")
    assert waits("ledger-lifecycle", "ledger-versioning")
    assert waits("ledger-access-logging", "ledger-access-logs-policy")


def test_whoever_is_given_its_name_waits_for_its_policy(deploy: Callable[..., Any]) -> None:
    def program() -> None:
        logs: Any = {"purpose": "landing", "receives": ["s3-access-logs"]}
        name = LockedDownBucket("logs", logs).name
        LockedDownBucket("ledger", {"kms_key_arn": KEY, "access_log_bucket": name})

    found = deploy(program)
    assert found.one(POLICY, "logs-policy").urn in found.one(LOGGING).depends_on


def test_an_archive_locks_records_and_denies_bypassing(deploy: Callable[..., Any]) -> None:
    args: Any = {**GIVEN, "purpose": "archive", "retention": {"lock_mode": "COMPLIANCE"}}
    found = deploy(lambda: LockedDownBucket("records", args))
    assert found.identities == sorted(
        [
            *bucket_children("records"),
            (LOGGING, "records-access-logging"),
            (LOCK, "records-lock"),
        ]
    )
    assert found.one(f"{S3}:Bucket").inputs["objectLockEnabled"] is True
    assert found.one(LOCK).inputs["rule"] == {
        "defaultRetention": {"mode": "COMPLIANCE", "days": 365}
    }
    last = policy_of(found, "records-policy")[-1]
    assert (last["Sid"], last["Effect"], last["Action"]) == (
        "DenyRetentionBypass",
        "Deny",
        "s3:BypassGovernanceRetention",
    )


def test_the_digests_of_a_trail_may_have_keys_that_s3_manages(deploy: Callable[..., Any]) -> None:
    args: Any = {**GIVEN, "purpose": "archive", "receives": ["cloudtrail"]}
    denials = {
        item["Sid"]: item.get("Condition", {})
        for item in policy_of(deploy(lambda: LockedDownBucket("trail", args)), "trail-policy")
        if item["Effect"] == "Deny"
    }
    assert denials["DenyOtherEncryption"]["StringNotEqualsIfExists"] == {
        "aws:PrincipalServiceName": "cloudtrail.amazonaws.com"
    }
    assert "StringNotEqualsIfExists" not in denials["DenyOtherKeys"]


@pytest.mark.parametrize(
    ("mode", "days", "kept"),
    [("COMPLIANCE", 365, True), ("COMPLIANCE", 364, False), ("GOVERNANCE", 2555, False)],
)
def test_only_a_lasting_compliance_lock_keeps_books_and_records(
    deploy: Callable[..., Any], mode: str, days: int, *, kept: bool
) -> None:
    retention = {"lock_mode": mode, "lock_days": days}
    args: Any = {**GIVEN, "purpose": "archive", "retention": retention}
    found = deploy(lambda: LockedDownBucket("records", args))
    evidence = json.loads(found.outputs("records")["evidence"])
    tags = found.one(f"{S3}:Bucket").inputs["tags"]
    assert ("s3-object-lock-records" in evidence, "books-and-records" in tags) == (kept, kept)


def test_evidence_names_the_property_of_each_control(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: LockedDownBucket("ledger", GIVEN))
    by_urn = {item.urn: item for item in found}
    evidence = json.loads(found.outputs("ledger")["evidence"])
    assert {
        control: (by_urn[item["resource"]].name, item["property"])
        for control, item in evidence.items()
    } == {
        "s3-access-logging-enabled": ("ledger-access-logging", "targetBucket"),
        "s3-acl-disabled": ("ledger-ownership", "rule.objectOwnership"),
        "s3-encryption-cmk": ("ledger-encryption", "rules"),
        "s3-force-destroy-disabled": ("ledger", "forceDestroy"),
        "s3-lifecycle-defined": ("ledger-lifecycle", "rules"),
        "s3-policy-not-public": ("ledger-policy", "policy"),
        "s3-policy-tls-only": ("ledger-policy", "policy"),
        "s3-public-access-block-complete": ("ledger-public-access", "restrictPublicBuckets"),
        "s3-public-access-blocked": ("ledger-public-access", "bucket"),
        "s3-versioning-enabled": ("ledger-versioning", "versioningConfiguration.status"),
    }
    for item in evidence.values():
        top = item["property"].partition(".")[0]
        assert top in by_urn[item["resource"]].inputs


def test_the_outputs_are_those_of_the_resources(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: LockedDownBucket("ledger", {}))
    bucket = found.one(f"{S3}:Bucket", "ledger").state
    outputs = found.outputs("ledger")
    key = found.one("aws:kms/key:Key").state["arn"]
    del outputs["evidence"]
    assert outputs == {
        "name": bucket["bucket"],
        "arn": bucket["arn"],
        "regional_domain_name": bucket["bucketRegionalDomainName"],
        "kms_key_arn": key,
        "access_log_bucket_name": found.one(f"{S3}:Bucket", "ledger-access-logs").state["bucket"],
        "read_policy": reading(ACCOUNT, bucket["arn"], key),
        "write_policy": writing(ACCOUNT, bucket["arn"], key),
    }
    logs = found.outputs("ledger-access-logs")
    assert (logs["kms_key_arn"], logs["access_log_bucket_name"]) == ("", "")


def test_access_policies_reach_the_key_through_s3_only() -> None:
    through = {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    assert json.loads(reading(ACCOUNT, BUCKET, KEY))["Statement"] == [
        {
            "Sid": "Look",
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket"],
            "Resource": BUCKET,
        },
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"],
            "Resource": OBJECTS,
        },
        {
            "Sid": "UseKey",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": KEY,
            "Condition": through,
        },
    ]
    written = json.loads(writing(ACCOUNT, BUCKET, ""))["Statement"]
    assert [(item["Sid"], item["Resource"]) for item in written] == [("Write", OBJECTS)]


def test_a_region_reaches_every_child(deploy: Callable[..., Any]) -> None:
    args: Any = {
        "region": "eu-south-2",
        "purpose": "archive",
        "replicate_to": {"bucket_arn": BUCKET, "region": "eu-west-1", "kms_key_arn": KEY},
    }
    found = deploy(lambda: LockedDownBucket("ledger", args))
    without = {
        item.type
        for item in found
        if item.type.startswith("aws:") and item.inputs.get("region") != "eu-south-2"
    }
    assert without == {"aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"}
    assert len(found.of_type(f"{S3}:Bucket")) == 2


def test_options_reach_children_through_the_parent_only(deploy: Callable[..., Any]) -> None:
    def program() -> None:
        provider = aws.Provider("elsewhere", region="us-east-2")
        LockedDownBucket("ledger", {}, ResourceOptions(providers=[provider], protect=False))

    found = deploy(program)
    custom = [item for item in found if item.type.startswith("aws:")]
    assert all("::elsewhere::" in item.provider for item in custom)
    assert all("::elsewhere::" in provider for _, _, provider in found.invokes)
    assert sorted(item.name for item in custom if item.protect) == [
        "ledger",
        "ledger-access-logs",
        "ledger-key",
    ]
    components = {item.urn for item in found if item.type.startswith("fintech_infra:")}
    assert {item.parent for item in custom} == components


def test_allowed_regions_pin_the_providers_region(deploy: Callable[..., Any]) -> None:
    args: Any = {**GIVEN, "allowed_regions": ["eu-west-1", "eu-central-1"]}
    found = deploy(lambda: LockedDownBucket("ledger", args))
    assert {item.inputs["region"] for item in found if item.custom} == {"eu-west-1"}


def test_a_provider_outside_the_allowed_regions_is_refused(deploy: Callable[..., Any]) -> None:
    args: Any = {**GIVEN, "allowed_regions": ["eu-central-1"]}
    with pytest.raises(ValueError, match="would be in eu-west-1; allowed are eu-central-1"):
        deploy(lambda: LockedDownBucket("ledger", args))


def test_replication_goes_into_the_named_bucket_with_its_key(deploy: Callable[..., Any]) -> None:
    target = "arn:aws:kms:eu-central-1:111122223333:key/9999"
    args: Any = {
        **GIVEN,
        "replicate_to": {
            "bucket_arn": "arn:aws:s3:::records",
            "region": "eu-central-1",
            "kms_key_arn": target,
        },
    }
    found = deploy(lambda: LockedDownBucket("ledger", args))
    source = found.one(f"{S3}:Bucket").state["arn"]
    fifteen = {"minutes": 15}
    assert found.one(REPLICATION).inputs["rules"] == [
        {
            "id": "everything",
            "status": "Enabled",
            "priority": 0,
            "filter": {"prefix": ""},
            "deleteMarkerReplication": {"status": "Disabled"},
            "destination": {
                "bucket": "arn:aws:s3:::records",
                "replicationTime": {"status": "Enabled", "time": fifteen},
                "metrics": {"status": "Enabled", "eventThreshold": fifteen},
                "encryptionConfiguration": {"replicaKmsKeyId": target},
            },
            "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}},
        }
    ]
    trust = json.loads(found.one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust == [
        {
            "Sid": "ReplicationOfThisBucket",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": OWN_ACCOUNT,
                "ArnLike": {"aws:SourceArn": source},
            },
        }
    ]
    granted = json.loads(found.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert {item["Sid"]: (item["Resource"], item.get("Condition")) for item in granted} == {
        "ReadConfiguration": (source, None),
        "ReadVersions": (f"{source}/*", None),
        "WriteReplicas": ("arn:aws:s3:::records/*", None),
        "DecryptSource": (
            KEY,
            {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
        ),
        "EncryptReplicas": (
            target,
            {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}},
        ),
    }


def test_objects_under_s3_managed_keys_are_replicated_as_they_are(
    deploy: Callable[..., Any],
) -> None:
    args: Any = {
        "purpose": "landing",
        "receives": ["s3-access-logs"],
        "replicate_to": {"bucket_arn": "arn:aws:s3:::records", "region": "eu-west-1"},
    }
    found = deploy(lambda: LockedDownBucket("landing", args))
    (rule,) = found.one(REPLICATION).inputs["rules"]
    assert "sourceSelectionCriteria" not in rule
    assert "encryptionConfiguration" not in rule["destination"]


def test_a_perimeter_denies_other_organizations_and_networks() -> None:
    facts = BucketFacts(
        ACCOUNT, BUCKET, KEY, org_id="o-a1b2c3d4e5", vpc_endpoint_ids=["vpce-1", "vpce-2"]
    )
    organizations, services, networks = statements(facts)[-3:]
    assert organizations["Condition"] == {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    assert services["Condition"] == {
        "StringNotEqualsIfExists": {"aws:SourceOrgID": "o-a1b2c3d4e5"},
        "Null": {"aws:SourceAccount": "false"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    }
    assert networks["Condition"] == {
        "StringNotEqualsIfExists": {"aws:SourceVpce": ["vpce-1", "vpce-2"]},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
    }
    assert [item["Resource"] for item in (organizations, services, networks)] == [BOTH] * 3
    assert not any("PutBucket" in action for action in networks["Action"])


@pytest.mark.parametrize(
    ("source", "principal", "look", "write"),
    [
        (
            LogSource.CLOUDTRAIL,
            "cloudtrail.amazonaws.com",
            "s3:GetBucketAcl",
            {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}},
        ),
        (
            LogSource.CONFIG,
            "config.amazonaws.com",
            ["s3:GetBucketAcl", "s3:ListBucket"],
            {"StringEquals": OWN_ACCOUNT},
        ),
        (
            LogSource.VENDED_LOGS,
            "delivery.logs.amazonaws.com",
            ["s3:GetBucketAcl", "s3:ListBucket"],
            {
                "StringEquals": OWN_ACCOUNT,
                "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-west-1:111122223333:*"},
            },
        ),
    ],
)
def test_a_service_delivers_for_this_account_only(
    source: LogSource, principal: str, look: Any, write: dict[str, Any]
) -> None:
    looks, writes = delivery_statements(ACCOUNT, BUCKET, source)
    assert looks["Principal"] == writes["Principal"] == {"Service": principal}
    assert looks["Condition"] == writes["Condition"] == write
    assert (looks["Action"], looks["Resource"]) == (look, BUCKET)
    assert (writes["Action"], writes["Resource"]) == ("s3:PutObject", OBJECTS)


def test_load_balancers_deliver_under_this_accounts_path_only() -> None:
    (found,) = delivery_statements(ACCOUNT, BUCKET, LogSource.LOAD_BALANCER_LOGS)
    assert found["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert found["Resource"] == [
        f"{BUCKET}/AWSLogs/111122223333/*",
        f"{BUCKET}/*/AWSLogs/111122223333/*",
    ]


def test_no_delivery_has_a_condition_on_acls() -> None:
    facts = BucketFacts(ACCOUNT, BUCKET, receives=tuple(LogSource))
    assert "x-amz-acl" not in json.dumps(statements(facts))


def test_macie_looks_for_cards_and_accounts_with_a_job_of_its_own(
    deploy: Callable[..., Any],
) -> None:
    args: Any = {**GIVEN, "macie_discovery": True}
    found = deploy(lambda: LockedDownBucket("ledger", args))
    assert found.identities == sorted(
        [
            *bucket_children("ledger"),
            (LOGGING, "ledger-access-logging"),
            (IDENTIFIER, "ledger-pan"),
            (IDENTIFIER, "ledger-iban"),
            (JOB, "ledger-discovery"),
        ]
    )
    job = found.one(JOB)
    identifiers = [found.one(IDENTIFIER, f"ledger-{role}").state["id"] for role in ("pan", "iban")]
    assert job.inputs == {
        "description": "Looks for sensitive data in ledger, which is to hold confidential data",
        "jobType": "SCHEDULED",
        "jobStatus": "RUNNING",
        "initialRun": True,
        "samplingPercentage": 100,
        "scheduleFrequency": {"weeklySchedule": "MONDAY"},
        "customDataIdentifierIds": identifiers,
        "s3JobDefinition": {
            "bucketDefinitions": [
                {
                    "accountId": "111122223333",
                    "buckets": [found.one(f"{S3}:Bucket").state["bucket"]],
                }
            ]
        },
        "tags": {"Name": "ledger-discovery"},
    }
    assert found.one(POLICY).urn in job.depends_on
    assert found.one(IDENTIFIER, "ledger-pan").inputs["regex"] == PAN


@pytest.mark.parametrize(
    ("data_class", "frequency"),
    [
        ("public", {"weeklySchedule": "MONDAY"}),
        ("pii", {"monthlySchedule": 1}),
        ("cardholder", {"monthlySchedule": 1}),
    ],
)
def test_the_class_decides_how_often_macie_looks(
    deploy: Callable[..., Any], data_class: str, frequency: dict[str, Any]
) -> None:
    args: Any = {
        **GIVEN,
        "data_class": data_class,
        "retention": {"expire_after_days": 400},
        "macie_discovery": True,
    }
    found = deploy(lambda: LockedDownBucket("ledger", args))
    assert found.one(JOB).inputs["scheduleFrequency"] == frequency


def test_macie_gets_past_the_key_and_the_network_and_nobody_else_does(
    deploy: Callable[..., Any],
) -> None:
    def policies(*, discovery: bool) -> tuple[Any, Any]:
        args: Any = {
            "access_log_bucket": "logs",
            "perimeter": {"vpc_endpoint_ids": ["vpce-1"]},
            "macie_discovery": discovery,
        }
        found = deploy(lambda: LockedDownBucket("ledger", args))
        key = json.loads(found.one("aws:kms/key:Key").inputs["policy"])["Statement"]
        return key, policy_of(found)[-1]["Condition"]

    key, networks = policies(discovery=True)
    (use,) = [item for item in key if item["Sid"] == "Use1"]
    assert (use["Principal"], use["Condition"]) == (
        {"AWS": MACIE},
        {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
    )
    assert "kms:Encrypt" not in use["Action"]
    key_without, networks_without = policies(discovery=False)
    assert "Use1" not in [item["Sid"] for item in key_without]
    assert networks == {
        **networks_without,
        "ArnNotEqualsIfExists": {"aws:PrincipalArn": MACIE},
    }


@pytest.mark.parametrize(
    "number",
    [
        "4000123412341234",
        "4000 1234 1234 1234",
        "4000-1234-1234-1234",
        "5212345678901234",
        "2221001234567890",
        "2720991234567890",
        "6011123412341234",
        "371449635398431",
        "3714 496353 98431",
    ],
)
def test_card_numbers_are_recognized(number: str) -> None:
    assert re.search(PAN, f"pan={number};")


@pytest.mark.parametrize(
    "number",
    ["1234567812345678", "40001234123412345", "2220991234567890", "2721001234567890", "4000123"],
)
def test_other_numbers_are_no_card_numbers(number: str) -> None:
    assert not re.search(PAN, f"id={number};")


@pytest.mark.parametrize(
    "number",
    ["DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19", "NO9386011117947"],
)
def test_account_numbers_are_recognized(number: str) -> None:
    found = re.search(IBAN, f"to {number}.")
    assert found is not None
    assert found[0] == number


@pytest.mark.parametrize("regex", [PAN, IBAN])
def test_expressions_are_of_the_kind_that_macie_takes(regex: str) -> None:
    assert len(regex) <= 512
    assert re.compile(regex).groups == 0
    assert not re.search(r"\(\?<?[=!]|\\[1-9]", regex)


def test_numbers_for_tests_are_nobodys_card() -> None:
    assert all(re.fullmatch(PAN, number) for number in TEST_PANS)
    assert len(TEST_PANS) <= 10


def test_an_alarm_topic_hears_of_tampering_with_the_bucket_its_logs_and_its_key(
    deploy: Callable[..., Any],
) -> None:
    found = deploy(lambda: LockedDownBucket("ledger", {"alarm_topic_arn": TOPIC}))
    alone = deploy(lambda: LockedDownBucket("ledger", {}))
    names = ["ledger-access-logs-tampering", "ledger-key-tampering", "ledger-tampering"]
    assert sorted(set(found.identities) - set(alone.identities)) == sorted(
        (type_, name) for type_ in (RULE, TARGET) for name in names
    )
    bucket = found.one(f"{S3}:Bucket", "ledger").state["bucket"]
    pattern = json.loads(found.one(RULE, "ledger-tampering").inputs["eventPattern"])
    assert pattern["detail"]["requestParameters"] == {"bucketName": [bucket]}
    assert pattern["detail"]["eventSource"] == ["s3.amazonaws.com"]
    assert {"PutBucketPolicy", "DeleteBucketPolicy", "PutBucketVersioning"} <= set(
        pattern["detail"]["eventName"]
    )
    assert {item.inputs["arn"] for item in found.of_type(TARGET)} == {TOPIC}


def test_objects_that_do_not_replicate_in_time_page(deploy: Callable[..., Any]) -> None:
    replica = {"bucket_arn": "arn:aws:s3:::records", "region": "eu-west-1", "kms_key_arn": KEY}
    args: Any = {**GIVEN, "alarm_topic_arn": TOPIC, "replicate_to": replica}
    found = deploy(lambda: LockedDownBucket("ledger", args))
    dimensions = {
        "SourceBucket": found.one(f"{S3}:Bucket").state["bucket"],
        "DestinationBucket": "records",
        "RuleId": found.one(REPLICATION).inputs["rules"][0]["id"],
    }
    assert {
        item.name: (item.inputs["metricName"], item.inputs["statistic"], item.inputs["threshold"])
        for item in found.of_type(ALARM)
    } == {
        "ledger-replication-failed": ("OperationsFailedReplication", "Sum", 0),
        "ledger-replication-late": ("ReplicationLatency", "Maximum", 900),
    }
    for alarm in found.of_type(ALARM):
        assert alarm.inputs["dimensions"] == dimensions
        assert alarm.inputs["alarmActions"] == [TOPIC]
        assert alarm.inputs["treatMissingData"] == "notBreaching"


def test_it_is_clean_under_every_control(judged: Callable[..., Any]) -> None:
    program = f"""
LockedDownBucket('minimal', {{}})
LockedDownBucket('watched', {{
    'macie_discovery': True, 'alarm_topic_arn': {TOPIC!r},
    'perimeter': {{'org_id': 'o-a1b2c3d4e5', 'vpc_endpoint_ids': ['vpce-1']}},
    'replicate_to': {{'bucket_arn': 'arn:aws:s3:::x', 'region': 'eu-central-1',
                      'kms_key_arn': {KEY!r}}}}})
LockedDownBucket('records', {{
    'purpose': 'archive', 'receives': ['cloudtrail'],
    'retention': {{'lock_mode': 'COMPLIANCE', 'lock_days': 2555}}}})
LockedDownBucket('draft', {{'purpose': 'archive'}})
LockedDownBucket('logs', {{'purpose': 'landing', 'receives': [
    'cloudtrail', 'config', 'load-balancer-logs', 's3-access-logs', 'vended-logs']}})
"""
    assert judged(program) == []


def test_what_a_transform_weakens_is_found(judged: Callable[..., Any]) -> None:
    program = f"""
LANDING = {{'purpose': 'landing', 'receives': ['cloudtrail'], 'access_log_bucket': 'logs'}}
RECORDS = {{'purpose': 'archive', 'access_log_bucket': 'logs', 'kms_key_arn': {KEY!r},
           'retention': {{'lock_mode': 'COMPLIANCE'}}}}
DATA = {{'access_log_bucket': 'logs', 'kms_key_arn': {KEY!r}}}

def weakened(name, type_, args=DATA, **changes):
    def change(given):
        if given.type_ == type_:
            return pulumi.ResourceTransformResult({{**given.props, **changes}}, given.opts)
    LockedDownBucket(name, args, pulumi.ResourceOptions(transforms=[change]))

anyone = {{'Effect': 'Allow', 'Principal': '*', 'Action': 's3:GetObject', 'Resource': '*'}}
rules = [{{'applyServerSideEncryptionByDefault': {{'sseAlgorithm': 'AES256'}}}}]
month = {{'defaultRetention': {{'mode': 'GOVERNANCE', 'days': 30}}}}
weakened('acls', '{S3}OwnershipControls:BucketOwnershipControls', rule={{
    'objectOwnership': 'ObjectWriter'}})
weakened('block', '{S3}PublicAccessBlock:BucketPublicAccessBlock', blockPublicPolicy=False)
weakened('plain', {ENCRYPTION!r}, rules=rules)
weakened('public', {POLICY!r}, policy={{'Statement': [anyone]}})
weakened('forgets', '{S3}Versioning:BucketVersioning', versioningConfiguration={{
    'status': 'Suspended'}})
weakened('hoards', {LIFECYCLE!r}, rules=[])
weakened('emptied', '{S3}:Bucket', forceDestroy=True)
weakened('unlocked', {LOCK!r}, RECORDS, rule=month)
delivery = {{'Effect': 'Allow', 'Principal': {{'Service': 'cloudtrail.amazonaws.com'}},
            'Action': 's3:PutObject', 'Resource': '*'}}
weakened('erasable', {POLICY!r}, LANDING, policy={{'Statement': [delivery]}})
"""
    assert judged(program) == [
        ("s3-acl-disabled", "violated", "acls-ownership", "rule.objectOwnership"),
        ("s3-encryption-cmk", "violated", "plain-encryption", f"{DEFAULTS}.sseAlgorithm"),
        ("s3-force-destroy-disabled", "violated", "emptied", "forceDestroy"),
        ("s3-lifecycle-defined", "violated", "hoards-lifecycle", "rules"),
        ("s3-log-bucket-hardened", "violated", "erasable", "policy"),
        ("s3-object-lock-records", "violated", "unlocked-lock", "rule.defaultRetention"),
        ("s3-object-lock-records", "violated", "unlocked-lock", "rule.defaultRetention.mode"),
        ("s3-policy-not-public", "violated", "public-policy", "policy.Statement[0].Principal"),
        ("s3-policy-tls-only", "violated", "erasable-policy", "policy"),
        ("s3-policy-tls-only", "violated", "public-policy", "policy"),
        (
            "s3-public-access-block-complete",
            "violated",
            "block-public-access",
            "blockPublicPolicy",
        ),
        (
            "s3-versioning-enabled",
            "violated",
            "forgets-versioning",
            "versioningConfiguration.status",
        ),
    ]


def test_the_callers_statements_are_added_after_every_denial(deploy: Callable[..., Any]) -> None:
    args: Any = {
        **GIVEN,
        "statements": [
            {
                "sid": "Reporting",
                "effect": "Allow",
                "principals": [APP],
                "actions": ["s3:GetObject"],
                "prefix": "reports/",
                "conditions": {"StringEquals": {"aws:PrincipalTag/team": ["core"]}},
            },
            {"sid": "NoTagging", "effect": "Deny", "actions": ["s3:PutObjectTagging"]},
        ],
    }
    found = deploy(lambda: LockedDownBucket("ledger", args))
    arn = found.one(f"{S3}:Bucket").state["arn"]
    alone = policy_of(deploy(lambda: LockedDownBucket("ledger", GIVEN)))
    assert policy_of(found) == [
        *alone,
        {
            "Sid": "Reporting",
            "Effect": "Allow",
            "Principal": {"AWS": APP},
            "Action": "s3:GetObject",
            "Resource": f"{arn}/reports/*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": ["core"]}},
        },
        {
            "Sid": "NoTagging",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObjectTagging",
            "Resource": [arn, f"{arn}/*"],
        },
    ]


def test_the_callers_statements_are_refused_where_they_would_loosen() -> None:
    allow = {"effect": "Allow", "actions": ["s3:GetObject"], "principals": [APP]}
    found = reasons(
        {
            "statements": [
                {**allow, "sid": "A", "principals": ["*"]},
                {**allow, "sid": "A", "principals": ["app"]},
                {**allow, "sid": "DenyOldTls", "principals": []},
                {**allow, "sid": "B c", "actions": ["s3:PutBucketPolicy"]},
                {"sid": "D", "effect": "Deny", "actions": ["kms:Decrypt"]},
                {"sid": "E", "effect": "Deny", "actions": []},
            ]
        }
    )
    assert {
        path: reason.partition(";")[0].partition(", which cannot")[0]
        for path, reason in found.items()
    } == {
        "statements[0].principals[0]": "is '*', which is everyone",
        "statements[1].sid": "is 'A', which another statement of this policy has",
        "statements[1].principals[0]": "is 'app'",
        "statements[2].sid": "is 'DenyOldTls', which another statement of this policy has",
        "statements[2].principals": "is required to allow",
        "statements[3].sid": "is 'B c'",
        "statements[3].actions[0]": "is 's3:PutBucketPolicy'",
        "statements[4].actions[0]": "is 'kms:Decrypt'",
        "statements[5].actions": "is empty",
    }


def test_a_principal_that_turns_out_to_be_everyone_is_refused(deploy: Callable[..., Any]) -> None:
    def program() -> None:
        later = Output.from_input("*")
        statement: Any = {
            "sid": "A",
            "effect": "Allow",
            "actions": ["s3:GetObject"],
            "principals": [later],
        }
        args: Any = {**GIVEN, "statements": [statement]}
        LockedDownBucket("ledger", args)

    with pytest.raises(ValueError, match=r"statement A: a principal is '\*', which is everyone"):
        deploy(program)


def test_own_sids_are_those_of_everything_a_bucket_can_state() -> None:
    assert len(own_sids()) == 18
    assert {"DenyDeletion", "DenyRetentionBypass", "VendedLogsWrites"} <= own_sids()


def test_personal_data_needs_an_expiry() -> None:
    for data_class in ("pii", "cardholder"):
        assert reasons({"data_class": data_class}) == {
            "retention.expire_after_days": (
                f"is required for {data_class} data: decide how long it is kept "
                "(GDPR Art. 5(1)(e), PCI DSS 4.0.1 3.2.1)"
            )
        }


def test_personal_data_under_a_compliance_lock_needs_a_legal_basis(
    deploy: Callable[..., Any],
) -> None:
    args: Any = {**GIVEN, "data_class": "pii", "purpose": "archive"}
    locked = {"lock_mode": "COMPLIANCE", "lock_days": 1827}
    assert list(reasons({**args, "retention": locked})) == ["retention.legal_basis"]
    assert list(reasons({**args, "retention": {**locked, "legal_basis": "x;"}})) == [
        "retention.legal_basis"
    ]
    basis = "MiFID II Art. 16-6"
    justified: Any = {**args, "retention": {**locked, "legal_basis": basis}}
    found = deploy(lambda: LockedDownBucket("records", justified))
    assert found.one(f"{S3}:Bucket").inputs["tags"] == {
        "data-class": "pii",
        "purpose": "archive",
        "legal-basis": basis,
        "books-and-records": "true",
    }
    assert found.one(LOCK).inputs["rule"]["defaultRetention"]["days"] == 1827


@pytest.mark.parametrize(
    ("data_class", "days"),
    [("public", 30), ("internal", 90), ("confidential", 365), ("pii", 30), ("cardholder", 30)],
)
def test_the_class_decides_how_long_superseded_versions_stay(
    deploy: Callable[..., Any], data_class: str, days: int
) -> None:
    args: Any = {**GIVEN, "data_class": data_class, "retention": {"expire_after_days": 2555}}
    rules = deploy(lambda: LockedDownBucket("ledger", args)).one(LIFECYCLE).inputs["rules"]
    assert rules[0]["noncurrentVersionExpiration"] == {"noncurrentDays": days}
    assert "expiration" not in rules[0]
    assert rules[1]["expiration"] == {"days": 2555}


def test_old_objects_can_move_to_colder_storage(deploy: Callable[..., Any]) -> None:
    args: Any = {**GIVEN, "retention": {"cold_after_days": 90.0}}
    rules = deploy(lambda: LockedDownBucket("ledger", args)).one(LIFECYCLE).inputs["rules"]
    assert rules[-1] == {
        "id": "cold",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "transitions": [{"days": 90, "storageClass": "GLACIER_IR"}],
    }


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"noncurrent_days": 29}, {"noncurrent_days": "is 29; accepted are 30 to 3650"}),
        ({"noncurrent_days": 3651}, {"noncurrent_days": "is 3651; accepted are 30 to 3650"}),
        ({"expire_after_days": 0}, {"expire_after_days": "is 0; accepted are 1 and more"}),
        ({"expire_after_days": 20, "cold_after_days": 30}, {"cold_after_days": "is 30, when"}),
        ({"cold_after_days": 29}, {"cold_after_days": "is 29; accepted are 30 and more"}),
        (
            {"cold_after_days": 60, "expire_after_days": 60},
            {"cold_after_days": "is 60, when objects have expired already"},
        ),
        (
            {"lock_mode": "GOVERNANCE", "lock_days": 0},
            {
                "lock_mode": "needs purpose 'archive'",
                "lock_days": "is 0; accepted are 1 to 36500",
            },
        ),
    ],
)
def test_retention_out_of_range_is_refused(args: Any, expected: dict[str, str]) -> None:
    found = reasons({"retention": args})
    assert found.keys() == {f"retention.{key}" for key in expected}
    for key, start in expected.items():
        assert found[f"retention.{key}"].startswith(start)


def test_objects_may_expire_before_they_would_get_cold(deploy: Callable[..., Any]) -> None:
    args: Any = {**GIVEN, "retention": {"expire_after_days": 1}}
    rules = deploy(lambda: LockedDownBucket("ledger", args)).one(LIFECYCLE).inputs["rules"]
    assert [rule.get("expiration") for rule in rules] == [None, {"days": 1}]


def test_logs_and_records_cannot_expire_early() -> None:
    landing = {"purpose": "landing", "receives": ["s3-access-logs"]}
    early: Any = {"expire_after_days": 364}
    assert list(reasons({**landing, "retention": early})) == ["retention.expire_after_days"]
    assert list(reasons({"purpose": "archive", "retention": early})) == [
        "retention.expire_after_days"
    ]


def test_what_delivers_must_fit_the_purpose() -> None:
    assert reasons({"purpose": "landing"}) == {
        "receives": (
            "is required to land something; accepted are cloudtrail, config, load-balancer-logs, "
            "s3-access-logs, vended-logs"
        )
    }
    assert reasons({"receives": ["cloudtrail"]}) == {
        "receives[0]": "is 'cloudtrail', which needs purpose 'landing'; this is 'data'"
    }
    assert reasons({"purpose": "archive", "receives": ["config", "cloudtrial"]}) == {
        "receives[0]": "is 'config', which needs purpose 'landing'; this is 'archive'",
        "receives[1]": "is 'cloudtrial'; did you mean 'cloudtrail'?",
    }


def test_a_trail_can_write_straight_into_an_archive(deploy: Callable[..., Any]) -> None:
    args: Any = {**GIVEN, "purpose": "archive", "receives": ["cloudtrail"]}
    found = policy_of(deploy(lambda: LockedDownBucket("trail", args)), "trail-policy")
    assert [item["Sid"] for item in found[-2:]] == ["CloudtrailLooks", "CloudtrailWrites"]


def test_a_key_is_refused_where_it_would_lose_logs() -> None:
    found = reasons(
        {
            "purpose": "landing",
            "receives": ["s3-access-logs", "load-balancer-logs"],
            "kms_key_arn": KEY,
        }
    )
    assert found == {
        "kms_key_arn": (
            "cannot be used with load-balancer-logs, s3-access-logs, whose logs get lost where a "
            "KMS key encrypts; leave it out, or receive these in another bucket"
        )
    }


def test_places_are_checked_against_the_allowed_ones() -> None:
    assert reasons(
        {
            "region": "us-east-1",
            "allowed_regions": ["eu-west-1", "Ireland"],
            "replicate_to": {"bucket_arn": BUCKET, "region": "eu-west"},
            "perimeter": {"org_id": "acme"},
        }
    ) == {
        "replicate_to.kms_key_arn": "is required: the objects of this bucket have a KMS key",
        "region": "is 'us-east-1'; allowed are eu-west-1, Ireland",
        "replicate_to.region": "is 'eu-west'; accepted are regions such as 'eu-west-1'",
        "allowed_regions[1]": "is 'Ireland'; accepted are such as 'eu-west-1'",
        "perimeter.org_id": "is 'acme'; accepted are ids such as 'o-a1b2c3d4e5'",
    }
    assert list(reasons({"allowed_regions": []})) == ["allowed_regions"]


@pytest.mark.parametrize(
    ("name", "args", "accepted"),
    [
        ("a" * 43, {}, True),
        ("a" * 44, {}, False),
        ("a" * 55, {"access_log_bucket": "logs"}, True),
        ("a" * 56, {"access_log_bucket": "logs"}, False),
        ("under_score", {}, False),
        ("-dash", {}, False),
    ],
)
def test_a_name_that_makes_no_bucket_name_is_refused(
    deploy: Callable[..., Any], name: str, args: Any, accepted: bool
) -> None:
    if accepted:
        found = deploy(lambda: LockedDownBucket(name, args))
        assert max(len(item.state["bucket"]) for item in found.of_type(f"{S3}:Bucket")) <= 63
    else:
        assert list(reasons(args, name)) == ["name"]


def test_its_schema_can_be_inferred_and_describes_everything() -> None:
    found = Analyzer("fintech_infra").analyze([LockedDownBucket])
    definition = found["component_definitions"]["LockedDownBucket"]
    described = {**definition.inputs, **definition.outputs}
    for nested in found["type_definitions"].values():
        described |= {f"{nested.name}.{key}": item for key, item in nested.properties.items()}
        described |= {f"{nested.name}.{item.name}": item for item in nested.enum or []}
    assert [name for name, item in described.items() if not item.description] == []
    assert {name for name, item in definition.inputs.items() if not item.optional} == set()
    assert set(found["type_definitions"]) == {
        "BucketPerimeterArgs",
        "BucketPurpose",
        "BucketReplicaArgs",
        "BucketRetentionArgs",
        "BucketStatementArgs",
        "DataClass",
        "LockMode",
        "StatementEffect",
    }
    assert "kmsKeyArn" in definition.outputs
