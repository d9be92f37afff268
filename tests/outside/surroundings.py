"""What is there beside what a program declares: given to it from outside, or made by AWS itself.

moto refuses what refers to nothing, so the one is made beforehand and the other along with what
AWS makes it for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fintech_infra.environment import Environment, walk
from tests.outside.cloud import REGION, Cloud, Subject, client

BATCH_ROLE: Final = "aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"


def prepare(cloud: Cloud, environment: Environment) -> None:
    """Make what the environment's programs get from elsewhere."""
    for name, make in _FOREIGN.items():
        for number, (given, region) in enumerate(_foreign(environment, name)):
            cloud.learn(given, make(region, number))
    if any(environment.of_type("aws:batch/computeEnvironment:ComputeEnvironment")):
        client("iam", REGION).create_role(
            Path="/aws-service-role/batch.amazonaws.com/",
            RoleName="AWSServiceRoleForBatch",
            AssumeRolePolicyDocument="{}",
        )


def _foreign(environment: Environment, name: str) -> Iterator[tuple[str, str]]:
    """The values, and their regions, of inputs of this name that no declared resource gives."""
    seen: set[str] = set()
    for resource in environment.resources:
        for path, value in walk(resource.inputs):
            last = path.rpartition(".")[2].partition("[")[0]
            if last != name or value in seen:
                continue
            seen.add(value)
            if all(item.existing for item in environment.named(value)):
                yield value, str(resource.outputs.get("region") or REGION)


def _network(region: str) -> str:
    ec2 = client("ec2", region)
    named = [{"Name": "tag:Name", "Values": ["elsewhere"]}]
    if found := ec2.describe_vpcs(Filters=named)["Vpcs"]:
        return found[0]["VpcId"]
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "elsewhere"}]}]
    return ec2.create_vpc(CidrBlock="10.30.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]


def _subnet(region: str, number: int) -> str:
    made = client("ec2", region).create_subnet(
        VpcId=_network(region),
        CidrBlock=f"10.30.{240 + number}.0/28",
        AvailabilityZone=f"{region}{'abc'[number % 3]}",
    )
    return made["Subnet"]["SubnetId"]


def _route_table(region: str, _: int) -> str:
    made = client("ec2", region).create_route_table(VpcId=_network(region))
    return made["RouteTable"]["RouteTableId"]


def _certificate(region: str, _: int) -> str:
    made = client("acm", region).request_certificate(DomainName="pay.example.com")
    return made["CertificateArn"]


def _detector(region: str, _: int) -> str:
    return client("guardduty", region).create_detector(Enable=True)["DetectorId"]


_FOREIGN: Final[Mapping[str, Callable[[str, int], str]]] = {
    "vpcId": lambda region, _: _network(region),
    "subnetId": _subnet,
    "routeTableId": _route_table,
    "certificateArn": _certificate,
    "detectorId": _detector,
}
"""What programs get from other stacks, by the input that carries it, and how it is made."""


def _firewall_endpoints(subject: Subject) -> None:
    """Network Firewall puts an endpoint into each of its subnets."""
    for status in subject.output("firewallStatuses") or ():
        for state in status["syncStates"]:
            for attachment in state["attachments"]:
                made = subject.client("ec2").create_vpc_endpoint(
                    ServiceName=f"com.amazonaws.{subject.region}.network-firewall",
                    SubnetIds=[attachment["subnetId"]],
                    VpcEndpointType="GatewayLoadBalancer",
                    VpcId=subject.value("vpcId"),
                )
                subject.cloud.learn(attachment["endpointId"], made["VpcEndpoint"]["VpcEndpointId"])


ALONG: Final[Mapping[str, Callable[[Subject], Any]]] = {
    "aws:networkfirewall/firewall:Firewall": _firewall_endpoints,
}
"""What AWS makes along with a resource of a type."""
