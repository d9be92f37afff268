"""Who may become a role, decrypt with a key, read data: what resources' own policies lead to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from fintech_infra.environment.documents import (
    DocumentError,
    Principal,
    Statement,
    parse,
)
from fintech_infra.environment.graph.abilities import ASSUMING, DATA, DECRYPTION, INVOCATION
from fintech_infra.environment.graph.effective import grants_of, made_of
from fintech_infra.environment.graph.fits import Grant
from fintech_infra.environment.graph.guarded import Guarded, edges_to
from fintech_infra.environment.graph.model import ANYONE, Edge, Kind
from fintech_infra.environment.graph.principals import ROLE, Gap, Given, given
from fintech_infra.environment.graph.targets import account_of_resource, target_of
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.values import UnknownValueError

KEYS: Final = (
    "aws:kms/key:Key",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:kms/externalKey:ExternalKey",
    "aws:kms/replicaExternalKey:ReplicaExternalKey",
)
FUNCTION: Final = "aws:lambda/function:Function"
_KEY_POLICY: Final = (("aws:kms/keyPolicy:KeyPolicy", "keyId"),)
_GRANT: Final = "aws:kms/grant:Grant"
_PERMISSION: Final = "aws:lambda/permission:Permission"
_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ROOT: Final = Statement(
    "",
    allows=True,
    principals=(Principal("AWS", "*:root"),),
    actions=("kms:*",),
    resources=("*",),
)


def role_edges(environment: Environment) -> Iterator[Edge]:
    """Yield an edge from each who may assume a role of the program to that role."""
    for role in _managed(environment, ROLE):
        yield from edges_to(environment, guarded(environment, role), ASSUMING, "may assume it")


def key_edges(environment: Environment) -> Iterator[Edge]:
    """Yield an edge from each who may decrypt with a key of the program to that key."""
    for key in _managed(environment, *KEYS):
        verb = "may decrypt with it"
        yield from edges_to(environment, guarded(environment, key), DECRYPTION, verb)
        yield from _granted(environment, key, verb)


def data_edges(environment: Environment) -> Iterator[Edge]:
    """Yield an edge from each who may read what holds data to that resource."""
    for type_, data in DATA.items():
        for resource in _managed(environment, type_):
            yield from (
                edge
                for edge in edges_to(
                    environment, guarded(environment, resource), data.reads, data.verb
                )
                if not (edge.source == ANYONE and _is_sealed(environment, resource))
            )


def invocation_edges(environment: Environment) -> Iterator[Edge]:
    """Yield an edge from each whom a function's own policy lets invoke it to that function."""
    for function in _managed(environment, FUNCTION):
        yield from edges_to(
            environment,
            guarded(environment, function),
            INVOCATION,
            "may invoke it",
        )


@lru_cache(maxsize=4096)
def guarded(environment: Environment, resource: Resource) -> Guarded:
    """Return a resource with the statements of its own policy, wherever they are declared."""
    data = DATA.get(resource.type)
    found = list(_own_documents(environment, resource))
    grants = [g for item in found if isinstance(item, Given) for g in grants_of(environment, item)]
    if resource.type == FUNCTION:
        grants += list(_permissions(environment, resource))
    if resource.type in KEYS and not found:
        grants.append(Grant(_ROOT, resource.urn, "policy"))
    return Guarded(
        resource=resource,
        target=target_of(resource, data.below if data else ""),
        account=account_of_resource(environment, resource),
        grants=tuple(grants),
        gaps=tuple(item for item in found if isinstance(item, Gap)),
        decides=resource.type == ROLE or resource.type in KEYS,
    )


def _managed(environment: Environment, *types: str) -> Iterator[Resource]:
    return (item for item in environment.of_type(*types) if not item.existing)


def _own_documents(environment: Environment, resource: Resource) -> Iterator[Given | Gap]:
    path = "assumeRolePolicy" if resource.type == ROLE else "policy"
    sidecars = _sidecars(resource)
    holders = [
        (item, "policy")
        for type_, named in sidecars
        for item in managed_companions(environment, resource, named, type_)
    ]
    # A key has one policy: what a resource of its own sets is what holds.
    if not holders or resource.type not in KEYS:
        holders.insert(0, (resource, path))
    for holder, at in holders:
        yield from given(holder, at)
    for type_, named in sidecars if len(holders) <= 1 else ():
        try:
            refuse_if_hidden(environment, resource, named, type_)
        except UnknownValueError as error:
            yield Gap(resource.urn, "", str(error))


def _sidecars(resource: Resource) -> tuple[tuple[str, str], ...]:
    data = DATA.get(resource.type)
    if data is not None:
        return data.sidecars
    return _KEY_POLICY if resource.type in KEYS else ()


def _granted(environment: Environment, key: Resource, verb: str) -> Iterator[Edge]:
    """Who has a grant to decrypt with a key."""
    for grant in managed_companions(environment, key, "keyId", _GRANT):
        try:
            operations = [str(item) for _, item in grant.each("operations")]
            if not {"Decrypt", "ReEncryptFrom"} & set(operations):
                continue
            sure = True
        except UnknownValueError:
            sure = False
        named = environment.references(grant, "granteePrincipal", ROLE)
        given: Any = grant.inputs.get("granteePrincipal")
        node = named[0].urn if named else given if isinstance(given, str) else ANYONE
        known = sure and node != ANYONE
        yield Edge(
            node, Kind.MAY, key.urn, f"{verb} by a grant", grant.urn, "operations", certain=known
        )


def _permissions(environment: Environment, function: Resource) -> Iterator[Grant]:
    """The statements of the permissions of a function, which are resources of their own."""
    for item in managed_companions(environment, function, "function", _PERMISSION):
        try:
            document = parse({"Statement": _statement(item)})
        except (UnknownValueError, DocumentError):
            continue
        depends = made_of(environment, item.urn, "principal")
        for statement in document.statements:
            yield Grant(statement, item.urn, "principal", depends)


def _statement(permission: Resource) -> dict[str, Any]:
    given: Any = permission.inputs.get("principal")
    host = isinstance(given, str) and given.endswith((".amazonaws.com", ".amazon.com"))
    keys = (
        ("AWS:SourceAccount", "StringEquals", "sourceAccount"),
        ("AWS:SourceArn", "ArnLike", "sourceArn"),
        ("aws:PrincipalOrgID", "StringEquals", "principalOrgId"),
    )
    conditions: dict[str, dict[str, Any]] = {}
    for key, operator, path in keys:
        if permission.is_set(path):
            conditions.setdefault(operator, {})[key] = permission.inputs.get(path)
    return {
        "Effect": "Allow",
        "Principal": "*" if given == "*" else {"Service" if host else "AWS": given},
        "Action": permission.value("action"),
        "Condition": conditions,
    }


def _is_sealed(environment: Environment, resource: Resource) -> bool:
    """Whether Block Public Access keeps everybody out whom a bucket's policy lets in as anyone."""
    blocks = managed_companions(environment, resource, "bucket", _BLOCK)
    return any(item.inputs.get("restrictPublicBuckets") is True for item in blocks)
