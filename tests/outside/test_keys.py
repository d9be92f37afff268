"""What KMS, Secrets Manager and Parameter Store would tell."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.outside.cloud import ACCOUNT, Cloud
from tests.outside.documents import allowed, open_to_everyone, statements
from tests.outside.programs import of


def test_every_key_rotates_and_is_for_encryption_in_this_account_alone(cloud: Cloud) -> None:
    keys = cloud.of("aws:kms/key:Key")
    assert keys
    for key in keys:
        kms, id_ = key.client("kms"), key.resource.id
        known = kms.describe_key(KeyId=id_)["KeyMetadata"]
        assert (known["KeyManager"], known["KeyState"]) == ("CUSTOMER", "Enabled")
        assert (known["KeyUsage"], known["KeySpec"]) == ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
        assert kms.get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"]


def test_every_key_leaves_its_administration_to_the_account_and_is_open_to_nobody_else(
    cloud: Cloud,
) -> None:
    for key in cloud.of("aws:kms/key:Key"):
        answer = key.client("kms").get_key_policy(KeyId=key.resource.id, PolicyName="default")
        administration = statements(answer["Policy"])[0]
        assert administration["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        assert open_to_everyone(answer["Policy"]) == []
        for item in allowed(answer["Policy"]):
            assert item["Principal"] != {"AWS": "*"} or "kms:CallerAccount" in str(item)
            # A service acts for somebody, and only where the policy says for whom.
            assert "Service" not in item["Principal"] or item["Condition"]


def test_every_alias_leads_to_its_key(cloud: Cloud) -> None:
    for alias in cloud.of("aws:kms/alias:Alias"):
        kms = alias.client("kms")
        known = kms.describe_key(KeyId=alias.output("name"))["KeyMetadata"]
        assert known["KeyId"] == alias.value("targetKeyId")


@of("managed-secret")
def test_a_secret_has_no_value_from_its_program(cloud: Cloud) -> None:
    (secret,) = cloud.of("aws:secretsmanager/secret:Secret")
    manager = secret.client("secretsmanager")
    known = manager.describe_secret(SecretId=secret.resource.id)
    assert known["KmsKeyId"] in {key.output("arn") for key in cloud.of("aws:kms/key:Key")}
    with pytest.raises(ClientError, match="can't find the specified secret value"):
        manager.get_secret_value(SecretId=secret.resource.id)


@of("managed-secret")
def test_a_secret_is_read_by_its_consumers_and_denied_to_all_others(cloud: Cloud) -> None:
    (secret,) = cloud.of("aws:secretsmanager/secret:Secret")
    answer = secret.client("secretsmanager").get_resource_policy(SecretId=secret.resource.id)
    (reading,) = allowed(answer["ResourcePolicy"])
    consumer = reading["Principal"]["AWS"]
    assert reading["Action"] == ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    assert {
        "Sid": "OnlyConsumersRead",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalArn": [consumer]}},
    } in statements(answer["ResourcePolicy"])


@of("encrypted-database", "backup-vault")
def test_the_master_secret_of_a_database_rotates(cloud: Cloud) -> None:
    (rotation,) = cloud.of("aws:secretsmanager/secretRotation:SecretRotation")
    known = rotation.client("secretsmanager").describe_secret(SecretId=rotation.value("secretId"))
    assert known["RotationEnabled"] is True
    assert known["RotationRules"] == {"AutomaticallyAfterDays": 30}


@of("self-healing")
def test_the_kill_switch_is_readable_and_starts_armed(cloud: Cloud) -> None:
    (switch,) = [
        item
        for item in cloud.of("aws:ssm/parameter:Parameter")
        if item.resource.name == "heal-kill-switch"
    ]
    known = switch.client("ssm").get_parameter(Name=switch.output("name"))["Parameter"]
    assert (known["Type"], known["Value"]) == ("String", "armed")


@of("image-repository")
def test_images_are_signed_by_a_profile_for_oci_artifacts(cloud: Cloud) -> None:
    (profile,) = cloud.of("aws:signer/signingProfile:SigningProfile")
    known = profile.client("signer").get_signing_profile(profileName=profile.output("name"))
    assert known["platformId"] == "Notation-OCI-SHA384-ECDSA"
    assert known["signatureValidityPeriod"] == {"type": "MONTHS", "value": 135}
