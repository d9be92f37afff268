"""REACHES edges: from the internet to what has a public way in, and on from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fintech_infra.environment.graph.arrivals import Ground, arrivals
from fintech_infra.environment.graph.endpoints import Endpoint
from fintech_infra.environment.graph.forwarding import LISTENERS, forwards, listener_ports, listens
from fintech_infra.environment.graph.inside import inside
from fintech_infra.environment.graph.invocations import invocations
from fintech_infra.environment.graph.model import INTERNET, Edge, Kind
from fintech_infra.environment.graph.shapes import SHAPES, Role
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.relations import refuse_if_hidden
from fintech_infra.environment.undecided import UndecidedError


def reachability(environment: Environment) -> Iterator[Edge]:
    """Yield the edges along which traffic can go.

    What hands connections on leads to its targets; compute leads to whatever the network and
    security groups let it connect to. An edge that is not certain says what is missing.
    """
    ground = Ground(environment)
    for resource in environment.of_type(*SHAPES):
        yield from _from_outside(resource, ground)
    yield from forwards(environment, ground)
    yield from invocations(environment)
    yield from inside(environment, ground)


def _from_outside(resource: Resource, ground: Ground) -> Iterator[Edge]:
    endpoint = ground.endpoint(resource)
    shape = SHAPES[resource.type]
    if endpoint is not None:
        balancing = shape.role is Role.BALANCER
        yield from _balanced(endpoint, ground) if balancing else arrivals(endpoint, ground)
    elif shape.role is Role.DATA:
        why = f"has a public endpoint, because {shape.outside} is not set"
        yield Edge(INTERNET, Kind.REACHES, resource.urn, why, resource.urn, shape.outside)


def _balanced(endpoint: Endpoint, ground: Ground) -> Iterator[Edge]:
    """The ways into a load balancer: those to the ports that it listens on."""
    balancer, environment = endpoint.resource, ground.environment
    if listens(balancer, environment):
        yield from arrivals(endpoint, ground, listener_ports(balancer, environment))
        return
    try:
        for type_ in LISTENERS:
            refuse_if_hidden(environment, balancer, "loadBalancerArn", type_)
    except UndecidedError as error:
        for edge in arrivals(endpoint, ground, ()):
            last = edge.target == balancer.urn
            why = f"{edge.why}, and its listeners cannot be seen: {error}"
            yield replace(edge, why=why, certain=False) if last else edge
