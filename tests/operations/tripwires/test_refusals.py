"""What AWS does not tell is undecided, whichever calls fail and however they fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fintech_infra.operations.aws import UnreadError
from fintech_infra.operations.drift import Drift, Judgement
from fintech_infra.operations.tripwires import TRIPWIRES
from fintech_infra.operations.tripwires.model import why
from tests.operations.tripwires.deployed import (
    ACCOUNT_BLOCK,
    ATTACHMENT,
    BLOCK,
    BUCKET,
    BUCKET_POLICY,
    CLOSED,
    GROUP,
    INGRESS,
    INLINE,
    KEY,
    POLICY,
    ROLE,
    RULE,
    Site,
    built,
)
from tests.operations.tripwires.looking import captured, looked, outcome, refusing

GROUPS = ("ec2:describe_security_groups", "ec2:describe_security_group_rules")
ROLES = ("iam:get_account_authorization_details",)
METADATA = "kms:describe_key"
NEEDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    (GROUP, "ingress"): GROUPS,
    (GROUP, "egress"): GROUPS,
    (RULE, "cidrBlocks"): GROUPS,
    (INGRESS, "cidrIpv4"): GROUPS,
    (BUCKET, "policy"): ("s3:get_bucket_policy",),
    (BUCKET_POLICY, "policy"): ("s3:get_bucket_policy",),
    (BLOCK, "blockPublicPolicy"): ("s3:get_public_access_block",),
    (ACCOUNT_BLOCK, "restrictPublicBuckets"): ("s3control:get_public_access_block",),
    (KEY, "isEnabled"): (METADATA,),
    (KEY, "enableKeyRotation"): (METADATA, "kms:get_key_rotation_status"),
    (KEY, "policy"): (METADATA, "kms:get_key_policy"),
    (ROLE, "assumeRolePolicy"): ROLES,
    (ROLE, "managedPolicyArns"): ROLES,
    (ROLE, "inlinePolicies"): ROLES,
    (ROLE, "permissionsBoundary"): ROLES,
    (INLINE, "policy"): ROLES,
    (ATTACHMENT, "policyArn"): ROLES,
    (POLICY, "policy"): ROLES,
}
"""By type and property: the calls without which nobody can tell it."""
CALLS = sorted({call for calls in NEEDS.values() for call in calls})


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with built() as found:
        yield found


def undecided(report: Drift) -> set[tuple[str, str]]:
    return {(it.type, it.path) for it in report.items if it.judgement is Judgement.UNDECIDED}


def hidden(failing: set[str]) -> set[tuple[str, str]]:
    return {key for key, calls in NEEDS.items() if failing & set(calls)}


@pytest.mark.parametrize("call", CALLS)
def test_a_refused_call_hides_what_it_would_tell_and_nothing_else(site: Site, call: str) -> None:
    report = looked(site.state, refusing(site.access, lambda it: it == call), TRIPWIRES)
    assert undecided(report) >= hidden({call})
    assert {judged for _, _, judged in outcome(report)} == {"undecided"}
    assert {(it.type, it.path) for it in report.items} & NEEDS.keys() == hidden({call})
    notes = [note for note in report.notes if note.startswith("Not told: ")]
    assert len(notes) == 1
    assert call in notes[0]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(failing=st.sets(st.sampled_from(CALLS)), told=st.integers(0, 1))
def test_whatever_fails_nothing_asked_is_less_than_undecided(
    site: Site, failing: set[str], told: int
) -> None:
    report = looked(site.state, refusing(site.access, failing.__contains__, told), TRIPWIRES)
    assert undecided(report) >= hidden(failing)
    assert report.exit_code == (2 if failing else 0)


def test_who_asks_is_asked_first(site: Site) -> None:
    refused = refusing(site.access, lambda it: it == "sts:get_caller_identity")
    assert undecided(looked(site.state, refused, TRIPWIRES)) >= NEEDS.keys()


def test_a_connection_that_fails_is_no_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ConnectTimeoutError(endpoint_url="https://kms")

    kms = site.client("kms")
    monkeypatch.setattr(kms, "get_key_policy", fail)
    report = looked(site.of(KEY), site.access, TRIPWIRES)
    assert outcome(report) == [("orders", "policy", "undecided")]
    assert "ConnectTimeoutError" in report.items[0].evidence[-1]


def test_an_answer_of_another_form_is_no_answer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.client("s3"), "get_bucket_policy", lambda **_: {})
    report = looked(site.of(BUCKET_POLICY), site.access, TRIPWIRES)
    assert outcome(report) == [("orders", "policy", "undecided")]
    assert "not understood" in report.items[0].evidence[-1]


def test_danger_that_is_seen_shows_though_something_else_is_refused(site: Site) -> None:
    s3 = site.client("s3")
    s3.delete_public_access_block(Bucket="shop-orders")
    refused = refusing(site.access, lambda it: it.startswith("iam:"))
    report = looked(site.state, refused, TRIPWIRES)
    s3.put_public_access_block(Bucket="shop-orders", PublicAccessBlockConfiguration=CLOSED)
    assert outcome(report)[0] == ("orders", "", "dangerous")
    assert undecided(report) >= hidden(set(ROLES))


def test_what_was_not_told_and_not_recorded_either_is_undecided(site: Site) -> None:
    (role,) = site.of(ROLE).environment.resources
    bare = captured(replace(role, outputs={"arn": role.outputs["arn"], "name": "api"}))
    refused = refusing(site.access, lambda it: it.startswith("iam:"))
    assert {path for _, path in undecided(looked(bare, refused, TRIPWIRES))} == {
        "assumeRolePolicy",
        "inlinePolicies",
        "managedPolicyArns",
        "permissionsBoundary",
    }


def test_what_is_encrypted_in_the_state_and_not_told_is_undecided(site: Site) -> None:
    (policy,) = site.of(BUCKET_POLICY).environment.resources
    secret = replace(policy, secrets=("inputs.policy", "outputs.policy"))
    before = captured(secret)
    refused = refusing(site.access, lambda it: it.startswith("s3:"))
    assert undecided(looked(before, refused, TRIPWIRES)) == {(BUCKET_POLICY, "policy")}
    assert undecided(looked(before, site.access, TRIPWIRES)) == {(BUCKET_POLICY, "policy")}


def test_a_refusal_names_the_permission_that_is_missing() -> None:
    refused = UnreadError("s3:GetPublicAccessBlock", "AccessDenied", "no")
    assert why(refused).endswith("; the role needs s3:GetBucketPublicAccessBlock")
