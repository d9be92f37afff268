"""Where the program runs: partition, regions, zones, the caller, and accounts of AWS services."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.aws.regions import (
    REGIONS,
    partition_of,
    region_facts,
    zone_id,
    zones_of,
)
from fintech_infra.engine.simulation.calls.call import Call, CallError

_BILLING_ACCOUNT: Final = "386209384616"
"""Writes detailed billing reports (AWS Billing user guide)."""
_ELB_ACCOUNTS: Final[Mapping[str, str]] = {
    "af-south-1": "098369216593",
    "ap-east-1": "754344448648",
    "ap-northeast-1": "582318560864",
    "ap-northeast-2": "600734575887",
    "ap-northeast-3": "383597477331",
    "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ap-southeast-3": "589379963580",
    "ca-central-1": "985666609251",
    "cn-north-1": "638102146993",
    "cn-northwest-1": "037604701340",
    "eu-central-1": "054676820928",
    "eu-north-1": "897822967062",
    "eu-south-1": "635631232127",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "me-south-1": "076674570225",
    "sa-east-1": "507241528517",
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-gov-east-1": "190560391635",
    "us-gov-west-1": "048591011584",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
}
"""Deliver access logs of load balancers (Elastic Load Balancing user guide, "Access logs")."""


def _partition(call: Call) -> dict[str, Any]:
    partition = partition_of(call.facts.REGION)
    return {
        "dnsSuffix": partition.dns_suffix,
        "id": partition.name,
        "partition": partition.name,
        "reverseDnsPrefix": partition.reverse_dns_prefix,
    }


def _region(call: Call) -> dict[str, Any]:
    name = call.args.get("name") or call.facts.REGION
    endpoint = call.args.get("endpoint")
    if endpoint:
        matches = re.findall(r"ec2\.([a-z0-9-]+)\.", endpoint)
        if not matches:
            raise CallError(
                f"endpoint is {endpoint!r}; wanted is one such as ec2.{name}.amazonaws.com"
            )
        name = matches[0]
    return {
        "id": name,
        "name": name,
        "region": name,
        "description": region_facts(name).title,
        "endpoint": f"ec2.{name}.{partition_of(name).dns_suffix}",
    }


def _regions(call: Call) -> dict[str, Any]:
    here = partition_of(call.facts.REGION)
    names = [
        name
        for name, region in REGIONS.items()
        if partition_of(name) == here and (call.args.get("allRegions") or not region.opt_in)
    ]
    return {
        "allRegions": call.args.get("allRegions"),
        "filters": call.args.get("filters"),
        "id": here.name,
        "names": names,
    }


def _zone_names(call: Call) -> list[str]:
    answered = call.answers.zones.get(call.facts.REGION)
    return list(answered) if answered else zones_of(call.facts.REGION)


def _availability_zones(call: Call) -> dict[str, Any]:
    args = call.args
    zones = _zone_names(call) if args.get("state") in (None, "available") else []
    excluded = {*(args.get("excludeNames") or ()), *(args.get("excludeZoneIds") or ())}
    zones = [zone for zone in zones if zone not in excluded and zone_id(zone) not in excluded]
    for item in args.get("filters") or ():
        zones = [zone for zone in zones if _passes(zone, item, call.facts.REGION)]
    return {
        "allAvailabilityZones": args.get("allAvailabilityZones"),
        "excludeNames": args.get("excludeNames"),
        "excludeZoneIds": args.get("excludeZoneIds"),
        "filters": args.get("filters"),
        "groupNames": [call.facts.REGION] if zones else [],
        "id": call.facts.REGION,
        "names": zones,
        "region": call.facts.REGION,
        "state": args.get("state"),
        "zoneIds": [zone_id(zone) for zone in zones],
    }


def _passes(zone: str, item: Mapping[str, Any], region: str) -> bool:
    """Whether a zone fits a filter of DescribeAvailabilityZones; one not known here fits all."""
    of = {
        "group-name": region,
        "opt-in-status": "opt-in-not-required",
        "region-name": region,
        "state": "available",
        "zone-id": zone_id(zone),
        "zone-name": zone,
        "zone-type": "availability-zone",
    }
    value = of.get(item.get("name", ""))
    return value is None or value in item.get("values", ())


def _availability_zone(call: Call) -> dict[str, Any]:
    args, region = call.args, call.facts.REGION
    zones = _zone_names(call)
    wanted = args.get("name") or next(
        (zone for zone in zones if zone_id(zone) == args.get("zoneId")), ""
    )
    if not wanted and (args.get("zoneId") or not zones):
        raise CallError(f"{region} has no zone {args.get('zoneId')!r}; it has {', '.join(zones)}")
    name = wanted or zones[0]
    return {
        "allAvailabilityZones": args.get("allAvailabilityZones"),
        "filters": args.get("filters"),
        "groupLongName": f"{region_facts(name[:-1]).title} 1",
        "groupName": name[:-1],
        "id": name,
        "name": name,
        "nameSuffix": name[-1:],
        "networkBorderGroup": name[:-1],
        "optInStatus": "opt-in-not-required",
        "parentZoneId": "",
        "parentZoneName": "",
        "region": name[:-1],
        "state": args.get("state") or "available",
        "zoneId": zone_id(name),
        "zoneType": "availability-zone",
    }


def _caller_identity(call: Call) -> dict[str, Any]:
    account, partition = call.facts.ACCOUNT, call.facts.PARTITION
    return {
        "accountId": account,
        "arn": f"arn:{partition}:iam::{account}:user/preview",
        "id": account,
        "userId": "AIDAPREVIEWPREVIEWPRE",
    }


def _billing_account(call: Call) -> dict[str, Any]:
    arn = f"arn:{call.facts.PARTITION}:iam::{_BILLING_ACCOUNT}:root"
    return {"arn": arn, "id": _BILLING_ACCOUNT}


def _elb_account(call: Call) -> dict[str, Any]:
    region = call.args.get("region") or call.facts.REGION
    account = _ELB_ACCOUNTS.get(region)
    if account is None:
        raise CallError(
            f"{region} has no account for load balancer logs; there the bucket policy names the "
            "service logdelivery.elasticloadbalancing.amazonaws.com"
        )
    arn = f"arn:{partition_of(region).name}:iam::{account}:root"
    return {"arn": arn, "id": account, "region": region}


CALLS: Final[Mapping[str, Callable[[Call], dict[str, Any]]]] = {
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getRegions:getRegions": _regions,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:index/getAvailabilityZone:getAvailabilityZone": _availability_zone,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getBillingServiceAccount:getBillingServiceAccount": _billing_account,
    "aws:elb/getServiceAccount:getServiceAccount": _elb_account,
    "aws:alb/getServiceAccount:getServiceAccount": _elb_account,
}
