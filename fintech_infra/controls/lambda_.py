"""Controls over Lambda functions: who may call them, what they run, what becomes of failures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.relations import (
    companions,
    managed_companions,
    refuse_if_hidden,
)
from fintech_infra.environment.undecided import decided_first

FUNCTION: Final = "aws:lambda/function:Function"
PERMISSION: Final = "aws:lambda/permission:Permission"
FUNCTION_URL: Final = "aws:lambda/functionUrl:FunctionUrl"
LAYER_PERMISSION: Final = "aws:lambda/layerVersionPermission:LayerVersionPermission"
INVOKE_CONFIG: Final = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
SOURCE_MAPPING: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"

_SERVICE_PINS: Final = ("sourceArn", "sourceAccount", "principalOrgId", "eventSourceToken")

UNPATCHED: Final = {
    "dotnet5.0": "2022-05-10",
    "dotnet6": "2024-12-20",
    "dotnet7": "2024-05-14",
    "dotnet8": "2026-11-10",
    "dotnetcore2.1": "2022-01-05",
    "dotnetcore3.1": "2023-04-03",
    "go1.x": "2024-01-08",
    "java8": "2024-01-08",
    "nodejs10.x": "2021-07-30",
    "nodejs12.x": "2023-03-31",
    "nodejs14.x": "2023-12-04",
    "nodejs16.x": "2024-06-12",
    "nodejs18.x": "2025-09-01",
    "nodejs20.x": "2026-04-30",
    "provided": "2024-01-08",
    "provided.al2": "2026-07-31",
    "python2.7": "2021-07-15",
    "python3.6": "2022-07-18",
    "python3.7": "2023-12-04",
    "python3.8": "2024-10-14",
    "python3.9": "2025-12-15",
    "python3.10": "2026-10-31",
    "ruby2.5": "2021-07-30",
    "ruby2.7": "2023-12-07",
    "ruby3.2": "2026-03-31",
}
"""Runtimes that AWS no longer patches, since when.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

_ASYNCHRONOUS: Final = (
    "cloudformation", "codecommit", "config", "events", "iot", "logs", "s3", "ses", "sns",
)  # fmt: skip
"""Services that call a function without waiting for its answer.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html"""

_STREAMS: Final = (":dynamodb:", ":kinesis:")


@control(
    on=[PERMISSION, FUNCTION_URL, LAYER_PERMISSION],
    severity=Severity.CRITICAL,
    fix="Name the principal; give sourceArn or sourceAccount with a service; use authorizationType "
    "AWS_IAM, and organizationId for a layer.",
    source="AWS Lambda developer guide, Resource-based policies; FSBP Lambda.1",
    properties=["principal", "sourceArn", "sourceAccount", "principalOrgId", "authorizationType"],
)
def lambda_permission_not_public(resource: Resource) -> Iterator[Fault]:
    """Functions, their URLs and layers are open to nobody in general.

    A service that may call without a source may be made to call by any other customer of it: the
    confused deputy.
    """
    if resource.type == FUNCTION_URL:
        if resource.value("authorizationType") != "AWS_IAM":
            yield Fault("authorizationType", "anyone on the internet can call the function")
        return
    principal = str(resource.value("principal"))
    if resource.type == LAYER_PERMISSION:
        if principal == "*" and not resource.is_set("organizationId"):
            yield Fault("principal", "anyone can use the layer")
    elif principal == "*" and not resource.is_set("principalOrgId"):
        yield Fault("principal", "anyone can call the function")
    elif ".amazon" in principal and not any(map(resource.is_set, _SERVICE_PINS)):
        yield Fault("sourceArn", f"{principal} can call the function on behalf of anyone")


@control(
    on=[FUNCTION],
    severity=Severity.MEDIUM,
    fix="Use a runtime that AWS patches, or a container image of your own.",
    source="AWS Lambda developer guide, Lambda runtimes; FSBP Lambda.2",
    properties=["runtime"],
)
def lambda_runtime_supported(function: Resource) -> Iterator[Fault]:
    """Functions use a runtime that AWS still patches.

    A flaw found in the language after that date stays in the function. Images bring their own
    runtime, and are not judged.
    """
    runtime = function.text("runtime")
    if runtime in UNPATCHED:
        yield Fault("runtime", f"AWS stopped patching {runtime} on {UNPATCHED[runtime]}")


@control(
    on=[FUNCTION],
    severity=Severity.MEDIUM,
    fix="Set kmsKeyArn to a customer-managed key.",
    source="AWS Lambda developer guide, Securing environment variables",
    properties=["environment", "kmsKeyArn"],
)
def lambda_env_encrypted(function: Resource) -> Iterator[Fault]:
    """Environment variables are encrypted with a customer-managed key.

    Without, whoever may read the function's configuration reads them, too.
    """
    if not function.is_set("kmsKeyArn") and function.value("environment.variables"):
        yield Fault("kmsKeyArn", "environment variables are encrypted with a key of AWS's own")


@control(
    on=[FUNCTION, SOURCE_MAPPING],
    severity=Severity.LOW,
    fix="Set deadLetterConfig, or destinationConfig.onFailure of a FunctionEventInvokeConfig or "
    "EventSourceMapping; set reservedConcurrentExecutions.",
    source="AWS Lambda developer guide, Retaining records of asynchronous invocations",
    scope=Scope.PROD,
    properties=["deadLetterConfig", "reservedConcurrentExecutions", "destinationConfig"],
)
def lambda_failure_handled(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Failed events are kept, and every function has a bound of concurrency.

    A function that nobody waits for fails in silence: its event is gone after two more attempts.
    One without a bound takes the concurrency of the whole account. Judged are the functions that
    an asynchronous service may call, and mappings of streams.
    """
    if resource.type == SOURCE_MAPPING:
        yield from _mapping_faults(resource)
        return
    yield from decided_first((_bound(resource), _kept(resource, environment)))


def _mapping_faults(mapping: Resource) -> Iterator[Fault]:
    if mapping.is_set("destinationConfig.onFailure.destinationArn"):
        return
    if any(stream in str(mapping.value("eventSourceArn") or "") for stream in _STREAMS):
        path = "destinationConfig.onFailure.destinationArn"
        yield Fault(path, "records that the function cannot process are skipped and lost")


def _bound(function: Resource) -> Iterator[Fault]:
    bound = function.number("reservedConcurrentExecutions")
    if bound is None or bound < 0:
        yield Fault("reservedConcurrentExecutions", "the function has no bound of concurrency")


def _kept(function: Resource, environment: Environment) -> Iterator[Fault]:
    if function.is_set("deadLetterConfig.targetArn"):
        return
    if not any(map(_is_asynchronous, _callers(function, environment))):
        return
    configs = companions(environment, function, "functionName", INVOKE_CONFIG)
    if not any(item.is_set("destinationConfig.onFailure.destination") for item in configs):
        yield Fault("deadLetterConfig.targetArn", "events that the function fails on are lost")


def _callers(function: Resource, environment: Environment) -> tuple[Resource, ...]:
    found = managed_companions(environment, function, "function", PERMISSION)
    if not found:
        refuse_if_hidden(environment, function, "function", PERMISSION)
    return found


def _is_asynchronous(permission: Resource) -> bool:
    return str(permission.value("principal")).partition(".")[0] in _ASYNCHRONOUS


CONTROLS: Final = (
    lambda_permission_not_public,
    lambda_runtime_supported,
    lambda_env_encrypted,
    lambda_failure_handled,
)
