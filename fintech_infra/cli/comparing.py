"""`--baseline`: what a run is compared with, so that only what is new blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.failure import Failure
from fintech_infra.cli.subjects import read_file, shown
from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fintech_infra.controls.control import Control
    from fintech_infra.controls.evaluate import Evaluation, Former
    from fintech_infra.engine.exported.fields import Fields
    from fintech_infra.environment import Environment

_FORMER: Final = ("control", "urn", "verdict", "path", "message")
_NEEDED: Final = frozenset(_FORMER[:3])

Parameters = Mapping[str, Mapping[str, Any]]
"""Values by control id and parameter name."""


def add_option(group: Any) -> None:
    """Add `--baseline` to a group of options."""
    group.add_argument(
        "--baseline",
        metavar="FILE",
        default="",
        help="state, plan, saved environment or JSON report to compare with; what it has, too, "
        "is reported apart and does not block",
    )


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was there before: an environment, findings that were reported on one, or both.

    `path` is the file that it was read from.
    """

    path: str
    project: str
    environment: Environment | None
    found: Sequence[Former]

    def applied(
        self,
        evaluation: Evaluation,
        environment: Environment,
        controls: Sequence[Control],
        parameters: Parameters,
    ) -> Evaluation:
        """Return an evaluation of `environment` with what the baseline has, too, set apart.

        Raises:
            Failure: the baseline is of another project.
        """
        from fintech_infra.controls.baseline import compare, completed, formers
        from fintech_infra.controls.evaluate import evaluate

        if self.project != environment.project:
            problem = Problem(
                f"is a baseline of the project {self.project}, and cannot be compared with "
                f"{environment.project}",
                shown(self.path),
                hint="name a baseline of the same project; its stack may be another one",
            )
            raise Failure([problem])
        if self.environment is None:
            return compare(evaluation, self.found)
        before = formers(evaluate(self.environment, controls, parameters))
        return compare(evaluation, completed(before, self.found))


def read_baseline(path: str) -> Baseline | None:
    """Read the file that `--baseline` names; None where none is named.

    Raises:
        Failure: the file is nothing to compare with, or has mistakes; all are listed.
    """
    if not path:
        return None
    from fintech_infra.engine.exported.document import parse
    from fintech_infra.engine.exported.kinds import is_report, read_content

    data = read_file(path)
    try:
        content = parse(data, shown(path))
        if isinstance(content, dict) and is_report(content):
            return _reported(content, path)
        environment = read_content(content, shown(path))
        return Baseline(path, environment.project, environment, _recorded(content, path))
    except PreviewError as error:
        raise Failure(error.problems) from error


def _reported(content: Mapping[str, Any], path: str) -> Baseline:
    """The findings in a JSON report, those in its sections for known and waived ones included.

    Raises:
        PreviewError: the report has mistakes; all are listed.
    """
    from fintech_infra.engine.exported.fields import Fields

    fields = Fields(shown(path))
    if content.get("version") != 1:
        fields.note("version", f"is {content.get('version')!r}; accepted are JSON reports of 1")
        fields.settle()
    about = fields.mapping(content, "environment", "")
    project = fields.text(about, "project", "environment", needed=True)
    found = [
        former
        for key in ("findings", "known", "waived")
        for at, item in fields.objects(content, key, "")
        for former in _former(item, at, fields)
    ]
    fields.settle()
    return Baseline(path, project, None, found)


def _recorded(content: Mapping[str, Any], path: str) -> Sequence[Former]:
    """The findings that a saved environment has beside it.

    Raises:
        PreviewError: one of them is none; all such are listed.
    """
    from fintech_infra.engine.exported.fields import Fields

    fields = Fields(shown(path))
    listed: Any = content.get("findings") or ()
    found: list[Former] = []
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        named: dict[str, Any] = (
            dict(zip(_FORMER, item, strict=False)) if isinstance(item, list) else {}
        )
        found += _former(named, f"findings[{index}]", fields)
    fields.settle()
    return found


def _former(item: Mapping[str, Any], at: str, fields: Fields) -> Iterator[Former]:
    from fintech_infra.controls.evaluate import Former, Verdict

    control, urn, verdict, path, message = (
        fields.text(item, name, at, needed=name in _NEEDED) for name in _FORMER
    )
    if verdict in set(Verdict):
        yield Former(control, urn, Verdict(verdict), path, message)
    elif verdict:
        fields.note(f"{at}.verdict", f"{verdict!r} is none of {', '.join(Verdict)}")
