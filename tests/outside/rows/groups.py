"""Security groups and their rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.outside.calls import UnmappedInputError
from tests.outside.cloud import Call, Rows, Subject
from tests.outside.rows.parts import tagged


def _default_group(subject: Subject) -> Mapping[str, Any]:
    wanted = {"group-name": "default", "vpc-id": subject.value("vpcId")}
    return {"Filters": [{"Name": name, "Values": [value]} for name, value in wanted.items()]}


def _everything_out(subject: Subject) -> Mapping[str, Any]:
    """The rule that EC2 gives to every new group; the provider takes it away again."""
    anywhere = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    return {"GroupId": subject.output("id"), "IpPermissions": [anywhere]}


def _no_inline_rules(subject: Subject) -> Mapping[str, Any]:
    """Rules are resources of their own; a group may say that it is to have none."""
    if subject.value("egress") or subject.value("ingress"):
        raise UnmappedInputError("egress, ingress: a group with rules of its own is not covered")
    return {}


def _permission(subject: Subject) -> Mapping[str, Any]:
    target = {
        "IpRanges": ("CidrIp", subject.value("cidrIpv4")),
        "Ipv6Ranges": ("CidrIpv6", subject.value("cidrIpv6")),
        "PrefixListIds": ("PrefixListId", subject.value("prefixListId")),
        "UserIdGroupPairs": ("GroupId", subject.value("referencedSecurityGroupId")),
    }
    described = (
        {"Description": subject.value("description")} if subject.value("description") else {}
    )
    permission = {
        parameter: [{name: value, **described}]
        for parameter, (name, value) in target.items()
        if value is not None
    }
    ports = {"FromPort": subject.value("fromPort"), "ToPort": subject.value("toPort")}
    permission |= {key: int(port) for key, port in ports.items() if port is not None}
    return {"IpPermissions": [{"IpProtocol": subject.value("ipProtocol"), **permission}]}


def _rule(operation: str) -> tuple[Call, ...]:
    return (
        Call(
            "ec2",
            operation,
            names={"securityGroupId": "GroupId"},
            by_hand=(
                "cidrIpv4",
                "cidrIpv6",
                "description",
                "fromPort",
                "ipProtocol",
                "prefixListId",
                "referencedSecurityGroupId",
                "tags",
                "toPort",
            ),
            adds=tagged("security-group-rule", _permission),
            gives={"id": "SecurityGroupRules.0.SecurityGroupRuleId"},
        ),
    )


GROUPS: Rows = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": (
        Call(
            "ec2",
            "describe_security_groups",
            takes=("vpcId",),
            by_hand=("vpcId",),
            adds=_default_group,
            gives={"id": "SecurityGroups.0.GroupId"},
        ),
        Call(
            "ec2",
            "revoke_security_group_egress",
            names={"id": "GroupId"},
            also=("id",),
            by_hand=("egress", "ingress", "tags"),
            adds=_everything_out,
        ),
    ),
    "aws:ec2/securityGroup:SecurityGroup": (
        Call(
            "ec2",
            "create_security_group",
            names={"name": "GroupName"},
            also=("name",),
            by_hand=("egress", "ingress", "tags"),
            adds=tagged("security-group", _no_inline_rules),
            gives={"id": "GroupId"},
        ),
        Call("ec2", "revoke_security_group_egress", takes=(), adds=_everything_out),
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule(
        "authorize_security_group_egress"
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule(
        "authorize_security_group_ingress"
    ),
}
