"""The control over how much a machine that strangers can talk to is allowed to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.classification import CLASSIFIED, tag_of
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.graph import Chain, Kind, exposure, is_certain
from fintech_infra.environment.graph.abilities import DATA, Data
from fintech_infra.environment.graph.effective import permissions
from fintech_infra.environment.graph.escalation import ADMINISTRATOR
from fintech_infra.environment.graph.permissions import becomes, permission_graph
from fintech_infra.environment.graph.targets import Target, target_of
from fintech_infra.environment.undecided import reading

COMPUTE: Final = (
    "aws:ec2/instance:Instance",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:autoscaling/group:Group",
    "aws:ecs/service:Service",
    "aws:lambda/function:Function",
)


@control(
    on=COMPUTE,
    severity=Severity.CRITICAL,
    fix="Give the workload a role that names what it needs, as ImmutableService does, or put "
    "it behind a tier that holds no rights.",
    source="PCI DSS 4.0.1 7.2.5; NIST SP 800-53 AC-6, SC-7",
    properties=["iamInstanceProfile", "launchTemplate", "role", "taskDefinition"],
)
def vpc_internet_to_privilege_path_absent(
    compute: Resource, environment: Environment
) -> Iterator[Fault]:
    """What the internet reaches runs without the rights of an administrator or of all the data.

    A flaw in the program that answers strangers is then a flaw of one workload, and not the loss of
    the account. Followed are the role of the workload and every role that it may become. Data at
    large is a permission to read every bucket, table or other store of a kind, where one of them is
    classified.
    """
    way = exposure(environment).get(compute.urn)
    if not way:
        return
    faults = list(_administers(compute, environment, way))
    yield from faults
    # Who administers the account reads all that is in it.
    if all(fault.undecided for fault in faults):
        yield from _reads(compute, environment, way)


def _administers(compute: Resource, environment: Environment, way: Chain) -> Iterator[Fault]:
    chain = becomes(environment, compute.urn).get(ADMINISTRATOR)
    if chain:
        yield _fault((*way, *chain), "may become an administrator of the account")


def _reads(compute: Resource, environment: Environment, way: Chain) -> Iterator[Fault]:
    for role, chain in becomes(environment, compute.urn).items():
        for type_, data in DATA.items() if role != ADMINISTRATOR else ():
            found = _at_large(role, type_, data, environment)
            if found:
                kind = type_.rpartition(":")[2].lower()
                what = f"may read every {kind}, classified data among them"
                yield _fault((*way, *chain, *found), what)


def _at_large(role: str, type_: str, data: Data, environment: Environment) -> Chain:
    """The step from a role to classified data that it reads because it may read all of a kind."""
    stores = [item for item in environment.of_type(type_) if not item.existing]
    if not stores or not _reads_all(role, target_of(stores[0]).service, data, environment):
        return ()
    for edge in permission_graph(environment).out(role, Kind.MAY):
        store = environment.by_urn.get(edge.target)
        if store is not None and store.type == type_:
            with reading(store.name, ""):
                if tag_of(store, "data-class") in CLASSIFIED:
                    return (edge,)
    return ()


def _reads_all(role: str, service: str, data: Data, environment: Environment) -> bool:
    anything = Target(service=service, part=data.any)
    effective = permissions(environment)[role]
    return any(effective.openly(call, anything) for call in data.reads)


def _fault(chain: Chain, what: str) -> Fault:
    sure = is_certain(chain)
    doubt = "" if sure else f": {next(edge.why for edge in chain if not edge.certain)}"
    return Fault(
        "", f"the internet reaches it, and it {what}{doubt}", undecided=not sure, chain=chain
    )


CONTROLS: Final = (vpc_internet_to_privilege_path_absent,)
