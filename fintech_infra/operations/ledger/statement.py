"""In-toto statements about a deployment, and back.

An entry is an in-toto Statement v1 with a predicate of our own (`PREDICATE`, whose JSON Schema is
`deployment-v1.schema.json` in this package). What SLSA's provenance v1 can say is said in a second
statement, which the first one names by digest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, Final, cast

from fintech_infra.operations.digest import canonical, digest
from fintech_infra.operations.ledger.merkle import leaf_hash
from fintech_infra.operations.ledger.model import Deployment, Entry, File, Image, Place, Stack
from fintech_infra.operations.moments import read_written, written
from fintech_infra.operations.signing import Verified

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "urn:fintech-infra:deployment:v1"
"""Type of the predicate. A field that goes or changes its meaning makes another version."""
PROVENANCE: Final = "https://slsa.dev/provenance/v1"
BUILD: Final = "urn:fintech-infra:build:pulumi:v1"
"""SLSA's `buildType`: a Pulumi program that was resolved for a stack."""


def schema() -> Mapping[str, Any]:
    """The JSON Schema of the predicate."""
    folder = resources.files("fintech_infra.operations.ledger")
    text = folder.joinpath("deployment-v1.schema.json").read_text("utf-8")
    return json.loads(text)


def statement_of(deployment: Deployment, place: Place, provenance: str) -> bytes:
    """The statement of an entry, as canonical JSON; `provenance` is the digest of the other one."""
    return canonical(
        {
            "_type": STATEMENT,
            "subject": list(_subjects(deployment)),
            "predicateType": PREDICATE,
            "predicate": {
                "ledger": place.ledger,
                "sequence": place.sequence,
                "previous": place.previous or None,
                "recorded": written(place.recorded),
                "deployment": identity_of(deployment),
                "provenance": provenance,
                **_facts(deployment),
            },
        }
    )


def identity_of(deployment: Deployment) -> str:
    """The digest of a deployment's facts: equal for the same deployment told twice."""
    return digest(canonical(_facts(deployment)))


def _facts(deployment: Deployment) -> dict[str, Any]:
    git, stack = deployment.git, deployment.stack
    source: dict[str, Any] = {"unknown": deployment.no_git}
    if git:
        source = {
            "commit": git.commit,
            "tree": git.tree,
            "dirty": git.dirty,
            "repository": git.repository or None,
        }
    return {
        "environment": deployment.environment_name,
        "stack": {
            "organization": stack.organization,
            "project": stack.project,
            "name": stack.name,
        },
        "resolved": {"digest": deployment.environment, "basis": deployment.basis},
        "result": deployment.result,
        "started": written(deployment.started),
        "ended": written(deployment.ended),
        "actor": deployment.actor,
        "source": source,
        "images": [_image(item) for item in deployment.images],
        "policies": [_file(item) for item in deployment.policies],
        "waivers": _file(deployment.waivers),
        "lock": _file(deployment.lock),
        "verdict": deployment.verdict,
        "gate": _file(deployment.gate),
        "approvals": [_file(item) for item in deployment.approvals],
        "review": _file(deployment.review),
        "versions": deployment.versions,
        "builder": {
            "id": deployment.builder.id,
            "invocation": deployment.builder.invocation or None,
        },
    }


def _image(image: Image) -> dict[str, Any]:
    return {
        "reference": image.reference,
        "digest": image.digest or None,
        "resources": image.resources,
    }


def _file(file: File | None) -> dict[str, str] | None:
    return {"name": file.name, "digest": file.digest} if file else None


def _subjects(deployment: Deployment) -> Iterator[dict[str, Any]]:
    """Yield what the statement is about, by names that are each there once."""
    yield _subject(f"environment {deployment.stack}", deployment.environment)
    for image in deployment.images:
        if image.digest:
            yield _subject(f"image {image.reference}", image.digest)
    for policy in deployment.policies:
        yield _subject(f"policies {policy.name}", policy.digest)
    for what, file in (("waivers", deployment.waivers), ("lock file", deployment.lock)):
        if file:
            yield _subject(f"{what} {file.name}", file.digest)


def _subject(name: str, named: str) -> dict[str, Any]:
    algorithm, _, value = named.partition(":")
    return {"name": name, "digest": {algorithm: value}}


def provenance_of(deployment: Deployment) -> bytes:
    """The statement of SLSA's provenance v1, as canonical JSON, of what is known of the build."""
    git, builder = deployment.git, deployment.builder
    materials: list[dict[str, Any]] = []
    if git:
        address = f"git+{git.repository}" if git.repository else "git"
        materials.append(
            {
                "name": "source",
                "uri": f"{address}@{git.commit}",
                "digest": {"gitCommit": git.commit, "gitTree": git.tree},
                "annotations": {"dirty": git.dirty},
            }
        )
    if deployment.lock:
        materials.append(_subject(f"lock file {deployment.lock.name}", deployment.lock.digest))
    metadata = {
        "startedOn": written(deployment.started),
        "finishedOn": written(deployment.ended),
    }
    if builder.invocation:
        metadata["invocationId"] = builder.invocation
    stack = deployment.stack
    return canonical(
        {
            "_type": STATEMENT,
            "subject": list(_subjects(deployment))[:1],
            "predicateType": PROVENANCE,
            "predicate": {
                "buildDefinition": {
                    "buildType": BUILD,
                    "externalParameters": {
                        "organization": stack.organization,
                        "project": stack.project,
                        "stack": stack.name,
                    },
                    "internalParameters": {"versions": deployment.versions},
                    "resolvedDependencies": materials,
                },
                "runDetails": {"builder": {"id": builder.id}, "metadata": metadata},
            },
        }
    )


def read_entry(content: bytes, verified: Verified) -> Entry:
    """Return the entry whose bytes are `content`.

    Raises:
        ValueError: the payload is no statement about a deployment, as this release knows them.
    """
    try:
        statement: Any = json.loads(verified.payload)
        if (statement["_type"], statement["predicateType"]) != (STATEMENT, PREDICATE):
            raise ValueError(f"is about {statement['predicateType']!r}, not {PREDICATE!r}")
        return _entry(statement, content, verified)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"is no statement about a deployment: {error!r}") from None


def _entry(statement: Mapping[str, Any], content: bytes, verified: Verified) -> Entry:
    predicate = cast("Mapping[str, Any]", statement["predicate"])
    stack, sequence = predicate["stack"], predicate["sequence"]
    if type(sequence) is not int:
        raise TypeError("sequence is no number")
    place = Place(
        str(predicate["ledger"]),
        sequence,
        str(predicate["previous"] or ""),
        read_written(predicate["recorded"]),
    )
    entry = Entry(
        place,
        Stack(str(stack["organization"]), str(stack["project"]), str(stack["name"])),
        read_written(predicate["started"]),
        read_written(predicate["ended"]),
        str(predicate["resolved"]["digest"]),
        str(predicate["deployment"]),
        digest(content),
        leaf_hash(content),
        predicate,
        tuple(statement["subject"]),
        tuple(key.owner for key in verified.keys),
    )
    _ = entry.objects  # which need these fields
    return entry
