"""Keys: whether they can be used, rotate, and whom their policies let in.

A key that waits for its deletion is as good as off; the date is in a note, since until then
somebody can keep it. https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from fintech_infra.environment import Resource
from fintech_infra.operations.aws import UnreadError
from fintech_infra.operations.moments import written
from fintech_infra.operations.tripwires.model import (
    GoneError,
    Scene,
    Seen,
    Tripwire,
    UnmatchedError,
    seen,
)

KEY: Final = "aws:kms/key:Key"
REPLICA: Final = "aws:kms/replicaKey:ReplicaKey"
POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"
_ALIAS: Final = "aws:kms/alias:Alias"
_NOT_FOUND: Final = "NotFoundException"
_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_ENABLED: Final = {KEY: "isEnabled", REPLICA: "enabled"}


def _key(scene: Scene, key: Resource) -> Seen:
    metadata = _metadata(scene, key, key)
    reads: dict[str, Callable[[], Any]] = {_ENABLED[key.type]: lambda: bool(metadata["Enabled"])}
    if "policy" in key.inputs or not scene.environment.referrers(key, POLICY, "keyId"):
        reads["policy"] = partial(_policy_of, scene, key, metadata)
    if key.type == KEY and _can_rotate(metadata):
        reads["enableKeyRotation"] = lambda: bool(
            _rotation(scene, key, metadata)["KeyRotationEnabled"]
        )
        reads["rotationPeriodInDays"] = lambda: _period(scene, key, metadata)
    found = seen(reads)
    ends = metadata.get("DeletionDate")
    if not ends:
        return found
    note = f"The key {key.name} is deleted at {written(ends)}, unless somebody keeps it."
    return Seen(found.values, found.unread, notes=(note,))


def _key_policy(scene: Scene, policy: Resource) -> Seen:
    keys = scene.environment.references(policy, "keyId", *_ENABLED)
    if keys:
        metadata = _metadata(scene, policy, keys[0])
    else:
        metadata = _described(scene, policy, scene.name(policy, "keyId"))
    return Seen({"policy": _policy_of(scene, policy, metadata)})


def _metadata(scene: Scene, resource: Resource, key: Resource) -> Mapping[str, Any]:
    """What KMS says of a key, asked by its id, in a preview by an alias that the program names.

    Raises:
        GoneError: KMS does not know it.
        UnmatchedError: it is of a preview, and no alias of it has a name.
        UnreadError: AWS does not tell, or not which key it is: the alias is gone.
    """
    if scene.is_deployed:
        return _described(scene, resource, scene.id(key))
    for alias in scene.environment.referrers(key, _ALIAS, "targetKeyId"):
        try:
            name = scene.name(alias, "name")
        except UnmatchedError:
            continue
        try:
            found = _described(scene, resource, name)
        except GoneError as error:
            says = f"there is no {name}, and a preview knows the key by no other name"
            raise UnreadError("kms:DescribeKey", _NOT_FOUND, says) from error
        scene.learn(found["KeyId"], str(key.outputs.get("keyId", "")))
        return found
    says = "AWS gives its id, and the program names no alias of it, so a preview cannot find it"
    raise UnmatchedError(f"{says}; a state has the id")


def _described(scene: Scene, resource: Resource, key: str) -> Mapping[str, Any]:
    answer = scene.ask(resource, "kms", "describe_key", gone=(_NOT_FOUND,), KeyId=key)
    if answer is None:
        raise GoneError
    return answer["KeyMetadata"]


def _policy_of(scene: Scene, resource: Resource, metadata: Mapping[str, Any]) -> str:
    answer = scene.ask(
        resource,
        "kms",
        "get_key_policy",
        gone=(_NOT_FOUND,),
        KeyId=metadata["KeyId"],
        PolicyName="default",
    )
    return (answer or {})["Policy"]


def _can_rotate(metadata: Mapping[str, Any]) -> bool:
    """Whether KMS can rotate a key by itself; of others it refuses to tell."""
    return metadata.get("KeySpec", _SYMMETRIC) == _SYMMETRIC and metadata["Origin"] == "AWS_KMS"


def _rotation(scene: Scene, key: Resource, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    identity = metadata["KeyId"]
    return scene.ask(key, "kms", "get_key_rotation_status", KeyId=identity) or {}


def _period(scene: Scene, key: Resource, metadata: Mapping[str, Any]) -> Any:
    """The days between rotations; of a key that does not rotate, what was recorded."""
    told = _rotation(scene, key, metadata).get("RotationPeriodInDays")
    return key.outputs.get("rotationPeriodInDays") if told is None else told


TRIPWIRES: Final = (
    Tripwire(
        "keys",
        {
            KEY: {
                "isEnabled": True,
                "enableKeyRotation": False,
                "rotationPeriodInDays": None,
                "policy": None,
            },
            REPLICA: {"enabled": True, "policy": None},
        },
        _key,
    ),
    Tripwire("policies of keys", {POLICY: {"policy": None}}, _key_policy),
)
"""What tripwires of keys look at."""
