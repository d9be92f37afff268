"""What is declared of resources, as remediations read it: published, in one parameter each."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input

from fintech_infra.components._healing.remediations import Remediation

PARAMETER_LIMIT: Final = 8192
"""Bytes of a parameter of the advanced tier, which Intelligent-Tiering chooses above 4,096.
https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"""

ANY: Final = "*"
LAST_PORT: Final = 65535


class DeclaredResourceArgs(TypedDict):
    """A resource as the program declares it: what a remediation restores, and nothing else."""

    remediation: Remediation
    """The remediation that restores it."""
    id: Input[str]
    """Its id or ARN: the name of a trail, bucket, ECS cluster, database or log group; the id of a
    security group, snapshot, detector or key. `*` declares every one of the account and region,
    but for `enable-detector`, where the one detector is named."""
    urn: NotRequired[Input[str]]
    """Its URN in Pulumi, or that of the component it belongs to, as in `trail.urn`: what
    `pulumi up` is asked to re-apply. Default: people have to find it."""
    open_ports: NotRequired[list[int]]
    """For `close-security-group`: TCP or UDP ports that are open to the internet on purpose, each
    by a rule of its own. Default: none."""
    shared_with: NotRequired[list[Input[str]]]
    """For `unshare-snapshot`: ids of the accounts that snapshots are shared with on purpose.
    Default: none."""


SETTINGS: Final = {
    "open_ports": Remediation.CLOSE_SECURITY_GROUP,
    "shared_with": Remediation.UNSHARE_SNAPSHOT,
}
"""Which remediation a setting is for."""


NAMED: Final = frozenset({Remediation.ENABLE_DETECTOR})
"""Remediations whose resources have to be named: there is one detector in a region, and who may
update any could switch it off."""


def plain_id(given: str) -> str:
    """Return the id at the end of an ARN, and anything else as it is.

    >>> plain_id("arn:aws:kms:eu-west-1:111122223333:key/1b2c"), plain_id("/ledger/audit")
    ('1b2c', '/ledger/audit')
    """
    if not given.startswith("arn:"):
        return given
    resource = given.split(":", 5)[-1].removesuffix(":*")
    marks = [at for mark in ":/" if (at := resource.find(mark)) >= 0]
    return resource[min(marks) + 1 :] if marks else resource


def published(remediation: Remediation, resources: Sequence[Mapping[str, Any]]) -> str:
    """Return the JSON of what is declared for a remediation, all values resolved, by id.

    Raises:
        ValueError: a resource is declared twice or has to be named, or there are more than a
            parameter can hold.
    """
    found: dict[str, dict[str, Any]] = {}
    for item in resources:
        if item["remediation"] != remediation:
            continue
        id_ = plain_id(item["id"])
        if id_ == ANY and remediation in NAMED:
            raise ValueError(f"'*' is declared for {remediation}; name the resource")
        if id_ in found:
            raise ValueError(f"{id_} is declared twice for {remediation}; declare it once")
        found[id_] = {key: value for key, value in item.items() if key not in {"remediation", "id"}}
    text = json.dumps(found, sort_keys=True, separators=(",", ":"))
    if (size := len(text.encode())) > PARAMETER_LIMIT:
        raise ValueError(
            f"what is declared for {remediation} has {size} bytes, and a parameter takes "
            f"{PARAMETER_LIMIT}; declare '*', or use several SelfHealing components"
        )
    return text


def ids(remediation: Remediation, resources: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the ids declared for a remediation, all values resolved, sorted; only `*` if given."""
    found = {plain_id(item["id"]) for item in resources if item["remediation"] == remediation}
    return [ANY] if ANY in found else sorted(found)


def declared_problems(
    resources: Sequence[Mapping[str, Any]], enabled: frozenset[Remediation]
) -> Iterator[tuple[str, str]]:
    """Yield `(path, reason)` for what is wrong with the declared resources."""
    seen: set[tuple[str, str]] = set()
    for index, item in enumerate(resources):
        path, remediation = f"declared[{index}]", Remediation(item["remediation"])
        yield from _remediation_problems(path, remediation, enabled)
        yield from _setting_problems(path, remediation, item)
        if isinstance(item["id"], str):
            yield from _id_problems(path, remediation, item["id"])
            same = (remediation, plain_id(item["id"]))
            if same in seen:
                yield f"{path}.id", f"is {item['id']!r}, which is declared already"
            seen.add(same)


def _remediation_problems(
    path: str, remediation: Remediation, enabled: frozenset[Remediation]
) -> Iterator[tuple[str, str]]:
    if remediation is Remediation.QUARANTINE_INSTANCE:
        yield f"{path}.remediation", "needs no declared resource; give quarantine_vpc_id"
    elif remediation not in enabled:
        yield f"{path}.remediation", f"is {remediation}, which is not among `rules`"


def _setting_problems(
    path: str, remediation: Remediation, item: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for key, only in SETTINGS.items():
        if key in item and remediation is not only:
            yield f"{path}.{key}", f"is for {only}, not for {remediation}"
    for port in item.get("open_ports", []):
        if not 0 <= port <= LAST_PORT:
            yield f"{path}.open_ports", f"holds {port}; accepted are 0 to {LAST_PORT}"


def _id_problems(path: str, remediation: Remediation, id_: str) -> Iterator[tuple[str, str]]:
    if not id_:
        yield f"{path}.id", "is empty; give an id, an ARN, or '*' for all"
    elif id_ == ANY:
        if remediation in NAMED:
            yield f"{path}.id", f"is '*'; {remediation} takes the id of one detector"
    elif set(id_) & {"*", "?"}:
        yield f"{path}.id", f"is {id_!r}; accepted are one id or ARN, or '*' for all"
