"""Roles: who may take them on, and what they may then do.

One question answers for all: `GetAccountAuthorizationDetails` lists the roles of an account with
their policies, page by page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fintech_infra.environment import Resource
from fintech_infra.operations.tripwires.alike import is_same
from fintech_infra.operations.tripwires.model import GoneError, Scene, Seen, Tripwire

ROLE: Final = "aws:iam/role:Role"
INLINE: Final = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
POLICY: Final = "aws:iam/policy:Policy"


@dataclass(frozen=True, slots=True)
class _Account:
    """What IAM says of an account: roles by name, and the documents of its policies by ARN."""

    roles: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    policies: dict[str, str] = field(default_factory=dict[str, str])


def _account(scene: Scene) -> _Account:
    """Ask IAM once.

    Raises:
        UnreadError: a page is not told, so that nobody knows what is on it.
    """

    def asked() -> _Account:
        found = _Account()
        operation = "get_account_authorization_details"
        kinds = ["Role", "LocalManagedPolicy"]
        for page in scene.access.pages("iam", operation, Filter=kinds):
            found.roles.update((it["RoleName"], it) for it in page["RoleDetailList"])
            found.policies.update((it["Arn"], _default_of(it)) for it in page["Policies"])
        return found

    return scene.once(("iam", "account"), asked)


def _default_of(policy: Mapping[str, Any]) -> str:
    versions = policy["PolicyVersionList"]
    return next(_text(it["Document"]) for it in versions if it["IsDefaultVersion"])


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _of_role(scene: Scene, resource: Resource, property_: str) -> Mapping[str, Any]:
    name = scene.name(resource, property_)
    found = _account(scene).roles.get(name.rpartition("/")[2])
    if found is None:
        raise GoneError
    return found


def _role(scene: Scene, role: Resource) -> Seen:
    told = _of_role(scene, role, "name")
    boundary = told.get("PermissionsBoundary") or {}
    return Seen(
        {
            "assumeRolePolicy": _text(told["AssumeRolePolicyDocument"]),
            "managedPolicyArns": _in_order(
                [it["PolicyArn"] for it in told["AttachedManagedPolicies"]],
                role.outputs.get("managedPolicyArns"),
            ),
            "inlinePolicies": _inline_of(told, role.outputs.get("inlinePolicies")),
            "permissionsBoundary": boundary.get("PermissionsBoundaryArn", ""),
        }
    )


def _in_order(told: list[str], recorded: Any) -> list[str]:
    """What is attached, in the order in which it was recorded; what was added comes last."""
    known: list[Any] = recorded if isinstance(recorded, list) else []
    kept = [it for it in known if isinstance(it, str) and it in told]
    return [*kept, *sorted(it for it in told if it not in kept)]


def _inline_of(role: Mapping[str, Any], recorded: Any) -> Any:
    """A role's own policies; one that says the same in other words is as it was recorded.

    A program declares by a lone empty entry that there are none, and the state has it so.
    """
    known = {it["name"]: it for it in _entries(recorded)}
    documents = {it["PolicyName"]: _text(it["PolicyDocument"]) for it in role["RolePolicyList"]}
    found: list[dict[str, str]] = []
    for name in [*(it for it in known if it in documents), *sorted(documents.keys() - known)]:
        old = known.get(name, {}).get("policy")
        new = documents[name]
        found.append({"name": name, "policy": old if old and is_same(old, new) else new})
    return recorded if not found and not known else found


def _entries(recorded: Any) -> Iterator[dict[str, str]]:
    listed: list[Any] = recorded if isinstance(recorded, list) else []
    for entry in listed:
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and entry["name"]:
            yield entry


def _inline(scene: Scene, policy: Resource) -> Seen:
    role = _of_role(scene, policy, "role")
    name = scene.name(policy, "name")
    for told in role["RolePolicyList"]:
        if told["PolicyName"] == name:
            return Seen({"policy": _text(told["PolicyDocument"])})
    raise GoneError


def _attachment(scene: Scene, attachment: Resource) -> Seen:
    role = _of_role(scene, attachment, "role")
    arn = scene.name(attachment, "policyArn")
    if arn not in [it["PolicyArn"] for it in role["AttachedManagedPolicies"]]:
        raise GoneError
    return Seen()


def _policy(scene: Scene, policy: Resource) -> Seen:
    scene.name(policy, "name")
    found = _account(scene).policies.get(
        scene.name(policy, "arn") if scene.is_deployed else str(policy.outputs.get("arn"))
    )
    if found is None:
        raise GoneError
    return Seen({"policy": found})


TRIPWIRES: Final = (
    Tripwire(
        "trust and permissions of roles",
        {
            ROLE: {
                "assumeRolePolicy": None,
                "managedPolicyArns": [],
                "inlinePolicies": [],
                "permissionsBoundary": "",
            }
        },
        _role,
    ),
    Tripwire("permissions of roles", {INLINE: {"policy": None}}, _inline),
    Tripwire("permissions of roles", {ATTACHMENT: {"policyArn": None}}, _attachment),
    Tripwire("policies of an account", {POLICY: {"policy": None}}, _policy),
)
"""What tripwires of roles look at."""
