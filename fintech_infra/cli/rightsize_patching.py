"""The patch of right-sizing: previews of the program with other settings, held to the standard."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fintech_infra.cli import running
from fintech_infra.cli.failure import Failure
from fintech_infra.cli.inputs import read_parameters, select_controls
from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from fintech_infra.cli.rightsize_usage import Subject
    from fintech_infra.controls.evaluate import Evaluation
    from fintech_infra.engine.project import Project
    from fintech_infra.environment import Environment
    from fintech_infra.operations.parity import Rules
    from fintech_infra.operations.rightsizing import Patch, Recommendation, StackFile


def search(
    options: argparse.Namespace,
    subject: Subject,
    found: Sequence[Recommendation],
    outputs: running.Outputs,
) -> Patch:
    """Find the settings of the stack that make what is recommended, by previews of the program.

    Raises:
        Failure: the parity rules have mistakes, or the program does not run as it is.
    """
    from fintech_infra.engine.project import load_project
    from fintech_infra.operations import rightsizing

    try:
        project = load_project(Path(options.cwd))
    except PreviewError as error:
        return rightsizing.Patch(
            why=f"there is no project to try it in: {error.problems[0].message}"
        )
    stack = subject.environment.stack
    path = project.stacks().get(stack)
    if path is None:
        return rightsizing.Patch(why=f"the project has no Pulumi.{stack}.yaml")
    if project.name != subject.environment.project:
        why = f"the project here is {project.name}, not {subject.environment.project}"
        return rightsizing.Patch(why=why)
    known = subject.environment if subject.is_preview else None
    work = _Work(options, outputs, project, stack, known)
    fixed = [name for pair in options.config for name in _names(pair, project.name)]
    try:
        return rightsizing.search(
            found, _file(project, path), work.preview, work.minded, fixed=fixed
        )
    except PreviewError as error:
        raise Failure(error.problems) from error


def _names(pair: str, project: str) -> Iterator[str]:
    """The ways to write the key of a `--config` option in the file."""
    key = pair.partition("=")[0]
    yield key
    if ":" not in key:
        yield from (f"{project}:{key}", f"{project}:config:{key}")


def _file(project: Project, path: Path) -> StackFile:
    from fintech_infra.engine.project import shown_in
    from fintech_infra.operations.rightsizing import StackFile

    declared = {
        key if ":" in key else f"{project.name}:{key}": _default(it)
        for key, it in project.config.items()
    }
    return StackFile(shown_in(path, project.root), path.read_text("utf-8"), declared)


def _default(declared: Any) -> Any:
    """The default that a project declares for a setting, None where there is none."""
    if not isinstance(declared, Mapping):
        return declared
    value: Any = declared.get("default", declared.get("value"))
    return str(value) if declared.get("type") == "string" and value is not None else value


@dataclass(slots=True)
class _Work:
    """Previews and judgements, each made once.

    What is remembered by the identity of environments holds them, so that no other one takes it.
    """

    options: argparse.Namespace
    outputs: running.Outputs
    project: Project
    stack: str
    known: Environment | None
    others: dict[str, Environment] = field(default_factory=dict[str, "Environment"])
    evaluated: dict[int, tuple[Environment, Evaluation]] = field(
        default_factory=dict[int, "tuple[Environment, Evaluation]"]
    )
    compared: dict[tuple[int, int], tuple[object, dict[tuple[str, ...], str]]] = field(
        default_factory=dict[tuple[int, int], tuple[object, dict[tuple[str, ...], str]]]
    )

    def preview(self, pairs: Sequence[str]) -> Environment:
        """The stack with some settings changed; as it is, it may have been previewed before."""
        if self.known is not None and not pairs:
            return self.known
        return self._run(self.stack, [*self.options.config, *pairs])

    def _run(self, stack: str, config: Sequence[str]) -> Environment:
        chosen = {**vars(self.options), "stack": stack, "config": config}
        try:
            return running.run_program(argparse.Namespace(**chosen), self.outputs).environment
        except Failure as failure:
            raise PreviewError(failure.problems) from failure

    def minded(self, before: Environment, after: Environment) -> Sequence[str]:
        """What controls and parity rules mind of a change, and did not mind before it."""
        return [*self._controls(before, after), *self._parity(before, after)]

    def _controls(self, before: Environment, after: Environment) -> Iterator[str]:
        from fintech_infra.controls.baseline import compare, formers

        found = compare(self._evaluation(after), formers(self._evaluation(before)))
        for it in found.findings:
            yield f"{it.control.id} {it.verdict} for {it.resource.name}: {it.message}"

    def _evaluation(self, environment: Environment) -> Evaluation:
        from fintech_infra.controls.evaluate import evaluate

        kept = self.evaluated.get(id(environment))
        if kept is None:
            parameters, disabled = read_parameters(self.options.policy_config)
            controls = select_controls(self.options.controls, disabled)
            kept = environment, evaluate(environment, controls, parameters)
            self.evaluated[id(environment)] = kept
        return kept[1]

    def _parity(self, before: Environment, after: Environment) -> Iterator[str]:
        rules = self._rules()
        if rules is None:
            return
        for reference, other in self._pairs(rules):
            try:
                sides = [self._side(it) for it in (reference, other) if it != self.stack]
            except PreviewError as error:
                yield f"parity of {reference} and {other} cannot be judged: {error}"
                continue
            was, will = (
                self._differences(
                    (here, sides[0]) if reference == self.stack else (sides[0], here), rules
                )
                for here in (before, after)
            )
            yield from (f"parity: {said}" for key, said in will.items() if key not in was)

    def _side(self, stack: str) -> Environment:
        if stack not in self.others:
            self.others[stack] = self._run(stack, ())
        return self.others[stack]

    def _rules(self) -> Rules | None:
        """The parity rules of the project; none of a project that has not declared any."""
        from fintech_infra.operations.parity import FILE_NAME, read_file

        path = self.project.root / FILE_NAME
        if not path.is_file():
            return None
        rules, mistakes = read_file(path, FILE_NAME)
        if mistakes:
            raise Failure(Problem(it.message, it.file, it.line, it.hint) for it in mistakes)
        return rules

    def _pairs(self, rules: Rules) -> list[tuple[str, str]]:
        """The reference and another stack, for each pair that this stack is one of."""
        from fintech_infra.controls.evaluate import is_production

        stacks = list(self.project.stacks())
        production = next(filter(is_production, stacks), stacks[0])
        reference = rules.reference if rules.reference in stacks else production
        if reference != self.stack:
            return [(reference, self.stack)]
        return [(reference, it) for it in stacks if it != reference]

    def _differences(
        self, pair: tuple[Environment, Environment], rules: Rules
    ) -> dict[tuple[str, ...], str]:
        """What differs and no rule allows, by what it is about."""
        from fintech_infra.operations.parity import compare, judge

        key = id(pair[0]), id(pair[1])
        if key not in self.compared:
            # Without controls: a verdict that is new in this stack was found by now.
            found = judge([compare(*pair, ())], rules.rules, pair[0]).found
            said = {
                (it.aspect, it.subject, it.path, it.stack): f"{it.subject} {it.path} {it.message}"
                for it in found
            }
            self.compared[key] = pair, said
        return self.compared[key][1]
