"""`--policy-pack`: hold an environment to policy packs besides the controls.

Packs start while the program runs, and end with the command, however that ends.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from fintech_infra.cli.failure import Failure
from fintech_infra.engine.analyzer.description import read_description
from fintech_infra.engine.analyzer.process import PackProcess, Surroundings
from fintech_infra.engine.config import stack_config
from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.engine.project import choose_stack, load_project, shown_in
from fintech_infra.environment import Diagnostic, Environment

if TYPE_CHECKING:  # gRPC and the catalogue are imported when the packs have been started
    from fintech_infra.controls.control import Control
    from fintech_infra.controls.evaluate import Evaluation
    from fintech_infra.engine.analyzer.analysis import Analysis
    from fintech_infra.engine.analyzer.policies import Policy
    from fintech_infra.engine.analyzer.session import AnalyzerPack

_T = TypeVar("_T")
_R = TypeVar("_R")


class Judgement(NamedTuple):
    """A preview after packs have judged it, and the requirements that their policies cite."""

    environment: Environment
    evaluation: Evaluation
    requirements: Mapping[str, tuple[tuple[str, str], ...]]


@contextmanager
def started(options: argparse.Namespace) -> Generator[Packs]:
    """Run the packs that the command line names for the length of a `with` block.

    What they print is printed to standard error in the end.

    Raises:
        Failure: the project or a pack's folder is wrong; every such folder is named.
    """
    folders = {Path(folder).resolve(): Path(folder) for folder in options.policy_pack}
    descriptions = _each(read_description, folders.values())
    (surroundings,) = _each(_surroundings, [options])
    processes: list[PackProcess] = []
    with ThreadPoolExecutor(max_workers=len(descriptions)) as threads:
        try:
            for description in descriptions:
                processes += _each(lambda of: PackProcess(of, surroundings), [description])
            yield Packs(
                [
                    threads.submit(_connect, process, surroundings, options.timeout)
                    for process in processes
                ],
                options.policy_config,
            )
            for process in processes:
                sys.stderr.write(process.errors())
        finally:
            for process in processes:
                process.stop()
                sys.stderr.write(process.printed())


class Packs:
    """The policy packs of one command."""

    def __init__(self, connecting: Sequence[Future[AnalyzerPack]], config: str) -> None:
        """Keep packs that are being connected, and the policy configuration file, if any."""
        self._connecting = connecting
        self._config = config

    def judge(self, environment: Environment, evaluation: Evaluation) -> Judgement:
        """Hold an environment to the packs, and add what they find to an evaluation.

        Raises:
            Failure: packs did not start, their configuration is wrong, or policies failed.
        """
        from fintech_infra.cli.pack_settings import configure
        from fintech_infra.engine.analyzer.analysis import analyze

        packs = _each(lambda future: future.result(), self._connecting)
        notes = [*_missing_virtualenvs(packs), *configure(packs, self._config)]
        analyses = _each(lambda pack: analyze(pack, environment), packs)
        requirements: dict[str, tuple[tuple[str, str], ...]] = {}
        named = _controls(packs)
        for pack, analysis in zip(packs, analyses, strict=True):
            controls = named[pack.name]
            notes += _rewrites(pack, analysis)
            evaluation = evaluation.joined(_evaluation(controls, analysis, environment))
            requirements |= {
                control.id: (policy.framework,)
                for policy, control in controls.values()
                if all(policy.framework)
            }
            pack.close()
        noted = replace(environment, diagnostics=(*environment.diagnostics, *notes))
        return Judgement(noted, evaluation, requirements)


def _controls(
    packs: Sequence[AnalyzerPack],
) -> Mapping[str, Mapping[str, tuple[Policy, Control]]]:
    """By pack and policy name, the policies that run, as controls.

    A name that a control of ours or another pack's policy has, too, goes behind its pack's.
    """
    from fintech_infra.cli.policies import control_of, is_taken

    names = Counter(policy.name for pack in packs for policy in pack.policies if policy.enabled)
    found: dict[str, dict[str, tuple[Policy, Control]]] = {}
    for pack in packs:
        own = found.setdefault(pack.name, {})
        for policy in pack.policies:
            if policy.enabled:
                unique = names[policy.name] == 1 and not is_taken(policy.name)
                id_ = policy.name if unique else f"{pack.name}/{policy.name}"
                own[policy.name] = (policy, control_of(policy, pack.name, pack.version, id_))
    return found


def _evaluation(
    controls: Mapping[str, tuple[Policy, Control]], analysis: Analysis, environment: Environment
) -> Evaluation:
    from fintech_infra.cli.policies import finding_of
    from fintech_infra.controls.evaluate import Evaluation

    findings = (
        finding_of(said, *controls[said.policy], environment) for said in analysis.diagnostics
    )
    return Evaluation(
        tuple(control for _, control in controls.values()), tuple(findings), analysis.judged
    )


def _rewrites(pack: AnalyzerPack, analysis: Analysis) -> Iterable[Diagnostic]:
    for item in analysis.rewrites:
        what = f"policy {item.policy} of {pack.name} changes {', '.join(item.inputs)}"
        yield Diagnostic("info", f"{what} before a deployment; it was judged as changed", item.urn)


def _missing_virtualenvs(packs: Iterable[AnalyzerPack]) -> Iterable[Diagnostic]:
    for pack in packs:
        described = pack.process.description
        if described.virtualenv and not described.virtualenv.exists():
            yield Diagnostic(
                "warning",
                f"policy pack {pack.name}: its virtual environment "
                f"{shown_in(described.virtualenv, described.root)} does not exist; "
                "the one that fintech-infra runs in was used",
            )


def _connect(process: PackProcess, surroundings: Surroundings, time_limit: float) -> AnalyzerPack:
    from fintech_infra.engine.analyzer.session import AnalyzerPack

    pack = AnalyzerPack(process, time_limit)
    pack.connect(surroundings)
    return pack


def _surroundings(options: argparse.Namespace) -> Surroundings:
    project = load_project(Path(options.cwd))
    stack = choose_stack(project, options.stack, os.environ.get("PULUMI_STACK", ""))
    config = stack_config(project, stack, options.config)
    return Surroundings(
        options.organization, project.name, stack, config.values, config.secret_keys
    )


def _each(action: Callable[[_T], _R], items: Iterable[_T]) -> list[_R]:
    """Do something with every item; what went wrong with any of them is reported together."""
    done: list[_R] = []
    problems: list[Problem] = []
    for item in items:
        try:
            done.append(action(item))
        except PreviewError as error:
            problems += error.problems
    if problems:
        raise Failure(problems)
    return done
