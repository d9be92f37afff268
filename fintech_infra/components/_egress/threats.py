"""The list of malicious domains that AWS keeps, by region. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

AGGREGATE_THREAT_LIST: Final[Mapping[str, str]] = {
    "ap-northeast-1": "rslvr-fdl-103b4302c274455e",
    "ap-northeast-2": "rslvr-fdl-1997a3cdd61a4f2a",
    "ap-northeast-3": "rslvr-fdl-2e57899062984ed1",
    "ap-south-1": "rslvr-fdl-d1159fcdd6b942cf",
    "ap-southeast-1": "rslvr-fdl-49099fd7fc3d4853",
    "ap-southeast-2": "rslvr-fdl-9be336ef32844e5",
    "ca-central-1": "rslvr-fdl-46d873be30464a06",
    "eu-central-1": "rslvr-fdl-54a2c1ef5b014042",
    "eu-central-2": "rslvr-fdl-8cd4169f2bd1480f",
    "eu-north-1": "rslvr-fdl-17764a248c141e9",
    "eu-south-1": "rslvr-fdl-89f7b3e9074983",
    "eu-south-2": "rslvr-fdl-8d0f4229b2734c50",
    "eu-west-1": "rslvr-fdl-a88f2f26cc6a4296",
    "eu-west-2": "rslvr-fdl-4e96d4ce77f466b",
    "eu-west-3": "rslvr-fdl-6002172db5fc4cab",
    "sa-east-1": "rslvr-fdl-5d3faeb3ed7a4492",
    "us-east-1": "rslvr-fdl-15f4860b1ad54ead",
    "us-east-2": "rslvr-fdl-bbc798062d594728",
    "us-west-1": "rslvr-fdl-d2a6edeaa3b04a8a",
    "us-west-2": "rslvr-fdl-d252ee1944404e15",
}
"""Ids of `AWSManagedDomainsAggregateThreatList`, which holds the domains of all managed lists.

The provider cannot look it up by name (terraform-provider-aws#21020), and the id is the same in
every account of a region, as `aws route53resolver list-firewall-domain-lists` shows.
"""

_ID: Final = re.compile(r"rslvr-fdl-[0-9a-f]{1,32}")
_FIND: Final = "`aws route53resolver list-firewall-domain-lists` shows it"


def threat_list_problems(given: str | None, region: str) -> Iterator[str]:
    """Yield what is wrong with the id of the threat list for `region`, or with leaving it out."""
    if given is None and region not in AGGREGATE_THREAT_LIST:
        yield (
            f"is needed, because the id of AWSManagedDomainsAggregateThreatList is not known here "
            f"for {region}; {_FIND}"
        )
    elif given is not None and not _ID.fullmatch(given):
        yield f"is {given!r}; accepted is the id of a domain list, 'rslvr-fdl-...'; {_FIND}"
