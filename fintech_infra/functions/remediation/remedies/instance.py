"""Cuts a compromised instance off and keeps it: its interfaces get the quarantine group alone.

Nothing is stopped or deleted, so that memory and disks remain for forensics (PCI DSS 4.0.1
12.10). A connection that security groups track already can live on until it is idle. An
auto scaling group that loses sight of the instance may replace it, and take it away.
"""

from __future__ import annotations

from typing import Any, Final

from fintech_infra.functions.remediation.events import read
from fintech_infra.functions.remediation.model import (
    Clients,
    Declared,
    Facts,
    Occurrence,
    Plan,
    Remediation,
    Step,
    UnknownEventError,
    conforms,
    report,
    restore,
)

TAG: Final = "quarantined-from"
"""Tag of an interface: the groups that it had, which releasing it gives back."""


def _subject(happened: Occurrence) -> str:
    found = read(happened.detail, "resource", "instanceDetails", "instanceId")
    if happened.source != "guardduty" or not isinstance(found, str) or not found:
        raise UnknownEventError(f"{happened.name} is no finding about an instance")
    return found


def _observe(clients: Clients, _: Occurrence, instance: str) -> Facts:
    pages = clients("ec2").get_paginator("describe_network_interfaces")
    attached = [{"Name": "attachment.instance-id", "Values": [instance]}]
    interfaces = [
        {
            "id": interface["NetworkInterfaceId"],
            "vpc": interface["VpcId"],
            "groups": sorted(group["GroupId"] for group in interface["Groups"]),
        }
        for page in pages.paginate(Filters=attached)
        for interface in page["NetworkInterfaces"]
    ]
    return {"interfaces": sorted(interfaces, key=lambda it: it["id"])}


def _plan(happened: Occurrence, instance: str, declared: Declared | None, facts: Facts) -> Plan:
    finding = f"{instance}: {happened.name}"
    if declared is None or "security_group_id" not in declared.settings:
        return report(f"{finding}; no quarantine group is declared")
    group, vpc = declared.settings["security_group_id"], declared.settings["vpc_id"]
    at_large = [item for item in facts["interfaces"] if item["groups"] != [group]]
    if not at_large:
        return conforms(f"{finding}; it is gone, or in quarantine already")
    if any(item["vpc"] != vpc for item in at_large):
        return report(f"{finding}; it is not in {vpc}, where the quarantine group is")
    return restore(
        f"{finding}; {len(at_large)} interfaces go into {group}",
        *(step for item in at_large for step in _isolate(item, group)),
    )


def _isolate(interface: dict[str, Any], group: str) -> tuple[Step, Step]:
    remembered = {"Key": TAG, "Value": " ".join(interface["groups"])}
    return (
        Step("ec2", "create_tags", {"Resources": [interface["id"]], "Tags": [remembered]}),
        Step(
            "ec2",
            "modify_network_interface_attribute",
            {"NetworkInterfaceId": interface["id"], "Groups": [group]},
        ),
    )


REMEDIATION: Final = Remediation(
    name="quarantine-instance",
    subject=_subject,
    observe=_observe,
    plan=_plan,
    operations=(("ec2", "create_tags"), ("ec2", "modify_network_interface_attribute")),
)
