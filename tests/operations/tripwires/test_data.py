"""Databases and disks that somebody tampered with, judged by the controls.

moto plays RDS; it has no sharing of disks' snapshots, so EC2 answers as botocore's model allows.
What a live account answers is not shown here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fintech_infra.environment import Resource
from fintech_infra.operations.aws import Access
from fintech_infra.operations.drift import Captured
from fintech_infra.operations.tripwires.data import TRIPWIRES
from tests.operations.tripwires.looking import (
    ACCOUNT,
    REGION,
    Hollow,
    account,
    captured,
    client,
    controls,
    looked,
    made,
    outcome,
    previewed,
    refusing,
    untold,
)

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
SNAPSHOT = "aws:rds/snapshot:Snapshot"
BLOCK = "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess"

GIVEN: dict[str, Any] = {
    "identifier": "orders",
    "engine": "postgres",
    "engineVersion": "16.3",
    "storageEncrypted": True,
    "publiclyAccessible": False,
    "deletionProtection": True,
    "backupRetentionPeriod": 35,
    "iamDatabaseAuthenticationEnabled": True,
    "autoMinorVersionUpgrade": True,
    "multiAz": True,
    "enabledCloudwatchLogsExports": ["postgresql"],
    "tags": {"data-class": "pii"},
}
CLUSTER_GIVEN: dict[str, Any] = {
    "clusterIdentifier": "ledger",
    "engine": "aurora-postgresql",
    "storageEncrypted": True,
    "deletionProtection": True,
    "backupRetentionPeriod": 35,
    "iamDatabaseAuthenticationEnabled": True,
}


@pytest.fixture
def access() -> Iterator[Access]:
    with account() as found:
        rds = found.client("rds")
        rds.create_db_instance(
            DBInstanceIdentifier="orders",
            DBInstanceClass="db.t4g.medium",
            Engine="postgres",
            MasterUsername="owner",
            ManageMasterUserPassword=True,
            AllocatedStorage=20,
            PubliclyAccessible=False,
            DeletionProtection=True,
            BackupRetentionPeriod=35,
            EnableIAMDatabaseAuthentication=True,
            AutoMinorVersionUpgrade=True,
            MultiAZ=True,
            StorageEncrypted=True,
            EnableCloudwatchLogsExports=["postgresql"],
        )
        rds.create_db_cluster(
            DBClusterIdentifier="ledger",
            Engine="aurora-postgresql",
            MasterUsername="owner",
            MasterUserPassword="example-example",
            DeletionProtection=True,
            BackupRetentionPeriod=35,
            EnableIAMDatabaseAuthentication=True,
            StorageEncrypted=True,
        )
        yield found


def instance(access: Access) -> Resource:
    """The database as a refresh has it; AWS has chosen its security group."""
    (found,) = access.client("rds").describe_db_instances()["DBInstances"]
    groups = [it["VpcSecurityGroupId"] for it in found["VpcSecurityGroups"]]
    return made(INSTANCE, "orders", GIVEN, id="db-ABCDEFGHIJKL", vpcSecurityGroupIds=groups)


def state(access: Access) -> Captured:
    return captured(instance(access), made(CLUSTER, "ledger", CLUSTER_GIVEN))


def test_what_nobody_touched_has_not_drifted(access: Access) -> None:
    assert outcome(looked(state(access), access, TRIPWIRES)) == []


@pytest.mark.parametrize(
    ("change", "path", "control"),
    [
        ({"PubliclyAccessible": True}, "publiclyAccessible", "rds-not-publicly-accessible"),
        ({"DeletionProtection": False}, "deletionProtection", "rds-deletion-protection"),
        ({"BackupRetentionPeriod": 1}, "backupRetentionPeriod", "rds-backup-retention"),
        (
            {"EnableIAMDatabaseAuthentication": False},
            "iamDatabaseAuthenticationEnabled",
            "rds-iam-authentication",
        ),
        ({"MultiAZ": False}, "multiAz", "rds-multi-az"),
    ],
)
def test_a_weakened_database_is_dangerous(
    access: Access, change: dict[str, Any], path: str, control: str
) -> None:
    access.client("rds").modify_db_instance(
        DBInstanceIdentifier="orders", ApplyImmediately=True, **change
    )
    report = looked(state(access), access, TRIPWIRES)
    assert outcome(report) == [("orders", path, "dangerous")]
    assert controls(report) == {control}


def test_a_weakened_cluster_is_dangerous(access: Access) -> None:
    access.client("rds").modify_db_cluster(DBClusterIdentifier="ledger", DeletionProtection=False)
    assert outcome(looked(state(access), access, TRIPWIRES)) == [
        ("ledger", "deletionProtection", "dangerous")
    ]


def share(access: Access, *accounts: str) -> None:
    rds = access.client("rds")
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="for-a-friend")
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="kept")
    rds.modify_db_snapshot_attribute(
        DBSnapshotIdentifier="for-a-friend", AttributeName="restore", ValuesToAdd=list(accounts)
    )


def test_a_public_snapshot_is_dangerous_though_no_program_declares_it(access: Access) -> None:
    share(access, "all")
    report = looked(state(access), access, TRIPWIRES)
    assert outcome(report) == [("for-a-friend", "", "dangerous")]
    assert controls(report) == {"rds-snapshot-not-public"}


def test_a_public_snapshot_of_a_cluster_is_dangerous(access: Access) -> None:
    rds = access.client("rds")
    rds.create_db_cluster_snapshot(
        DBClusterIdentifier="ledger", DBClusterSnapshotIdentifier="for-a-friend"
    )
    rds.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="for-a-friend", AttributeName="restore", ValuesToAdd=["all"]
    )
    assert outcome(looked(state(access), access, TRIPWIRES)) == [("for-a-friend", "", "dangerous")]


def test_a_snapshot_shared_with_one_account_is_there_and_undecided(access: Access) -> None:
    share(access, "444455556666")
    (item,) = looked(state(access), access, TRIPWIRES).items
    assert (item.name, item.judgement.value, item.causes) == ("for-a-friend", "undecided", ())


def test_a_declared_snapshot_is_judged_where_it_is_declared(access: Access) -> None:
    share(access)
    inputs = {"dbInstanceIdentifier": "orders", "dbSnapshotIdentifier": "for-a-friend"}
    before = captured(
        instance(access),
        made(SNAPSHOT, "copy", {**inputs, "tags": {"data-class": "pii"}}),
    )
    assert outcome(looked(before, access, TRIPWIRES)) == []
    access.client("rds").modify_db_snapshot_attribute(
        DBSnapshotIdentifier="for-a-friend", AttributeName="restore", ValuesToAdd=["all"]
    )
    assert outcome(looked(before, access, TRIPWIRES)) == [("copy", "sharedAccounts", "dangerous")]


def test_what_is_gone_is_gone(access: Access) -> None:
    before = state(access)
    rds = access.client("rds")
    rds.modify_db_instance(
        DBInstanceIdentifier="orders", DeletionProtection=False, ApplyImmediately=True
    )
    rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    (item,) = looked(before, access, TRIPWIRES).items
    assert (item.name, item.op, item.judgement.value) == ("orders", "deleted", "relevant")


@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        ("rds:describe_db_instances", {"publiclyAccessible", "deletionProtection", "snapshots"}),
        ("rds:describe_db_snapshots", {"snapshots"}),
        ("rds:describe_db_snapshot_attributes", {"snapshots"}),
    ],
)
def test_what_is_not_told_is_undecided(access: Access, refused: str, expected: set[str]) -> None:
    share(access, "all")
    for told in (0, 1):
        report = looked(state(access), refusing(access, lambda it: it == refused, told), TRIPWIRES)
        items = {it.path: it.judgement.value for it in report.items if it.name == "orders"}
        assert items.keys() >= expected
        assert set(items.values()) == {"undecided"}
        assert report.exit_code in {1, 2}


def test_what_was_found_before_aws_stopped_telling_counts(access: Access) -> None:
    share(access, "all")
    cut = refusing(access, lambda it: it == "rds:describe_db_snapshots", told=1)
    assert outcome(looked(state(access), cut, TRIPWIRES)) == [
        ("for-a-friend", "", "dangerous"),
        ("orders", "snapshots", "undecided"),
    ]


OPERATIONS = [
    f"rds:describe_db_{it}"
    for it in (
        "clusters",
        "cluster_snapshots",
        "cluster_snapshot_attributes",
        "instances",
        "snapshots",
        "snapshot_attributes",
    )
]


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(refused=st.sets(st.sampled_from(OPERATIONS), min_size=1), told=st.integers(0, 1))
def test_whatever_is_refused_is_undecided_and_the_rest_is_not(
    access: Access, refused: set[str], told: int
) -> None:
    found = untold(state(access), refusing(access, lambda it: it in refused, told), TRIPWIRES)
    # There are no snapshots whose attributes would be asked for.
    assert bool(found) is any(not it.endswith("attributes") for it in refused)


def test_answers_with_nothing_in_them_tell_nothing(access: Access) -> None:
    before = state(access)
    looks = {
        (it.name, path)
        for it in before.environment.resources
        for wire in TRIPWIRES
        for path in wire.looks.get(it.type, ())
    }
    assert untold(before, Hollow(access.make, access.region), TRIPWIRES) == looks


def test_in_a_preview_a_database_that_the_program_names_is_found(access: Access) -> None:
    before = previewed(made(INSTANCE, "orders", GIVEN), made(CLUSTER, "ledger", CLUSTER_GIVEN))
    assert outcome(looked(before, access, TRIPWIRES)) == []
    access.client("rds").modify_db_instance(
        DBInstanceIdentifier="orders", PubliclyAccessible=True, ApplyImmediately=True
    )
    assert outcome(looked(before, access, TRIPWIRES)) == [
        ("orders", "publiclyAccessible", "dangerous")
    ]


def ec2(*, state: str = "block-all-sharing", shared: tuple[str, ...] = ()) -> Access:
    """EC2 as it answers: it lists what everyone may restore, and tells of each for whom it is."""
    compute, identity = client("ec2"), client("sts")
    stubber = Stubber(compute)
    stubber.add_response("get_snapshot_block_public_access_state", {"State": state}, {})
    stubber.add_response(
        "describe_snapshots",
        {"Snapshots": [{"SnapshotId": it} for it in shared]},
        {"OwnerIds": ["self"], "RestorableByUserIds": ["all"]},
    )
    for it in shared:
        permissions = [{"Group": "all"}] if it != "snap-2" else []
        answer = {"SnapshotId": it, "CreateVolumePermissions": permissions}
        asked = {"SnapshotId": it, "Attribute": "createVolumePermission"}
        stubber.add_response("describe_snapshot_attribute", answer, asked)
    stubber.activate()
    caller = Stubber(identity)
    caller.add_response("get_caller_identity", {"Account": ACCOUNT}, {})
    caller.activate()
    return Access(lambda service, _region: identity if service == "sts" else compute, REGION)


def test_a_disk_that_everyone_may_have_is_dangerous() -> None:
    before = captured(made(BLOCK, "block", {"state": "block-all-sharing"}))
    assert outcome(looked(before, ec2(), TRIPWIRES)) == []
    report = looked(before, ec2(shared=("snap-1", "snap-2")), TRIPWIRES)
    assert outcome(report) == [("snap-1", "", "dangerous")]
    assert controls(report) == {"ebs-snapshot-not-shared"}


def test_a_block_of_public_snapshots_that_is_off_is_dangerous() -> None:
    before = captured(made(BLOCK, "block", {"state": "block-all-sharing"}))
    assert outcome(looked(before, ec2(state="unblocked"), TRIPWIRES)) == [
        ("block", "state", "dangerous")
    ]
