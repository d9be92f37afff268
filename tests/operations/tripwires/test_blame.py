"""Who did it, from a history that is made by hand after CloudTrail's documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from botocore.loaders import Loader

from fintech_infra.controls import CONTROLS
from fintech_infra.environment import Resource
from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.drift import Drift, Pictures, Standard, decide, pictures
from fintech_infra.operations.tripwires import TRIPWIRES
from fintech_infra.operations.tripwires.blame import blame
from fintech_infra.operations.tripwires.blame_calls import SETTERS
from tests.operations.aws.events import GROUP as GROUP_ID
from tests.operations.aws.events import NOW, ROLE, event
from tests.operations.drift.refreshed import WORLD_SSH, changed, shop, side, tampered, without
from tests.operations.tripwires.looking import ACCOUNT, REGION, made

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DETECTOR = "aws:guardduty/detector:Detector"
ROLE_TYPE = "aws:iam/role:Role"
TABLE = "aws:dynamodb/table:Table"
MONTHS = "2026-08-24T13:05:00.000Z"
OPENED = (
    f"2026-11-22T13:00:00.000Z AuthorizeSecurityGroupIngress by {ROLE}, session ada@example.com, "
    "of ada, from 198.51.100.7, with aws-cli/2.15"
)

Asked = tuple[str, str, str]


@dataclass(frozen=True)
class Told(Access):
    """A CloudTrail that has some events, and notes what it was asked."""

    events: Mapping[str, list[dict[str, Any]]] = field(
        default_factory=dict[str, list[dict[str, Any]]]
    )
    asked: list[Asked] = field(default_factory=list[Asked])
    refuses: str = ""
    endless: bool = False

    def pages(
        self, service: str, operation: str, *, region: str = "", **more: Any
    ) -> Iterator[dict[str, Any]]:
        """Tell what is on record of a name."""
        assert (service, operation) == ("cloudtrail", "lookup_events")
        assert more["StartTime"] == NOW - timedelta(days=90)
        (attribute,) = more["LookupAttributes"]
        name = attribute["AttributeValue"]
        self.asked.append((region, attribute["AttributeKey"], name))
        if self.refuses == region:
            raise UnreadError("cloudtrail:LookupEvents", "AccessDenied", "no")
        while True:
            yield {
                "Events": self.events.get(name, []),
                **({"NextToken": "more"} if self.endless else {}),
            }
            if not self.endless:
                return


def told(events: Mapping[str, list[dict[str, Any]]], **more: Any) -> Told:
    return Told(lambda _service, _region: None, REGION, events=events, **more)


def drifted(before: Any, after: Any) -> tuple[Drift, Pictures]:
    shown = pictures(side(before), side(after))
    return decide(shown, Standard(CONTROLS), NOW), shown


def group() -> Resource:
    return made(GROUP, "web", {"ingress": [], "egress": []}, id=GROUP_ID)


def opened() -> tuple[Drift, Pictures]:
    before = shop(group())
    return drifted(before, tampered(before, "web", ingress=[WORLD_SSH]))


def blamed(found: tuple[Drift, Pictures], access: Access) -> Drift:
    return blame(access, *found, NOW, pause=lambda _seconds: None)


def who(found: tuple[Drift, Pictures], access: Access) -> tuple[str, ...]:
    (item,) = blamed(found, access).items
    return item.who


def test_the_newest_calls_that_set_the_property_are_named() -> None:
    older = [event(minutes=it) for it in (60, 50, 40)]
    others = [event("CreateTags", minutes=1), event(minutes=2, errorCode="Client.Unauthorized")]
    access = told({GROUP_ID: [*older, *others, event(minutes=5)]})

    report = blamed(opened(), access)

    (item,) = report.items
    assert item.who[0] == OPENED
    assert [it[:24] for it in item.who[1:]] == [
        "2026-11-22T12:25:00.000Z",
        "2026-11-22T12:15:00.000Z",
    ]
    assert access.asked == [(REGION, "ResourceName", GROUP_ID)]
    assert "need not be the one" in report.notes[-1]


def test_of_calls_that_set_many_properties_those_count_that_set_this_one() -> None:
    database = {"identifier": "orders", "publiclyAccessible": False}
    before = shop(made("aws:rds/instance:Instance", "orders", database))
    found = drifted(before, tampered(before, "orders", publiclyAccessible=True))
    opening = {"dBInstanceIdentifier": "orders", "publiclyAccessible": True}
    growing = {"dBInstanceIdentifier": "orders", "allocatedStorage": 40}
    events = [
        event("ModifyDBInstance", service="rds", minutes=1, parameters=growing),
        event("ModifyDBInstance", service="rds", minutes=9, parameters=opening),
    ]
    assert [it[:24] for it in who(found, told({"orders": events}))] == ["2026-11-22T12:56:00.000Z"]
    assert len(who(found, told({"orders": events[:1]}))) == 1


def test_what_is_not_on_record_is_nobodys_word_and_not_nobody() -> None:
    access = told({})
    (line,) = who(opened(), access)
    assert line.startswith("no call of AuthorizeSecurityGroupIngress, ModifySecurityGroupRules, ")
    assert line.endswith(f"on it is recorded since {MONTHS}")
    assert {it[1] for it in access.asked} == {"ResourceName", "EventName"}


def test_a_look_up_that_is_cut_short_says_since_when_it_is_whole() -> None:
    events = [event("CreateTags", minutes=it) for it in range(1, 51)]
    names = [GROUP_ID, *SETTERS[GROUP].sets["ingress"]]
    (line,) = who(opened(), told(dict.fromkeys(names, events), endless=True))
    assert line.endswith("is recorded since 2026-11-22T12:15:00.000Z")


def test_what_cannot_be_read_is_a_note_and_names_nobody() -> None:
    access = told({}, refuses=REGION)
    report = blamed(opened(), access)
    assert [it.who for it in report.items] == [()]
    assert report.notes[-1] == (
        "Who did it is not known: cloudtrail:LookupEvents: AccessDenied: no; the role needs "
        "cloudtrail:LookupEvents."
    )
    assert len(access.asked) == 1


def test_services_that_list_no_resource_are_found_by_what_the_call_asked_for() -> None:
    before = shop(made(DETECTOR, "eyes", {"enable": True}, id="12ab"))
    found = drifted(before, tampered(before, "eyes", enable=False))
    mine = event(
        "UpdateDetector",
        service="guardduty",
        parameters={"detectorId": "12ab", "enable": False},
        resources=(),
    )
    other = event(
        "UpdateDetector", service="guardduty", parameters={"detectorId": "34cd"}, minutes=1,
        resources=(),
    )  # fmt: skip
    access = told({"UpdateDetector": [other, mine]})
    (line,) = who(found, access)
    assert line.startswith("2026-11-22T13:00:00.000Z UpdateDetector by ")


def test_calls_to_iam_are_looked_up_where_they_are_recorded() -> None:
    before = shop(made(ROLE_TYPE, "app", {"name": "app", "assumeRolePolicy": "{}"}))
    found = drifted(before, tampered(before, "app", permissionsBoundary="arn:aws:iam::x:policy/p"))
    access = told({"app": [event("PutRolePermissionsBoundary", service="iam")]})
    (line,) = who(found, access)
    assert " PutRolePermissionsBoundary by " in line
    assert {it[0] for it in access.asked} == {"us-east-1"}


def test_of_what_no_program_declares_the_making_is_named_where_it_is() -> None:
    table = made(TABLE, "orders", {"hashKey": "id"})
    snapshot = made(
        "aws:rds/snapshot:Snapshot",
        "copy",
        {"dbSnapshotIdentifier": "copy", "sharedAccounts": ["all"]},
        region="eu-west-3",
    )
    found = drifted(shop(table), shop(table, snapshot))
    made_it = event("CreateDBSnapshot", service="rds", minutes=9)
    shared = event("ModifyDBSnapshotAttribute", service="rds")
    access = told({"copy": [made_it, shared]})
    assert [it.split()[1] for it in who(found, access)] == [
        "ModifyDBSnapshotAttribute",
        "CreateDBSnapshot",
    ]
    assert access.asked == [("eu-west-3", "ResourceName", "copy")]


def test_a_setting_of_a_region_is_looked_up_by_its_calls_alone() -> None:
    block = "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess"
    before = shop(made(block, "block", {"state": "block-all-sharing"}))
    found = drifted(before, changed(before, "block", {"state": "unblocked"}))
    call = "DisableSnapshotBlockPublicAccess"
    access = told({call: [event(call, resources=())]})
    assert [it.split()[1] for it in who(found, access)] == [call]


def test_of_what_is_gone_the_deletion_is_named() -> None:
    before = shop(group(), made(TABLE, "orders", {"hashKey": "id"}))
    found = drifted(before, without(before, "web"))
    access = told({GROUP_ID: [event(minutes=1), event("DeleteSecurityGroup", minutes=2)]})
    assert [it.split()[1] for it in who(found, access)] == ["DeleteSecurityGroup"]


def test_of_types_that_are_not_known_every_change_counts() -> None:
    before = shop(made(TABLE, "orders", {"name": "orders", "hashKey": "id"}))
    found = drifted(before, tampered(before, "orders", deletionProtectionEnabled=False))
    arn = f"arn:aws:x:{REGION}:{ACCOUNT}:orders"
    access = told({arn: [event("UpdateTable", service="dynamodb"), event("X", readOnly=True)]})
    assert [it.split()[1] for it in who(found, access)] == ["UpdateTable"]
    (line,) = who(found, told({}))
    assert line == f"no call that changes it is recorded since {MONTHS}"


def test_there_is_an_end_to_looking_up() -> None:
    groups = [made(GROUP, f"web-{it}", {"ingress": []}, id=f"sg-{it}") for it in range(80)]
    before = shop(*groups)
    after = before
    for it in groups:
        after = tampered(after, it.name, ingress=[WORLD_SSH])
    access = told({})
    report = blamed(drifted(before, after), access)
    assert len(access.asked) == 60
    assert "not looked up for the last" in " ".join(report.notes)


def test_every_tripwire_has_calls_that_set_what_it_looks_at() -> None:
    types = {type_ for it in TRIPWIRES for type_ in it.looks}
    known = {"aws:ebs/volume:Volume", "aws:ec2/instance:Instance"}  # only their snapshots count
    assert types - known <= SETTERS.keys()


# CloudTrail's names for operations that S3 calls otherwise, and for those of the account.
RECORDED_AS = {
    "DeleteAccountPublicAccessBlock": ("s3control", "DeletePublicAccessBlock"),
    "DeleteBucketPublicAccessBlock": ("s3", "DeletePublicAccessBlock"),
    "PutAccountPublicAccessBlock": ("s3control", "PutPublicAccessBlock"),
    "PutBucketObjectLockConfiguration": ("s3", "PutObjectLockConfiguration"),
    "PutBucketPublicAccessBlock": ("s3", "PutPublicAccessBlock"),
}
MODELS = {"monitoring": "cloudwatch"}


@pytest.mark.parametrize("service", sorted({it.service for it in SETTERS.values()}))
def test_every_call_is_an_operation_of_its_service_that_changes(service: str) -> None:
    names = {
        name
        for it in SETTERS.values()
        if it.service == service
        for some in (it.makes, it.removes, it.others, *it.sets.values())
        for name in some
    }
    asked = {RECORDED_AS.get(it, (MODELS.get(service, service), it)) for it in names}
    models = {model for model, _ in asked}
    loader = Loader()
    known = {
        (it, operation)
        for it in models
        for operation in loader.load_service_model(it, "service-2")["operations"]
    }
    assert asked <= known
    assert not any(name.startswith(("Describe", "Get", "List")) for name in names)
