"""What an environment is held to, and the way from it to a report.

An environment is evaluated, then held to policy packs, then compared with the baseline, and last
its waivers are applied.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fintech_infra.cli import comparing, waiving
from fintech_infra.cli.failure import Attempts
from fintech_infra.cli.inputs import read_parameters, select_controls

if TYPE_CHECKING:
    from fintech_infra.cli.comparing import Baseline
    from fintech_infra.cli.packs import Packs
    from fintech_infra.controls.control import Control
    from fintech_infra.controls.evaluate import Evaluation
    from fintech_infra.environment import Environment
    from fintech_infra.report.summary import Report, Requirements


@dataclass(frozen=True, slots=True)
class Standard:
    """What a run is held to, as the command line says it."""

    controls: tuple[Control, ...]
    parameters: Mapping[str, Mapping[str, Any]]
    baseline: Baseline | None


@dataclass(frozen=True, slots=True)
class Judged:
    """An environment after it was judged, and the requirements that its controls support."""

    environment: Environment
    evaluation: Evaluation
    requirements: Requirements


def add_options(verb: argparse.ArgumentParser, *, packs: bool = False) -> None:
    """Add the group of options that say what an environment is held to."""
    held = verb.add_argument_group("what it is held to")
    add_controls(held)
    add_policy_config(held)
    if packs:
        held.add_argument(
            "--policy-pack",
            metavar="DIR",
            action="append",
            default=[],
            help="policy pack written in Python; its mandatory policies block; repeatable",
        )
    comparing.add_option(held)
    waiving.add_options(held)


def add_controls(held: Any) -> None:
    """Add `--controls` to a group of options."""
    held.add_argument(
        "--controls",
        metavar="PATTERN",
        action="append",
        default=[],
        help="only controls whose id matches, as in 's3-*'; several with commas or repeated",
    )


def add_policy_config(held: Any) -> None:
    """Add `--policy-config` to a group of options."""
    held.add_argument(
        "--policy-config",
        metavar="FILE",
        default="",
        help="levels and settings of controls and policies, in the JSON form of policy packs",
    )


def add_threshold(verb: argparse.ArgumentParser) -> None:
    """Add the group of options that say what makes a run fail."""
    fails = verb.add_argument_group("what makes it fail")
    fails.add_argument(
        "--fail-on",
        choices=("critical", "high", "medium", "low"),
        default="medium",
        help="least severity that blocks (default: medium)",
    )
    fails.add_argument(
        "--allow-undecided",
        action="store_true",
        help="do not fail for what a preview cannot know; it is reported all the same",
    )


def read_standard(options: argparse.Namespace, attempts: Attempts) -> Standard:
    """Read what the options name, and note mistakes in `attempts`.

    The result is for use after `attempts` have been settled.
    """
    packs = bool(getattr(options, "policy_pack", ()))
    parameters, disabled = attempts.of(
        lambda: read_parameters(options.policy_config, packs=packs)
    ) or ({}, ())
    controls = attempts.of(lambda: select_controls(options.controls, disabled)) or ()
    baseline = attempts.of(lambda: comparing.read_baseline(options.baseline))
    return Standard(controls, parameters, baseline)


def judge(
    environment: Environment,
    standard: Standard,
    options: argparse.Namespace,
    root: Path,
    packs: Packs | None = None,
) -> Judged:
    """Hold an environment of the project at `root` to a standard.

    Raises:
        Failure: a pack, the baseline or the waivers cannot be used; every reason is listed.
    """
    from fintech_infra.controls.evaluate import evaluate
    from fintech_infra.controls.frameworks import requirements

    required = requirements()
    evaluation = evaluate(environment, standard.controls, standard.parameters)
    if packs:
        environment, evaluation, cited = packs.judge(environment, evaluation)
        required = {**required, **cited}
    if standard.baseline:
        evaluation = standard.baseline.applied(
            evaluation, environment, standard.controls, standard.parameters
        )
    evaluation = waiving.apply_waivers(options, root, environment, evaluation, standard.parameters)
    return Judged(environment, evaluation, required)


def report_of(judged: Judged, options: argparse.Namespace, root: Path, started: float) -> Report:
    """Return the report of what was judged; `started` is a reading of the performance counter."""
    from fintech_infra.controls.control import Severity
    from fintech_infra.report.summary import Report

    return Report(
        environment=judged.environment,
        evaluation=judged.evaluation,
        fail_on=Severity(options.fail_on),
        allow_undecided=options.allow_undecided,
        requirements=judged.requirements,
        seconds=time.perf_counter() - started,
        root=_place_in_repository(root),
        compared=bool(options.baseline),
        at=datetime.now(tz=UTC),
        browse=_browse(os.environ),
    )


def _browse(environ: Mapping[str, str]) -> str:
    """Where this commit can be read on the code host, in a job of GitHub Actions; else nothing."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
    server, repository, commit = (environ.get(name, "") for name in names)
    return f"{server}/{repository}/blob/{commit}" if server and repository and commit else ""


def _place_in_repository(root: Path) -> str:
    """Where the project lies inside the repository that it is part of, `/`-separated."""
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            inside = root.relative_to(folder).as_posix()
            return "" if inside == "." else inside
    return ""
