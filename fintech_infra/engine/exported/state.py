"""States: what `pulumi stack export` writes, and the files of a backend of one's own.

The format is `UntypedDeployment` of pulumi/pulumi (`sdk/go/common/apitype`), versions 3 and 4,
which differ in features alone. No key of a secrets provider is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from fintech_infra.engine.exported.fields import Fields
from fintech_infra.engine.exported.resources import Resources
from fintech_infra.environment import Diagnostic, Environment, Resource

_VERSIONS: Final = (3, 4)


def read_state(content: Mapping[str, Any], fields: Fields) -> Environment:
    """Return the environment in a state, its values as they were deployed last.

    Resources that wait for their deletion, or that were deleted to be made anew, are told of in
    diagnostics and not part of the environment.

    Raises:
        PreviewError: the version is another one, or the state has mistakes; all are listed.
    """
    _check_version(content, fields)
    top, deployment = _deployment(content, fields)
    resources = Resources(fields)
    found: list[Resource] = []
    notes: list[Diagnostic] = []
    for at, item in fields.objects(deployment, "resources", top):
        resource = resources.resource(item, at)
        if resource is None:
            continue
        if gone := _leaving(item, at, fields):
            notes.append(Diagnostic("warning", f"{_named(resource)} {gone}"))
        else:
            found.append(resource)
            notes += _failures(item, at, fields, resource)
    notes += _interrupted(deployment, top, fields)
    environment = resources.environment(found)
    if not found and fields.sound:
        fields.note(top, "holds no resources, so there is nothing to judge")
    fields.settle()
    notes += encryption_note(resources.encrypted, "pulumi stack export --show-secrets")
    return replace(environment, diagnostics=tuple(notes))


def encryption_note(secrets: int, remedy: str) -> Iterator[Diagnostic]:
    """Say how many values only a key would open; controls that need one cannot decide."""
    if secrets:
        values = "1 value is" if secrets == 1 else f"{secrets} values are"
        yield Diagnostic(
            "info", f"{values} encrypted, so no control can read them; in the clear: {remedy}"
        )


def _check_version(content: Mapping[str, Any], fields: Fields) -> None:
    version = content.get("version")
    if version in _VERSIONS and not isinstance(version, bool):
        return
    fields.note(
        "version",
        f"is {version!r}; this version of fintech-infra reads 3 and 4",
        hint="write it again with a current Pulumi CLI: pulumi stack export --file state.json"
        if isinstance(version, int) and version < _VERSIONS[0]
        else "update fintech-infra, or see that the file is what pulumi stack export writes",
    )
    fields.settle()


def _deployment(content: Mapping[str, Any], fields: Fields) -> tuple[str, Mapping[str, Any]]:
    """The deployment in an export or in a backend's checkpoint, and the path that leads to it."""
    if "checkpoint" in content:
        checkpoint = fields.mapping(content, "checkpoint", "")
        return "checkpoint.latest", fields.mapping(checkpoint, "latest", "checkpoint")
    return "deployment", fields.mapping(content, "deployment", "")


def _leaving(item: Mapping[str, Any], at: str, fields: Fields) -> str:
    """Why a resource of the state is none of the environment; empty where it is one."""
    if fields.flag(item, "delete", at):
        return "waits for its deletion: it still exists, and was not judged"
    if fields.flag(item, "pendingReplacement", at):
        return "was deleted and not made anew yet, so it was not judged"
    return ""


def _failures(
    item: Mapping[str, Any], at: str, fields: Fields, resource: Resource
) -> Iterator[Diagnostic]:
    for error in fields.texts(item, "initErrors", at):
        yield Diagnostic("warning", f"was not set up completely: {error}", resource.urn)


def _interrupted(deployment: Mapping[str, Any], top: str, fields: Fields) -> Iterator[Diagnostic]:
    for at, item in fields.objects(deployment, "pending_operations", top):
        urn = fields.text(fields.mapping(item, "resource", at), "urn", f"{at}.resource")
        doing = fields.text(item, "type", at) or "changing"
        yield Diagnostic(
            "warning", f"an update was interrupted while {doing} {urn}: what it left is not judged"
        )


def _named(resource: Resource) -> str:
    return f"{resource.type} {resource.name}"
