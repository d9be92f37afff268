"""Plans: what `pulumi preview --json --show-sames` writes.

The format is `PreviewDigest` of pulumi/pulumi (`sdk/pkg/display`). The environment is what the
deployment would leave behind, with `UNKNOWN` for what only the deployment can know. Secrets stand
as `[secret]` there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from fintech_infra.engine.exported.fields import Fields
from fintech_infra.engine.exported.resources import Resources
from fintech_infra.environment import UNKNOWN, Diagnostic, Environment, Resource, segments

_LEAVING: Final = frozenset(
    {"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"}
)
_KEEPING: Final = frozenset({"same", "update", "refresh", "read", "import"})
"""Steps that leave a resource what it is, with its id and what the cloud assigned."""

_ASSIGNED: Final = ("arn", "defaultSecurityGroupId", "keyId", "region", "repositoryUrl", "url")
"""Outputs that the model and the controls read, and that a cloud assigns."""

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


def read_plan(content: Mapping[str, Any], fields: Fields) -> Environment:
    """Return the environment that a deployment of the plan would leave behind.

    Raises:
        PreviewError: the plan leaves resources out, or has mistakes; all are listed.
    """
    resources = Resources(fields, masked=True)
    found: dict[str, Resource] = {}
    unchanged = 0
    for at, step in fields.objects(content, "steps", ""):
        op = fields.text(step, "op", at, needed=True)
        unchanged += op in {"same", "refresh"}
        resource = _planned(step, op, at, fields, resources)
        if resource is not None and not (op == "refresh" and resource.urn in found):
            found[resource.urn] = resource
    _refuse_gaps(content, unchanged, fields)
    environment = resources.environment(found.values())
    notes = tuple(_diagnostics(content, fields))
    if not found and fields.sound:
        fields.note("steps", "leave no resources behind, so there is nothing to judge")
    fields.settle()
    return replace(environment, diagnostics=notes)


def undeployed(resource: Resource) -> Resource:
    """The resource before its first deployment: what a cloud assigns is not known.

    Its other outputs are its inputs, as providers have them.
    """
    if not resource.custom or resource.package == "pulumi":
        return resource
    assigned = dict.fromkeys(_ASSIGNED, UNKNOWN)
    return replace(resource, id="", outputs={**assigned, **resource.inputs, **resource.outputs})


def _planned(
    step: Mapping[str, Any], op: str, at: str, fields: Fields, resources: Resources
) -> Resource | None:
    """The resource that a step leaves behind; None where it takes one away."""
    state = fields.mapping(step, "newState", at)
    if op in _LEAVING or not op:
        return None
    if not state:
        urn = fields.text(step, "urn", at)
        fields.note(f"{at}.newState", f"is missing, though the step is to {op} {urn}")
        return None
    if fields.flag(state, "delete", f"{at}.newState"):
        return None
    resource = resources.resource(state, f"{at}.newState")
    if resource is None or op not in _KEEPING:
        return resource and undeployed(resource)
    before = fields.mapping(step, "oldState", at)
    old = resources.resource(before, f"{at}.oldState") if before else None
    return _kept(resource, old, set(_changed(step, at, fields))) if old else resource


def _kept(new: Resource, old: Resource, changed: set[str]) -> Resource:
    """A resource that stays, with the outputs it has but for those that the step changes."""
    kept = {
        key: new.inputs.get(key, UNKNOWN) if key in changed else value
        for key, value in old.outputs.items()
    }
    secrets = [path for path in old.secrets if path.startswith("outputs.")]
    return replace(
        new,
        id=new.id or old.id,
        outputs={**kept, **new.outputs},
        secrets=tuple(dict.fromkeys((*new.secrets, *secrets))),
    )


def _changed(step: Mapping[str, Any], at: str, fields: Fields) -> Iterator[str]:
    """The top-level names of the properties that a step changes."""
    yield from fields.texts(step, "diffReasons", at)
    for path in fields.mapping(step, "detailedDiff", at):
        yield str(next(iter(segments(path)), ""))


def _refuse_gaps(content: Mapping[str, Any], unchanged: int, fields: Fields) -> None:
    counted = fields.mapping(content, "changeSummary", "").get("same", 0)
    missing = counted - unchanged if isinstance(counted, int) else 0
    if missing > 0:
        fields.note(
            "steps",
            f"leave out {missing} resources that stay as they are, and what refers to them cannot "
            "be judged without them",
            hint="write the plan with: pulumi preview --json --show-sames",
        )


def _diagnostics(content: Mapping[str, Any], fields: Fields) -> Iterator[Diagnostic]:
    for at, item in fields.objects(content, "diagnostics", ""):
        message = _COLOUR.sub("", fields.text(item, "message", at)).strip()
        if message:
            severity = _severity(fields.text(item, "severity", at))
            yield Diagnostic(severity, message, fields.text(item, "urn", at))
    if not fields.mapping(content, "changeSummary", ""):
        yield Diagnostic("error", "the preview did not end, so resources may be missing")
    elif content.get("maybeCorrupt") is True:
        yield Diagnostic("error", "Pulumi says that the state may be corrupt")


def _severity(word: str) -> Literal["info", "warning", "error"]:
    return "error" if word == "error" else "warning" if word == "warning" else "info"
