"""Plausible values for outputs that nothing better is known of, by shape and by property name."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from fintech_infra.engine.sdk.shapes import Field, Shape
from fintech_infra.engine.simulation.draft import Draft, Maker, template
from fintech_infra.environment import UNKNOWN

_MOMENT: Final = "2024-01-01T00:00:00Z"
"""Every time that is made up: no clock decides what a preview says."""
_DEEPEST: Final = 6
_EMPTY_POLICY: Final = '{{"Statement":[],"Version":"2012-10-17"}}'

_WHOLE: Final[Mapping[str, str]] = {
    "accountId": "{ACCOUNT}",
    "ownerId": "{ACCOUNT}",
    "ownerAccountId": "{ACCOUNT}",
    "awsAccountId": "{ACCOUNT}",
    "registryId": "{ACCOUNT}",
    "catalogId": "{ACCOUNT}",
    "region": "{REGION}",
    "partition": "{PARTITION}",
    "dnsSuffix": "{DNS}",
    "availabilityZone": "{REGION}a",
    "cidrBlock": "10.0.0.0/16",
    "ipv6CidrBlock": "",
    "ipv6AssociationId": "",
    "creationDate": _MOMENT,
    "timestamp": _MOMENT,
    "policy": _EMPTY_POLICY,
    "policyDocument": _EMPTY_POLICY,
    "accessPolicies": _EMPTY_POLICY,
    "assumeRolePolicy": _EMPTY_POLICY,
    "resourcePolicy": _EMPTY_POLICY,
    "engineVersionActual": "{engineVersion}",
    "etag": "{SEED:x32/etag}",
    "email": "simulated@example.com",
    "macAddress": "02:00:00:00:00:00",
}
_ENDINGS: Final[tuple[tuple[str, str], ...]] = (
    ("Prefix", ""),
    ("SecurityGroupId", "sg-0{SEED:x16/$}"),
    ("NetworkInterfaceId", "eni-0{SEED:x16/$}"),
    ("RouteTableId", "rtb-0{SEED:x16/$}"),
    ("NetworkAclId", "acl-0{SEED:x16/$}"),
    ("SubnetId", "subnet-0{SEED:x16/$}"),
    ("VpcId", "vpc-0{SEED:x16/$}"),
    ("InstanceId", "i-0{SEED:x16/$}"),
    ("VolumeId", "vol-0{SEED:x16/$}"),
    ("SnapshotId", "snap-0{SEED:x16/$}"),
    ("AssociationId", "assoc-0{SEED:x16/$}"),
    ("HostedZoneId", "Z{SEED:U13/$}"),
    ("ZoneId", "Z{SEED:U13/$}"),
    ("UniqueId", "{SEED:uuid/$}"),
    ("KmsKeyArn", "arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:key/{SEED:uuid/$}"),
    ("KmsKeyId", "arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:key/{SEED:uuid/$}"),
    ("RoleArn", "arn:{PARTITION}:iam::{ACCOUNT}:role/{NAME}-{SEED:x7/$}"),
    ("UserArn", "arn:{PARTITION}:iam::{ACCOUNT}:user/{NAME}-{SEED:x7/$}"),
    ("SecretArn", "arn:{PARTITION}:secretsmanager:{REGION}:{ACCOUNT}:secret:{NAME}-{SEED:a6/$}"),
    ("TopicArn", "arn:{PARTITION}:sns:{REGION}:{ACCOUNT}:{NAME}-{SEED:x7/$}"),
    ("Arn", "arn:{PARTITION}:%service:{REGION}:{ACCOUNT}:%kind/{NAME}-{SEED:x7/$}"),
    ("Id", "0{SEED:x16/$}"),
    ("Url", "https://{NAME}-{SEED:x7/$}.example.com"),
    ("Uri", "https://{NAME}-{SEED:x7/$}.example.com"),
    ("Endpoint", "{NAME}-{SEED:x7/$}.%service.{REGION}.{DNS}"),
    ("Hostname", "{NAME}-{SEED:x7/$}.example.com"),
    ("DomainName", "{NAME}-{SEED:x7/$}.example.com"),
    ("DnsName", "{NAME}-{SEED:x7/$}.example.com"),
    ("CidrBlock", "10.0.0.0/16"),
    ("Date", _MOMENT),
    ("Time", _MOMENT),
    ("Timestamp", _MOMENT),
    ("edAt", _MOMENT),
    ("Modified", _MOMENT),
    ("NotAfter", _MOMENT),
    ("NotBefore", _MOMENT),
    ("Json", "{{}}"),
)
_ADDRESSES: Final = re.compile(r"(^|[a-z])(ip|ipAddress|IpAddress|Ip|address|Address)$")
_REFERENCE: Final = re.compile(
    r"(Arn|arn|KeyId|Identifier|Role|[dD]escription|Header(Name|Value))$"
)
_BASE64: Final = re.compile(r"([bB]ase64|B64|^data)$")


def maker_of(shape: Shape, path: str, token: str) -> Maker:
    """A maker of a value of the shape for the property at `path` of a type."""
    return _makers(shape, path, token, 0, ())


def left_to_provider(shape: Shape, path: str, token: str) -> Maker:
    """A maker for what the program could have given and left to the provider instead.

    Claims nothing that a reader might take for a decision: no parts, no rules, no keys or roles.
    """
    name = path.rpartition(".")[2]
    if shape.kind in {"list", "map", "object"}:
        return _nothing(shape.kind)
    if shape.kind == "string" and _REFERENCE.search(name):
        return lambda _: ""
    return maker_of(shape, path, token)


def _makers(shape: Shape, path: str, token: str, depth: int, seen: tuple[Any, ...]) -> Maker:
    kind = shape.kind
    if kind == "string":
        return text_maker(path, token)
    if kind in _FIXED:
        value = _FIXED[kind]
        return lambda _: value
    if kind == "list" and shape.element and depth < _DEEPEST and shape.element.cls not in seen:
        element = _makers(shape.element, f"{path}[0]", token, depth + 1, seen)
        return lambda draft: [element(draft)]
    if kind == "object" and depth < _DEEPEST and shape.cls not in seen:
        return _object(shape.fields, path, token, depth, (*seen, shape.cls))
    return _nothing(kind)


def _object(
    fields: Mapping[str, Field], path: str, token: str, depth: int, seen: tuple[Any, ...]
) -> Maker:
    makers = {
        name: _makers(field.shape, f"{path}.{name}", token, depth + 1, seen)
        for name, field in fields.items()
    }
    return lambda draft: {name: make(draft) for name, make in makers.items()}


_FIXED: Final[Mapping[str, Any]] = {"int": 0, "number": 0, "bool": False, "resource": UNKNOWN}


def _nothing(kind: str) -> Maker:
    if kind == "list":
        return lambda _: []
    if kind in {"map", "object"}:
        return lambda _: {}
    return lambda _: None


@lru_cache(maxsize=8192)
def text_maker(path: str, token: str) -> Maker:
    """A maker of text for a property, recognisable as simulated where no rule fits its name."""
    name = re.split(r"[.\[]", path.replace("[0]", ""))[-1]
    whole = _WHOLE.get(name)
    if whole is not None:
        return template(whole)
    if _BASE64.search(name):
        return lambda draft: base64.b64encode(draft.seed.digest(path).encode()).decode()
    if _ADDRESSES.search(name):
        return lambda draft: _address(draft, path, public="public" in name.lower() or name == "ip")
    capitalised = name[:1].upper() + name[1:].removesuffix("s" if path.endswith("[0]") else "")
    for ending, text in _ENDINGS:
        if capitalised.endswith(ending):
            return template(_filled(text, path, token))
    return template(f"{{NAME}}-{name}")


def _filled(text: str, path: str, token: str) -> str:
    module, _, kind = token.partition(":")[2].partition("/")
    kind = kind.partition(":")[0] or module.rpartition(":")[2]
    service = module.partition(":")[0] or "simulated"
    kind = kind.removeprefix("get")
    path = re.sub(r"[{}/:!]", "", path)
    return text.replace("$", path).replace("%service", service).replace("%kind", kind)


def _address(draft: Draft, path: str, *, public: bool) -> str:
    """An address: of TEST-NET-3 (RFC 5737) for public ones, of 10.0.0.0/8 for private ones."""
    digest = draft.seed.digest(path)
    a, b, c = (1 + int(digest[index : index + 2], 16) % 254 for index in (0, 2, 4))
    return f"203.0.113.{a}" if public else f"10.{a}.{b}.{c}"
