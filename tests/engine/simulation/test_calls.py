"""What data sources answer. Not shown: what the cloud would have answered to the simulated ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
import pytest

from fintech_infra.engine.sdk.schema import Schemas
from fintech_infra.engine.simulation.answers import Answers, CallAnswer
from fintech_infra.engine.simulation.simulator import CallError, Simulator, World
from fintech_infra.environment import UNKNOWN

DOCUMENT = "aws:iam/getPolicyDocument:getPolicyDocument"
ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"
ACCOUNT = "123456789012"

Ask = Callable[..., dict[str, Any]]


def _asking(**facts: Any) -> Ask:
    for function in (
        aws.get_caller_identity,
        aws.cloudfront.get_cache_policy,
        aws.ec2.get_ami,
        aws.elb.get_service_account,
        aws.iam.get_policy_document,
        aws.kms.get_key,
        aws.secretsmanager.get_secret_version,
        aws.ssm.get_parameter,
    ):
        assert function  # loads the module of the function
    world = World("organization", "payments", "dev", region="eu-west-1", **facts)
    simulator = Simulator(world, Schemas())
    return lambda token, args=None, **more: simulator.call(token, args or {}, **more)


@pytest.fixture(scope="session")
def ask() -> Ask:
    return _asking()


def _statement(ask: Ask, statement: dict[str, Any], **args: Any) -> dict[str, Any]:
    document = json.loads(ask(DOCUMENT, {"statements": [statement], **args})["json"])
    return document["Statement"][0]


# Policy documents -------------------------------------------------------------------------------


def test_a_document_is_written_as_the_provider_writes_it(ask: Ask) -> None:
    statement = {
        "sid": "Read",
        "actions": ["s3:GetObject", "s3:ListBucket"],
        "resources": ["arn:aws:s3:::logs"],
        "principals": [{"type": "AWS", "identifiers": ["*"]}],
        "conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}],
    }
    result = ask(DOCUMENT, {"statements": [statement], "policyId": "p"})
    assert (
        result["json"]
        == """{
  "Version": "2012-10-17",
  "Id": "p",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:ListBucket",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::logs",
      "Principal": {
        "AWS": "*"
      },
      "Condition": {
        "Bool": {
          "aws:SecureTransport": "true"
        }
      }
    }
  ]
}"""
    )
    assert result["minifiedJson"] == json.dumps(json.loads(result["json"]), separators=(",", ":"))


def test_an_empty_document_has_a_version_only(ask: Ask) -> None:
    assert ask(DOCUMENT)["minifiedJson"] == '{"Version":"2012-10-17"}'


def test_the_exceptions_of_a_statement_are_written(ask: Ask) -> None:
    statement = {
        "effect": "Deny",
        "notActions": ["iam:*"],
        "notResources": ["a", "a"],
        "notPrincipals": [{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}],
    }
    assert _statement(ask, statement) == {
        "Effect": "Deny",
        "NotAction": "iam:*",
        "NotResource": "a",
        "NotPrincipal": {"Service": "ec2.amazonaws.com"},
    }


@pytest.mark.parametrize(
    ("principals", "written"),
    [
        ([{"type": "*", "identifiers": ["*"]}], "*"),
        ([{"type": "AWS", "identifiers": ["1", "2"]}], {"AWS": ["2", "1"]}),
        (
            [{"type": "AWS", "identifiers": ["1"]}, {"type": "AWS", "identifiers": ["2", "3"]}],
            {"AWS": ["1", "3", "2"]},
        ),
        (
            [{"type": "Service", "identifiers": ["s"]}, {"type": "AWS", "identifiers": ["1"]}],
            {"AWS": "1", "Service": "s"},
        ),
    ],
)
def test_principals_are_joined_by_type(
    ask: Ask, principals: list[dict[str, Any]], written: Any
) -> None:
    assert _statement(ask, {"principals": principals})["Principal"] == written


def test_conditions_on_one_key_are_joined_in_the_order_given(ask: Ask) -> None:
    conditions = [
        {"test": "StringEquals", "variable": "k", "values": ["b"]},
        {"test": "StringEquals", "variable": "k", "values": ["a"]},
        {"test": "Bool", "variable": "m", "values": [True]},
    ]
    assert _statement(ask, {"conditions": conditions})["Condition"] == {
        "Bool": {"m": "true"},
        "StringEquals": {"k": ["b", "a"]},
    }


def test_variables_are_written_with_a_dollar(ask: Ask) -> None:
    assert _statement(ask, {"resources": ["home/&{aws:username}"]})["Resource"] == (
        "home/${aws:username}"
    )


def test_characters_that_mean_something_in_a_web_page_are_escaped(ask: Ask) -> None:
    text = ask(DOCUMENT, {"statements": [{"actions": ["<a>&"]}]})["minifiedJson"]
    assert '"Action":"\\u003ca\\u003e\\u0026"' in text


def test_sources_come_first_and_overrides_replace_by_sid(ask: Ask) -> None:
    def document(sid: str, action: str, **more: str) -> str:
        return json.dumps(
            {**more, "Statement": [{"Sid": sid, "Effect": "Allow", "Action": action}]}
        )

    args = {
        "sourcePolicyDocuments": [document("A", "s:1", Version="2008-10-17"), document("B", "s:2")],
        "statements": [{"sid": "B", "actions": ["own:1"]}, {"actions": ["own:2"]}],
        "overridePolicyDocuments": [document("A", "over:1", Id="theirs"), document("C", "over:2")],
    }
    merged = json.loads(ask(DOCUMENT, args)["json"])
    assert merged["Version"] == "2012-10-17"
    assert merged["Id"] == "theirs"
    assert [(s.get("Sid"), s["Action"]) for s in merged["Statement"]] == [
        ("A", "over:1"),
        ("B", "own:1"),
        (None, "own:2"),
        ("C", "over:2"),
    ]


def test_a_source_is_written_anew(ask: Ask) -> None:
    source = {
        "Statement": {
            "Condition": {"Bool": {"k": True}, "ArnLike": {"a": ["x"]}},
            "Principal": {"AWS": ["b", "a"], "Service": "s"},
            "Effect": "Allow",
        }
    }
    merged = json.loads(ask(DOCUMENT, {"sourcePolicyDocuments": [json.dumps(source)]})["json"])
    assert merged["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["b", "a"], "Service": "s"},
            "Condition": {"ArnLike": {"a": "x"}, "Bool": {"k": "true"}},
        }
    ]


def test_names_as_in_python_are_accepted_in_plain_dictionaries(ask: Ask) -> None:
    assert _statement(ask, {"not_actions": ["iam:*"], "sid": None})["NotAction"] == "iam:*"


def test_all_mistakes_of_a_document_are_reported_together(ask: Ask) -> None:
    statements = [
        {"effect": "allow", "sid": "not good"},
        {"sid": "Twice", "resources": ["&{x}"]},
        {"sid": "Twice"},
    ]
    args = {
        "version": "2008-10-17",
        "statements": statements,
        "sourcePolicyDocuments": ["{"],
    }
    with pytest.raises(CallError) as caught:
        ask(DOCUMENT, args)
    lines = str(caught.value).removeprefix("aws.iam.get_policy_document: ").splitlines()
    assert lines == [
        (
            "source_policy_documents[0]: is not a policy document in JSON: Expecting property "
            "name enclosed in double quotes: line 1 column 2 (char 1)"
        ),
        "statements[0].effect is 'allow'; accepted: Allow and Deny",
        "statements[0].sid is 'not good'; only letters and digits are accepted",
        "statements[1]: '&{x}' has a variable, which version 2008-10-17 has not",
        "statements: the Sid 'Twice' is there twice; each must be unique",
    ]


def test_a_misspelt_key_of_a_statement_is_refused(ask: Ask) -> None:
    with pytest.raises(CallError) as caught:
        ask(DOCUMENT, {"statements": [{"action": ["s3:*"]}]})
    assert str(caught.value).startswith(
        f"{DOCUMENT}: statements[0] has no input 'action'; did you mean actions"
    )


def test_a_document_with_something_unknown_in_it_is_unknown(ask: Ask) -> None:
    result = ask(DOCUMENT, {"statements": [{"resources": [UNKNOWN]}]})
    assert result["json"] is UNKNOWN
    assert result["minifiedJson"] is UNKNOWN


# Places -----------------------------------------------------------------------------------------


def test_the_partition_is_that_of_the_region(ask: Ask) -> None:
    token = "aws:index/getPartition:getPartition"
    assert ask(token)["partition"] == "aws"
    assert ask(token, region="cn-north-1") == {
        "dnsSuffix": "amazonaws.com.cn",
        "id": "aws-cn",
        "partition": "aws-cn",
        "reverseDnsPrefix": "cn.com.amazonaws",
    }


def test_the_region_is_described(ask: Ask) -> None:
    result = ask("aws:index/getRegion:getRegion")
    assert result["name"] == result["region"] == "eu-west-1"
    assert result["description"] == "Europe (Ireland)"
    assert result["endpoint"] == "ec2.eu-west-1.amazonaws.com"


def test_regions_are_those_of_the_partition_that_need_no_opting_in(ask: Ask) -> None:
    names = ask("aws:index/getRegions:getRegions", region="us-gov-west-1")["names"]
    assert names == ["us-gov-east-1", "us-gov-west-1"]
    assert "af-south-1" not in ask("aws:index/getRegions:getRegions")["names"]
    everywhere = ask("aws:index/getRegions:getRegions", {"allRegions": True})["names"]
    assert "af-south-1" in everywhere


def test_zones_are_those_of_the_region_with_their_ids(ask: Ask) -> None:
    result = ask(ZONES, {"state": "available"}, region="ca-central-1")
    assert result["names"] == ["ca-central-1a", "ca-central-1b", "ca-central-1d"]
    assert result["zoneIds"] == ["cac1-az1", "cac1-az2", "cac1-az3"]
    assert result["groupNames"] == ["ca-central-1"]


@pytest.mark.parametrize(
    ("args", "letters"),
    [
        ({}, "abc"),
        ({"state": "impaired"}, ""),
        ({"excludeNames": ["eu-west-1a"]}, "bc"),
        ({"excludeZoneIds": ["euw1-az2"]}, "ac"),
        ({"filters": [{"name": "zone-name", "values": ["eu-west-1c"]}]}, "c"),
        ({"filters": [{"name": "opt-in-status", "values": ["opt-in-not-required"]}]}, "abc"),
        ({"filters": [{"name": "zone-type", "values": ["local-zone"]}]}, ""),
    ],
)
def test_zones_can_be_chosen(ask: Ask, args: dict[str, Any], letters: str) -> None:
    assert ask(ZONES, args)["names"] == [f"eu-west-1{letter}" for letter in letters]


def test_zones_of_a_region_not_known_are_three(ask: Ask) -> None:
    result = ask(ZONES, region="xx-north-9")
    assert result["names"] == ["xx-north-9a", "xx-north-9b", "xx-north-9c"]
    assert result["zoneIds"] == ["xxn9-az1", "xxn9-az2", "xxn9-az3"]


def test_answered_zones_go_before_known_ones() -> None:
    ask = _asking(answers=Answers(zones={"eu-west-1": ("eu-west-1c",)}))
    assert ask(ZONES)["names"] == ["eu-west-1c"]


def test_one_zone_is_found_by_name_or_id(ask: Ask) -> None:
    token = "aws:index/getAvailabilityZone:getAvailabilityZone"
    assert ask(token, {"name": "eu-west-1b"})["zoneId"] == "euw1-az2"
    assert ask(token, {"zoneId": "euw1-az3"})["name"] == "eu-west-1c"
    with pytest.raises(CallError, match="eu-west-1 has no zone 'use1-az1'"):
        ask(token, {"zoneId": "use1-az1"})


def test_the_caller_is_of_the_account(ask: Ask) -> None:
    result = ask("aws:index/getCallerIdentity:getCallerIdentity")
    assert result["accountId"] == result["id"] == ACCOUNT
    assert result["arn"] == f"arn:aws:iam::{ACCOUNT}:user/preview"


def test_the_account_that_writes_load_balancer_logs_is_the_regions(ask: Ask) -> None:
    token = "aws:elb/getServiceAccount:getServiceAccount"
    assert ask(token)["arn"] == "arn:aws:iam::156460612806:root"
    assert ask(token, {"region": "us-east-1"})["id"] == "127311923021"
    with pytest.raises(CallError, match="logdelivery"):
        ask(token, {"region": "il-central-1"})


# Text -------------------------------------------------------------------------------------------


def test_an_arn_is_taken_apart(ask: Ask) -> None:
    result = ask("aws:index/getArn:getArn", {"arn": "arn:aws:rds:eu-west-1:1:db:mine"})
    assert (result["service"], result["account"], result["resource"]) == ("rds", "1", "db:mine")
    with pytest.raises(CallError, match="'mine' is not an ARN"):
        ask("aws:index/getArn:getArn", {"arn": "mine"})


def test_default_tags_are_the_providers(ask: Ask) -> None:
    token = "aws:index/getDefaultTags:getDefaultTags"
    assert ask(token, default_tags={"team": "a"})["tags"] == {"team": "a"}
    assert ask(token)["tags"] == {}


def test_a_service_is_named_both_ways(ask: Ask) -> None:
    token = "aws:index/getService:getService"
    by_id = ask(token, {"serviceId": "s3"})
    assert by_id["reverseDnsName"] == "com.amazonaws.eu-west-1.s3"
    assert by_id["dnsName"] == "s3.eu-west-1.amazonaws.com"
    by_name = ask(token, {"reverseDnsName": "cn.com.amazonaws.cn-north-1.s3"})
    assert (by_name["partition"], by_name["serviceId"]) == ("aws-cn", "s3")


def test_a_service_principal_is_named(ask: Ask) -> None:
    token = "aws:index/getServicePrincipal:getServicePrincipal"
    assert ask(token, {"serviceName": "ec2"})["name"] == "ec2.amazonaws.com"


@pytest.mark.parametrize(
    ("name", "args", "result"),
    [
        ("base64encode", {"input": "abc"}, "YWJj"),
        ("cidrsubnet", {"input": "10.0.0.0/16", "newbits": 8, "netnum": 2}, "10.0.2.0/24"),
        ("join", {"separator": "-", "input": ["a", "b"]}, "a-b"),
        ("jsonencode", {"input": {"b": 1, "a": 2}}, '{"a":2,"b":1}'),
        ("upper", {"input": UNKNOWN}, UNKNOWN),
    ],
)
def test_pure_functions_are_computed(
    ask: Ask, name: str, args: dict[str, Any], result: Any
) -> None:
    found = ask(f"std:index:{name}", args)["result"]
    assert found is UNKNOWN if result is UNKNOWN else found == result


def test_a_pure_function_refuses_what_it_cannot_take(ask: Ask) -> None:
    with pytest.raises(CallError, match=r"std\.cidrsubnet refuses its arguments"):
        ask("std:index:cidrsubnet", {"input": "10.0.0.0/33", "newbits": 8, "netnum": 2})


def test_manifests_are_decoded_and_charts_stay_unknown(ask: Ask) -> None:
    text = "kind: A\n---\n---\nkind: B\n"
    assert ask("kubernetes:yaml:decode", {"text": text}) == {
        "result": [{"kind": "A"}, {"kind": "B"}]
    }
    assert ask("kubernetes:helm:template", {"jsonOpts": "{}"})["result"] is UNKNOWN
    with pytest.raises(CallError, match="the manifest is not YAML"):
        ask("kubernetes:yaml:decode", {"text": "{"})


# Simulated --------------------------------------------------------------------------------------


def test_a_looked_up_thing_has_ids_like_a_declared_one(ask: Ask) -> None:
    vpc = ask("aws:ec2/getVpc:getVpc", {"default": True})
    assert vpc["id"].startswith("vpc-0")
    assert vpc["arn"] == f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/{vpc['id']}"
    assert vpc["default"] is True
    assert vpc["filters"] is None


def test_what_was_asked_for_comes_back(ask: Ask) -> None:
    subnet = ask("aws:ec2/getSubnet:getSubnet", {"id": "subnet-1", "vpcId": "vpc-1"})
    assert (subnet["id"], subnet["vpcId"]) == ("subnet-1", "vpc-1")
    assert subnet["arn"].endswith(":subnet/subnet-1")


def test_subnets_are_one_for_each_zone(ask: Ask) -> None:
    ids = ask("aws:ec2/getSubnets:getSubnets", {"tags": {"tier": "app"}})["ids"]
    assert len(set(ids)) == 3
    assert all(identity.startswith("subnet-0") for identity in ids)


def test_an_image_can_be_started(ask: Ask) -> None:
    image = ask("aws:ec2/getAmi:getAmi", {"mostRecent": True, "owners": ["amazon"]})
    assert image["id"] == image["imageId"]
    assert image["id"].startswith("ami-0")
    assert image["architecture"] == "x86_64"
    assert image["owners"] == ["amazon"]


def test_the_same_question_gets_the_same_answer_and_another_another(ask: Ask) -> None:
    first = ask("aws:ec2/getVpc:getVpc", {"tags": {"Name": "a", "Team": "b"}})
    again = ask("aws:ec2/getVpc:getVpc", {"tags": {"Team": "b", "Name": "a"}})
    other = ask("aws:ec2/getVpc:getVpc", {"tags": {"Name": "c"}})
    assert first["id"] == again["id"]
    assert first["id"] != other["id"]


def test_a_secret_that_only_its_owner_knows_is_text_and_json(ask: Ask) -> None:
    token = "aws:secretsmanager/getSecretVersion:getSecretVersion"
    secret = ask(token, {"secretId": "db"})
    assert set(json.loads(secret["secretString"])) == {"password", "username"}


@pytest.mark.parametrize(
    ("asked", "identity"),
    [
        ("1234", "1234"),
        (f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234", "1234"),
    ],
)
def test_a_key_is_looked_up_by_id_or_arn(ask: Ask, asked: str, identity: str) -> None:
    key = ask("aws:kms/getKey:getKey", {"keyId": asked})
    assert key["id"] == identity
    assert key["arn"] == f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{identity}"


def test_a_key_that_is_looked_up_by_alias_has_an_id_of_its_own(ask: Ask) -> None:
    key = ask("aws:kms/getKey:getKey", {"keyId": "alias/app"})
    assert key["keyId"] == "alias/app"
    assert key["arn"].endswith(f":key/{key['id']}")
    assert len(key["id"]) == 36


def test_a_public_parameter_names_an_image(ask: Ask) -> None:
    token = "aws:ssm/getParameter:getParameter"
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    assert ask(token, {"name": name})["value"].startswith("ami-0")
    own = ask(token, {"name": "/app/limit"})
    assert own["value"] == "simulated-app-limit"
    assert own["arn"] == f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/app/limit"


def test_a_question_with_something_unknown_has_an_unknown_answer(ask: Ask) -> None:
    subnet = ask("aws:ec2/getSubnet:getSubnet", {"id": UNKNOWN, "state": "available"})
    assert subnet["state"] == "available"
    assert subnet["cidrBlock"] is UNKNOWN
    zones = ask(ZONES, {"excludeNames": UNKNOWN})
    assert zones["names"] is UNKNOWN


def test_an_answer_goes_over_what_is_made_up() -> None:
    call = CallAnswer("aws:ec2/getVpc:getVpc", {"cidrBlock": "10.20.0.0/16"}, {"default": True})
    ask = _asking(answers=Answers(calls=(call,)))
    assert ask("aws:ec2/getVpc:getVpc", {"default": True})["cidrBlock"] == "10.20.0.0/16"
    assert ask("aws:ec2/getVpc:getVpc", {"default": False})["cidrBlock"] == "10.0.0.0/16"


def test_a_function_without_a_class_gives_back_its_arguments(ask: Ask) -> None:
    assert ask("made-up:index:getThing", {"a": 1, "b": None}) == {"a": 1}
