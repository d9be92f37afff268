"""Bedrock, with botocore's own model of the service as the judge of what is sent and answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from botocore.stub import Stubber

from fintech_infra.operations.language_model import Settings, client_for
from fintech_infra.operations.language_model.bedrock import Bedrock
from tests.operations.language_model.samples import asked, recorded

SETTINGS = Settings(provider="bedrock", model="some.model-v1:0", region="eu-central-1")


@pytest.fixture(scope="module")
def runtime() -> Any:
    config = Config(signature_version=UNSIGNED)
    return boto3.client("bedrock-runtime", region_name="eu-central-1", config=config)


@pytest.fixture
def stubbed(runtime: Any) -> Iterator[Stubber]:
    with Stubber(runtime) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_a_question_is_asked_and_the_answer_is_read(runtime: Any, stubbed: Stubber) -> None:
    stubbed.add_response("converse", recorded("bedrock_claims"))
    found = asked(Bedrock(runtime), SETTINGS)
    assert (found.failure, found.tokens) == ("", (812, 96))
    assert [item["resource"] for item in found.held or ()] == ["r1", "r9"]


def test_the_schema_goes_along_where_it_is_wanted(runtime: Any, stubbed: Stubber) -> None:
    stubbed.add_response("converse", recorded("bedrock_reasoning"))
    settings = replace(SETTINGS, structured_output=True)
    assert asked(Bedrock(runtime), settings).held


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bedrock_tool_use", "did not answer: it tried to use a tool"),
        ("bedrock_cut_off", "did not answer: its answer was cut off at max_output_tokens"),
        ("bedrock_guardrail", "did not answer: a guardrail refused the answer"),
    ],
)
def test_what_is_no_whole_answer_is_none(
    runtime: Any, stubbed: Stubber, name: str, reason: str
) -> None:
    stubbed.add_response("converse", recorded(name))
    found = asked(Bedrock(runtime), SETTINGS)
    assert (found.failure, found.held) == (reason, None)


def test_a_service_that_throttles_is_asked_again(runtime: Any, stubbed: Stubber) -> None:
    stubbed.add_client_error("converse", "ThrottlingException", "Too many requests", 429)
    stubbed.add_response("converse", recorded("bedrock_claims"))
    slept: list[float] = []
    found = asked(Bedrock(runtime), SETTINGS, slept.append)
    assert (len(found.held or ()), slept) == (2, [1.0])


def test_a_service_that_refuses_is_not_asked_again(runtime: Any, stubbed: Stubber) -> None:
    stubbed.add_client_error(
        "converse",
        "AccessDeniedException",
        "arn:aws:iam::111122223333:user/anna may\x1b[2J not",
        403,
    )
    found = asked(Bedrock(runtime), SETTINGS)
    assert found.failure == r"did not answer: AccessDeniedException: [...] may\x1b[2J not"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ReadTimeoutError(endpoint_url="https://x"), "time-out after 30 s; asked 3 times"),
        (
            EndpointConnectionError(endpoint_url="https://x"),
            'Could not connect to the endpoint URL: "https://x"; asked 3 times',
        ),
        (NoCredentialsError(), "Unable to locate credentials"),
    ],
)
def test_what_goes_wrong_on_the_way_is_said(error: Exception, reason: str) -> None:
    class Failing:
        def converse(self, **_: object) -> object:
            raise error

    found = asked(Bedrock(Failing()), SETTINGS)
    assert found.failure == f"did not answer: {reason}"


def test_the_client_of_the_settings_asks_once_per_attempt_in_their_region() -> None:
    client = client_for(replace(SETTINGS, timeout=7, endpoint="https://vpce.example.com"))
    assert isinstance(client, Bedrock)
    made = client._client(replace(SETTINGS, timeout=7, endpoint="https://vpce.example.com"))
    assert (made.meta.region_name, made.meta.endpoint_url) == (
        "eu-central-1",
        "https://vpce.example.com",
    )
    assert (made.meta.config.read_timeout, made.meta.config.retries["total_max_attempts"]) == (7, 1)
