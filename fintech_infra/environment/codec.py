"""An environment as JSON text and back.

Values stay as they are; the two kinds that JSON does not have, unknown values and assets, become
objects with the key `$fintech_infra`. Secrets are written in the clear: take them out of what is to
leave the process (`fintech_infra.cli.saving`).

Version 1 is an object of:

- `version`: 1. A field that is taken away or changes its meaning raises it; a new one does not.
- `format`, in a file: `fintech-infra environment`.
- `organization`, `project`, `stack`.
- `resources`, in order of registration: `urn`, `type`, `name`, `id`, `custom`, `parent`,
  `provider`, `inputs`, `outputs`, `dependencies`, `propertyDependencies`, `options` (those that are
  not the default, by the names of `Options`), `secrets` (paths from `inputs` or `outputs` on),
  `source` (null, or a file and a line), `existing`, `opaque`.
- `outputs` of the stack, and `secretOutputs`, paths into them.
- `diagnostics`: lists of severity, message and URN.
- `findings`, in a file, and there as an option: what controls found while the secrets were known,
  lists of control, URN, verdict, path and message.

A value that is not known is `{"$fintech_infra": "unknown"}`; a file, text or archive is
`{"$fintech_infra": "asset", "of": [kind, location, digest, members]}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.environment.model import Diagnostic, Environment, Options, Resource, Source
from fintech_infra.environment.values import UNKNOWN, Asset

FORMAT: Final = "fintech-infra environment"
"""What a file with an environment says it is, under the key `format`."""
FORMAT_VERSION: Final = 1
MARK: Final = "$fintech_infra"
_OPTIONS: Final = tuple(Options.__dataclass_fields__)


def dumps(environment: Environment, **extra: Any) -> str:
    """Write an environment as JSON text. `extra` keys are added at the top."""
    content = {
        **extra,
        "version": FORMAT_VERSION,
        "organization": environment.organization,
        "project": environment.project,
        "stack": environment.stack,
        "resources": [_resource(resource) for resource in environment.resources],
        "outputs": environment.outputs,
        "secretOutputs": environment.secret_outputs,
        "diagnostics": [[d.severity, d.message, d.urn] for d in environment.diagnostics],
    }
    return json.dumps(content, default=_special, separators=(",", ":"))


def loads(text: str) -> Environment:
    """Read what `dumps` wrote.

    Raises:
        ValueError: the text is not an environment of this format's version.
    """
    return decode(json.loads(text, object_hook=_revive if MARK in text else None))


def revive(text: str) -> Any:
    """Read JSON text that holds an environment among other things, for `decode`."""
    return json.loads(text, object_hook=_revive if MARK in text else None)


def decode(content: Mapping[str, Any]) -> Environment:
    """Build an environment from the object that `dumps` wrote.

    Raises:
        ValueError: the object is not an environment of this format's version.
    """
    if content.get("version") != FORMAT_VERSION:
        raise ValueError(
            f"environment format {content.get('version')!r}; this version reads {FORMAT_VERSION}"
        )
    return Environment(
        project=content["project"],
        stack=content["stack"],
        organization=content["organization"],
        resources=tuple(_read_resource(item) for item in content["resources"]),
        outputs=content["outputs"],
        secret_outputs=tuple(content["secretOutputs"]),
        diagnostics=tuple(Diagnostic(*item) for item in content["diagnostics"]),
    )


def _resource(resource: Resource) -> dict[str, Any]:
    options = resource.options
    source = resource.source
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "id": resource.id,
        "custom": resource.custom,
        "parent": resource.parent,
        "provider": resource.provider,
        "inputs": resource.inputs,
        "outputs": resource.outputs,
        "dependencies": resource.dependencies,
        "propertyDependencies": resource.property_dependencies,
        "options": {
            name: value
            for name in _OPTIONS
            if (value := getattr(options, name)) not in (False, "", ())
        },
        "secrets": resource.secrets,
        "source": [source.file, source.line] if source else None,
        "existing": resource.existing,
        "opaque": resource.opaque,
    }


def _read_resource(item: Mapping[str, Any]) -> Resource:
    options: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in item["options"].items()
    }
    if "custom_timeouts" in options:
        options["custom_timeouts"] = tuple((k, v) for k, v in options["custom_timeouts"])
    return Resource(
        urn=item["urn"],
        type=item["type"],
        name=item["name"],
        id=item["id"],
        custom=item["custom"],
        parent=item["parent"],
        provider=item["provider"],
        inputs=item["inputs"],
        outputs=item["outputs"],
        dependencies=tuple(item["dependencies"]),
        property_dependencies={k: tuple(v) for k, v in item["propertyDependencies"].items()},
        options=Options(**options) if options else Options(),
        secrets=tuple(item["secrets"]),
        source=Source(*item["source"]) if item["source"] else None,
        existing=item["existing"],
        opaque=item["opaque"],
    )


def _special(value: Any) -> Any:
    if value is UNKNOWN:
        return {MARK: "unknown"}
    if isinstance(value, Asset):
        return {MARK: "asset", "of": [value.kind, value.location, value.digest, value.members]}
    raise TypeError(f"a value of type {type(value).__name__} is no property value")


def _revive(item: dict[str, Any]) -> Any:
    mark = item.get(MARK)
    if mark == "unknown":
        return UNKNOWN
    if mark == "asset":
        kind, location, digest, members = item["of"]
        return Asset(kind, location, digest, tuple(members))
    return item
