"""Data sources of the AWS package that only rearrange text: ARNs, service names, role paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.aws.regions import partition_of
from fintech_infra.engine.simulation.calls.call import Call, CallError
from fintech_infra.environment import UNKNOWN

_PARTS: Final = 6


def _arn(call: Call) -> dict[str, Any]:
    arn = call.args.get("arn", "")
    if arn is UNKNOWN:
        names = ("account", "accountId", "arn", "id", "partition", "region", "resource", "service")
        return dict.fromkeys(names, UNKNOWN)
    parts = arn.split(":", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != "arn":
        raise CallError(
            f"{arn!r} is not an ARN; an ARN is arn:partition:service:region:account:resource"
        )
    _, partition, service, region, account, resource = parts
    return {
        "account": account,
        "accountId": account,
        "arn": arn,
        "id": arn,
        "partition": partition,
        "region": region,
        "resource": resource,
        "service": service,
    }


def _build(call: Call) -> dict[str, Any]:
    names = ("partition", "service", "region", "accountId", "resource")
    parts = [call.args.get(name) or "" for name in names]
    return {"arn": UNKNOWN if any(p is UNKNOWN for p in parts) else ":".join(["arn", *parts])}


def _service(call: Call) -> dict[str, Any]:
    args = call.args
    reverse = args.get("reverseDnsName")
    if reverse:
        prefix, region, service = reverse.rsplit(".", 2)
    else:
        region = args.get("region") or call.facts.REGION
        service = args.get("serviceId") or (args.get("dnsName") or "").partition(".")[0]
        prefix = args.get("reverseDnsPrefix") or partition_of(region).reverse_dns_prefix
    if not service:
        raise CallError("getService wants service_id, dns_name or reverse_dns_name")
    return {
        "dnsName": f"{service}.{region}.{partition_of(region).dns_suffix}",
        "id": f"{prefix}.{region}.{service}",
        "partition": partition_of(region).name,
        "region": region,
        "reverseDnsName": f"{prefix}.{region}.{service}",
        "reverseDnsPrefix": prefix,
        "serviceId": service,
        "supported": True,
    }


def _service_principal(call: Call) -> dict[str, Any]:
    service = call.args["serviceName"]
    region = call.args.get("region") or call.facts.REGION
    return {
        "id": f"{service}.{region}.amazonaws.com",
        "name": UNKNOWN if service is UNKNOWN else f"{service}.amazonaws.com",
        "region": region,
        "serviceName": service,
        "suffix": "amazonaws.com",
    }


def _default_tags(call: Call) -> dict[str, Any]:
    return {"id": call.facts.PARTITION, "tags": dict(call.default_tags)}


def _ip_ranges(call: Call) -> dict[str, Any]:
    """Networks for documentation (RFC 5737, RFC 3849): the published ones change every week."""
    return {
        "cidrBlocks": ["192.0.2.0/24", "198.51.100.0/24"],
        "createDate": "2024-01-01-00-00-00",
        "id": "1704067200",
        "ipv6CidrBlocks": ["2001:db8::/32"],
        "regions": call.args.get("regions"),
        "services": call.args.get("services") or [],
        "syncToken": 1704067200,
        "url": call.args.get("url"),
    }


CALLS: Final[Mapping[str, Callable[[Call], dict[str, Any]]]] = {
    "aws:index/getArn:getArn": _arn,
    "aws:index/arnParse:arnParse": _arn,
    "aws:index/arnBuild:arnBuild": _build,
    "aws:index/getService:getService": _service,
    "aws:index/getServicePrincipal:getServicePrincipal": _service_principal,
    "aws:index/getDefaultTags:getDefaultTags": _default_tags,
    "aws:index/getIpRanges:getIpRanges": _ip_ranges,
}
