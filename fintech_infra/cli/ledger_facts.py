"""What `ledger record` goes by: files, folders, git, the pipeline and the verdict."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import running
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.ledger_opening import open_ledger, read_bytes, told
from fintech_infra.cli.subjects import read_file, shown
from fintech_infra.cli.writing import check_writable
from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from fintech_infra.environment import Environment
    from fintech_infra.operations.ledger import Basis, Deployment, File, Reader
    from fintech_infra.operations.signing.library import Signer
    from fintech_infra.report.summary import Report

LOCKS: Final = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "requirements.txt")
"""Lock files of a project, the first of which is recorded."""

_NO_ORGANIZATION: Final = "organization"
"""What stands where no organization is known."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the options lead to, read."""

    reader: Reader
    signer: Signer
    kept: Mapping[str, tuple[tuple[File, bytes], ...]]
    """By option, the decisions that are kept with the ledger."""
    named: Mapping[str, tuple[File, ...]]
    """By option, the files and folders that are recorded by digest alone."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The environment that was deployed, where it was read from, and its project's folder."""

    environment: Environment
    basis: Basis
    root: Path


def read_given(options: argparse.Namespace) -> Given:
    """Read all that the options name.

    Raises:
        Failure: something cannot be read; every mistake is listed.
    """
    from fintech_infra.operations.signing import open_signer

    attempts = Attempts()
    attempts.of(lambda: check_writable(options.checkpoint_output, "--checkpoint-output"))
    reader = attempts.of(lambda: open_ledger(options, existing=False))

    def open_key() -> Signer:
        with told():
            return open_signer(options.key)

    signer = attempts.of(open_key)
    asked = {"gate": [options.gate], "approval": options.approval, "review": [options.review]}
    kept = {
        name: tuple(
            found
            for path in paths
            if path and (found := attempts.of(lambda path=path: _kept(path)))
        )
        for name, paths in asked.items()
    }
    named = {
        "policies": tuple(
            found
            for path in options.policies
            if (found := attempts.of(lambda path=path: _folder(path)))
        ),
        "lock": attempts.of(lambda: _lock(options)) or (),
        "waivers": attempts.of(lambda: _waivers(options)) or (),
    }
    attempts.settle()
    if reader is None or signer is None:  # settled: both are there
        raise Failure(())
    return Given(reader, signer, kept, named)


def _kept(path: str) -> tuple[File, bytes]:
    from fintech_infra.operations.digest import digest
    from fintech_infra.operations.ledger import File

    content = read_bytes(path)
    return File(Path(path).name, digest(content)), content


def _lock(options: argparse.Namespace) -> tuple[File, ...]:
    root = Path(options.cwd)
    if options.lock:
        return (_kept(options.lock)[0],)
    return tuple(_kept(str(root / name))[0] for name in LOCKS if (root / name).is_file())[:1]


def _waivers(options: argparse.Namespace) -> tuple[File, ...]:
    from fintech_infra.controls.waivers.model import FILE_NAME

    usual = Path(options.cwd) / FILE_NAME
    if options.no_waivers or not (options.waivers or usual.is_file()):
        return ()
    return (_kept(options.waivers or str(usual))[0],)


def _folder(path: str) -> File:
    from fintech_infra.operations.digest import folder_digest
    from fintech_infra.operations.ledger import File

    try:
        return File(Path(path).resolve().name, folder_digest(Path(path)))
    except OSError as error:
        raise Failure([Problem(f"cannot be read: {error.strerror}", path)]) from error


def read_subject(options: argparse.Namespace) -> Subject:
    """The environment in a file, and what kind of file it is.

    Raises:
        Failure: it is none that is read, or has mistakes; all are listed.
    """
    from fintech_infra.engine.exported import read

    content = read_file(options.stack)
    try:
        environment = read(content, shown(options.stack))
    except PreviewError as error:
        raise Failure(error.problems) from error
    if environment.organization == _NO_ORGANIZATION:  # a state and a plan do not say
        environment = replace(environment, organization=options.organization)
    return Subject(environment, _basis(json.loads(content)), Path(options.cwd).resolve())


def _basis(content: Mapping[str, Any]) -> Basis:
    from fintech_infra.environment.codec import FORMAT
    from fintech_infra.operations.ledger import Basis

    if content.get("format") == FORMAT:
        return Basis.SAVED
    return Basis.STATE if "deployment" in content or "checkpoint" in content else Basis.PLAN


def previewed(options: argparse.Namespace, outputs: running.Outputs) -> Subject:
    """The environment that a program declares, which is run offline.

    Raises:
        Failure: the project or its program has mistakes; all are listed.
    """
    from fintech_infra.operations.ledger import Basis

    done = running.run_program(options, outputs)
    return Subject(done.environment, Basis.PROGRAM, done.root)


def deployment_of(
    options: argparse.Namespace,
    subject: Subject,
    report: Report,
    document: bytes,
    given: Given,
) -> Deployment:
    """All facts of the deployment, which ended at `options.ended`."""
    from fintech_infra.operations.digest import digest
    from fintech_infra.operations.ledger import Builder, Deployment, Result, Stack
    from fintech_infra.operations.ledger.git_facts import git_facts
    from fintech_infra.operations.ledger.images import images_of
    from fintech_infra.operations.ledger.surroundings import actor_of, builder_of
    from fintech_infra.operations.ledger.verdicts import verdict_of
    from fintech_infra.report.cleared import without_secrets

    environment = report.environment
    git, no_git = git_facts(subject.root)
    builder = builder_of(os.environ)
    ended: datetime = options.ended
    one = {name: files[0] if files else None for name, files in given.named.items()}
    files = {name: tuple(file for file, _ in found) for name, found in given.kept.items()}
    return Deployment(
        stack=Stack(environment.organization, environment.project, environment.stack),
        environment_name=options.environment or environment.stack,
        environment=digest(document),
        basis=subject.basis,
        result=Result(options.result),
        started=options.started or ended,
        ended=ended,
        actor=options.actor or actor_of(os.environ),
        git=git,
        no_git=no_git,
        images=images_of(without_secrets(environment)),
        verdict=verdict_of(report),
        versions=_versions(environment),
        builder=Builder(options.builder or builder.id, options.invocation or builder.invocation),
        policies=(_own_policies(), *given.named["policies"]),
        waivers=one["waivers"],
        lock=one["lock"],
        gate=next(iter(files["gate"]), None),
        approvals=files["approval"],
        review=next(iter(files["review"]), None),
    )


def _own_policies() -> File:
    """The controls that judged, by the digest of their folder."""
    import fintech_infra.controls as package
    from fintech_infra.operations.digest import folder_digest
    from fintech_infra.operations.ledger import File

    return File(package.__name__, folder_digest(Path(str(package.__file__)).parent))


def _versions(environment: Environment) -> dict[str, Any]:
    from fintech_infra.operations.ledger.verdicts import providers_of

    return {
        "fintechInfra": metadata.version("fintech_infra"),
        "pulumi": metadata.version("pulumi"),
        "python": platform.python_version(),
        "providers": providers_of(environment),
    }
