"""What other packages make of resources: random values, Kubernetes objects."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.draft import Draft
from fintech_infra.environment import UNKNOWN

_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_DIGITS: Final = "0123456789"
_SPECIAL: Final = "!@#$%&*()-_=+[]{}<>:?"
_CLUSTER_WIDE: Final = frozenset(
    {
        "APIService",
        "CSIDriver",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)
"""Kinds of Kubernetes that live in no namespace."""
_PETS: Final = ("amber", "brisk", "calm", "deft", "eager", "fair", "glad", "keen")
_ANIMALS: Final = ("badger", "crane", "dingo", "falcon", "heron", "lynx", "otter", "tapir")


def _string(draft: Draft) -> Any:
    """As long as asked for, with at least as many characters of each kind as asked for."""
    length = draft["length"]
    classes = (("lower", _LOWER), ("upper", _LOWER.upper()), ("numeric", _DIGITS))
    special = draft.get("overrideSpecial") or _SPECIAL
    if length is UNKNOWN or special is UNKNOWN:
        return UNKNOWN
    allowed = [(name, text) for name, text in (*classes, ("special", special)) if _on(draft, name)]
    pool = "".join(text for _, text in allowed) or _LOWER
    needed = [
        text[draft.seed.number(f"{name}{index}", len(text))]
        for name, text in allowed
        for index in range(int(draft.get(f"min{name.capitalize()}") or 0))
    ]
    rest = [
        pool[draft.seed.number(f"character{index}", len(pool))]
        for index in range(int(length) - len(needed))
    ]
    return "".join(_shuffled(draft, needed + rest))


def _on(draft: Draft, name: str) -> bool:
    given = draft.get(name)
    if given is None and name == "numeric":
        given = draft.get("number")
    return given is not False


def _shuffled(draft: Draft, items: list[Any]) -> list[Any]:
    order = sorted(range(len(items)), key=lambda index: draft.seed.digest(f"order{index}"))
    return [items[index] for index in order]


def _shuffle(draft: Draft) -> Any:
    inputs = draft["inputs"]
    if inputs is UNKNOWN:
        return UNKNOWN
    shuffled = _shuffled(draft, list(inputs))
    count = draft.get("resultCount")
    if count is UNKNOWN:
        return UNKNOWN
    if not count or not shuffled:
        return shuffled
    return [shuffled[index % len(shuffled)] for index in range(int(count))]


def _integer(draft: Draft) -> Any:
    low, high = draft["min"], draft["max"]
    if low is UNKNOWN or high is UNKNOWN:
        return UNKNOWN
    return int(low) + draft.seed.number("result", max(1, int(high) - int(low) + 1))


def _bytes(draft: Draft, key: str) -> bytes:
    count = int(draft[key])
    digest = "".join(draft.seed.digest(f"bytes{index}") for index in range(1 + count // 32))
    return bytes.fromhex(digest[: 2 * count])


def _id_form(form: str) -> Any:
    def make(draft: Draft) -> str:
        raw = _bytes(draft, "byteLength")
        texts = {
            "hex": raw.hex(),
            "dec": str(int.from_bytes(raw, "big")),
            "b64Std": base64.b64encode(raw).decode(),
            "b64Url": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        }
        return (draft.get("prefix") or "") + texts[form]

    return make


def _id_itself(draft: Draft) -> str:
    return base64.urlsafe_b64encode(_bytes(draft, "byteLength")).decode().rstrip("=")


def _pet(draft: Draft) -> str:
    separator = draft.get("separator") or "-"
    words = [
        _PETS[draft.seed.number(f"word{index}", len(_PETS))]
        for index in range(int(draft.get("length") or 2) - 1)
    ]
    words.append(_ANIMALS[draft.seed.number("animal", len(_ANIMALS))])
    prefix = draft.get("prefix")
    return separator.join([prefix, *words] if prefix else words)


def _pem(kind: str) -> Any:
    def make(draft: Draft) -> str:
        body = base64.b64encode(bytes.fromhex(draft.seed.digest(kind) * 6)).decode()
        lines = [body[i : i + 64] for i in range(0, len(body), 64)]
        return "\n".join((f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""))

    return make


def _release(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft["name"],
        "namespace": draft["namespace"],
        "chart": draft.get("chart"),
        "revision": 1,
        "status": "deployed",
        "version": draft.get("version") or "0.0.0",
        "appVersion": "0.0.0",
    }


_RANDOM_TEXT: Final = {
    "result": _string,
    "length": 16,
    "lower": True,
    "upper": True,
    "number": True,
    "numeric": True,
    "special": True,
}
_CERTIFICATE: Final = {"id": "{SEED:d39}", "certPem": _pem("CERTIFICATE")}

ROWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "random:index/randomBytes:RandomBytes": {
        "id": "none",
        "hex": lambda draft: _bytes(draft, "length").hex(),
        "base64": lambda draft: base64.b64encode(_bytes(draft, "length")).decode(),
    },
    "random:index/randomId:RandomId": {
        "id": _id_itself,
        "hex": _id_form("hex"),
        "dec": _id_form("dec"),
        "b64Std": _id_form("b64Std"),
        "b64Url": _id_form("b64Url"),
    },
    "random:index/randomInteger:RandomInteger": {
        "id": lambda d: str(d["result"]),
        "result": _integer,
    },
    "random:index/randomPassword:RandomPassword": {
        **_RANDOM_TEXT,
        "id": "none",
        "bcryptHash": "$2a$10${SEED:a53/bcrypt}",
    },
    "random:index/randomPet:RandomPet": {"id": _pet, "length": 2, "separator": "-"},
    "random:index/randomShuffle:RandomShuffle": {"id": "-", "results": _shuffle},
    "random:index/randomString:RandomString": {**_RANDOM_TEXT, "id": "{result}"},
    "random:index/randomUuid:RandomUuid": {"id": "{result}", "result": "{SEED:uuid}"},
    "tls:index/privateKey:PrivateKey": {
        "id": "{SEED:x40}",
        "privateKeyPem": _pem("PRIVATE KEY"),
        "privateKeyOpenssh": _pem("OPENSSH PRIVATE KEY"),
        "privateKeyPemPkcs8": _pem("PRIVATE KEY"),
        "publicKeyPem": _pem("PUBLIC KEY"),
        "publicKeyOpenssh": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{SEED:a60/openssh}\n",
        "publicKeyFingerprintMd5": "{SEED:x32/md5}",
        "publicKeyFingerprintSha256": "SHA256:{SEED:a43/sha256}",
    },
    "tls:index/selfSignedCert:SelfSignedCert": _CERTIFICATE,
    "tls:index/locallySignedCert:LocallySignedCert": _CERTIFICATE,
    "tls:index/certRequest:CertRequest": {
        "id": "{SEED:x40}",
        "certRequestPem": _pem("CERTIFICATE REQUEST"),
    },
    "pulumi:index:Stash": {"output": "{input}"},
    "docker-build:index:Image": {
        "digest": "sha256:{SEED:x64/digest}",
        "contextHash": "{SEED:x64/context}",
        "ref": lambda draft: f"{(draft.get('tags') or [draft.name])[0]}@{draft['digest']}",
    },
    "docker:index/image:Image": {
        "id": "sha256:{SEED:x64/digest}",
        "baseImageName": "{imageName}",
        "repoDigest": "{imageName}@sha256:{SEED:x64/digest}",
    },
    "docker:index/remoteImage:RemoteImage": {
        "id": "sha256:{SEED:x64/digest}",
        "imageId": "{id}",
        "repoDigest": "{name}@sha256:{SEED:x64/digest}",
    },
    "kubernetes:core/v1:Service": {
        "spec.clusterIP": lambda draft: f"10.100.0.{1 + draft.seed.number('clusterIP', 254)}",
        "spec.type": "ClusterIP",
    },
    "kubernetes:helm.sh/v3:Release": {
        "id": "{namespace}/{name}",
        "name": "{NAME}-{SEED:x8/name}",
        "namespace": "default",
        "status": _release,
    },
}
"""Values of `random` and `tls` are made up and of the form asked for; no key of `tls` is a key."""


def _object_name(draft: Draft) -> Any:
    given = (draft.get("metadata") or {}).get("generateName")
    return f"{given or draft.name + '-'}{draft.seed:x8/name}"


def _namespace(draft: Draft) -> Any:
    return None if draft.get("kind") in _CLUSTER_WIDE else "default"


KUBERNETES: Final[Mapping[str, Any]] = {
    "metadata": lambda _: {},
    "metadata.name": _object_name,
    "metadata.namespace": _namespace,
    "metadata.uid": "{SEED:uuid/uid}",
    "metadata.generation": 1,
    "metadata.resourceVersion": "1",
    "metadata.creationTimestamp": "2024-01-01T00:00:00Z",
}
"""What every object of a cluster has."""
