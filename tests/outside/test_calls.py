"""Inputs of a resource become the parameters of an API operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from moto import mock_aws

from fintech_infra.environment import Environment, Resource
from tests.outside.calls import DROPPED, UnmappedInputError, parameters
from tests.outside.cloud import Call, Cloud, operation_model
from tests.outside.rows import ROWS


def _given(
    service: str, operation: str, inputs: Mapping[str, Any], names: Mapping[str, str]
) -> Mapping[str, Any]:
    shape: Any = operation_model(service, operation).input_shape
    return parameters(inputs, shape, names)


def test_names_match_without_regard_to_case_and_plural() -> None:
    inputs = {"kmsKeyId": "k", "tags": {"Name": "n"}, "name": "s"}
    assert _given("secretsmanager", "create_secret", inputs, {}) == {
        "KmsKeyId": "k",
        "Name": "s",
        "Tags": [{"Key": "Name", "Value": "n"}],
    }


def test_a_name_leads_through_structures_lists_and_maps() -> None:
    names = {"arn": "Targets.Arn", "targetId": "Targets.Id"}
    assert _given("events", "put_targets", {"arn": "a", "targetId": "i"}, names) == {
        "Targets": [{"Arn": "a", "Id": "i"}]
    }
    assert _given("sqs", "create_queue", {"delay": 5}, {"delay": "Attributes.DelaySeconds"}) == {
        "Attributes": {"DelaySeconds": "5"}
    }


def test_text_that_stands_for_a_structure_is_read() -> None:
    inputs = {"family": "f", "containerDefinitions": '[{"name": "app", "cpu": 1}]'}
    assert _given("ecs", "register_task_definition", inputs, {}) == {
        "family": "f",
        "containerDefinitions": [{"name": "app", "cpu": 1}],
    }


def test_an_input_that_no_parameter_takes_is_an_error_unless_it_is_dropped() -> None:
    with pytest.raises(UnmappedInputError, match="colour: CreateAliasRequest has no 'colour'"):
        _given("kms", "create_alias", {"colour": "red"}, {})
    assert _given("kms", "create_alias", {"colour": "red"}, {"colour": DROPPED}) == {}


def _key(**inputs: Any) -> Environment:
    given = {"customerMasterKeySpec": "SYMMETRIC_DEFAULT", **inputs}
    key = Resource("urn", "aws:kms/key:Key", "ledger", given, {"region": "eu-west-1"}, "made-up-id")
    return Environment("tests", "dev", resources=(key,))


def test_what_is_declared_is_created_and_known_by_the_id_that_moto_gave_it() -> None:
    cloud = Cloud(ROWS)
    with mock_aws():
        cloud.create(_key(enableKeyRotation=True))
        (key,) = cloud.of("aws:kms/key:Key")
        status = key.client("kms").get_key_rotation_status(KeyId=key.resource.id)
    assert cloud.refused == []
    assert key.resource.id != "made-up-id"
    assert status["KeyRotationEnabled"]


@pytest.mark.parametrize(
    ("wrong", "by"),
    [
        ({"customerMasterKeySpec": "AES"}, "KeySpec: 'AES' is none of RSA_2048"),
        ({"deletionWindowInDays": 366}, "PendingWindowInDays: 366 is more than 365"),
        ({"rotationPeriodInDays": 10, "enableKeyRotation": True}, "10, valid min value: 90"),
        ({"description": "d" * 8193}, "Description: 8193 is more than 8192"),
        ({"rotationPeriod": 90}, "CreateKeyRequest has no 'rotationPeriod'"),
    ],
)
def test_what_aws_would_refuse_is_refused(wrong: Mapping[str, Any], by: str) -> None:
    cloud = Cloud(ROWS)
    with mock_aws():
        cloud.create(_key(**wrong))
    (refusal,) = cloud.refused
    assert refusal.startswith("aws:kms/key:Key ledger: kms ")
    assert by in refusal


def test_what_moto_refuses_is_refused() -> None:
    boundary = Resource(
        "urn",
        "aws:iam/policy:Policy",
        "boundary",
        {"policy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}'},
        {"name": "boundary"},
    )
    cloud = Cloud(ROWS)
    with mock_aws():
        cloud.create(Environment("tests", "dev", resources=(boundary,)))
    (refusal,) = cloud.refused
    assert "MalformedPolicyDocument" in refusal


def test_a_call_is_made_where_an_input_that_it_takes_is_given() -> None:
    row = (
        Call("kms", "create_key", gives={"id": "KeyMetadata.KeyId"}),
        Call(
            "kms",
            "disable_key",
            names={"off": DROPPED, "id": "KeyId"},
            takes=("off",),
            also=("id",),
        ),
    )
    for inputs, state in (({}, "Enabled"), ({"off": True}, "Disabled")):
        cloud = Cloud({"aws:kms/key:Key": row})
        key = Resource("urn", "aws:kms/key:Key", "ledger", inputs, {}, "made-up-id")
        with mock_aws():
            cloud.create(Environment("tests", "dev", resources=(key,)))
            (made,) = cloud.of("aws:kms/key:Key")
            known = made.client("kms").describe_key(KeyId=made.resource.id)["KeyMetadata"]
        assert (cloud.refused, known["KeyState"]) == ([], state)
