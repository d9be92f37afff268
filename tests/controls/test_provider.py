"""Controls over every resource and its provider, case by case."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from fintech_infra.environment import Options

PROVIDER = "pulumi:providers:aws"
BUCKET = "aws:s3/bucket:Bucket"
LISTENER = "aws:lb/listener:Listener"
INSTANCE = "aws:ec2/instance:Instance"
# Put together here, so that no scanner takes the file for one that leaks.
ACCESS_KEY = "AKIA" + "Q7" * 8
SCRIPT = base64.b64encode(f"export KEY={ACCESS_KEY}".encode()).decode()


def ignoring(*paths: str, type_: str = LISTENER) -> list[Any]:
    return [(type_, "r", {}, {"options": Options(ignore_changes=paths)})]


def provider(**inputs: Any) -> list[Any]:
    return [(PROVIDER, "p", inputs)]


def bucket(*, secrets: tuple[str, ...] = (), **inputs: Any) -> list[Any]:
    return [(BUCKET, "b", inputs, {"secrets": secrets})]


IGNORED: list[tuple[str, list[Any], list[str]]] = [
    ("nothing", ignoring(), []),
    ("harmless", ignoring("tags", 'tags["owner"]', "order"), []),
    ("a policy", ignoring("sslPolicy"), ["violated r"]),
    ("below a property", ignoring("defaultActions[0].type"), ["violated r"]),
    ("everything", ignoring("*"), ["violated r"]),
    ("what no control judges", ignoring("*", type_="random:index/id:Id"), []),
]
SECRETS: list[tuple[str, list[Any], list[str]]] = [
    ("none", bucket(bucket="books", tags={"owner": "ledger"}), []),
    ("in a tag", bucket(tags={"note": ACCESS_KEY}), ["violated b tags.note"]),
    ("in an address", bucket(a=[{"b": "mysql://app:hunter2@db/x"}]), ["violated b a[0].b"]),
    ("marked as secret", bucket(a=ACCESS_KEY, secrets=("inputs.a",)), []),
    ("below one marked", bucket(a=[{"b": ACCESS_KEY}], secrets=("inputs.a",)), []),
    ("not known", bucket(a="?"), []),
    ("in user data", [(INSTANCE, "i", {"userData": f"K={ACCESS_KEY}"})], ["violated i userData"]),
    ("encoded", [(INSTANCE, "i", {"userDataBase64": SCRIPT})], ["violated i userDataBase64"]),
    ("encoded elsewhere", bucket(a=SCRIPT), []),
    ("harmless user data", [(INSTANCE, "i", {"userData": "#!/bin/sh"})], []),
]
SIGN_IN: list[tuple[str, list[Any], list[str]]] = [
    ("a role", provider(assumeRoles=[{"roleArn": "?"}]), []),
    (
        "a key",
        provider(accessKey="?", secretKey="?"),
        ["violated p accessKey", "violated p secretKey"],
    ),
]
ACCOUNTS: list[tuple[str, list[Any], list[str]]] = [
    ("the account", provider(allowedAccountIds=["111122223333"]), []),
    ("any account", provider(), ["violated p allowedAccountIds"]),
    (
        "another account",
        provider(allowedAccountIds=["444455556666"]),
        ["violated p allowedAccountIds[0]"],
    ),
    ("not known", provider(allowedAccountIds="?"), ["undecided p allowedAccountIds"]),
]
REGIONS: list[tuple[str, list[Any], list[str]]] = [
    ("the region", provider(region="eu-west-1"), []),
    ("another region", provider(region="us-east-1"), ["violated p region"]),
    ("that of the machine", provider(), []),
    ("a bucket elsewhere", bucket(region="us-east-1"), ["violated b region"]),
    ("not known", bucket(region="?"), ["undecided b region"]),
    ("of another cloud", [("azure:x/y:Z", "z", {"region": "mars"})], []),
]
Row = tuple[str, list[Any], list[str]]


def held(
    control: str, cases: list[Row], **parameters: Any
) -> list[tuple[str, str, list[Any], dict[str, Any], list[str]]]:
    """The cases of one control, held to these parameters."""
    return [(control, case, given, parameters, expected) for case, given, expected in cases]


CASES = [
    *held("pulumi-ignore-changes-not-on-security", IGNORED),
    *held("pulumi-no-hardcoded-secrets", SECRETS),
    *held("pulumi-provider-credentials-federated", SIGN_IN),
    *held("pulumi-provider-credentials-federated", ACCOUNTS, accounts=("111122223333",)),
    *held("pulumi-region-allowed", REGIONS, regions=("eu-west-1",)),
    *held("pulumi-region-allowed", [("no region is named", provider(region="us-east-1"), [])]),
]


@pytest.mark.parametrize(
    ("control", "resources", "parameters", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_a_resource_or_its_provider_is_judged(
    control: str,
    resources: list[Any],
    parameters: dict[str, Any],
    expected: list[str],
    judged: Any,
) -> None:
    assert judged(control, resources, **parameters) == sorted(expected)
