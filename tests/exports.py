"""What Pulumi would export of an environment: states and plans, in the form of its own formats.

Written after pulumi/pulumi, `sdk/go/common/apitype` and `sdk/pkg/display`, not after the readers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fintech_infra.environment import UNKNOWN, Asset, Environment, Resource, join

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def state_of(environment: Environment, *, show_secrets: bool = False) -> dict[str, Any]:
    """What `pulumi stack export` writes, with `--show-secrets` where asked."""
    return {
        "version": 3,
        "deployment": {
            "manifest": {
                "time": "2026-01-01T00:00:00.000000Z",
                "magic": "abc",
                "version": "v3.200.0",
            },
            "secrets_providers": {"type": "passphrase", "state": {"salt": "v1:x:y"}},
            "resources": [
                _resource(item, environment, "plaintext" if show_secrets else "ciphertext")
                for item in environment.resources
            ],
            "metadata": {},
        },
    }


def plan_of(environment: Environment) -> dict[str, Any]:
    """What `pulumi preview --json --show-sames` writes where nothing is deployed yet."""
    steps: list[dict[str, Any]] = []
    for item in environment.resources:
        state = _resource(item, environment, "mask")
        state.pop("id", None)
        if item.custom:
            state.pop("outputs", None)
        steps.append({"op": "create", "urn": item.urn, "newState": state, "detailedDiff": None})
    return {
        "config": {"aws:region": "eu-west-1"},
        "steps": steps,
        "duration": 1234567,
        "changeSummary": {"create": len(steps)},
    }


def _resource(item: Resource, environment: Environment, secrets: str) -> dict[str, Any]:
    provider = environment.by_urn.get(item.provider)
    written: dict[str, Any] = {
        "urn": item.urn,
        "custom": item.custom,
        "id": item.id,
        "type": item.type,
        "inputs": _properties(item, "inputs", secrets),
        "outputs": _properties(item, "outputs", secrets),
        "parent": item.parent,
        "protect": item.options.protect,
        "external": item.existing,
        "dependencies": list(item.dependencies),
        "provider": f"{item.provider}::{provider.id if provider else 'x'}" if item.provider else "",
        "propertyDependencies": {
            key: list(urns) or None for key, urns in item.property_dependencies.items()
        },
        "additionalSecretOutputs": list(item.options.additional_secret_outputs),
        "aliases": list(item.options.aliases),
        "importID": item.options.import_id,
        "retainOnDelete": item.options.retain_on_delete,
        "deletedWith": item.options.deleted_with,
        "ignoreChanges": list(item.options.ignore_changes),
        "replaceOnChanges": list(item.options.replace_on_changes),
        "created": "2026-01-01T00:00:00Z",
        "modified": "2026-01-01T00:00:00Z",
    }
    if item.source:
        written["sourcePosition"] = f"project:///{item.source.file}#{item.source.line},1"
    empty: tuple[Any, ...] = (False, "", [], {})
    return {key: value for key, value in written.items() if key == "custom" or value not in empty}


def _properties(item: Resource, root: str, secrets: str) -> dict[str, Any]:
    values: Mapping[str, Any] = getattr(item, root)
    hidden = frozenset(item.secrets)
    written = {
        key: _value(value, join(root, key), hidden, secrets) for key, value in values.items()
    }
    if root == "inputs" and item.custom and item.package == "aws":
        written["__defaults"] = []
    if item.type.startswith("pulumi:providers:"):
        return {key: _as_text(value) for key, value in written.items()}
    return written


def _as_text(value: Any) -> Any:
    """Settings of providers are texts for the engine."""
    return value if isinstance(value, str) else json.dumps(value)


def _value(value: Any, path: str, hidden: Iterable[str], secrets: str) -> Any:
    if path in hidden and secrets == "mask":
        return "[secret]"
    if path in hidden:
        clear = json.dumps(_value(value, path, (), secrets))
        return {SIGNATURE: SECRET, secrets: clear if secrets == "plaintext" else "v1:AAAA:BBBB"}
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Asset):
        return _asset(value)
    if isinstance(value, Mapping):
        return {key: _value(item, join(path, key), hidden, secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_value(item, join(path, at), hidden, secrets) for at, item in enumerate(value)]
    return value


def _asset(asset: Asset) -> dict[str, Any]:
    if asset.members:
        inner = {SIGNATURE: ASSET, "text": "pass", "hash": "00"}
        assets = dict.fromkeys(asset.members, inner)
        return {SIGNATURE: ARCHIVE, "hash": asset.digest, "assets": assets}
    if asset.kind == "text":
        return {SIGNATURE: ASSET, "hash": asset.digest, "text": "pass"}
    place = "uri" if asset.kind == "remote" else "path"
    signature = ARCHIVE if asset.kind == "archive" else ASSET
    return {SIGNATURE: signature, "hash": asset.digest, place: asset.location}
