"""The workflow as the component defines it, run by moto with the real handlers behind it.

moto's interpreter of Step Functions needs the extra packages of `moto[stepfunctions]`. What these
tests do not prove: that AWS interprets the definition as moto does, or that the role suffices.
"""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend

from fintech_infra.components._healing.workflow import Parts, definition
from fintech_infra.components._policy import Account
from fintech_infra.functions.remediation.decide import Risk
from fintech_infra.functions.remediation.settings import Duty

pytest.importorskip("antlr4")
pytest.importorskip("jsonpath_ng")

ACCOUNT: Final = Account("123456789012", "aws", "eu-west-1", "amazonaws.com")
CONFIG: Final[Any] = {
    "lambda": {"use_docker": False},
    "stepfunctions": {"execute_state_machine": True},
}
SECONDS: Final = 60


@dataclass
class Estate:
    """The account with the workflow in it. `answer` is what a person does with a token."""

    account: Any
    machine: str
    inbox: str
    undelivered: str
    answer: Callable[[str], Any] | None = None
    mails: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def run(self, remediation: str, event: dict[str, Any]) -> str:
        """Run the workflow to its end, and return how it ended."""
        before = set(threading.enumerate())
        states = self.account.clients("stepfunctions")
        given = json.dumps({"remediation": remediation, "approval": None, "event": event})
        execution = states.start_execution(
            stateMachineArn=self.machine, name=event["id"], input=given
        )["executionArn"]
        if self.answer is not None:
            self.read(SECONDS)
            self.answer(self.mails[0][1].rpartition(" TOKEN: ")[2])
        for thread in set(threading.enumerate()) - before:
            thread.join(SECONDS)
        self.read(0)
        return states.describe_execution(executionArn=execution)["status"]

    def read(self, seconds: int) -> None:
        """Read what the topic delivered, after it delivered something."""
        found = self.account.clients("sqs").receive_message(
            QueueUrl=self.inbox, MaxNumberOfMessages=10, WaitTimeSeconds=min(seconds, 20)
        )
        for item in found.get("Messages", []):
            mail = json.loads(item["Body"])
            self.mails.append((mail["Subject"], mail["Message"]))

    def dead_letters(self) -> list[dict[str, Any]]:
        found = self.account.clients("sqs").receive_message(QueueUrl=self.undelivered)
        return [json.loads(item["Body"]) for item in found.get("Messages", [])]


@pytest.fixture
def estate(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Generator[Estate]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws(config=CONFIG):
        account = request.getfixturevalue("account")
        clients = account.clients
        role = clients("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")
        functions = {
            name: clients("lambda").create_function(
                FunctionName=name,
                Runtime="python3.13",
                Role=role["Role"]["Arn"],
                Handler="handler.handle",
                Code={"ZipFile": code()},
            )["FunctionArn"]
            for name in ("judge", "act")
        }
        topic = clients("sns").create_topic(Name="alarms")["TopicArn"]
        inbox, undelivered = (
            clients("sqs").create_queue(QueueName=name)["QueueUrl"]
            for name in ("inbox", "undelivered")
        )
        clients("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=ACCOUNT.arn("sqs", "inbox")
        )
        parts = Parts(ACCOUNT, functions["judge"], functions["act"], topic, undelivered, 1)
        machine = clients("stepfunctions").create_state_machine(
            name="workflow", definition=json.dumps(definition(parts)), roleArn=role["Role"]["Arn"]
        )["stateMachineArn"]
        made = Estate(account, machine, inbox, undelivered)

        def invoke(
            _: Any, function_name: str, __: Any, body: Any, ___: Any, headers: dict[str, str]
        ) -> bytes:
            try:
                duty = Duty(function_name.rpartition(":")[2])
                answer = account.serve(duty, json.loads(body))
            except Exception as error:  # noqa: BLE001 - as Lambda reports any of them
                headers["x-amz-function-error"] = "Unhandled"
                answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return json.dumps(answer).encode()

        monkeypatch.setattr(LambdaSimpleBackend, "invoke", invoke)
        yield made


def code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "")
    return packed.getvalue()


@pytest.fixture
def opened(estate: Estate, call: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """A declared bucket without its public access block, and the event of that."""
    estate.account.clients("s3").create_bucket(
        Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    for remediation in ("block-bucket", "ask-for-reapply"):
        estate.account.declare(remediation, {"data": {"urn": "urn:pulumi:prod::p::t::data"}})
    return call("DeleteBucketPublicAccessBlock", {"bucketName": "data"})


def is_closed(estate: Estate) -> bool:
    s3 = estate.account.clients("s3")
    try:
        found = s3.get_public_access_block(Bucket="data")
    except s3.exceptions.ClientError:
        return False
    return all(found["PublicAccessBlockConfiguration"].values())


def test_what_is_automatic_is_done_and_told(estate: Estate, opened: dict[str, Any]) -> None:
    assert estate.run("block-bucket", opened) == "SUCCEEDED"
    assert is_closed(estate)
    assert [subject for subject, _ in estate.mails] == ["Self-healing: done: block-bucket"]
    assert sorted(estate.account.ledger()) == ["intent", "judged", "outcome", "reserved"]


@pytest.mark.parametrize("how", ["approved", "rejected", "not answered"])
def test_a_person_decides(estate: Estate, opened: dict[str, Any], how: str) -> None:
    states = estate.account.clients("stepfunctions")
    estate.account.configure(risks={"block-bucket": Risk.APPROVE})
    estate.answer = {
        "approved": lambda token: states.send_task_success(taskToken=token, output='{"by": "al"}'),
        "rejected": lambda token: states.send_task_failure(taskToken=token, error="Rejected"),
        "not answered": None,
    }[how]
    assert estate.run("block-bucket", opened) == "SUCCEEDED"
    done = how == "approved"
    assert is_closed(estate) is done
    assert [subject for subject, _ in estate.mails] == [
        "Self-healing: approval needed: block-bucket",
        f"Self-healing: {'done' if done else 'NOT done'}: block-bucket",
    ]
    assert ("rejected" in estate.account.ledger()) is not done
    assert estate.dead_letters() == []


def test_people_are_asked_to_reapply(estate: Estate, opened: dict[str, Any]) -> None:
    opened["detail"]["eventName"] = "PutBucketPolicy"
    assert estate.run("ask-for-reapply", opened) == "SUCCEEDED"
    ((subject, message),) = estate.mails
    assert subject == "Self-healing: run pulumi up: ask-for-reapply"
    assert "pulumi up --refresh --stack prod --target 'urn:pulumi:prod::p::t::data'" in message


def test_an_event_that_is_not_known_is_kept_and_pages(
    estate: Estate, opened: dict[str, Any]
) -> None:
    assert estate.run("block-bucket", {**opened, "account": "999999999999"}) == "FAILED"
    ((subject, message),) = estate.mails
    assert subject == "Self-healing: FAILED: block-bucket"
    assert "is of account '999999999999'" in message
    (letter,) = estate.dead_letters()
    assert letter["event"]["account"] == "999999999999"
    assert letter["error"]["Error"] == "UnknownEventError"
    assert not is_closed(estate)


def test_what_is_as_declared_is_told_to_nobody(estate: Estate, opened: dict[str, Any]) -> None:
    estate.run("block-bucket", opened)
    estate.mails.clear()
    assert estate.run("block-bucket", {**opened, "id": "e-2"}) == "SUCCEEDED"
    assert estate.mails == []
