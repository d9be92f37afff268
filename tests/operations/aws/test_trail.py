"""What CloudTrail's history says, against the shapes that AWS documents.

The answers are made by hand after the documentation and held to botocore's model of the service;
nothing here shows what a live account answers.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.aws.call import Call, read_call
from fintech_infra.operations.aws.trail import calls, home_of, recorded
from tests.operations.aws.events import ASSUMED, GROUP, NOW, ROLE, event

START = NOW - timedelta(days=1)


def stubbed() -> tuple[Access, Stubber]:
    client = boto3.client(
        "cloudtrail",
        region_name="eu-central-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="example",
    )
    stubber = Stubber(client)
    stubber.activate()
    return Access(lambda _service, _region: client, "eu-central-1"), stubber


def asked(attribute: tuple[str, str] | None, **more: str) -> dict[str, Any]:
    listed = [{"AttributeKey": attribute[0], "AttributeValue": attribute[1]}] if attribute else []
    return {"LookupAttributes": listed, "StartTime": START, "EndTime": NOW, **more}


def no_pause(_seconds: float) -> None:
    """Take no time."""


def test_pages_are_read_to_the_end_and_the_newest_comes_first() -> None:
    access, stubber = stubbed()
    resource = ("ResourceName", GROUP)
    first = {"Events": [event(minutes=9)], "NextToken": "more"}
    stubber.add_response("lookup_events", first, asked(resource))
    last = {"Events": [event(minutes=2), event("DescribeX", minutes=1, readOnly=True)]}
    stubber.add_response("lookup_events", last, asked(resource, NextToken="more"))

    found = calls(access, START, NOW, resource=GROUP, pause=no_pause)

    assert [it.time for it in found] == [NOW - timedelta(minutes=it) for it in (2, 9)]
    assert found[0] == Call(
        time=NOW - timedelta(minutes=2),
        service="ec2",
        name="AuthorizeSecurityGroupIngress",
        actor=ROLE,
        session="ada@example.com",
        person="ada",
        address="198.51.100.7",
        agent="aws-cli/2.15",
        resources=(GROUP,),
        id="AuthorizeSecurityGroupIngress-2",
    )


def test_a_look_up_that_stops_early_says_since_when_it_is_whole() -> None:
    access, stubber = stubbed()
    first = {"Events": [event(minutes=2), event(minutes=9)], "NextToken": "more"}
    stubber.add_response("lookup_events", first)

    found = recorded(access, START, NOW, resource=GROUP, most=2, pause=no_pause)

    assert len(found.calls) == 2
    assert found.since == NOW - timedelta(minutes=9)


def test_a_look_up_that_ends_by_itself_is_whole() -> None:
    access, stubber = stubbed()
    stubber.add_response("lookup_events", {"Events": [event(), event()]})

    assert recorded(access, START, NOW, name="X", most=2, pause=no_pause).since == START


def test_names_are_looked_up_one_by_one_and_requests_are_paced() -> None:
    access, stubber = stubbed()
    for name in ("StopLogging", "DeleteTrail"):
        answer = {"Events": [event(name, service="cloudtrail")]}
        stubber.add_response("lookup_events", answer, asked(("EventName", name)))
    waited: list[float] = []

    found = calls(access, START, NOW, names=("StopLogging", "DeleteTrail"), pause=waited.append)

    assert {it.name for it in found} == {"StopLogging", "DeleteTrail"}
    assert waited == [0.5, 0.5]


def test_of_a_resource_only_the_names_asked_for_are_returned() -> None:
    access, stubber = stubbed()
    answer = {"Events": [event("StopLogging"), event("StartLogging")]}
    stubber.add_response("lookup_events", answer, asked(("ResourceName", "audit")))

    found = calls(access, START, NOW, resource="audit", names=["StopLogging"], pause=no_pause)

    assert [it.name for it in found] == ["StopLogging"]


@pytest.mark.parametrize(
    ("writes_only", "attribute"), [(True, ("ReadOnly", "false")), (False, None)]
)
def test_without_anything_to_look_for_all_of_the_window_is_read(
    *, writes_only: bool, attribute: tuple[str, str] | None
) -> None:
    access, stubber = stubbed()
    stubber.add_response("lookup_events", {"Events": []}, asked(attribute))

    assert calls(access, START, NOW, writes_only=writes_only, pause=no_pause) == []
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_what_is_not_told_is_an_error_even_behind_a_first_page(code: str) -> None:
    access, stubber = stubbed()
    stubber.add_response("lookup_events", {"Events": [event()], "NextToken": "more"})
    stubber.add_client_error("lookup_events", code, "no")

    with pytest.raises(UnreadError, match="cloudtrail:LookupEvents"):
        calls(access, START, NOW, pause=no_pause)


def test_a_page_without_a_list_of_events_is_no_empty_page() -> None:
    access, stubber = stubbed()
    stubber.add_response("lookup_events", {})

    with pytest.raises(UnreadError, match="no list of events"):
        calls(access, START, NOW, pause=no_pause)


IDENTITIES: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
    (ASSUMED, (ROLE, "ada@example.com", "")),
    (
        {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ada", "userName": "ada"},
        ("arn:aws:iam::111122223333:user/ada", "", ""),
    ),
    (
        {"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"},
        ("arn:aws:iam::111122223333:root", "", ""),
    ),
    (
        {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"},
        ("autoscaling.amazonaws.com", "", ""),
    ),
    (
        {
            "type": "FederatedUser",
            "arn": "arn:aws:sts::111122223333:federated-user/grace",
            "sessionContext": {
                "sessionIssuer": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ada"}
            },
        },
        ("arn:aws:iam::111122223333:user/ada", "grace", ""),
    ),
    (
        {**ASSUMED, "invokedBy": "cloudformation.amazonaws.com"},
        (ROLE, "ada@example.com", "cloudformation.amazonaws.com"),
    ),
    (
        {"type": "AWSAccount", "principalId": "AROAEXAMPLE:x", "accountId": "444455556666"},
        ("AROAEXAMPLE:x", "", ""),
    ),
    ({"type": "AWSAccount", "accountId": "444455556666"}, ("444455556666", "", "")),
    (
        {
            "type": "IdentityCenterUser",
            "accountId": "111122223333",
            "onBehalfOf": {
                "userId": "544894e8",
                "identityStoreArn": "arn:aws:identitystore::111122223333:identitystore/d-90",
            },
        },
        ("arn:aws:identitystore::111122223333:identitystore/d-90/544894e8", "", ""),
    ),
    ({"type": "SAMLUser", "userName": "grace", "principalId": "x:grace"}, ("grace", "", "")),
    (
        {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/run-7"},
        ("arn:aws:sts::111122223333:assumed-role/deploy", "run-7", ""),
    ),
    ({"type": "Unknown"}, ("ada", "", "")),
]


@pytest.mark.parametrize(("identity", "expected"), IDENTITIES)
def test_every_kind_of_identity_is_named(
    identity: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    call = read_call(event(identity=identity))
    assert (call.actor, call.session, call.via) == expected


@pytest.mark.parametrize("record", [None, "", "{", "[]", '{"userIdentity": 7}', "[" * 99_999])
def test_a_record_that_cannot_be_read_leaves_what_the_entry_says(record: str | None) -> None:
    entry = {**event(), "CloudTrailEvent": record}
    call = read_call(entry)
    assert (call.actor, call.name, call.service) == ("ada", entry["EventName"], "ec2")


def test_parameters_have_no_secret() -> None:
    given_: dict[str, Any] = {
        "groupId": GROUP,
        "masterUserPassword": "hunter2-hunter2",
        "secretId": "billing",
        "secretString": "hunter2-hunter2",
        "nested": [{"Name": "DB_PASSWORD", "Value": "hunter2-hunter2"}, {"authToken": "hunter2"}],
        "containerDefinitions": [{"environment": [{"name": "A", "value": "hunter2"}], "cpu": 1}],
        "parameters": [{"parameterKey": "a", "parameterValue": "hunter2"}],
        "endpoint": "https://ada:hunter2@example.com/",
        "other": ["AKIAIOSFODNN7EXAMPLE", "fine"],
        "ipPermissions": {"items": [{"ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]},
    }
    call = read_call(event(parameters=given_))
    told = json.dumps(call.parameters)
    assert "hunter2" not in told
    assert "AKIA" not in told
    assert call.parameters["secretId"] == "billing"
    assert call.parameters["other"] == ["fine"]
    assert call.parameters["ipPermissions"] == given_["ipPermissions"]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [(GROUP, True), ("orders", True), ("order", False), ("sg-0a1b2c3d", False), ("vol-1", True)],
)
def test_a_call_names_its_resources_and_what_its_parameters_name(
    resource: str, *, expected: bool
) -> None:
    resources = (GROUP, "arn:aws:rds:eu-central-1:111122223333:db:orders")
    call = read_call(event(resources=resources, parameters={"volumes": [{"volumeId": "vol-1"}]}))
    assert call.names(resource) is expected


def test_calls_to_what_is_of_no_region_are_in_the_home_of_the_partition() -> None:
    asked_of = [("iam", "cn-northwest-1"), ("organizations", "us-gov-east-1"), ("s3", "eu-west-1")]
    assert [home_of(*it) for it in asked_of] == ["cn-north-1", "us-gov-west-1", "eu-west-1"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda it: st.lists(it, max_size=3) | st.dictionaries(st.text(max_size=8), it, max_size=3),
    max_leaves=8,
)
FIELDS = ["userIdentity", "requestParameters", "resources", "eventTime", "errorCode", "readOnly"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_record_of_any_shape_stops_the_reading(record: dict[str, Any]) -> None:
    call = read_call({"EventName": "StopLogging", "CloudTrailEvent": json.dumps(record)})
    assert call.name == "StopLogging"
