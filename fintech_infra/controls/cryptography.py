"""Controls over hardware security modules and payment keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.undecided import reading

HSM_CLUSTER: Final = "aws:cloudhsmv2/cluster:Cluster"
HSM: Final = "aws:cloudhsmv2/hsm:Hsm"
PAYMENT_KEY: Final = "aws:paymentcryptography/key:Key"

_ZONES: Final = 2


@control(
    on=[PAYMENT_KEY],
    severity=Severity.HIGH,
    fix="Set exportable to false; export a key only for an exchange with a partner, by waiver.",
    source="AWS Payment Cryptography user guide, Exporting keys; PCI PIN Security Requirement 18",
    properties=["exportable"],
)
def paymentcryptography_key_not_exportable(key: Resource) -> Iterator[Fault]:
    """Payment keys cannot leave the hardware they were made in.

    Whoever has a PIN or card verification key outside of it can make what cards and terminals
    accept, and no log says so. It cannot be changed once the key is made.
    """
    if key.value("exportable") is not False:
        yield Fault("exportable", "the key can be taken out of the service")


@control(
    on=[HSM_CLUSTER],
    severity=Severity.HIGH,
    fix="Give the cluster subnets of two zones, and an Hsm in each.",
    source="AWS CloudHSM user guide, Cluster high availability and load balancing",
    scope=Scope.PROD,
    properties=["subnetIds"],
)
def cloudhsm_cluster_multi_az(cluster: Resource, environment: Environment) -> Iterator[Fault]:
    """Production clusters of hardware security modules have two modules in different zones.

    Keys made since the last backup are lost with the only module that holds them.
    """
    subnets = cluster.listed("subnetIds")
    if len(subnets) < _ZONES:
        yield Fault("subnetIds", "the cluster stands in one zone only")
        return
    modules = managed_companions(environment, cluster, "clusterId", HSM)
    places: set[str] = set()
    for module in modules:
        with reading(module.name, ""):
            places.add(str(module.value("availabilityZone") or module.value("subnetId")))
    if len(places) < _ZONES:
        refuse_if_hidden(environment, cluster, "clusterId", HSM)
        yield Fault("", f"the cluster has modules in {len(places)} zones; two at least")


CONTROLS: Final = (paymentcryptography_key_not_exportable, cloudhsm_cluster_multi_az)
