"""Controls over instances, images and snapshots, case by case."""

from __future__ import annotations

from typing import Any

import pytest

INSTANCE = "aws:ec2/instance:Instance"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
DEFAULTS = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
AMI = "aws:ec2/amiLaunchPermission:AmiLaunchPermission"
AMI_BLOCK = "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess"
SNAPSHOT = "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission"
SNAPSHOT_BLOCK = "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess"
TOKENS = "metadataOptions.httpTokens"
OWN, STRANGER = "111122223333", "444455556666"


def instance(type_: str = INSTANCE, **options: Any) -> Any:
    return (type_, "i", {"metadataOptions": options} if options else {})


def defaults(**inputs: Any) -> Any:
    return (DEFAULTS, "d", inputs)


REQUIRED = defaults(httpTokens="required")
FROM_TEMPLATE = (INSTANCE, "i", {"launchTemplate": {"id": "t-id"}})

METADATA: list[tuple[str, list[Any], list[str]]] = [
    ("required", [instance(httpTokens="required")], []),
    ("required of a template", [instance(TEMPLATE, httpTokens="required")], []),
    ("optional", [instance(httpTokens="optional")], [f"violated i {TOKENS}"]),
    ("not said", [instance()], [f"violated i {TOKENS}"]),
    ("not said of a configuration", [instance(CONFIGURATION)], [f"violated i {TOKENS}"]),
    ("no metadata", [instance(httpEndpoint="disabled")], []),
    (
        "far away",
        [instance(httpTokens="required", httpPutResponseHopLimit=3)],
        ["violated i metadataOptions.httpPutResponseHopLimit"],
    ),
    ("near", [instance(httpTokens="required", httpPutResponseHopLimit=2)], []),
    ("left to defaults", [instance(), REQUIRED], []),
    ("against the defaults", [instance(httpTokens="optional"), REQUIRED], [f"violated i {TOKENS}"]),
    ("left to a template", [FROM_TEMPLATE, (TEMPLATE, "t", {"metadataOptions": {
        "httpTokens": "required"}})], []),
    ("left to a template elsewhere", [FROM_TEMPLATE], ["undecided i launchTemplate"]),
    ("defaults of nothing", [defaults()], ["violated d httpTokens"]),
    (
        "defaults that let it travel",
        [defaults(httpTokens="required", httpPutResponseHopLimit=3)],
        ["violated d httpPutResponseHopLimit"],
    ),
    ("defaults without preference", [defaults(httpTokens="no-preference")],
     ["violated d httpTokens"]),
    ("not known", [instance(httpTokens="?")], [f"undecided i {TOKENS}"]),
]  # fmt: skip

IMAGES: list[tuple[str, list[Any], list[str]]] = [
    ("an account", [(AMI, "a", {"accountId": STRANGER})], []),
    ("everyone", [(AMI, "a", {"group": "all"})], ["violated a group"]),
    ("blocked", [(AMI_BLOCK, "b", {"state": "block-new-sharing"})], []),
    ("not blocked", [(AMI_BLOCK, "b", {"state": "unblocked"})], ["violated b state"]),
    ("not known", [(AMI_BLOCK, "b", {"state": "?"})], ["undecided b state"]),
]

SNAPSHOTS: list[tuple[str, list[Any], list[str]]] = [
    ("an account", [(SNAPSHOT, "s", {"accountId": STRANGER})], []),
    ("everyone", [(SNAPSHOT, "s", {"accountId": "all"})], ["violated s accountId"]),
    ("all blocked", [(SNAPSHOT_BLOCK, "b", {"state": "block-all-sharing"})], []),
    ("new ones blocked", [(SNAPSHOT_BLOCK, "b", {"state": "block-new-sharing"})], []),
    ("not blocked", [(SNAPSHOT_BLOCK, "b", {"state": "unblocked"})], ["violated b state"]),
    ("not known", [(SNAPSHOT, "s", {"accountId": "?"})], ["undecided s accountId"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("ec2-imdsv2-required", *case) for case in METADATA),
    *(("ec2-ami-not-public", *case) for case in IMAGES),
    *(("ebs-snapshot-not-shared", *case) for case in SNAPSHOTS),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_an_instance_or_its_copy_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


@pytest.mark.parametrize(
    ("control", "type_"), [("ec2-ami-not-public", AMI), ("ebs-snapshot-not-shared", SNAPSHOT)]
)
def test_where_accounts_are_named_others_are_strangers(
    control: str, type_: str, judged: Any
) -> None:
    own = (type_, "own", {"accountId": OWN})
    other = (type_, "other", {"accountId": STRANGER})

    assert judged(control, [own, other], trusted_accounts=(OWN,)) == ["violated other accountId"]
