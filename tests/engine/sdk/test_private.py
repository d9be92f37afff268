"""The private names of the SDK that the engine reads still mean what they meant.

These tests do not show that the engine uses no other private name; ruff's SLF rule does.
"""

from importlib.metadata import version

import pulumi
import pulumi_aws as aws

from fintech_infra.engine.sdk import private


@pulumi.input_type
class _Nested:
    def __init__(self, *, given_name: pulumi.Input[str]) -> None:
        pulumi.set(self, "given_name", given_name)

    @property
    @pulumi.getter(name="givenName")
    def given_name(self) -> pulumi.Input[str]:
        return pulumi.get(self, "given_name")


def test_the_sdk_is_the_release_that_the_private_names_were_read_in() -> None:
    assert version("pulumi").rpartition(".")[0] == private.CHECKED_VERSION


def test_a_resource_class_tells_its_own_token() -> None:
    assert private.own_token(aws.s3.Bucket) == "aws:s3/bucket:Bucket"


def test_a_subclass_does_not_tell_the_token_of_its_base() -> None:
    class Special(aws.s3.Bucket):
        pass

    assert private.own_token(Special) is None


def test_argument_and_result_classes_are_told_from_others() -> None:
    assert private.is_nested_type(aws.s3.outputs.BucketVersioning)
    assert not private.is_input_type(aws.s3.outputs.BucketVersioning)
    assert private.is_input_type(aws.s3.BucketArgs)
    assert not private.is_nested_type(str)


def test_outputs_declared_by_annotation_have_wire_names() -> None:
    class Annotated(pulumi.CustomResource):
        plain: pulumi.Output[str]
        renamed: pulumi.Output[int] = pulumi.property("wireName")

    assert list(private.annotated(Annotated)) == [
        ("plain", "plain", pulumi.Output[str]),
        ("renamed", "wireName", pulumi.Output[int]),
    ]


def test_properties_have_python_and_wire_names_and_annotations() -> None:
    assert list(private.properties(_Nested)) == [("given_name", "givenName", pulumi.Input[str])]
