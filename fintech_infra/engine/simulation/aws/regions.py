"""Regions: partition, DNS suffix and availability zones.

Source: AWS Regional Services List and "AWS Regions and Availability Zones" (AWS General
Reference). Which zone id a zone's letter stands for differs between accounts; here the letters
stand for the ids in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Partition:
    """A part of AWS with accounts and endpoints of its own."""

    name: str
    dns_suffix: str
    reverse_dns_prefix: str
    title: str


AWS: Final = Partition("aws", "amazonaws.com", "com.amazonaws", "AWS Standard")
_CHINA: Final = Partition("aws-cn", "amazonaws.com.cn", "cn.com.amazonaws", "AWS China")
_PARTITIONS: Final[Mapping[str, Partition]] = {
    "cn-": _CHINA,
    "us-gov-": Partition("aws-us-gov", "amazonaws.com", "com.amazonaws", "AWS GovCloud (US)"),
    "us-iso-": Partition("aws-iso", "c2s.ic.gov", "gov.ic.c2s", "AWS ISO (US)"),
    "us-isob-": Partition("aws-iso-b", "sc2s.sgov.gov", "gov.sgov.sc2s", "AWS ISOB (US)"),
    "us-isof-": Partition("aws-iso-f", "csp.hci.ic.gov", "gov.ic.hci.csp", "AWS ISOF"),
    "eu-isoe-": Partition("aws-iso-e", "cloud.adc-e.uk", "uk.adc-e.cloud", "AWS ISOE (Europe)"),
    "eusc-": Partition("aws-eusc", "amazonaws.eu", "eu.amazonaws", "AWS EUSC"),
}


def partition_of(region: str) -> Partition:
    """The partition a region lies in; the standard one for a region that is not known."""
    for prefix, partition in _PARTITIONS.items():
        if region.startswith(prefix):
            return partition
    return AWS


@dataclass(frozen=True)
class Region:
    """A region's name for people, the prefix of its zone ids, and its zones' letters."""

    title: str
    zone_id_prefix: str
    letters: str
    opt_in: bool = False


REGIONS: Final[Mapping[str, Region]] = {
    "af-south-1": Region("Africa (Cape Town)", "afs1", "abc", opt_in=True),
    "ap-east-1": Region("Asia Pacific (Hong Kong)", "ape1", "abc", opt_in=True),
    "ap-east-2": Region("Asia Pacific (Taipei)", "ape2", "abc", opt_in=True),
    "ap-northeast-1": Region("Asia Pacific (Tokyo)", "apne1", "acd"),
    "ap-northeast-2": Region("Asia Pacific (Seoul)", "apne2", "abcd"),
    "ap-northeast-3": Region("Asia Pacific (Osaka)", "apne3", "abc"),
    "ap-south-1": Region("Asia Pacific (Mumbai)", "aps1", "abc"),
    "ap-south-2": Region("Asia Pacific (Hyderabad)", "aps2", "abc", opt_in=True),
    "ap-southeast-1": Region("Asia Pacific (Singapore)", "apse1", "abc"),
    "ap-southeast-2": Region("Asia Pacific (Sydney)", "apse2", "abc"),
    "ap-southeast-3": Region("Asia Pacific (Jakarta)", "apse3", "abc", opt_in=True),
    "ap-southeast-4": Region("Asia Pacific (Melbourne)", "apse4", "abc", opt_in=True),
    "ap-southeast-5": Region("Asia Pacific (Malaysia)", "apse5", "abc", opt_in=True),
    "ap-southeast-7": Region("Asia Pacific (Thailand)", "apse7", "abc", opt_in=True),
    "ca-central-1": Region("Canada (Central)", "cac1", "abd"),
    "ca-west-1": Region("Canada West (Calgary)", "caw1", "abc", opt_in=True),
    "cn-north-1": Region("China (Beijing)", "cnn1", "abd"),
    "cn-northwest-1": Region("China (Ningxia)", "cnnw1", "abc"),
    "eu-central-1": Region("Europe (Frankfurt)", "euc1", "abc"),
    "eu-central-2": Region("Europe (Zurich)", "euc2", "abc", opt_in=True),
    "eu-north-1": Region("Europe (Stockholm)", "eun1", "abc"),
    "eu-south-1": Region("Europe (Milan)", "eus1", "abc", opt_in=True),
    "eu-south-2": Region("Europe (Spain)", "eus2", "abc", opt_in=True),
    "eu-west-1": Region("Europe (Ireland)", "euw1", "abc"),
    "eu-west-2": Region("Europe (London)", "euw2", "abc"),
    "eu-west-3": Region("Europe (Paris)", "euw3", "abc"),
    "il-central-1": Region("Israel (Tel Aviv)", "ilc1", "abc", opt_in=True),
    "me-central-1": Region("Middle East (UAE)", "mec1", "abc", opt_in=True),
    "me-south-1": Region("Middle East (Bahrain)", "mes1", "abc", opt_in=True),
    "mx-central-1": Region("Mexico (Central)", "mxc1", "abc", opt_in=True),
    "sa-east-1": Region("South America (Sao Paulo)", "sae1", "abc"),
    "us-east-1": Region("US East (N. Virginia)", "use1", "abcdef"),
    "us-east-2": Region("US East (Ohio)", "use2", "abc"),
    "us-gov-east-1": Region("AWS GovCloud (US-East)", "usge1", "abc"),
    "us-gov-west-1": Region("AWS GovCloud (US-West)", "usgw1", "abc"),
    "us-west-1": Region("US West (N. California)", "usw1", "ab"),
    "us-west-2": Region("US West (Oregon)", "usw2", "abcd"),
}


def region_facts(name: str) -> Region:
    """What is known of a region; one that is not known has three zones."""
    found = REGIONS.get(name)
    if found is not None:
        return found
    area, _, rest = name.partition("-")
    letters = "".join(part[:1] for part in rest.split("-"))
    return Region(name, f"{area}{letters}", "abc")


def zones_of(name: str) -> list[str]:
    """The names of a region's availability zones."""
    return [f"{name}{letter}" for letter in region_facts(name).letters]


def zone_id(zone: str) -> str:
    """The id of a zone such as `eu-west-1a`; a name that is no zone of a region is its own id."""
    region, letter = zone[:-1], zone[-1:]
    facts = region_facts(region)
    index = facts.letters.find(letter)
    return f"{facts.zone_id_prefix}-az{index + 1}" if letter and index >= 0 else zone
