"""The network: three tiers over the zones of the environment, its traffic logged."""

from __future__ import annotations

from fintech_infra import HardenedVpc
from records import Records
from settings import Settings


def make_network(settings: Settings, records: Records) -> HardenedVpc:
    """Make the network; flow logs land in the log bucket."""
    return HardenedVpc(
        "payments",
        {
            "zones": settings.zones,
            "cidr": settings.cidr,
            "egress": settings.egress,
            "public_access": settings.public_access,
            "flow_log_bucket_arn": records.logs.arn,
        },
    )
