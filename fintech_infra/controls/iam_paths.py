"""Controls over what several documents together let somebody become or read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final

from fintech_infra.controls.classification import CLASSIFIED, tag_of
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.iam import ROLE, USER
from fintech_infra.controls.kms_classes import users_of_keys
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.graph import ANYONE, Chain, Edge, Kind, is_certain
from fintech_infra.environment.graph.abilities import DATA
from fintech_infra.environment.graph.effective import permissions
from fintech_infra.environment.graph.escalation import ADMINISTRATOR, rises_of
from fintech_infra.environment.graph.grantees import account_of_node
from fintech_infra.environment.graph.permissions import becomes, decrypters, permission_graph
from fintech_infra.environment.graph.principals import PRINCIPALS
from fintech_infra.environment.graph.targets import account_of_resource

_REPOSITORY: Final = "aws:ecr/repository:Repository"


@control(
    on=[ROLE, USER],
    severity=Severity.CRITICAL,
    fix="Take one step of the path away: name other roles in the statement, deny it in a "
    "permissions boundary, or have the role trust others; list who is meant in administrators.",
    source="NIST SP 800-53 AC-6(10); AWS IAM user guide, Grant a user permissions to pass a role "
    "to an AWS service",
    properties=["assumeRolePolicy", "inlinePolicies", "managedPolicyArns", "permissionsBoundary"],
)
def iam_path_to_administrator_absent(
    identity: Resource, environment: Environment, *, administrators: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """No role or user becomes an administrator by way of others or of what is its own.

    Each document may look harmless: one role may be assumed, passed to a machine or have its code
    replaced, and that one may do everything. Counted is what all documents of the program say
    together, boundaries and denials included; policies that other programs declare are judged
    there. What one document grants outright is left to iam-policy-no-admin-star,
    iam-policy-no-privilege-escalation and iam-managed-admin-not-attached. The parameter takes
    patterns of the names of those who are meant to administer.
    """
    chain = becomes(environment, identity.urn).get(ADMINISTRATOR, ())
    if not chain or _is_elsewhere(chain, environment):
        return
    if len(chain) == 1 and any(it.is_broad for it in rises_of(environment, identity.urn)):
        return
    if any(fnmatchcase(_name(identity), pattern) for pattern in administrators):
        return
    yield _fault(identity, chain, "may become an administrator of the account", environment)


def _is_elsewhere(chain: Chain, environment: Environment) -> bool:
    """Whether a path is only open because another program declares what the last one holds."""
    last = permissions(environment)[chain[-1].source]
    return not chain[-1].certain and bool(last.gaps) and all(it.is_elsewhere for it in last.gaps)


def _name(identity: Resource) -> str:
    given: Any = identity.inputs.get("name")
    return given if isinstance(given, str) else identity.name


def _fault(subject: Resource, chain: Chain, what: str, environment: Environment) -> Fault:
    """What a path leads to, at the property of the subject that declares a step, if one does."""
    path = next((edge.path for edge in chain if edge.urn == subject.urn), "")
    through = [environment.by_urn[edge.source].name for edge in chain[1:]]
    way = f" by way of {', '.join(through)}" if through else ""
    sure = is_certain(chain)
    message = f"{what}{way}" if sure else f"{what}{way}: {_open(chain)}"
    return Fault(path, message, undecided=not sure, chain=chain)


def _open(chain: Chain) -> str:
    return next(edge.why for edge in chain if not edge.certain)


@control(
    on=[type_ for type_ in DATA if type_ != _REPOSITORY],
    severity=Severity.CRITICAL,
    fix="Take the account out of the policy of the data, of its key or of the role on the path, or "
    "list it in trusted_accounts.",
    source="PCI DSS 4.0.1 7.2.1; NIST SP 800-53 AC-3; AWS IAM user guide, Cross account resource "
    "access",
    properties=["policy", "tags"],
)
def iam_outsider_path_to_data_absent(
    data: Resource, environment: Environment, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Nobody from another account reads classified data, directly or through a role.

    The policy of the data, that of its key and the trust of a role are written in three places, and
    let a stranger in together. Judged is what has the tag data-class; where a key of the program
    encrypts it, who may not decrypt with this key does not read it. Another account is one that
    trusted_accounts does not list. What a single policy opens to anyone is left to the controls
    over public policies.
    """
    if tag_of(data, "data-class") not in CLASSIFIED:
        return
    own = {account_of_resource(environment, data), *trusted_accounts}
    for outsider, paths in _outside(environment).items():
        chain = paths.get(data.urn, ())
        known = account_of_node(outsider) in own or (outsider == ANYONE and len(chain) == 1)
        if not chain or known:
            continue
        readers = {chain[-1].source, ANYONE}
        if _is_readable(data, readers, environment):
            yield _fault(data, chain, f"{outsider} reads classified data", environment)


@lru_cache(maxsize=4)
def _outside(environment: Environment) -> Mapping[str, Mapping[str, Chain]]:
    """Everything that each outsider gets at, and how."""
    graph = permission_graph(environment)
    sources = dict.fromkeys(edge.source for edge in graph.edges)
    found = (it for it in sources if it == ANYONE or account_of_node(it))

    def through(node: str) -> bool:
        resource = environment.by_urn.get(node)
        return resource is not None and resource.type in PRINCIPALS

    return {it: graph.paths(it, [Kind.MAY], through=through) for it in found}


def _is_readable(data: Resource, readers: Collection[str], environment: Environment) -> bool:
    """Whether a reader may decrypt with each key of the program that encrypts the data."""
    keys = [urn for urn, users in users_of_keys(environment).items() if data in users]
    return all(_has(readers, decrypters(environment, key)) for key in keys)


def _has(readers: Collection[str], edges: Iterable[Edge]) -> bool:
    return any(edge.source in readers for edge in edges)


CONTROLS: Final = (iam_path_to_administrator_absent, iam_outsider_path_to_data_absent)
