"""Log groups, dead-letter queues and functions, which components have in common.

What these tests do not prove: that Lambda, SQS and CloudWatch Logs accept what is declared.
"""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import pulumi
import pytest

import fintech_infra
from fintech_infra.components._account import account_of
from fintech_infra.components._component import Component
from fintech_infra.components._function import FunctionPlan, make_function, packaged, source
from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._policy import permit
from fintech_infra.components._queue import make_dead_letter_queue
from fintech_infra.components._site import Site

KEY = "arn:aws:kms:eu-west-1:111122223333:key/k-1"
RULES = "arn:aws:events:eu-west-1:111122223333:rule/watch-*"


class PartsArgs(TypedDict):
    """Nothing."""


class Parts(Component):
    """A component of one function, and of one queue for rules."""

    def __init__(
        self, name: str, args: PartsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, args, opts)
        account = account_of(self)
        site = Site(self, name, None, {"team": "pay"})
        plan = FunctionPlan(
            package="parts",
            description="Does one thing",
            permissions=[permit("Read", actions=["s3:GetObject"], on="arn:aws:s3:::b/*")],
            environment={"MODE": "dry"},
        )
        make_function(site, "watcher", plan, key_arn=KEY, account=account)
        make_dead_letter_queue(
            site,
            "rules",
            key_arn=KEY,
            account=account,
            senders={"events.amazonaws.com": RULES},
        )


@pytest.fixture
def parts(deploy: Callable[..., Any]) -> Any:
    """What the component registers."""
    return deploy(lambda: Parts("p", {}))


def policy(text: str) -> dict[str, Any]:
    """The statements of a document by Sid."""
    return {item.pop("Sid"): item for item in json.loads(text)["Statement"]}


def test_a_function_comes_with_a_role_a_log_group_and_dead_letters(parts: Any) -> None:
    assert parts.identities == [
        ("aws:cloudwatch/logGroup:LogGroup", "p-watcher-logs"),
        ("aws:iam/role:Role", "p-watcher"),
        ("aws:iam/rolePolicy:RolePolicy", "p-watcher"),
        ("aws:lambda/function:Function", "p-watcher"),
        ("aws:sqs/queue:Queue", "p-rules"),
        ("aws:sqs/queue:Queue", "p-watcher-dead-letters"),
        ("aws:sqs/queuePolicy:QueuePolicy", "p-rules"),
        ("aws:sqs/queuePolicy:QueuePolicy", "p-watcher-dead-letters"),
        ("fintech_infra:index:Parts", "p"),
    ]
    assert parts.snake_case_keys() == []


def test_a_function_is_bounded_and_encrypted(parts: Any) -> None:
    inputs = parts.one("aws:lambda/function:Function").inputs
    queue = parts.one("aws:sqs/queue:Queue", "p-watcher-dead-letters")
    group = parts.one("aws:cloudwatch/logGroup:LogGroup")
    assert inputs["reservedConcurrentExecutions"] == 1
    assert inputs["kmsKeyArn"] == inputs["sourceKmsKeyArn"] == KEY
    assert inputs["deadLetterConfig"] == {"targetArn": queue.state["arn"]}
    assert inputs["loggingConfig"]["logGroup"] == group.state["name"]
    assert inputs["handler"] == "fintech_infra.functions.parts.handler.handle"
    assert group.inputs["kmsKeyId"] == KEY
    assert group.inputs["deletionProtectionEnabled"] is True
    assert group.protect is True


def test_a_functions_role_can_do_what_the_plan_says_and_reach_its_own_things(parts: Any) -> None:
    group = parts.one("aws:cloudwatch/logGroup:LogGroup").state["arn"]
    queue = parts.one("aws:sqs/queue:Queue", "p-watcher-dead-letters").state["arn"]
    through = ["lambda.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"]
    assert policy(parts.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]) == {
        "OwnLog": {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{group}:*",
        },
        "OwnDeadLetters": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue},
        "OwnKey": {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": KEY,
            "Condition": {"StringEquals": {"kms:ViaService": through}},
        },
        "Read": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
    }


def test_only_lambda_assumes_a_functions_role(parts: Any) -> None:
    trust = json.loads(parts.one("aws:iam/role:Role").inputs["assumeRolePolicy"])
    assert trust["Statement"] == [
        {
            "Sid": "OwnResources",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]


def test_a_queue_takes_from_named_senders_only_and_only_with_tls(parts: Any) -> None:
    queue = parts.one("aws:sqs/queue:Queue", "p-rules")
    assert queue.inputs["kmsMasterKeyId"] == KEY
    assert queue.inputs["messageRetentionSeconds"] == 1_209_600
    assert policy(parts.one("aws:sqs/queuePolicy:QueuePolicy", "p-rules").inputs["policy"]) == {
        "OnlyWithTls": {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": queue.state["arn"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        "Sender1": {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue.state["arn"],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "111122223333"},
                "ArnLike": {"aws:SourceArn": RULES},
            },
        },
    }


def test_what_personal_data_leaves_in_a_log_is_masked(deploy: Callable[..., Any]) -> None:
    def logs(data_class: str) -> Any:
        component = Parts("p", {})
        make_log_group(Site(component, "x", None, {"data-class": data_class}), "l", key_arn=KEY)

    masks = "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy"
    assert deploy(lambda: logs("confidential")).of_type(masks) == []
    (mask,) = deploy(lambda: logs("cardholder")).of_type(masks)
    assert mask.name == "x-l"
    assert mask.inputs["logGroupName"].startswith("x-l-")


def test_a_function_ships_what_it_needs_beside_its_own_package() -> None:
    given = {"config.json": pulumi.StringAsset("{}"), **source(["operations/__init__.py"])}
    names = set(packaged("rollout", given).assets) - set(packaged("rollout").assets)
    assert names == {"config.json", "fintech_infra/operations/__init__.py"}


def shipped() -> list[str]:
    """The functions of the package."""
    functions = Path(fintech_infra.__file__).parent / "functions"
    return sorted(file.parent.name for file in functions.glob("*/handler.py"))


@pytest.mark.parametrize("package", shipped())
def test_a_packaged_function_can_be_imported_from_its_archive_alone(
    package: str, tmp_path: Path
) -> None:
    import subprocess
    import sys

    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as written:
        for name, asset in packaged(package).assets.items():
            assert isinstance(asset, pulumi.FileAsset)
            written.write(asset.path, name)
    # Isolated from what is installed in editable form, with boto3 as Lambda has it.
    import boto3

    path = [str(archive), str(Path(boto3.__file__).parents[1])]
    code = (
        f"import sys; sys.path[:0] = {path!r}\n"
        "sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in repr(f).lower()]\n"
        f"import fintech_infra.functions.{package}.handler as handler\n"
        "print(handler.__file__, callable(handler.handle))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == (f"{archive}/fintech_infra/functions/{package}/handler.py True")
