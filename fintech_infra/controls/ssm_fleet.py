"""Controls over how Systems Manager reaches instances, and patches them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from fintech_infra.controls.account_stacks import missing
from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.instances import INSTANCE
from fintech_infra.controls.ssm import DOCUMENT
from fintech_infra.environment import STACK_TYPE, Environment, Resource, read
from fintech_infra.environment.documents import DocumentError
from fintech_infra.environment.undecided import UndecidedError, reading

ASSOCIATION: Final = "aws:ssm/association:Association"
WINDOW: Final = "aws:ssm/maintenanceWindow:MaintenanceWindow"
WINDOW_TASK: Final = "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask"

_PATCHING: Final = "*AWS-RunPatchBaseline*"
# A place where sessions are logged, and the switch that it be encrypted.
_STORES: Final = {
    "s3BucketName": "s3EncryptionEnabled",
    "cloudWatchLogGroupName": "cloudWatchEncryptionEnabled",
}


@control(
    on=[DOCUMENT],
    severity=Severity.MEDIUM,
    fix="Set kmsKeyId, and s3BucketName or cloudWatchLogGroupName with its encryption, in the "
    "inputs of the document.",
    source="AWS Systems Manager user guide, Logging session activity; PCI DSS 4.0.1 10.2.1.2",
    properties=["documentType", "documentFormat", "content"],
)
def ssm_session_logging_enabled(document: Resource) -> Iterator[Fault]:
    """Sessions on instances are encrypted with a key of their own and logged to a store that is.

    What an administrator typed on a machine is in no other record. Sessions that forward a port
    have no content to log, and are not judged.
    """
    if document.value("documentType") != "Session":
        return
    content = _content(document)
    if str(read(content, "sessionType") or "Standard_Stream") == "Port":
        return
    if not read(content, "inputs.kmsKeyId"):
        yield Fault("content.inputs.kmsKeyId", "no key encrypts what is typed and shown")
    named = {key: flag for key, flag in _STORES.items() if read(content, f"inputs.{key}")}
    if not named:
        yield Fault("content.inputs", "sessions are logged to no place")
    for key, flag in named.items():
        if read(content, f"inputs.{flag}") is False:
            yield Fault(f"content.inputs.{flag}", f"sessions are logged to {key} unencrypted")


def _content(document: Resource) -> Any:
    content = document.value("content")
    if document.value("documentFormat") == "YAML":
        raise UndecidedError("content", "the document is YAML, which is not read")
    if not isinstance(content, str):
        return content
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise DocumentError("content", f"content is not JSON: {error.msg}") from None


@control(
    on=[INSTANCE, ASSOCIATION, WINDOW, STACK_TYPE],
    severity=Severity.MEDIUM,
    fix="Declare an ssm.Association with the document that runs the patch baseline and a "
    "scheduleExpression.",
    source="FSBP SSM.2; PCI DSS 4.0.1 6.3.3",
    scope=Scope.PROD,
    properties=["name", "scheduleExpression", "enabled"],
)
def ssm_patching_scheduled(
    resource: Resource, environment: Environment, *, account_stacks: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Instances that live long are patched on a schedule, which is on.

    Known flaws are used within days of the patch. Instances whose program patches none are left
    undecided, for the account's baseline may patch them; that it does is judged in the stacks that
    account_stacks names, as patterns of project/stack.
    """
    if resource.type == STACK_TYPE:
        if not _patches(environment):
            yield from missing(environment, account_stacks, [], "recurring patching")
    elif resource.type == INSTANCE:
        if not _patches(environment):
            raise UndecidedError("", "no patching is scheduled in this program")
    elif resource.type == ASSOCIATION:
        if _is_patching(resource.value("name")) and not resource.is_set("scheduleExpression"):
            yield Fault("scheduleExpression", "patches are installed once, and never again")
    elif resource.value("enabled") is False and _tasks(resource, environment):
        yield Fault("enabled", "the window in which patches are installed is off")


def _is_patching(name: Any) -> bool:
    return fnmatchcase(str(name), _PATCHING)


def _patches(environment: Environment) -> bool:
    associations = (
        item
        for item in environment.of_type(ASSOCIATION)
        if _is_patching(item.value("name")) and item.is_set("scheduleExpression")
    )
    with reading("a patching association", ""):
        if any(True for _ in associations):
            return True
    windows = environment.of_type(WINDOW)
    return any(item.value("enabled") is not False and _tasks(item, environment) for item in windows)


def _tasks(window: Resource, environment: Environment) -> list[Resource]:
    """The tasks of a window that patch."""
    found: list[Resource] = []
    for task in environment.referrers(window, WINDOW_TASK, "windowId"):
        with reading(task.name, ""):
            if _is_patching(task.value("taskArn")):
                found.append(task)
    return found


CONTROLS: Final = (ssm_session_logging_enabled, ssm_patching_scheduled)
