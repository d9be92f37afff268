from __future__ import annotations

import sys

import boto3
import pytest
from botocore.stub import Stubber

from fintech_infra.operations.aws import Access, NoAccessError, UnreadError, connect


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")


def test_without_a_region_nothing_is_asked() -> None:
    with pytest.raises(NoAccessError, match="no region") as caught:
        connect()
    assert "--region" in caught.value.hint


def test_a_profile_that_does_not_exist_is_named() -> None:
    with pytest.raises(NoAccessError, match="none-such"):
        connect("eu-west-1", "none-such")


def test_without_boto3_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(NoAccessError) as caught:
        connect("eu-west-1")
    assert "fintech_infra[operations]" in caught.value.hint


def test_a_client_is_made_once_for_each_service_and_region() -> None:
    made = list[tuple[str, str]]()

    def make(service: str, region: str) -> object:
        made.append((service, region))
        return object()

    access = Access(make, "eu-west-1")
    assert access.client("s3") is access.client("s3", "eu-west-1")
    access.client("s3", "us-east-1")
    assert made == [("s3", "eu-west-1"), ("s3", "us-east-1")]


def refusing(code: str) -> Access:
    secret = "documentation"
    client = boto3.client(
        "kms", "eu-west-1", aws_access_key_id=secret, aws_secret_access_key=secret
    )
    stubber = Stubber(client)
    stubber.add_client_error("describe_key", code, "not for you")
    stubber.activate()
    return Access(lambda _service, _region: client, "eu-west-1")


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"])
def test_what_is_denied_names_the_permission(code: str) -> None:
    with pytest.raises(UnreadError, match="AccessDenied: not for you") as caught:
        refusing(code).ask("kms", "describe_key", KeyId="1")
    assert caught.value.hint == "the role needs kms:DescribeKey"


def test_what_may_be_missing_is_none_and_all_else_is_unread() -> None:
    missing = ("NotFoundException",)
    gone = refusing("NotFoundException")
    assert gone.ask("kms", "describe_key", KeyId="1", missing=missing) is None
    with pytest.raises(UnreadError, match="kms:DescribeKey: Throttling"):
        refusing("Throttling").ask("kms", "describe_key", KeyId="1", missing=missing)


def test_wrong_parameters_are_unread_too() -> None:
    with pytest.raises(UnreadError, match="ParamValidationError"):
        refusing("Throttling").ask("kms", "describe_key", KeyId=1)
