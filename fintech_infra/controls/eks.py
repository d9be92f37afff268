"""Controls over EKS clusters and node groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.evaluate import is_production
from fintech_infra.controls.policies import enumerated
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.network import is_world
from fintech_infra.environment.undecided import decided_first

CLUSTER: Final = "aws:eks/cluster:Cluster"
NODE_GROUP: Final = "aws:eks/nodeGroup:NodeGroup"
ACCESS_POLICY: Final = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"

_LOG_TYPES: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_CLUSTER_ADMIN: Final = "/AmazonEKSClusterAdminPolicy"


@control(
    on=[CLUSTER],
    severity=Severity.HIGH,
    fix="Set endpointPrivateAccess and unset endpointPublicAccess; outside production name the "
    "networks in publicAccessCidrs. ImmutableService runs containers without a cluster.",
    source="FSBP EKS.1; PCI DSS 4.0.1 1.4.4",
    properties=["vpcConfig"],
)
def eks_endpoint_private(cluster: Resource, environment: Environment) -> Iterator[Fault]:
    """The API of a cluster is private; outside production it may be open to named networks.

    Whoever reaches the API can try stolen tokens on it, and every flaw of the API server before
    it is patched.
    """
    if cluster.value("vpcConfig.endpointPublicAccess") is False:
        return
    if is_production(environment.stack):
        yield Fault("vpcConfig.endpointPublicAccess", "the API has a public address")
        return
    ranges = list(cluster.each("vpcConfig.publicAccessCidrs"))
    if not ranges:
        yield Fault("vpcConfig.publicAccessCidrs", "the API is open to the internet by default")
    for path, cidr in ranges:
        if is_world(str(cidr)):
            yield Fault(path, f"the API is open to {cidr}")


def _logged(cluster: Resource) -> Mapping[str, Any]:
    path = "enabledClusterLogTypes"
    given = [kind for _, kind in cluster.each(path)]
    absent = [kind for kind in _LOG_TYPES if kind not in given]
    return {path: [*given, *absent]} if absent else {}


@control(
    on=[CLUSTER],
    severity=Severity.HIGH,
    fix="Set encryptionConfig with the ARN of an EncryptionKey and the resource secrets, and "
    "enabledClusterLogTypes to all five types.",
    source="FSBP EKS.3, EKS.8; PCI DSS 4.0.1 10.2.1",
    properties=["encryptionConfig", "enabledClusterLogTypes"],
    remedy=_logged,
)
def eks_secrets_and_logs(cluster: Resource) -> Iterator[Fault]:
    """Clusters encrypt secrets with a customer-managed key and send every control-plane log.

    Without the key, nobody can take the cluster's secrets away from who holds its storage. What the
    API was asked, and by whom, is in the logs alone.
    """
    yield from decided_first((_secrets(cluster), _logs(cluster)))


def _secrets(cluster: Resource) -> Iterator[Fault]:
    if not cluster.is_set("encryptionConfig.provider.keyArn"):
        yield Fault("encryptionConfig", "secrets are not encrypted with a key of the customer")
    elif "secrets" not in cluster.listed("encryptionConfig.resources"):
        yield Fault("encryptionConfig.resources", "secrets are not among what is encrypted")


def _logs(cluster: Resource) -> Iterator[Fault]:
    given = [kind for _, kind in cluster.each("enabledClusterLogTypes")]
    absent = [kind for kind in _LOG_TYPES if kind not in given]
    if absent:
        yield Fault("enabledClusterLogTypes", f"no log of {enumerated(absent, len(_LOG_TYPES))}")


@control(
    on=[CLUSTER, NODE_GROUP],
    severity=Severity.HIGH,
    fix="Name a version in standard support, and set upgradePolicy.supportType to STANDARD.",
    source="Amazon EKS user guide, Understand the Kubernetes version lifecycle; FSBP EKS.2",
    properties=["version", "upgradePolicy"],
)
def eks_version_supported(resource: Resource, *, oldest_minor: int = 34) -> Iterator[Fault]:
    """Clusters and node groups run a Kubernetes version in standard support.

    A version is supported for 14 months; then the community makes no fixes any more. Kubernetes
    1.33 left standard support on 29 July 2026, 1.34 does on 2 December 2026: raise oldest_minor
    as versions leave. A node group that names no version has its cluster's.
    """
    version = resource.value("version")
    if version is not None:
        found = re.match(r"1\.(\d+)", str(version))
        if found is None or int(found[1]) < oldest_minor:
            yield Fault("version", f"{version} is older than 1.{oldest_minor}")
    elif resource.type == CLUSTER and resource.value("upgradePolicy.supportType") != "STANDARD":
        yield Fault("version", "no version is named, and it may grow old in extended support")


@control(
    on=[CLUSTER, ACCESS_POLICY, NODE_GROUP],
    severity=Severity.MEDIUM,
    fix="Set authenticationMode to API and bootstrapClusterCreatorAdminPermissions to false, and "
    "give each role an AccessEntry; reach nodes through SSM Session Manager.",
    source="Amazon EKS user guide, Grant IAM users access with EKS access entries; "
    "PCI DSS 4.0.1 7.2.2",
    properties=["accessConfig", "policyArn", "principalArn", "remoteAccess"],
)
def eks_access_entries_only(
    resource: Resource, *, administrators: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Access to clusters is given by access entries, to nobody by the way.

    Who made a cluster is its administrator for ever otherwise, in no list, and the aws-auth map can
    be edited from inside. Cluster administrators are judged only where administrators names some,
    as patterns of ARNs. A node group with an SSH key and no source is open to the internet.
    """
    if resource.type == CLUSTER:
        yield from _cluster_access(resource)
    elif resource.type == ACCESS_POLICY:
        yield from _administration(resource, administrators)
    elif resource.value("remoteAccess") is not None and _is_open(resource):
        yield Fault("remoteAccess.sourceSecurityGroupIds", "SSH to the nodes is open to everyone")


def _is_open(nodes: Resource) -> bool:
    sources = nodes.is_set("remoteAccess.sourceSecurityGroupIds")
    return nodes.is_set("remoteAccess.ec2SshKey") and not sources


def _cluster_access(cluster: Resource) -> Iterator[Fault]:
    mode = cluster.value("accessConfig.authenticationMode") or "CONFIG_MAP"
    if mode != "API":
        yield Fault("accessConfig.authenticationMode", f"{mode}: the aws-auth map gives access")
    path = "accessConfig.bootstrapClusterCreatorAdminPermissions"
    if cluster.value(path) is not False:
        yield Fault(path, "whoever creates the cluster is its administrator")


def _administration(association: Resource, administrators: Iterable[str]) -> Iterator[Fault]:
    approved = tuple(administrators)
    if not approved or not str(association.value("policyArn")).endswith(_CLUSTER_ADMIN):
        return
    principal = str(association.value("principalArn"))
    if not any(fnmatchcase(principal, pattern) for pattern in approved):
        yield Fault("principalArn", f"{principal} is no approved administrator")


CONTROLS: Final = (
    eks_endpoint_private,
    eks_secrets_and_logs,
    eks_version_supported,
    eks_access_entries_only,
)
