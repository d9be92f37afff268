"""Doors that an intruder opens in a night: to the network, to data, to keys and to roles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.operations.run_time.estate import Estate
from tests.operations.run_time.tampering import (
    ANYONE,
    CLOSED,
    STRANGER,
    WORLD,
    Do,
    Tampering,
    breaks,
)


def _group(estate: Estate) -> str:
    return estate.one("SecurityGroup", "payments-data").id


def _opens_a_group(estate: Estate) -> None:
    estate.call(
        "ec2",
        "authorize_security_group_ingress",
        GroupId=_group(estate),
        IpPermissions=[WORLD],
    )


def _rule(estate: Estate) -> tuple[str, dict[str, Any]]:
    """The group of a declared rule, and the rule as it is declared."""
    one = estate.one("SecurityGroupIngressRule", "payments-app-from-public-8443")
    ports = {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443}
    source = {"ReferencedGroupId": one.inputs["referencedSecurityGroupId"]}
    return one.inputs["securityGroupId"], {
        "SecurityGroupRuleId": one.id,
        "SecurityGroupRule": {**ports, **source},
    }


def _widens_a_rule(estate: Estate) -> None:
    group, rule = _rule(estate)
    ports = {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "CidrIpv4": "0.0.0.0/0"}
    estate.call(
        "ec2",
        "modify_security_group_rules",
        GroupId=group,
        SecurityGroupRules=[{**rule, "SecurityGroupRule": ports}],
    )


def _makes_a_rule(estate: Estate) -> None:
    """The remediation has revoked the rule, so Pulumi makes another, which has an id of its own."""
    group, rule = _rule(estate)
    told = dict(rule["SecurityGroupRule"])
    pairs = [{"GroupId": told.pop("ReferencedGroupId")}]
    given = {"GroupId": group, "IpPermissions": [{**told, "UserIdGroupPairs": pairs}]}
    made = estate.restore("ec2", "authorize_security_group_ingress", **given)
    urn = estate.urn("SecurityGroupIngressRule", "payments-app-from-public-8443")
    estate.renew(urn, made["SecurityGroupRules"][0]["SecurityGroupRuleId"])


def _block(name: str, flags: Mapping[str, bool]) -> Do:
    return lambda estate: estate.call(
        "s3",
        "put_public_access_block",
        Bucket=estate.one("BucketPublicAccessBlock", name).inputs["bucket"],
        PublicAccessBlockConfiguration=dict(flags),
    )


def _unblocks(name: str) -> Do:
    return lambda estate: estate.call(
        "s3",
        "delete_public_access_block",
        Bucket=estate.one("BucketPublicAccessBlock", name).inputs["bucket"],
    )


def _account(estate: Estate) -> str:
    return estate.one("AccountPublicAccessBlock", "baseline-buckets").id


def _with(policy: str, *statements: Mapping[str, Any]) -> str:
    document = json.loads(policy)
    return json.dumps({**document, "Statement": [*document["Statement"], *statements]})


def _bucket_policy(name: str) -> tuple[Do, Do]:
    def opens(estate: Estate) -> None:
        one = estate.one("BucketPolicy", name)
        objects = f"arn:aws:s3:::{one.inputs['bucket']}/*"
        more = {**ANYONE, "Action": "s3:GetObject", "Resource": objects}
        policy = _with(one.inputs["policy"], more)
        estate.call("s3", "put_bucket_policy", Bucket=one.inputs["bucket"], Policy=policy)

    def closes(estate: Estate) -> None:
        one = estate.one("BucketPolicy", name)
        given = {"Bucket": one.inputs["bucket"], "Policy": one.inputs["policy"]}
        estate.restore("s3", "put_bucket_policy", **given)

    return opens, closes


def _drops_a_bucket_policy(estate: Estate) -> None:
    bucket = estate.one("BucketPolicy", "audit-results-policy").inputs["bucket"]
    estate.call("s3", "delete_bucket_policy", Bucket=bucket)


def _key(name: str, operation: str, **more: Any) -> Do:
    return lambda estate: estate.call("kms", operation, KeyId=estate.one("Key", name).id, **more)


def _key_policy(name: str, *statements: Mapping[str, Any]) -> Do:
    def puts(estate: Estate) -> None:
        one = estate.one("Key", name)
        policy = _with(one.inputs["policy"], *statements)
        given = {"KeyId": one.id, "PolicyName": "default", "Policy": policy}
        (estate.call if statements else estate.restore)("kms", "put_key_policy", **given)

    return puts


def _trust(name: str, *statements: Mapping[str, Any]) -> Do:
    def puts(estate: Estate) -> None:
        one = estate.one("Role", name)
        policy = _with(one.inputs["assumeRolePolicy"], *statements)
        given = {"RoleName": one.outputs["name"], "PolicyDocument": policy}
        (estate.call if statements else estate.restore)("iam", "update_assume_role_policy", **given)

    return puts


def _role(name: str, operation: str, **more: Any) -> Do:
    return lambda estate: estate.call(
        "iam", operation, RoleName=estate.one("Role", name).outputs["name"], **more
    )


def _attachment(operation: str) -> Do:
    def calls(estate: Estate) -> None:
        one = estate.one("RolePolicyAttachment", "ledger-monitoring")
        given = {"RoleName": one.inputs["role"], "PolicyArn": one.inputs["policyArn"]}
        (estate.call if operation.startswith("detach") else estate.restore)(
            "iam", operation, **given
        )

    return calls


_EVERYTHING = {
    "PolicyName": "all",
    "PolicyDocument": json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        }
    ),
}

DOORS: dict[str, Tampering] = {
    "a group gets a rule": Tampering(
        _opens_a_group,
        "SecurityGroup",
        "payments-data",
        "ingress",
        breaks("ec2-sg-no-world-admin-ports"),
        "AuthorizeSecurityGroupIngress",
        "close-security-group",
    ),
    "a declared rule lets everyone in": Tampering(
        _widens_a_rule,
        "SecurityGroupIngressRule",
        "payments-app-from-public-8443",
        "cidrIpv4",
        breaks("ec2-sg-world-ingress-approved-ports"),
        "ModifySecurityGroupRules",
        "close-security-group",
        _makes_a_rule,
    ),
    "a bucket loses its block": Tampering(
        _unblocks("statements-public-access"),
        "BucketPublicAccessBlock",
        "statements-public-access",
        "",
        breaks("s3-public-access-blocked"),
        "DeleteBucketPublicAccessBlock",
        "block-bucket",
    ),
    "a bucket lets public policies through": Tampering(
        _block("logs-public-access", {**CLOSED, "BlockPublicPolicy": False}),
        "BucketPublicAccessBlock",
        "logs-public-access",
        "blockPublicPolicy",
        breaks("s3-public-access-block-complete"),
        "PutBucketPublicAccessBlock",
        "block-bucket",
    ),
    "the account loses its block": Tampering(
        lambda estate: estate.call(
            "s3control", "delete_public_access_block", AccountId=_account(estate)
        ),
        "AccountPublicAccessBlock",
        "baseline-buckets",
        "",
        breaks("s3-account-public-access-blocked"),
        "DeleteAccountPublicAccessBlock",
        undoes=lambda estate: estate.restore(
            "s3control",
            "put_public_access_block",
            AccountId=_account(estate),
            PublicAccessBlockConfiguration=CLOSED,
        ),
    ),
    "a bucket lets everyone read": Tampering(
        _bucket_policy("payment-records-policy")[0],
        "BucketPolicy",
        "payment-records-policy",
        "policy",
        breaks("s3-policy-not-public"),
        "PutBucketPolicy",
        undoes=_bucket_policy("payment-records-policy")[1],
    ),
    "a bucket loses its policy": Tampering(
        _drops_a_bucket_policy,
        "BucketPolicy",
        "audit-results-policy",
        "",
        breaks("s3-policy-tls-only"),
        "DeleteBucketPolicy",
        undoes=_bucket_policy("audit-results-policy")[1],
    ),
    "everyone may use a key": Tampering(
        _key_policy("edge", {**ANYONE, "Action": "kms:Decrypt", "Resource": "*"}),
        "Key",
        "edge",
        "policy",
        breaks("kms-policy-not-public"),
        "PutKeyPolicy",
        undoes=_key_policy("edge"),
    ),
    "a key is disabled": Tampering(
        _key("ledger", "disable_key"),
        "Key",
        "ledger",
        "isEnabled",
        breaks("kms-key-enabled"),
        "DisableKey",
        "keep-key",
    ),
    "a key waits for its deletion": Tampering(
        _key("records", "schedule_key_deletion", PendingWindowInDays=7),
        "Key",
        "records",
        "isEnabled",
        breaks("kms-key-enabled"),
        "ScheduleKeyDeletion",
        "keep-key",
    ),
    "a key does not rotate": Tampering(
        _key("healing-key", "disable_key_rotation"),
        "Key",
        "healing-key",
        "enableKeyRotation",
        breaks("kms-rotation-enabled"),
        "DisableKeyRotation",
        undoes=_key("healing-key", "enable_key_rotation", RotationPeriodInDays=365),
    ),
    "everyone may take a role on": Tampering(
        _trust("payments-api-task", {**ANYONE, "Action": "sts:AssumeRole"}),
        "Role",
        "payments-api-task",
        "assumeRolePolicy",
        breaks("iam-role-trust-not-public"),
        "UpdateAssumeRolePolicy",
        undoes=_trust("payments-api-task"),
    ),
    "another account may take a role on": Tampering(
        _trust("clearing-age", {**ANYONE, "Principal": STRANGER, "Action": "sts:AssumeRole"}),
        "Role",
        "clearing-age",
        "assumeRolePolicy",
        breaks(),
        "UpdateAssumeRolePolicy",
        undoes=_trust("clearing-age"),
        judged="relevant",
    ),
    "a role may do everything": Tampering(
        _role("healing-judge", "put_role_policy", **_EVERYTHING),
        "Role",
        "healing-judge",
        "inlinePolicies",
        breaks("iam-policy-no-admin-star"),
        "PutRolePolicy",
        "person",
        _role("healing-judge", "delete_role_policy", PolicyName="all"),
    ),
    "a role loses a policy": Tampering(
        _attachment("detach_role_policy"),
        "RolePolicyAttachment",
        "ledger-monitoring",
        "",
        breaks(),
        "DetachRolePolicy",
        undoes=_attachment("attach_role_policy"),
        judged="relevant",
    ),
}
