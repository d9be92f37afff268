"""Controls over AWS Batch: jobs that end, on capacity that is private and not idle."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.vpc import subnet_faults
from fintech_infra.environment import Environment, Resource, UnknownValueError, join, read
from fintech_infra.environment.relations import (
    entry_paths,
    managed_companions,
    refuse_if_hidden,
)
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading
from fintech_infra.environment.values import read_text

JOB_DEFINITION: Final = "aws:batch/jobDefinition:JobDefinition"
COMPUTE_ENVIRONMENT: Final = "aws:batch/computeEnvironment:ComputeEnvironment"
JOB_QUEUE: Final = "aws:batch/jobQueue:JobQueue"
EVENT_RULE: Final = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"

_MINUTE: Final = 60
_DIGEST: Final = re.compile(r".+@sha256:[0-9a-f]{64}")
_CONTAINERS: Final = {
    "containerProperties": (),
    "ecsProperties": ("taskProperties", "containers"),
    "nodeProperties": ("nodeRangeProperties", "container"),
}
"""Where the JSON documents of a job definition hold containers."""
_POD: Final = "eksProperties.podProperties"


@control(
    on=[JOB_DEFINITION],
    severity=Severity.MEDIUM,
    fix="Set timeout.attemptDurationSeconds; EphemeralCompute asks for it.",
    source="AWS Batch user guide, Job timeouts",
    properties=["timeout"],
)
def batch_job_timeout(definition: Resource, *, maximum_minutes: int = 1440) -> Iterator[Fault]:
    """Batch jobs are ended when their time is up.

    A job that hangs, or that somebody made to do something else, otherwise runs and costs until
    it is noticed, with all that its role may do.
    """
    path = "timeout.attemptDurationSeconds"
    seconds = definition.number(path)
    if seconds is None:
        yield Fault(path, "a job has no end")
    elif seconds > maximum_minutes * _MINUTE:
        message = f"a job ends after {seconds // _MINUTE:g} minutes; at most {maximum_minutes}"
        yield Fault(path, f"{message} are allowed")


@control(
    on=[JOB_DEFINITION],
    severity=Severity.MEDIUM,
    fix="Name the image by digest, as in name@sha256:...; EphemeralCompute accepts nothing else.",
    source="PCI DSS 4.0.1 6.5.1; AWS ECR user guide, Pulling an image",
    properties=["containerProperties", "ecsProperties", "nodeProperties", "eksProperties"],
)
def batch_job_image_pinned(definition: Resource) -> Iterator[Fault]:
    """Batch jobs run images that are named by digest.

    A tag can be moved: nobody can tell afterwards which code computed a figure, and whoever can
    push an image can change it.
    """
    yield from decided_first(_unpinned(path, box) for path, box in _containers(definition))


def _unpinned(path: str, container: Mapping[str, Any]) -> Iterator[Fault]:
    image = read_text(container, "image")
    if image is not None and not _DIGEST.fullmatch(image):
        yield Fault(join(path, "image"), f"{image} is not named by digest")


@control(
    on=[JOB_DEFINITION],
    severity=Severity.MEDIUM,
    fix="Add evaluateOnExits that RETRY on the status reasons of AWS and at last EXIT on '*'; "
    "EphemeralCompute does.",
    source="AWS Batch user guide, Automated job retries",
    properties=["retryStrategy"],
)
def batch_job_retries_narrow(definition: Resource) -> Iterator[Fault]:
    """Batch jobs that fail by themselves are not started again by themselves.

    A job that has done half of its work may do that half twice. Only what AWS interrupted before
    it had a chance is safe to repeat without asking.
    """
    attempts = definition.number("retryStrategy.attempts")
    if attempts is None or attempts <= 1:
        return
    rules = list(definition.each("retryStrategy.evaluateOnExits"))
    if not any(_exits_on_rest(rule) for _, rule in rules):
        yield Fault("retryStrategy.evaluateOnExits", "every failure is repeated")


def _exits_on_rest(rule: Mapping[str, Any]) -> bool:
    found = {key: read_text(rule, key) for key in ("onReason", "onStatusReason", "onExitCode")}
    given = {value for value in found.values() if value}
    return str(read(rule, "action")).upper() == "EXIT" and given == {"*"}


@control(
    on=[COMPUTE_ENVIRONMENT, JOB_DEFINITION],
    severity=Severity.HIGH,
    fix="Use subnets whose route table has no internet gateway, and set "
    "networkConfiguration.assignPublicIp to DISABLED; EphemeralCompute asks for such subnets and "
    "never assigns an address.",
    source="PCI DSS 4.0.1 1.3.2, 1.4.4",
    properties=["computeResources", "containerProperties", "ecsProperties", "nodeProperties"],
)
def batch_compute_private(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Batch jobs run without a public address, in subnets without a route to the internet.

    A job reads data at large; with a way out, a single malicious package takes it along.
    """
    if resource.type == JOB_DEFINITION:
        yield from decided_first(_addressed(path, box) for path, box in _networks(resource))
        return
    seen: set[str] = set()
    yield from decided_first(
        subnet_faults(resource, path, environment, seen)
        for path in entry_paths(resource, "computeResources.subnets")
    )


def _addressed(path: str, box: Mapping[str, Any]) -> Iterator[Fault]:
    if read(box, "networkConfiguration.assignPublicIp") == "ENABLED":
        at = join(join(path, "networkConfiguration"), "assignPublicIp")
        yield Fault(at, "a job gets a public address")


@control(
    on=[COMPUTE_ENVIRONMENT],
    severity=Severity.LOW,
    fix="Leave minVcpus at 0; EphemeralCompute runs on Fargate, which has no idle capacity.",
    source="AWS Batch user guide, Compute environment parameters",
    properties=["computeResources"],
)
def batch_compute_scales_to_zero(compute: Resource) -> Iterator[Fault]:
    """Batch keeps no capacity while no job runs.

    Idle hosts cost as much as busy ones, and stay up, unpatched, for whoever gets into one.
    """
    path = "computeResources.minVcpus"
    fewest = compute.number(path)
    if fewest is not None and fewest > 0:
        yield Fault(path, f"{fewest} vCPUs are kept while no job runs")


@control(
    on=[JOB_QUEUE],
    severity=Severity.MEDIUM,
    fix="Add jobStateTimeLimitActions for the reasons that AWS Batch names; EphemeralCompute does.",
    source="AWS Batch user guide, Jobs stuck in a RUNNABLE status",
    properties=["jobStateTimeLimitActions"],
)
def batch_queue_unblocks(queue: Resource) -> Iterator[Fault]:
    """Batch queues cancel a job that cannot start.

    It waits at the head for ever, and what is behind it, such as the end of the day, does not run.
    """
    if not list(queue.each("jobStateTimeLimitActions")):
        yield Fault("jobStateTimeLimitActions", "a job that cannot start blocks the queue for ever")


@control(
    on=[JOB_QUEUE],
    severity=Severity.MEDIUM,
    fix="Add an EventBridge rule for 'Batch Job State Change' of the queue, with a target that "
    "keeps it; EphemeralCompute records to a log group.",
    source="SOX 404; AWS Batch user guide, EventBridge events",
)
def batch_jobs_recorded(queue: Resource, environment: Environment) -> Iterator[Fault]:
    """What Batch runs is recorded somewhere that outlives it.

    Batch forgets a job a week after it ended; what computed a figure, from what and as whom, is
    then unknown.
    """
    unknown: UnknownValueError | None = None
    for rule in environment.of_type(EVENT_RULE):
        try:
            with reading(rule.name, ""):
                if _records(rule, queue) and _delivered(rule, environment):
                    return
        except UnknownValueError as error:
            unknown = unknown or error
    if unknown is not None:
        raise unknown
    refuse_if_hidden(environment, queue, "eventPattern", EVENT_RULE)
    yield Fault("", "no rule in this program records the jobs of this queue")


def _delivered(rule: Resource, environment: Environment) -> bool:
    return bool(managed_companions(environment, rule, "rule", EVENT_TARGET))


def _records(rule: Resource, queue: Resource) -> bool:
    if rule.existing or rule.value("state") == "DISABLED":
        return False
    if not rule.is_set("eventPattern"):
        return False  # it runs by a schedule
    pattern = _parsed(rule, "eventPattern")
    detail = pattern.get("detail") or {}
    return (
        _admits(pattern, "source", "aws.batch")
        and _admits(pattern, "detail-type", "Batch Job State Change")
        and _admits(detail, "jobQueue", queue.outputs.get("arn"))
        and all(_admits(detail, "status", end) for end in ("SUCCEEDED", "FAILED"))
        and not set(detail) - {"jobQueue", "status"}
    )


def _admits(pattern: Mapping[str, Any], key: str, value: Any) -> bool:
    """Whether a pattern lets this value through; a filter that is no plain value is not judged."""
    if key not in pattern:
        return True
    accepted = pattern[key]
    if any(isinstance(item, Mapping) for item in accepted):
        raise UndecidedError("", f"the filter of {key} is not a list of values")
    return value in accepted


def _networks(definition: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What carries network configuration: containers, and tasks of `ecsProperties`."""
    yield from _containers(definition)
    if definition.is_set("ecsProperties"):
        yield from _below("ecsProperties", _parsed(definition, "ecsProperties"), "taskProperties")


def _containers(definition: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield `(path, container)` for all containers of a job definition, whatever form they have."""
    for path, keys in _CONTAINERS.items():
        if definition.is_set(path):
            yield from _below(path, _parsed(definition, path), *keys)
    for kind in ("containers", "initContainers"):
        yield from definition.each(f"{_POD}.{kind}")


def _below(path: str, value: Any, *keys: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not keys:
        yield path, value
        return
    inner, here = read(value, keys[0]), join(path, keys[0])
    for index, item in enumerate(inner if isinstance(inner, list) else [inner] if inner else []):
        at = join(here, index) if isinstance(inner, list) else here
        yield from _below(at, item, *keys[1:])


def _parsed(resource: Resource, path: str) -> Mapping[str, Any]:
    """Return the JSON document at `path`.

    Raises:
        UndecidedError: it is not JSON, so what it says cannot be told.
    """
    found = resource.value(path)
    if isinstance(found, Mapping):
        return cast("Mapping[str, Any]", found)
    try:
        parsed = json.loads(str(found or "{}"))
    except ValueError:
        raise UndecidedError(path, f"{path} is not JSON") from None
    return parsed if isinstance(parsed, Mapping) else {}


CONTROLS: Final = (
    batch_job_timeout,
    batch_job_image_pinned,
    batch_job_retries_narrow,
    batch_compute_private,
    batch_compute_scales_to_zero,
    batch_queue_unblocks,
    batch_jobs_recorded,
)
