"""What somebody does to an account by hand, and what tripwires and the controls make of it.

moto plays AWS. How long AWS takes until every answer shows a change is not shown here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS
from fintech_infra.operations.drift import Standard, decide, pictures
from fintech_infra.operations.moments import written
from fintech_infra.operations.tripwires import TRIPWIRES, live
from tests.operations.drift.refreshed import NOW
from tests.operations.tripwires.deployed import (
    ATTACHMENT,
    CLOSED,
    KEY,
    OWNED,
    PUTS,
    READS,
    ROLE,
    TLS_ONLY,
    TRUST,
    Site,
    built,
    policy,
)
from tests.operations.tripwires.looking import ACCOUNT, captured, controls, looked, outcome

Do = Callable[[Site], Any]
WORLD_SSH = {
    "IpProtocol": "tcp",
    "FromPort": 22,
    "ToPort": 22,
    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "for now"}],
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with built() as found:
        yield found


def test_what_nobody_touched_has_not_drifted(site: Site) -> None:
    assert outcome(looked(site.state, site.access, TRIPWIRES)) == []


def _opens(group: str) -> tuple[Do, Do]:
    def call(verb: str) -> Do:
        return lambda site: getattr(site.client("ec2"), f"{verb}_security_group_ingress")(
            GroupId=site.ids[group], IpPermissions=[WORLD_SSH]
        )

    return call("authorize"), call("revoke")


def _rule(range_: str) -> Do:
    def modify(site: Site) -> None:
        ports = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
        site.client("ec2").modify_security_group_rules(
            GroupId=site.ids["web"],
            SecurityGroupRules=[
                {
                    "SecurityGroupRuleId": site.ids["rule"],
                    "SecurityGroupRule": {**ports, "CidrIpv4": range_},
                }
            ],
        )

    return modify


def _block(*, closed: bool) -> Do:
    return lambda site: site.client("s3").put_public_access_block(
        Bucket="shop-orders",
        PublicAccessBlockConfiguration={**CLOSED, "BlockPublicPolicy": closed},
    )


def _account_block(*, closed: bool) -> Do:
    return lambda site: site.client("s3control").put_public_access_block(
        AccountId=ACCOUNT,
        PublicAccessBlockConfiguration={**CLOSED, "RestrictPublicBuckets": closed},
    )


def _bucket_policy(bucket: str, *statements: dict[str, Any]) -> Do:
    return lambda site: site.client("s3").put_bucket_policy(
        Bucket=bucket, Policy=policy(*statements)
    )


def _key_policy(*statements: dict[str, Any]) -> Do:
    return lambda site: site.client("kms").put_key_policy(
        KeyId=site.ids["key"], PolicyName="default", Policy=policy(*statements)
    )


def _key(operation: str, **more: Any) -> Do:
    return lambda site: getattr(site.client("kms"), operation)(KeyId=site.ids["key"], **more)


def _trust(*statements: dict[str, Any]) -> Do:
    return lambda site: site.client("iam").update_assume_role_policy(
        RoleName="api", PolicyDocument=policy(*statements)
    )


def _role(operation: str, **more: Any) -> Do:
    return lambda site: getattr(site.client("iam"), operation)(RoleName="api", **more)


def _gets_a_policy(name: str, document: str) -> tuple[Do, Do]:
    return (
        _role("put_role_policy", PolicyName=name, PolicyDocument=document),
        _role("delete_role_policy", PolicyName=name),
    )


ANYONE = {"AWS": "*"}
STRANGER = {"AWS": "arn:aws:iam::999999999999:root"}
PUBLIC = {**READS, "Principal": "*"}
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
TLS = _bucket_policy("shop-orders", TLS_ONLY)
ADMIN_PORTS = {"ec2-sg-no-world-admin-ports", "ec2-sg-world-ingress-approved-ports"}

TAMPERED: dict[str, tuple[Do, Do, str, str, set[str]]] = {
    "a key is off": (
        _key("disable_key"),
        _key("enable_key"),
        "orders",
        "isEnabled",
        {"kms-key-enabled"},
    ),
    "a key waits for its deletion": (
        _key("schedule_key_deletion", PendingWindowInDays=7),
        lambda site: (_key("cancel_key_deletion")(site), _key("enable_key")(site)),
        "orders",
        "isEnabled",
        {"kms-key-enabled"},
    ),
    "a group gets a rule": (*_opens("web"), "web", "ingress", ADMIN_PORTS),
    "a group with rules of its own gets one": (*_opens("cache"), "cache", "ingress", ADMIN_PORTS),
    "a bucket is opened": (
        _block(closed=False),
        _block(closed=True),
        "orders",
        "blockPublicPolicy",
        {"s3-public-access-block-complete"},
    ),
    "an account is opened": (
        _account_block(closed=False),
        _account_block(closed=True),
        "all",
        "restrictPublicBuckets",
        {"s3-account-public-access-blocked"},
    ),
    "a bucket has no block": (
        lambda site: site.client("s3").delete_public_access_block(Bucket="shop-orders"),
        _block(closed=True),
        "orders",
        "",
        {"s3-public-access-blocked"},
    ),
    "a bucket's policy lets anyone in": (
        _bucket_policy("shop-orders", TLS_ONLY, PUBLIC),
        TLS,
        "orders",
        "policy",
        {"s3-policy-not-public"},
    ),
    "a bucket's policy is gone": (
        lambda site: site.client("s3").delete_bucket_policy(Bucket="shop-orders"),
        TLS,
        "orders",
        "",
        {"s3-policy-tls-only"},
    ),
    "a bucket gets a policy": (
        _bucket_policy("shop-logs", PUBLIC),
        lambda site: site.client("s3").delete_bucket_policy(Bucket="shop-logs"),
        "logs",
        "policy",
        {"s3-policy-not-public"},
    ),
    "a key is everybody's": (
        _key_policy(OWNED, {**OWNED, "Principal": ANYONE}),
        _key_policy(OWNED),
        "orders",
        "policy",
        {"kms-policy-not-public", "kms-policy-duties-separated"},
    ),
    "a key does not rotate": (
        _key("disable_key_rotation"),
        _key("enable_key_rotation"),
        "orders",
        "enableKeyRotation",
        {"kms-rotation-enabled"},
    ),
    "anyone may take a role on": (
        _trust(TRUST, {**TRUST, "Principal": ANYONE}),
        _trust(TRUST),
        "api",
        "assumeRolePolicy",
        {"iam-role-trust-not-public"},
    ),
    "a role gets a policy": (
        *_gets_a_policy("more", policy(ALL)),
        "api",
        "inlinePolicies",
        {"iam-policy-no-admin-star", "iam-policy-kms-decrypt-scoped"},
    ),
    "a policy of a role is widened": (
        _role("put_role_policy", PolicyName="puts", PolicyDocument=policy(ALL)),
        _role("put_role_policy", PolicyName="puts", PolicyDocument=policy(PUTS)),
        "api-puts",
        "policy",
        {"iam-policy-no-admin-star", "iam-policy-kms-decrypt-scoped", "iam-policy-stop-scoped"},
    ),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_tampering_is_dangerous_until_it_is_undone(site: Site, case: str) -> None:
    do, undo, name, path, broken = TAMPERED[case]
    do(site)
    report = looked(site.state, site.access, TRIPWIRES)
    undo(site)
    assert (outcome(report)[0], controls(report)) == ((name, path, "dangerous"), broken)
    assert report.exit_code == 1
    assert outcome(looked(site.state, site.access, TRIPWIRES)) == []


MOVED: dict[str, tuple[Do, Do, str, str, str]] = {
    "a rule names another range": (
        _rule("10.9.0.0/16"),
        _rule("10.1.0.0/16"),
        "web-https",
        "cidrIpv4",
        "relevant",
    ),
    "a role trusts another account": (
        _trust(TRUST, {**TRUST, "Principal": STRANGER}),
        _trust(TRUST),
        "api",
        "assumeRolePolicy",
        "relevant",
    ),
    "another account may use a key": (
        _key_policy(OWNED, {**OWNED, "Principal": STRANGER}),
        _key_policy(OWNED),
        "orders",
        "policy",
        "relevant",
    ),
    "a role has lost a policy": (
        lambda site: site.client("iam").detach_role_policy(
            RoleName="api", PolicyArn=site.ids["reads"]
        ),
        lambda site: site.client("iam").attach_role_policy(
            RoleName="api", PolicyArn=site.ids["reads"]
        ),
        "api-reads",
        "",
        "relevant",
    ),
}


@pytest.mark.parametrize("case", MOVED)
def test_what_no_control_forbids_shows_as_well(site: Site, case: str) -> None:
    do, undo, name, path, judged = MOVED[case]
    do(site)
    report = looked(site.state, site.access, TRIPWIRES)
    undo(site)
    assert outcome(report) == [(name, path, judged)]
    assert outcome(looked(site.state, site.access, TRIPWIRES)) == []


def test_a_note_says_when_a_key_is_deleted(site: Site) -> None:
    ends = site.client("kms").schedule_key_deletion(KeyId=site.ids["key"])["DeletionDate"]
    notes = looked(site.of(KEY), site.access, TRIPWIRES).notes
    TAMPERED["a key waits for its deletion"][1](site)
    assert f"The key orders is deleted at {written(ends)}, unless somebody keeps it." in notes


def test_a_role_that_is_to_have_no_policy_of_its_own_has_none(site: Site) -> None:
    (role,) = site.of(ROLE).environment.resources
    none = {"inlinePolicies": [{"name": "", "policy": ""}]}
    own = replace(role, inputs={**role.inputs, **none}, outputs={**role.outputs, **none})
    before = captured(own, *site.of(ATTACHMENT).environment.resources)
    added = looked(before, site.access, TRIPWIRES)
    _role("delete_role_policy", PolicyName="puts")(site)
    bare = looked(before, site.access, TRIPWIRES)
    _role("put_role_policy", PolicyName="puts", PolicyDocument=policy(PUTS))(site)
    assert outcome(added) == [("api", "inlinePolicies", "relevant")]
    assert outcome(bare) == []


def test_a_stranger_at_a_key_is_dangerous_where_the_own_accounts_are_known(site: Site) -> None:
    do, undo, *_ = MOVED["another account may use a key"]
    do(site)
    told = live(site.of(KEY), site.access)
    undo(site)
    trusted = {"kms-policy-not-public": {"trusted_accounts": (ACCOUNT,)}}
    report = decide(pictures(told.before, told.after), Standard(CONTROLS, trusted), NOW)
    assert outcome(report) == [("orders", "policy", "dangerous")]
