"""What the arguments of an egress firewall amount to, before anything is made of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fintech_infra.components._egress.domains import domain_problems
from fintech_infra.components._egress.threats import threat_list_problems
from fintech_infra.components._retention import retention_problems
from fintech_infra.components._zones import region_of, zone_problems

MOST_ZONES: Final = 6
"""No AWS region has more."""


def egress_problems(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(argument, what is wrong with it)`; arguments that are absent are not."""
    found: dict[str, Iterator[str]] = {}
    for argument in ("allowed_domains", "http_domains"):
        if (domains := args.get(argument)) is not None:
            found[argument] = domain_problems(domains)
    if (days := args.get("log_retention_days")) is not None:
        found["log_retention_days"] = retention_problems(int(days))
    for argument, reasons in found.items():
        for reason in reasons:
            yield argument, reason
    yield from _place_problems(args)


def _place_problems(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    zones = list(args.get("subnet_ids", {}))
    wrong = list(zone_problems(zones, 1, MOST_ZONES)) if "subnet_ids" in args else []
    for reason in wrong:
        yield "subnet_ids", reason
    if zones and not wrong:
        for reason in threat_list_problems(args.get("threat_list_id"), region_of(zones)):
            yield "threat_list_id", reason


def endpoint_of(statuses: Sequence[Any], subnet_id: str) -> str:
    """Return the id of a firewall's endpoint in one subnet, from the firewall's status.

    Raises:
        ValueError: the firewall has no endpoint there.
    """
    for status in statuses:
        for state in status.sync_states or []:
            for attachment in state.attachments or []:
                if attachment.subnet_id == subnet_id and attachment.endpoint_id:
                    return str(attachment.endpoint_id)
    raise ValueError(f"the firewall has no endpoint in subnet {subnet_id}")
