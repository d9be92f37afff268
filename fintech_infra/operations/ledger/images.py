"""Which container images the resources of an environment run. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from fintech_infra.controls.containers import JOB_DEFINITION, TASK_DEFINITION, containers
from fintech_infra.environment import UNKNOWN, Environment, Resource, UnknownValueError, walk
from fintech_infra.environment.documents import DocumentError
from fintech_infra.operations.ledger.model import Image

_DIGEST: Final = re.compile(r"@(sha256:[0-9a-f]{64})$")
_PROPERTY: Final = re.compile(r"(?:^|[.\]])(?:image|imageUri|imageIdentifier)$")
"""Paths that hold an image in the types of AWS, Kubernetes and Docker."""


def images_of(environment: Environment) -> tuple[Image, ...]:
    """The images by reference, each with the resources that run it.

    Images that are not known before deployment are left out.
    """
    found: dict[str, set[str]] = {}
    for resource in environment.resources:
        if resource.custom and not resource.existing:
            for reference in references(resource):
                found.setdefault(reference, set()).add(resource.urn)
    return tuple(
        Image(reference, digest_in(reference), tuple(sorted(found[reference])))
        for reference in sorted(found)
    )


def references(resource: Resource) -> Iterator[str]:
    """Yield the images that a resource names."""
    for path, value in walk(resource.inputs):
        if value is not UNKNOWN and isinstance(value, str) and value and _PROPERTY.search(path):
            yield value
    if resource.type in {TASK_DEFINITION, JOB_DEFINITION}:
        with suppress(UnknownValueError, DocumentError):
            for container in containers(resource):
                yield from _image(container.definition.get("image"))


def _image(value: object) -> Iterator[str]:
    if value is not UNKNOWN and isinstance(value, str) and value:
        yield value


def digest_in(reference: str) -> str:
    """The digest in a reference, empty where a tag alone names the image.

    >>> digest_in("registry.example/api:1.2")
    ''
    """
    found = _DIGEST.search(reference)
    return found.group(1) if found else ""
