"""Functions, jobs, workflows and images."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from tests.outside.calls import DROPPED
from tests.outside.cloud import ACCOUNT, Call, Rows, Subject
from tests.outside.rows.parts import constant
from tests.outside.surroundings import BATCH_ROLE


def _package(_: Subject) -> Mapping[str, Any]:
    """Some package: what is in the real one, and that it can be imported, is tested elsewhere."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("handler.py", "")
    return {"Code": {"ZipFile": content.getvalue()}}


COMPUTE: Rows = {
    "aws:batch/computeEnvironment:ComputeEnvironment": (
        Call(
            "batch",
            "create_compute_environment",
            names={"name": "computeEnvironmentName"},
            also=("name",),
            # AWS takes the service-linked role where none is given; moto wants one.
            adds=constant(serviceRole=f"arn:aws:iam::{ACCOUNT}:role/{BATCH_ROLE}"),
            gives={"arn": "computeEnvironmentArn"},
        ),
    ),
    "aws:batch/jobDefinition:JobDefinition": (
        Call(
            "batch",
            "register_job_definition",
            names={"deregisterOnNewRevision": DROPPED, "name": "jobDefinitionName"},
            also=("name",),
            gives={"arn": "jobDefinitionArn", "id": "jobDefinitionArn"},
        ),
    ),
    "aws:batch/jobQueue:JobQueue": (
        Call(
            "batch",
            "create_job_queue",
            names={"name": "jobQueueName"},
            also=("name",),
            gives={"arn": "jobQueueArn"},
        ),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": (
        Call(
            "ecr",
            "put_lifecycle_policy",
            names={"policy": "lifecyclePolicyText", "repository": "repositoryName"},
        ),
    ),
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": (
        Call("ecr", "put_registry_scanning_configuration"),
    ),
    "aws:ecr/repository:Repository": (
        Call("ecr", "create_repository", names={"name": "repositoryName"}, also=("name",)),
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": (
        Call(
            "ecr",
            "set_repository_policy",
            names={"policy": "policyText", "repository": "repositoryName"},
        ),
    ),
    "aws:lambda/function:Function": (
        Call(
            "lambda",
            "create_function",
            names={
                "name": "FunctionName",
                "sourceKmsKeyArn": "Code.SourceKMSKeyArn",
            },
            also=("name",),
            by_hand=("code",),
            adds=_package,
            gives={"arn": "FunctionArn"},
        ),
        Call(
            "lambda",
            "put_function_concurrency",
            names={"name": "FunctionName"},
            takes=("reservedConcurrentExecutions",),
            also=("name",),
        ),
    ),
    "aws:lambda/permission:Permission": (
        Call(
            "lambda",
            "add_permission",
            names={"function": "FunctionName"},
            also=("statementId",),
        ),
    ),
    "aws:sfn/stateMachine:StateMachine": (
        Call(
            "stepfunctions",
            "create_state_machine",
            names={
                "loggingConfiguration.logDestination": (
                    "destinations.cloudWatchLogsLogGroup.logGroupArn"
                ),
            },
            also=("name",),
            gives={"arn": "stateMachineArn"},
        ),
    ),
}
