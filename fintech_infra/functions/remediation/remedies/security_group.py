"""Takes away security group rules that let the internet in where that is not declared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from fintech_infra.functions.remediation.addresses import is_world
from fintech_infra.functions.remediation.errors import code_of
from fintech_infra.functions.remediation.events import noncompliant, read, requested
from fintech_infra.functions.remediation.model import (
    Clients,
    Declared,
    Facts,
    Occurrence,
    Plan,
    Remediation,
    Step,
    conforms,
    report,
    restore,
)

_PORT_PROTOCOLS: Final = ("tcp", "udp")


def _subject(happened: Occurrence) -> str:
    if happened.source == "config":
        return noncompliant(happened, "AWS::EC2::SecurityGroup")
    if happened.name == "ModifySecurityGroupRules":
        inner = read(
            happened.detail, "requestParameters", "ModifySecurityGroupRulesRequest", "GroupId"
        )
        if isinstance(inner, str) and inner:
            return inner
    return requested(happened, "groupId")


def _observe(clients: Clients, _: Occurrence, group: str) -> Facts:
    pages = clients("ec2").get_paginator("describe_security_group_rules")
    found: list[dict[str, Any]] = []
    try:
        for page in pages.paginate(Filters=[{"Name": "group-id", "Values": [group]}]):
            found += [_rule(item) for item in page["SecurityGroupRules"] if not item["IsEgress"]]
    except ClientError as error:
        if code_of(error) != "InvalidGroup.NotFound":
            raise
    return {"open": sorted((rule for rule in found if _is_open(rule)), key=lambda it: it["id"])}


def _rule(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": item["SecurityGroupRuleId"],
        "protocol": item["IpProtocol"],
        "from": item.get("FromPort"),
        "to": item.get("ToPort"),
        "range": item.get("CidrIpv4") or item.get("CidrIpv6") or "",
    }


def _is_open(rule: Mapping[str, Any]) -> bool:
    return bool(rule["range"]) and is_world(rule["range"])


def _plan(_: Occurrence, group: str, declared: Declared | None, facts: Facts) -> Plan:
    settings = {} if declared is None else declared.settings
    excess = [rule for rule in facts["open"] if not _is_meant(rule, settings.get("open_ports", ()))]
    if not excess:
        return conforms(f"{group} lets the internet in nowhere but where that is declared")
    what = ", ".join(_said(rule) for rule in excess)
    if declared is None:
        return report(f"{group} lets the internet in ({what}), and is not declared here")
    parameters = {"GroupId": group, "SecurityGroupRuleIds": [rule["id"] for rule in excess]}
    return restore(
        f"{group} lets the internet in, which is not declared: {what}",
        Step("ec2", "revoke_security_group_ingress", parameters),
    )


def _is_meant(rule: Mapping[str, Any], ports: Collection[int]) -> bool:
    return (
        rule["protocol"] in _PORT_PROTOCOLS
        and rule["from"] == rule["to"]
        and any(rule["from"] == int(port) for port in ports)
    )


def _said(rule: Mapping[str, Any]) -> str:
    ports = "" if rule["from"] in {None, -1} else f" {rule['from']}-{rule['to']}"
    protocol = "everything" if rule["protocol"] == "-1" else rule["protocol"]
    return f"{protocol}{ports} from {rule['range']}"


REMEDIATION: Final = Remediation(
    name="close-security-group",
    subject=_subject,
    observe=_observe,
    plan=_plan,
    operations=(("ec2", "revoke_security_group_ingress"),),
)
