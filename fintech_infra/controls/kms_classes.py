"""Controls over what KMS keys are used for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from fintech_infra.controls.classification import CLASSIFIED, tag_of
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.kms import KEYS
from fintech_infra.controls.policies import enumerated
from fintech_infra.environment import UNKNOWN, Environment, Resource, walk
from fintech_infra.environment.undecided import reading

ALIAS: Final = "aws:kms/alias:Alias"

_SERVES: Final = "bucket"
"""The input by which a bucket's encryption, which has no tags, names the bucket that has."""


@control(
    on=KEYS,
    severity=Severity.MEDIUM,
    fix="Make a key for each data class; EncryptionKey takes the class as data_class.",
    source="PCI DSS 4.0.1 3.6.1; NIST SP 800-57 part 1, 5.2",
    properties=["tags"],
)
def kms_key_single_data_class(key: Resource, environment: Environment) -> Iterator[Fault]:
    """A key that encrypts classified data encrypts data of one class only.

    Whoever may decrypt with a key reads all that it protects: support staff who need personal data
    would read cards, too. Classes are the tags `data-class` of the key and of what names it;
    resources without the tag are not judged.
    """
    found: dict[str, list[str]] = {}
    for user in (key, *users_of_keys(environment).get(key.urn, ())):
        with reading(user.name, "tags"):
            label = tag_of(user, "data-class")
        if label:
            found.setdefault(label, []).append(user.name)
    if len(found) > 1 and set(found) & set(CLASSIFIED):
        uses = [f"{label} ({enumerated(names, 2)})" for label, names in sorted(found.items())]
        yield Fault("", f"one key for data of several classes: {'; '.join(uses)}")


@lru_cache(maxsize=4)
def users_of_keys(environment: Environment) -> Mapping[str, tuple[Resource, ...]]:
    """What is encrypted with each key, by the key's URN."""
    found: dict[str, dict[str, Resource]] = {}
    for resource in environment.resources:
        if not resource.custom or resource.existing or resource.type in (*KEYS, ALIAS):
            continue
        holders = _holders(environment, resource)
        for path in _key_paths(resource):
            for key in _keys_at(environment, resource, path):
                found.setdefault(key.urn, {}).update((item.urn, item) for item in holders)
    return {urn: tuple(users.values()) for urn, users in found.items()}


def _key_paths(resource: Resource) -> Iterator[str]:
    for path, leaf in walk(resource.inputs):
        name = path.rpartition(".")[2].lower()
        # Of a block that is not known yet, the key is known that it depends on.
        is_block = leaf is UNKNOWN and "encryption" in f"{resource.type}.{path}".lower()
        if ("kms" in name and "secret" not in name) or is_block:
            yield path


def _keys_at(environment: Environment, resource: Resource, path: str) -> Iterator[Resource]:
    for found in environment.references(resource, path, *KEYS, ALIAS):
        if found.type == ALIAS:
            yield from environment.references(found, "targetKeyId", *KEYS)
        else:
            yield found


def _holders(environment: Environment, resource: Resource) -> tuple[Resource, ...]:
    """Whose data it is: the bucket's, where a resource configures one."""
    if "BucketServerSideEncryption" not in resource.type:
        return (resource,)
    return environment.references(resource, _SERVES) or (resource,)


CONTROLS: Final = (kms_key_single_data_class,)
