"""Real tampering in a simulated account, and what becomes of it.

What these tests do not prove: that AWS delivers the events, and that the roles suffice; which
permission each call needs is proved with the component.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fintech_infra.functions.remediation.decide import Risk
from fintech_infra.functions.remediation.handler import NotActingError, NotConvergedError
from fintech_infra.functions.remediation.model import UnknownEventError
from fintech_infra.functions.remediation.settings import Duty

Call = Callable[..., dict[str, Any]]
EVERYTHING_OFF = {
    "BlockPublicAcls": False,
    "BlockPublicPolicy": False,
    "IgnorePublicAcls": False,
    "RestrictPublicBuckets": False,
}
URN = "urn:pulumi:prod::platform::fintech_infra:index:AuditTrail$aws:cloudtrail/trail:Trail::audit"


@pytest.fixture
def opened(account: Any, call: Call) -> dict[str, Any]:
    """A declared bucket whose public access block somebody switched off, and the event of it."""
    s3 = account.clients("s3")
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_public_access_block(Bucket="data", PublicAccessBlockConfiguration=EVERYTHING_OFF)
    account.declare("block-bucket", {"data": {"urn": "urn:pulumi:prod::p::t::data"}})
    return call("PutBucketPublicAccessBlock", {"bucketName": "data"})


def block_of(account: Any, bucket: str = "data") -> dict[str, bool]:
    found = account.clients("s3").get_public_access_block(Bucket=bucket)
    return found["PublicAccessBlockConfiguration"]


def world(account: Any, group: str) -> list[tuple[str, int, int, str]]:
    found = account.clients("ec2").describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )["SecurityGroupRules"]
    return sorted(
        (item["IpProtocol"], item["FromPort"], item["ToPort"], item.get("CidrIpv4", "::/0"))
        for item in found
        if not item["IsEgress"]
    )


def test_a_stopped_trail_logs_again(account: Any, call: Call) -> None:
    account.clients("s3").create_bucket(
        Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    trail = account.clients("cloudtrail")
    arn = trail.create_trail(Name="audit", S3BucketName="trail-logs")["TrailARN"]
    trail.start_logging(Name="audit")
    account.declare("restart-trail", {arn: {"urn": URN}})

    trail.stop_logging(Name="audit")
    answer = account.heal("restart-trail", call("StopLogging", {"name": arn}))

    assert trail.get_trail_status(Name="audit")["IsLogging"] is True
    assert answer["verdict"] == "act"
    assert answer["headline"] == "Self-healing: done: restart-trail"
    entries = account.ledger()
    assert sorted(entries) == ["intent", "judged", "outcome", "reserved"]
    assert entries["outcome"]["before"] == {"exists": True, "logging": False}
    assert entries["outcome"]["after"] == {"exists": True, "logging": True}
    assert entries["outcome"]["steps"] == ['cloudtrail start_logging {"Name": "audit"}']
    assert entries["outcome"]["happened"]["actor"] == "arn:aws:iam::123456789012:role/mallory"
    assert entries["outcome"]["urn"] == URN


def test_a_changed_trail_is_asked_of_pulumi(account: Any, call: Call) -> None:
    account.clients("s3").create_bucket(
        Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    trail = account.clients("cloudtrail")
    trail.create_trail(Name="audit", S3BucketName="trail-logs")
    trail.start_logging(Name="audit")
    account.declare("restart-trail", {"audit": {"urn": URN}})
    event = call("PutEventSelectors", {"trailName": "audit"})

    answer = account.heal("restart-trail", event)
    assert answer["verdict"] == "reapply"
    assert answer["command"] == (
        f"pulumi up --refresh --stack prod --target '{URN}' --target-dependents"
    )
    assert answer["command"] in answer["message"]

    deploy = "arn:aws:iam::123456789012:role/deploy"
    by_deployment = call("PutEventSelectors", {"trailName": "audit"}, actor=deploy)
    assert account.heal("restart-trail", by_deployment)["verdict"] == "nothing"

    trail.delete_trail(Name="audit")
    gone = account.heal("restart-trail", call("DeleteTrail", {"name": "audit"}, actor=deploy))
    assert gone["verdict"] == "reapply"
    assert gone["message"].startswith("trail audit is gone\n")


def test_rules_open_to_the_internet_are_taken_away_and_the_declared_ones_stay(
    account: Any, call: Call
) -> None:
    ec2 = account.clients("ec2")
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
    account.declare("close-security-group", {group: {"open_ports": [443]}})
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}
            for port, cidr in ((443, "0.0.0.0/0"), (22, "0.0.0.0/0"), (22, "10.0.0.0/8"))
        ]
        + [
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 8443,
                "IpRanges": [{"CidrIp": "128.0.0.0/1"}],
            },
        ],
    )
    answer = account.heal(
        "close-security-group", call("AuthorizeSecurityGroupIngress", {"groupId": group})
    )
    assert answer["verdict"] == "act"
    assert world(account, group) == [
        ("tcp", 22, 22, "10.0.0.0/8"),
        ("tcp", 443, 443, "0.0.0.0/0"),
    ]
    assert [rule["range"] for rule in account.ledger()["outcome"]["before"]["open"]].count(
        "0.0.0.0/0"
    ) == 2
    assert [rule["from"] for rule in account.ledger()["outcome"]["after"]["open"]] == [443]


def test_a_group_that_is_not_declared_is_reported_and_left_alone(account: Any, call: Call) -> None:
    ec2 = account.clients("ec2")
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    event = call(
        "ModifySecurityGroupRules", {"ModifySecurityGroupRulesRequest": {"GroupId": group}}
    )
    answer = account.heal("close-security-group", event)
    assert answer["verdict"] == "tell"
    assert "tcp 22-22 from 0.0.0.0/0" in answer["message"]
    assert world(account, group) == [("tcp", 22, 22, "0.0.0.0/0")]


@pytest.mark.parametrize("name", ["PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock"])
def test_a_public_access_block_comes_back(account: Any, opened: Any, name: str) -> None:
    opened["detail"]["eventName"] = name
    if name.startswith("Delete"):
        account.clients("s3").delete_public_access_block(Bucket="data")
    assert account.heal("block-bucket", opened)["verdict"] == "act"
    assert set(block_of(account).values()) == {True}


def test_a_config_rule_leads_to_the_same_remediation(account: Any, opened: Any) -> None:
    event = {
        **opened,
        "detail-type": "Config Rules Compliance Change",
        "source": "aws.config",
        "detail": {
            "configRuleName": "s3-bucket-level-public-access-prohibited",
            "resourceType": "AWS::S3::Bucket",
            "resourceId": "data",
            "newEvaluationResult": {"complianceType": "NON_COMPLIANT"},
        },
    }
    assert account.heal("block-bucket", event)["verdict"] == "act"
    assert set(block_of(account).values()) == {True}


def test_a_volume_snapshot_is_taken_back_from_everyone_who_is_not_declared(
    account: Any, call: Call
) -> None:
    ec2 = account.clients("ec2")
    volume = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    account.declare("unshare-snapshot", {"*": {"shared_with": ["444455556666"]}})
    ec2.modify_snapshot_attribute(
        SnapshotId=snapshot,
        Attribute="createVolumePermission",
        OperationType="add",
        GroupNames=["all"],
        UserIds=["444455556666", "999999999999"],
    )
    event = call("ModifySnapshotAttribute", {"snapshotId": snapshot})
    assert account.heal("unshare-snapshot", event)["verdict"] == "act"
    left = ec2.describe_snapshot_attribute(Attribute="createVolumePermission", SnapshotId=snapshot)[
        "CreateVolumePermissions"
    ]
    assert left == [{"UserId": "444455556666"}]


def test_a_database_snapshot_is_made_private(account: Any, call: Call) -> None:
    rds = account.clients("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="db", Engine="aurora-postgresql", MasterUsername="root",
        MasterUserPassword="hunter2_",
    )  # fmt: skip
    rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier="s", DBClusterIdentifier="db")
    rds.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="s", AttributeName="restore", ValuesToAdd=["all"]
    )
    account.declare("unshare-snapshot", {"*": {}})
    event = call("ModifyDBClusterSnapshotAttribute", {"dBClusterSnapshotIdentifier": "s"})
    assert account.heal("unshare-snapshot", event)["verdict"] == "act"
    found = rds.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier="s")
    attributes = found["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"]
    assert [item["AttributeValues"] for item in attributes] == [[]]


def test_a_detector_is_switched_on_again_and_a_deleted_one_is_asked_of_pulumi(
    account: Any, call: Call
) -> None:
    guardduty = account.clients("guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    account.declare("enable-detector", {detector: {"urn": URN}})
    guardduty.update_detector(DetectorId=detector, Enable=False)

    event = call("UpdateDetector", {"detectorId": detector, "enable": False})
    assert account.heal("enable-detector", event)["verdict"] == "act"
    assert guardduty.get_detector(DetectorId=detector)["Status"] == "ENABLED"
    assert account.heal("enable-detector", {**event, "id": "e-2"})["verdict"] == "reapply"

    guardduty.delete_detector(DetectorId=detector)
    deleted = call("DeleteDetector", {"detectorId": detector}, event="e-3")
    assert account.heal("enable-detector", deleted)["verdict"] == "reapply"


def test_a_key_is_kept_only_after_an_approval(account: Any, call: Call) -> None:
    kms = account.clients("kms")
    key = kms.create_key()["KeyMetadata"]
    account.declare("keep-key", {key["Arn"]: {"urn": URN}})
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=30)
    event = call("ScheduleKeyDeletion", {"keyId": "alias/x"}, resources=[{"ARN": key["Arn"]}])

    asked = account.heal("keep-key", event)
    assert asked["verdict"] == "ask"
    assert f'kms cancel_key_deletion {{"KeyId": "{key["KeyId"]}"}}' in asked["message"]
    assert "send-task-success" in asked["message"]
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"

    assert account.heal("keep-key", event, by="alice")["verdict"] == "act"
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
    assert account.ledger()["reserved"]["approved_by"] == "alice"


def test_an_instance_goes_into_quarantine_with_all_it_holds(account: Any, finding: Call) -> None:
    ec2 = account.clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    groups = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("app", "quarantine")
    ]
    # Given to the instance as it is: moto adds groups that an instance was launched with for ever.
    interface = ec2.create_network_interface(SubnetId=subnet, Groups=groups[:1])
    card = {
        "DeviceIndex": 0,
        "NetworkInterfaceId": interface["NetworkInterface"]["NetworkInterfaceId"],
    }
    instance = ec2.run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, NetworkInterfaces=[card]
    )["Instances"][0]["InstanceId"]
    event = finding({"instanceDetails": {"instanceId": instance}})

    assert account.heal("quarantine-instance", event)["verdict"] == "tell"
    account.declare(
        "quarantine-instance", {"*": {"security_group_id": groups[1], "vpc_id": "vpc-other"}}
    )
    assert account.heal("quarantine-instance", event)["verdict"] == "tell"

    account.declare("quarantine-instance", {"*": {"security_group_id": groups[1], "vpc_id": vpc}})
    assert account.heal("quarantine-instance", event)["verdict"] == "act"
    found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    assert found["State"]["Name"] == "running"
    (interface,) = ec2.describe_network_interfaces(
        Filters=[{"Name": "attachment.instance-id", "Values": [instance]}]
    )["NetworkInterfaces"]
    assert [group["GroupId"] for group in interface["Groups"]] == groups[1:]
    tags = ec2.describe_tags(
        Filters=[{"Name": "resource-id", "Values": [interface["NetworkInterfaceId"]]}]
    )["Tags"]
    assert [(tag["Key"], tag["Value"]) for tag in tags] == [("quarantined-from", groups[0])]
    again = account.heal("quarantine-instance", {**event, "id": "e-2"})
    assert again["verdict"] == "nothing"


def test_a_task_is_stopped_only_if_its_service_replaces_it_and_somebody_approves(
    account: Any, finding: Call
) -> None:
    ecs, ec2 = account.clients("ecs"), account.clients("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ecs.create_cluster(clusterName="payments")
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}}
    ecs.register_task_definition(
        family="api", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256",
        memory="512", containerDefinitions=[{"name": "api", "image": "api", "memory": 512}],
    )  # fmt: skip
    tasks = [
        ecs.run_task(
            cluster="payments", taskDefinition="api", launchType="FARGATE", group=group,
            networkConfiguration=network,
        )["tasks"][0]["taskArn"]
        for group in ("service:api", "family:api")
    ]  # fmt: skip
    account.declare("stop-task", {"payments": {}})

    lone = finding({"ecsClusterDetails": {"taskDetails": {"arn": tasks[1]}}})
    assert account.heal("stop-task", lone)["verdict"] == "tell"

    event = finding({"ecsClusterDetails": {"taskDetails": {"arn": tasks[0]}}}, event="e-2")
    assert account.heal("stop-task", event)["verdict"] == "ask"
    assert account.heal("stop-task", event, by="alice")["verdict"] == "act"
    found = ecs.describe_tasks(cluster="payments", tasks=tasks)["tasks"]
    assert {item["taskArn"]: item["desiredStatus"] for item in found} == {
        tasks[0]: "STOPPED",
        tasks[1]: "RUNNING",
    }


def test_a_changed_policy_is_asked_of_pulumi_and_never_edited(account: Any, call: Call) -> None:
    account.declare("ask-for-reapply", {"arn:aws:s3:::data": {"urn": URN}})
    answer = account.heal("ask-for-reapply", call("PutBucketPolicy", {"bucketName": "data"}))
    assert (answer["verdict"], answer["urn"]) == ("reapply", URN)
    other = call("PutBucketPolicy", {"bucketName": "other"}, event="e-2")
    assert account.heal("ask-for-reapply", other)["verdict"] == "nothing"
    assert account.ledger("e-2") == {}
    deploy = "arn:aws:iam::123456789012:role/deploy"
    own = call("PutBucketPolicy", {"bucketName": "data"}, event="e-3", actor=deploy)
    assert account.heal("ask-for-reapply", own)["verdict"] == "nothing"


def test_a_dry_run_changes_nothing_and_says_what_it_would(account: Any, opened: Any) -> None:
    account.configure(dry_run=True)
    answer = account.heal("block-bucket", opened)
    assert answer["verdict"] == "rehearse"
    assert "s3 put_public_access_block" in answer["message"]
    assert block_of(account) == EVERYTHING_OFF
    assert account.ledger()["judged"]["verdict"] == "rehearse"


@pytest.mark.parametrize("value", ["off", "ARMED", "armed ", ""])
def test_any_other_value_of_the_kill_switch_stops_everything(
    account: Any, opened: Any, value: str
) -> None:
    account.switch(value or "-")
    answer = account.heal("block-bucket", opened)
    assert answer["verdict"] == "refuse"
    assert f"the kill switch is {value or '-'!r}" in answer["message"]
    assert block_of(account) == EVERYTHING_OFF


def test_a_kill_switch_that_cannot_be_read_stops_everything(account: Any, opened: Any) -> None:
    account.clients("ssm").delete_parameter(Name="kill-switch")
    answer = account.heal("block-bucket", opened)
    assert answer["message"].startswith("bucket data is declared to block all public access")
    assert "not done: the kill switch cannot be read" in answer["message"]
    assert block_of(account) == EVERYTHING_OFF


def test_no_more_is_done_in_an_hour_than_the_budget_allows(account: Any, opened: Any) -> None:
    s3 = account.clients("s3")
    account.configure(per_hour=2)
    verdicts: list[str] = []
    for number in range(3):
        s3.put_public_access_block(Bucket="data", PublicAccessBlockConfiguration=EVERYTHING_OFF)
        event = {**opened, "id": f"e-{number}"}
        verdicts.append(account.heal("block-bucket", event)["verdict"])
    assert verdicts == ["act", "act", "refuse"]
    assert block_of(account) == EVERYTHING_OFF
    refused = account.ledger("e-2")["judged"]
    assert refused["reason"].endswith("not done: the budget of actions per hour is used up")

    account.seconds += 3600
    assert account.heal("block-bucket", {**opened, "id": "e-3"})["verdict"] == "act"


def test_what_is_as_declared_again_is_left_alone_and_costs_nothing(
    account: Any, opened: Any
) -> None:
    assert account.heal("block-bucket", opened)["verdict"] == "act"
    before = account.ledger()
    assert account.heal("block-bucket", opened)["verdict"] == "nothing"
    assert account.ledger() == before
    items = account.clients("dynamodb").scan(TableName="budget")["Items"]
    assert [(item["slot"]["N"], item["event"]["S"]) for item in items] == [("0", "e-1")]


def test_notifying_changes_nothing(account: Any, opened: Any) -> None:
    account.configure(risks={"block-bucket": Risk.NOTIFY})
    assert account.heal("block-bucket", opened)["verdict"] == "tell"
    assert block_of(account) == EVERYTHING_OFF


def test_what_nobody_approved_is_recorded_as_rejected(account: Any, opened: Any) -> None:
    request = {"remediation": "block-bucket", "event": opened, "stage": "reject"}
    answer = account.serve(Duty.JUDGE, request)
    assert answer["verdict"] == "refuse"
    assert account.ledger()["rejected"]["reason"].endswith("or somebody rejected it")
    assert block_of(account) == EVERYTHING_OFF


def test_an_approval_of_something_else_is_no_approval(account: Any, opened: Any) -> None:
    account.configure(risks={"block-bucket": Risk.APPROVE})
    answer = account.serve(
        Duty.JUDGE,
        {
            "remediation": "block-bucket",
            "event": opened,
            "stage": "reserve",
            "approval": {"by": "alice"},
            "digest": "other steps",
        },
    )
    assert answer["verdict"] == "refuse"
    assert "what was approved is not what would have to be done now" in answer["message"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("dry run", "this is a dry run"),
        ("switch", "the kill switch is not 'armed'"),
        ("nothing reserved", "nothing is reserved in the budget for event e-1"),
        ("other steps", "what was judged is not what would have to be done now"),
    ],
)
def test_the_acting_function_refuses_what_was_not_judged(
    account: Any, opened: Any, change: str, reason: str
) -> None:
    request = {"remediation": "block-bucket", "event": opened}
    judged = account.serve(Duty.JUDGE, {**request, "stage": "judge"})
    request |= {"digest": judged["digest"], "stage": "act"}
    if change != "nothing reserved":
        account.serve(Duty.JUDGE, {**request, "stage": "reserve"})
    if change == "dry run":
        account.configure(dry_run=True)
    if change == "switch":
        account.switch("off")
    if change == "other steps":
        request["digest"] = "0" * 64
    with pytest.raises(NotActingError, match=reason):
        account.serve(Duty.ACT, request)
    assert block_of(account) == EVERYTHING_OFF


def test_each_function_has_its_own_duty(account: Any, opened: Any) -> None:
    request = {"remediation": "block-bucket", "event": opened}
    with pytest.raises(ValueError, match="stage is 'act'; accepted are judge, reserve, reject"):
        account.serve(Duty.JUDGE, {**request, "stage": "act"})
    with pytest.raises(ValueError, match="stage is 'reserve'; accepted are act"):
        account.serve(Duty.ACT, {**request, "stage": "reserve"})


def test_without_a_ledger_nothing_is_done(account: Any, opened: Any) -> None:
    account.configure(ledger="nowhere")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        account.heal("block-bucket", opened)
    assert block_of(account) == EVERYTHING_OFF


def test_an_act_without_effect_fails_and_is_recorded_as_failed(
    account: Any, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account.clients("s3"), "put_public_access_block", lambda **_: None)
    with pytest.raises(NotConvergedError, match="data is still not as declared"):
        account.heal("block-bucket", opened)
    assert account.waits == [2.0] * 4
    entries = account.ledger()
    assert sorted(entries) == ["failed", "intent", "judged", "reserved"]
    assert entries["failed"]["error"].startswith("data is still not as declared")


@pytest.mark.parametrize(
    ("remediation", "change", "reason"),
    [
        ("block-bucket", {"detail-type": "Scheduled Event"}, "are not known"),
        ("block-bucket", {"source": "my.app"}, "anyone can have sent it"),
        ("block-bucket", {"account": "999999999999"}, "not 123456789012"),
        ("block-bucket", {"id": "../x"}, "has no id"),
        ("block-bucket", {"detail": {"eventName": "X"}}, "X names no resource"),
        ("block-bucket", {"detail": {"errorCode": "AccessDenied"}}, "failed"),
        ("ask-for-reapply", {}, "PutBucketPublicAccessBlock changes nothing that is known"),
        ("unshare-snapshot", {}, "shares no snapshot"),
        ("quarantine-instance", {}, "is no finding about an instance"),
        ("stop-task", {}, "is no finding about a task"),
        ("make-coffee", {}, "remediation 'make-coffee' is not enabled"),
    ],
)
def test_an_event_that_is_not_known_is_refused(
    account: Any, opened: Any, remediation: str, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UnknownEventError, match=reason):
        account.heal(remediation, opened | change)
    assert block_of(account) == EVERYTHING_OFF
    assert account.ledger() == {}


def test_messages_can_be_sent(account: Any, opened: Any) -> None:
    answer = account.heal("block-bucket", opened)
    assert answer["headline"].isascii()
    assert len(answer["headline"]) <= 100
    assert json.loads(json.dumps(answer)) == answer
