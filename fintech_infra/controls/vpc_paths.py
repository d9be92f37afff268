"""Controls over paths: whether a chain of network hops leads from the internet to data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.graph import Edge, exposure, is_certain
from fintech_infra.environment.graph.shapes import DATA_STORES


@control(
    on=DATA_STORES,
    severity=Severity.CRITICAL,
    fix="Break the chain at its last step: take the public address away, put the store into "
    "subnets without a route to an internet gateway, and admit only the security group of the "
    "service that uses it; HardenedVpc and EncryptedDatabase do so.",
    source="PCI DSS 4.0.1 1.4.4; a service that answers for its callers is where a chain ends: "
    "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/"
    "sec_network_protection_create_layers.html",
)
def vpc_internet_to_data_path_absent(store: Resource, environment: Environment) -> Iterator[Fault]:
    """No network path leads from the internet to a data store without a service in between.

    Each rule on such a path may look harmless by itself; together they let anybody try passwords
    and known weaknesses on the store. Instances, container services and functions count as the
    tier that authenticates: what they let through is for their own code and roles to decide.
    """
    chain = exposure(environment).get(store.urn)
    if chain is None:
        return
    path = chain[-1].path if chain[-1].urn == store.urn else ""
    if is_certain(chain):
        yield Fault(path, f"the internet reaches it: it {chain[-1].why}", chain=chain)
    else:
        missing = next(edge for edge in chain if not edge.certain)
        message = f"whether the internet reaches it is not known: {_named(missing, environment)}"
        yield Fault(path, message, undecided=True, chain=chain)


def _named(edge: Edge, environment: Environment) -> str:
    target = environment.by_urn.get(edge.target)
    return f"{target.name if target else edge.target} {edge.why}"


CONTROLS: Final = (vpc_internet_to_data_path_absent,)
