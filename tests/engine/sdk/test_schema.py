"""What schemas say about types and inputs. Not shown: every class of every provider package."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest

from fintech_infra.engine.sdk.input_problems import InputProblem
from fintech_infra.engine.sdk.schema import ResourceShape, Schemas
from fintech_infra.environment import UNKNOWN, Asset

BUCKET = "aws:s3/bucket:Bucket"
SERVICE = "kubernetes:core/v1:Service"
DOCUMENT = "aws:iam/getPolicyDocument:getPolicyDocument"


@pulumi.input_type
class PostponedArgs:
    """Annotations are text here, as `from __future__ import annotations` makes them."""

    def __init__(self, *, size: pulumi.Input[int]) -> None:
        pulumi.set(self, "size", size)

    @property
    @pulumi.getter
    def size(self) -> pulumi.Input[int]:
        return pulumi.get(self, "size")


@pulumi.type_token("test:index:Postponed")
class Postponed(pulumi.CustomResource):
    @property
    @pulumi.getter(name="innerParts")
    def inner_parts(self) -> pulumi.Output[list[PostponedArgs] | None]:
        return pulumi.get(self, "inner_parts")


@pytest.fixture
def schemas() -> Schemas:
    assert aws.s3.Bucket
    assert aws.ec2.Subnet
    assert aws.sns.Topic
    assert kubernetes.core.v1.Service
    return Schemas()


def _shape(schemas: Schemas, token: str) -> ResourceShape:
    shape = schemas.resource(token)
    assert shape is not None
    return shape


def _faults(schemas: Schemas, token: str, inputs: dict[str, Any]) -> list[tuple[str, str]]:
    return [(problem.path, problem.message) for problem in schemas.problems(token, inputs)]


def test_outputs_have_wire_names_kinds_and_python_names(schemas: Schemas) -> None:
    outputs = _shape(schemas, BUCKET).outputs
    assert outputs["bucketDomainName"].shape.kind == "string"
    assert outputs["bucketDomainName"].python_name == "bucket_domain_name"
    assert outputs["forceDestroy"].shape.kind == "bool"
    assert not outputs["forceDestroy"].required
    assert outputs["tagsAll"].shape.kind == "map"


def test_nested_types_are_read_through_lists_and_forward_references(schemas: Schemas) -> None:
    rules = _shape(schemas, BUCKET).outputs["lifecycleRules"].shape
    assert rules.kind == "list"
    assert rules.element is not None
    assert rules.element.fields["noncurrentVersionExpiration"].shape.fields["days"].shape.kind == (
        "int"
    )


def test_inputs_come_from_the_arguments_class(schemas: Schemas) -> None:
    inputs = _shape(schemas, "aws:ec2/subnet:Subnet").inputs
    assert inputs is not None
    assert inputs.fields["vpcId"].required
    assert not inputs.fields["cidrBlock"].required
    assert "arn" not in inputs.fields


def test_packages_that_wrap_terraform_are_told_from_others(schemas: Schemas) -> None:
    assert _shape(schemas, BUCKET).bridged
    assert not _shape(schemas, SERVICE).bridged


def test_annotations_that_are_text_are_read(schemas: Schemas) -> None:
    field = _shape(schemas, "test:index:Postponed").outputs["innerParts"]
    assert not field.required
    assert field.shape.element is not None
    assert field.shape.element.fields["size"].shape.kind == "int"


def test_a_class_of_an_older_package_is_known_by_its_constructor(schemas: Schemas) -> None:
    class Old(pulumi.CustomResource):
        def _internal_init(self, name: str) -> None:
            aliases = [pulumi.Alias(type_="test:alias/old:Old")]
            super().__init__(
                "test:index/old:Old", name, {}, pulumi.ResourceOptions(aliases=aliases)
            )

    assert _shape(schemas, "test:index/old:Old").cls is Old
    assert schemas.resource("test:alias/old:Old") is None


def test_a_type_without_a_class_has_no_shape_and_no_problems(schemas: Schemas) -> None:
    assert schemas.resource("pulumi-nodejs:dynamic:Resource") is None
    assert schemas.problems("pulumi-nodejs:dynamic:Resource", {"anything": 1}) == []


def test_a_class_whose_module_is_loaded_after_a_miss_is_found(
    schemas: Schemas, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert schemas.resource("test:index:Late") is None

    @pulumi.type_token("test:index:Late")
    class Late(pulumi.CustomResource):
        pass

    monkeypatch.setitem(sys.modules, "late", ModuleType("late"))
    assert _shape(schemas, "test:index:Late").cls is Late


def test_the_result_and_the_arguments_of_a_function_have_shapes(schemas: Schemas) -> None:
    assert aws.ec2.get_ami
    result = schemas.function("aws:ec2/getAmi:getAmi")
    arguments = schemas.arguments("aws:ec2/getAmi:getAmi")
    assert result is not None
    assert arguments is not None
    assert result.fields["rootDeviceName"].shape.kind == "string"
    assert arguments.fields["mostRecent"].shape.kind == "bool"


def test_functions_of_the_root_module_and_of_keyword_named_modules_are_found(
    schemas: Schemas,
) -> None:
    assert aws.lambda_.get_function
    assert schemas.function("aws:index/getCallerIdentity:getCallerIdentity") is not None
    assert schemas.function("aws:lambda/getFunction:getFunction") is not None
    assert schemas.function("aws:ec2/getNothing:getNothing") is None


def test_an_unknown_input_is_named_with_the_nearest_right_name(schemas: Schemas) -> None:
    assert schemas.problems(BUCKET, {"forceDestory": True}) == [
        InputProblem(
            path="forceDestory",
            message="it has no input 'forceDestory'",
            hint="did you mean force_destroy?",
            given="forceDestory",
            nearest=("force_destroy",),
        )
    ]


def test_an_unknown_input_is_found_at_any_depth(schemas: Schemas) -> None:
    inputs = {"lifecycleRules": [{"enabled": True, "expiration": {"dayz": 3}}]}
    assert _faults(schemas, BUCKET, inputs) == [
        (
            "lifecycleRules[0].expiration.dayz",
            "lifecycleRules[0].expiration has no input 'dayz'",
        )
    ]


def test_a_name_like_no_other_is_answered_with_those_accepted(schemas: Schemas) -> None:
    (problem,) = schemas.problems(BUCKET, {"versioning": {"zzzzzz": True}})
    assert problem.hint == "it takes enabled, mfa_delete"


def test_a_missing_nested_input_is_named_as_in_python(schemas: Schemas) -> None:
    (problem,) = schemas.problems(BUCKET, {"corsRules": [{"allowedMethods": ["GET"]}]})
    assert problem.path == "corsRules[0].allowedOrigins"
    assert problem.message == "corsRules[0] lacks allowed_origins"


def test_what_is_required_at_the_top_is_left_to_the_constructor(schemas: Schemas) -> None:
    assert schemas.problems("aws:ec2/subnet:Subnet", {}) == []


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"tags": "a=b"}, "tags is a string, where a dictionary is wanted"),
        (
            {"corsRules": {"allowedMethods": []}},
            "corsRules is a dictionary, where a list is wanted",
        ),
        (
            {"versioning": True},
            "versioning is a boolean, where a dictionary or an argument class is wanted",
        ),
        ({"bucket": ["a"]}, "bucket is a list, where a string is wanted"),
        ({"forceDestroy": "maybe"}, "forceDestroy is a string, where true or false is wanted"),
        ({"tags": {"a": ["b"]}}, "tags.a is a list, where a string is wanted"),
    ],
)
def test_a_value_of_a_plainly_wrong_kind_is_named(
    schemas: Schemas, inputs: dict[str, Any], message: str
) -> None:
    assert [problem.message for problem in schemas.problems(BUCKET, inputs)] == [message]


def test_a_dictionary_where_text_is_wanted_is_told_of_json(schemas: Schemas) -> None:
    (problem,) = schemas.problems("aws:sns/topic:Topic", {"deliveryPolicy": {"http": {}}})
    assert problem.hint == "json.dumps makes a string of it"


@pytest.mark.parametrize(
    "inputs",
    [
        {"policy": {"Version": "2012-10-17"}},  # a union: text or a document
        {"forceDestroy": "true", "bucket": 7},  # the provider turns these into what it wants
        {"acl": "no-such-acl"},  # the values of an enum are the provider's business
        {"tags": UNKNOWN, "bucket": None},
        {"corsRules": [UNKNOWN, {"allowedMethods": UNKNOWN, "allowedOrigins": []}]},
    ],
)
def test_what_may_be_right_is_not_complained_about(
    schemas: Schemas, inputs: dict[str, Any]
) -> None:
    assert schemas.problems(BUCKET, inputs) == []


def test_an_asset_is_accepted_as_code(schemas: Schemas) -> None:
    assert aws.lambda_.Function
    inputs = {"code": Asset("file", "a.zip"), "role": "r"}
    assert schemas.problems("aws:lambda/function:Function", inputs) == []


def test_a_number_where_text_or_number_is_wanted_is_accepted(schemas: Schemas) -> None:
    inputs = {"spec": {"ports": [{"port": 80, "targetPort": "http"}], "typ": "x"}}
    assert _faults(schemas, SERVICE, inputs) == [("spec.typ", "spec has no input 'typ'")]


def test_inputs_of_a_provider_are_looked_at_below_their_json(schemas: Schemas) -> None:
    assert aws.Provider
    inputs = {"region": "eu-west-1", "defaultTags": json.dumps({"tag": {"a": "b"}})}
    assert _faults(schemas, "pulumi:providers:aws", inputs) == [
        ("defaultTags.tag", "defaultTags has no input 'tag'")
    ]


def test_arguments_of_a_function_are_checked_at_any_depth(schemas: Schemas) -> None:
    assert aws.iam.get_policy_document
    args = {"statements": [{"action": ["s3:*"], "principals": [{"type": "AWS"}]}]}
    assert [problem.message for problem in schemas.call_problems(DOCUMENT, args)] == [
        "statements[0] has no input 'action'",
        "statements[0].principals[0] lacks identifiers",
    ]
