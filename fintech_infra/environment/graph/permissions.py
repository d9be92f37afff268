"""Who may act as whom, and on what: the permissions of a program as edges, and questions to them.

Roles, users, groups and workloads of the program are nodes, and so are services, other accounts and
anyone where a document admits them. Roles that the program only names, such as those of another
stack, are ends: what they may do is not in it. Permission sets of IAM Identity Center are no nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from fintech_infra.environment.graph.becoming import (
    code_edges,
    credential_edges,
    passing_edges,
    workload_edges,
)
from fintech_infra.environment.graph.data_access import (
    KEYS,
    data_edges,
    guarded,
    invocation_edges,
    key_edges,
    role_edges,
)
from fintech_infra.environment.graph.escalation import ADMINISTRATOR, administration_edges
from fintech_infra.environment.graph.guarded import edges_to
from fintech_infra.environment.graph.model import Chain, Edge, Graph, Kind
from fintech_infra.environment.graph.principals import PRINCIPALS
from fintech_infra.environment.model import Environment


def permission_edges(environment: Environment) -> Iterator[Edge]:
    """Yield the permissions of a program, made once for each environment."""
    yield from _edges(environment)


@lru_cache(maxsize=4)
def permission_graph(environment: Environment) -> Graph:
    """The permissions of a program as a graph of their own."""
    return Graph(_edges(environment))


def who_may(environment: Environment, urn: str, what: str) -> tuple[Edge, ...]:
    """Return who may make the call `what`, such as `s3:GetObject`, on a resource of the program.

    Raises:
        KeyError: no resource has this URN.
    """
    resource = environment.by_urn[urn]
    return tuple(edges_to(environment, guarded(environment, resource), [what], f"may call {what}"))


def decrypters(environment: Environment, urn: str) -> tuple[Edge, ...]:
    """Return who may decrypt with a key of the program.

    Raises:
        ValueError: the URN is not that of a key.
    """
    found = environment.by_urn.get(urn)
    if found is None or found.type not in KEYS:
        raise ValueError(f"{urn} is no KMS key of this program; give the URN of one")
    return tuple(permission_graph(environment).into(urn, Kind.MAY))


def becomes(environment: Environment, urn: str) -> Mapping[str, Chain]:
    """Return whom a principal may become, step by step: roles, users, groups and `ADMINISTRATOR`.

    It starts at a principal, at a workload, at a service or at anyone outside.
    """
    found = permission_graph(environment).paths(
        urn, [Kind.MAY], through=lambda node: _is_principal(environment, node)
    )
    return {
        node: chain
        for node, chain in found.items()
        if node == ADMINISTRATOR or _is_principal(environment, node)
    }


def _is_principal(environment: Environment, node: str) -> bool:
    resource = environment.by_urn.get(node)
    return resource is not None and resource.type in PRINCIPALS


@lru_cache(maxsize=4)
def _edges(environment: Environment) -> tuple[Edge, ...]:
    direct = (
        *role_edges(environment),
        *workload_edges(environment),
        *code_edges(environment),
        *passing_edges(environment),
        *credential_edges(environment),
    )
    return (
        *direct,
        *administration_edges(environment, direct),
        *key_edges(environment),
        *data_edges(environment),
        *invocation_edges(environment),
    )
