"""The network: three tiers, one way out that names where it leads, one way in that is guarded."""

from __future__ import annotations

from dataclasses import dataclass

from fintech_infra import EdgeShield, Egress, HardenedVpc, PublicAccess
from foundation import Foundation
from settings import Settings


@dataclass(frozen=True, slots=True)
class Network:
    """What connects, and what stands at its edge."""

    vpc: HardenedVpc
    edge: EdgeShield


def make_network(settings: Settings, foundation: Foundation) -> Network:
    """Make the network and the web ACL; flow logs land in the log bucket."""
    bounded = foundation.bounded()
    vpc = HardenedVpc(
        "payments",
        {
            "zones": settings.zones,
            "cidr": settings.cidr,
            "public_access": PublicAccess.HTTPS,
            "egress": Egress.FIREWALL,
            "allowed_domains": settings.allowed_domains,
            "block_public_access_exclusions": True,
            "flow_log_bucket_arn": foundation.logs.arn,
            "alarm_topic_arn": foundation.alarms.arn,
        },
        bounded,
    )
    edge = EdgeShield(
        "edge",
        {"login_paths": ["/v1/sessions"], "alarm_topic_arn": foundation.alarms.arn},
        bounded,
    )
    return Network(vpc, edge)
