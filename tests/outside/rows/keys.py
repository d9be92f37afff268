"""Keys, secrets and parameters."""

from __future__ import annotations

from tests.outside.calls import DROPPED
from tests.outside.cloud import DELETION, Call, Rows
from tests.outside.rows.parts import only_when

KEYS: Rows = {
    "aws:kms/alias:Alias": (
        Call("kms", "create_alias", names={"name": "AliasName"}, also=("name",)),
    ),
    "aws:kms/key:Key": (
        Call(
            "kms",
            "create_key",
            names={"customerMasterKeySpec": "KeySpec"},
            gives={"id": "KeyMetadata.KeyId", "arn": "KeyMetadata.Arn"},
        ),
        Call(
            "kms",
            "enable_key_rotation",
            names={"enableKeyRotation": DROPPED, "id": "KeyId"},
            takes=("enableKeyRotation", "rotationPeriodInDays"),
            also=("id",),
            each=only_when("enableKeyRotation"),
        ),
        Call(
            "kms",
            "schedule_key_deletion",
            names={"deletionWindowInDays": "PendingWindowInDays", "id": "KeyId"},
            takes=("deletionWindowInDays",),
            also=("id",),
            unmade=DELETION,
        ),
    ),
    "aws:secretsmanager/secret:Secret": (
        Call(
            "secretsmanager",
            "create_secret",
            also=("name",),
            gives={"id": "ARN", "arn": "ARN"},
        ),
        Call(
            "secretsmanager",
            "delete_secret",
            names={"id": "SecretId"},
            takes=("recoveryWindowInDays",),
            also=("id",),
            unmade=DELETION,
        ),
    ),
    "aws:secretsmanager/secretPolicy:SecretPolicy": (
        Call(
            "secretsmanager",
            "put_resource_policy",
            names={"policy": "ResourcePolicy", "secretArn": "SecretId"},
        ),
    ),
    "aws:secretsmanager/secretRotation:SecretRotation": (Call("secretsmanager", "rotate_secret"),),
    "aws:signer/signingProfile:SigningProfile": (
        Call(
            "signer",
            "put_signing_profile",
            names={"name": "profileName", "namePrefix": DROPPED},
            also=("name",),
        ),
    ),
    "aws:ssm/parameter:Parameter": (Call("ssm", "put_parameter", also=("name",)),),
}
