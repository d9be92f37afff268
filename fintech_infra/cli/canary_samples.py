"""What `fintech-infra canary` judges: a config, and samples from files or from CloudWatch."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from fintech_infra.cli import asking
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.canary import CanaryConfig, MetricQuery, Scope, Window
    from fintech_infra.operations.metrics import Sample, Series

_T = TypeVar("_T")
_OF_CLOUDWATCH = (
    "control_scope", "experiment_scope", "control_location", "experiment_location", "start", "end",
    "step", "days", "region", "profile",
)  # fmt: skip
_SCOPES = "give --control-scope and --experiment-scope for CloudWatch"


@dataclass(frozen=True, slots=True)
class Samples:
    """Those of both versions, what was not read and why, and where they are from."""

    control: Series
    experiment: Series
    unread: Mapping[str, str] = field(default_factory=dict[str, str])
    about: tuple[str, ...] = ()


def add_samples(verb: argparse.ArgumentParser) -> None:
    """Add the options that say what is judged."""
    given = verb.add_argument_group("what is judged")
    given.add_argument("--config", metavar="FILE", required=True, help="Kayenta's canary config")
    given.add_argument("--control", metavar="FILE", default="", help="samples of the old version")
    given.add_argument("--experiment", metavar="FILE", default="", help="those of the new one")
    given.add_argument(
        "--baseline",
        choices=("parallel", "past"),
        default="parallel",
        help="whether the old version ran beside the new one, or before it: then only the same "
        "times of day are compared (default: parallel)",
    )
    cloud = verb.add_argument_group("samples of CloudWatch, instead of files")
    cloud.add_argument("--control-scope", metavar="NAME", default="",
                       help="what ${scope} is for the old version; with --baseline past the same "
                       "as for the new one, where it is not given")  # fmt: skip
    cloud.add_argument("--experiment-scope", metavar="NAME", default="",
                       help="what ${scope} is for the new version")  # fmt: skip
    for side, which in (("control", "old"), ("experiment", "new")):
        cloud.add_argument(f"--{side}-location", metavar="NAME", default="",
                           help=f"what ${{location}} is for the {which} version")  # fmt: skip
    cloud.add_argument("--start", metavar="MOMENT", default="", help="when the new version began")
    cloud.add_argument("--end", metavar="MOMENT", default="", help="default: --now")
    cloud.add_argument("--step", type=int, metavar="SECONDS", default=None,
                       help="of each sample (default: 60)")  # fmt: skip
    cloud.add_argument("--days", type=int, metavar="NUMBER", default=None,
                       help="earlier days that --baseline past takes (default: 7)")  # fmt: skip
    cloud.add_argument("--now", metavar="MOMENT", default="", help="default: the clock")
    cloud.add_argument("--region", default="", help="default: that of the environment")
    cloud.add_argument("--profile", default="", help="of the AWS configuration")


def read_config_file(path: str) -> CanaryConfig:
    """Read the config.

    Raises:
        Failure: it cannot be read; every mistake is told.
    """
    from fintech_infra.operations.canary import read_config

    config = _read(path, "--config", read_config)
    if config is None:  # _read() has raised
        raise AssertionError
    return config


def read_samples(options: argparse.Namespace, *, sound: bool) -> Samples:
    """Read the samples of both versions; only where the config is `sound` is CloudWatch asked.

    Raises:
        Failure: the options do not fit together, or a file cannot be read; every mistake is told.
    """
    cloud = [name for name in _OF_CLOUDWATCH if getattr(options, name) not in ("", None)]
    if options.control or options.experiment or not cloud:
        return _of_files(options, cloud)
    return _of_cloudwatch(options, sound=sound)


def _of_files(options: argparse.Namespace, cloud: list[str]) -> Samples:
    from fintech_infra.operations.canary import same_times

    problems = [
        Problem(f"--{side} is missing", hint=f"name a file of samples, or {_SCOPES}")
        for side in ("control", "experiment")
        if not getattr(options, side)
    ]
    problems += [
        Problem(f"--{name.replace('_', '-')} is for samples of CloudWatch, not of files",
                hint="leave it out, or --control and --experiment")
        for name in cloud
    ]  # fmt: skip
    attempts = Attempts()
    attempts.of(lambda: _refuse(problems))
    control, experiment = (
        attempts.of(lambda side=side: _series(getattr(options, side), f"--{side}"))
        if getattr(options, side)
        else None
        for side in ("control", "experiment")
    )
    attempts.settle()
    if control is None or experiment is None:  # settle() has raised
        raise AssertionError
    about = f"Samples: old version `{options.control}`, new version `{options.experiment}`."
    if options.baseline == "past":
        return Samples(same_times(control, experiment), experiment, about=(about,))
    return Samples(control, experiment, about=(about,))


def _of_cloudwatch(options: argparse.Namespace, *, sound: bool) -> Samples:
    from fintech_infra.operations.canary import DAYS, Scope, collect

    past = options.baseline == "past"
    days = (DAYS if options.days is None else options.days) if past else 0
    own = options.experiment_scope if past else ""
    place = options.experiment_location if past else ""
    control = Scope(options.control_scope or own, options.control_location or place)
    experiment = Scope(options.experiment_scope, options.experiment_location)
    attempts = Attempts()
    attempts.of(lambda: _refuse(_wrong_scopes(options, past=past)))
    window = attempts.of(lambda: _window(options, days))
    queries = attempts.of(lambda: _queries(options, control, experiment)) if sound else {}
    attempts.settle()
    if window is None or queries is None:  # settle() has raised
        raise AssertionError
    if not queries:  # the config's own mistakes are told
        return Samples({}, {})
    access = asking.access_of(options)
    found = collect(access, queries, control, experiment, window, days=days)
    about = _about(control, experiment, window, days, access.region)
    return Samples(found.control, found.experiment, found.unread, (about,))


def _wrong_scopes(options: argparse.Namespace, *, past: bool) -> Iterator[Problem]:
    if not options.experiment_scope:
        yield Problem("--experiment-scope is missing", hint=_SCOPES)
    if not (past or options.control_scope):
        yield Problem("--control-scope is missing", hint=f"{_SCOPES}, or --baseline past")
    if options.days is not None and not past:
        yield Problem("--days without --baseline past", hint="add --baseline past, or leave it out")
    if options.days is not None and options.days < 1:
        yield Problem(f"--days is {options.days}", hint="accepted: 1 or more")


def _window(options: argparse.Namespace, days: int) -> Window:
    from fintech_infra.operations.canary import STEP, Window, forgotten

    if not options.start:
        raise Failure([Problem("--start is missing", hint="say when the new version began")])
    attempts = Attempts()
    clock = attempts.of(lambda: asking.moment_of(options.now))
    start = attempts.of(lambda: asking.moment_of(options.start, "--start"))
    end = attempts.of(lambda: asking.moment_of(options.end, "--end")) if options.end else clock
    attempts.settle()
    if clock is None or start is None or end is None:  # settle() has raised
        raise AssertionError
    if end > clock:
        said = f"--end is {end.isoformat()}, and it is {clock.isoformat()}"
        raise Failure([Problem(said, hint="leave it out to judge what there is so far")])
    try:
        window = Window(start, end, STEP if options.step is None else options.step)
    except ValueError as error:
        hint = "mend --start, --end or --step"
        raise Failure([Problem(str(error), hint=hint)]) from error
    oldest = window.earlier(days)[-1] if days > 0 else window
    lost = forgotten(oldest, clock)
    if lost:
        named = f"--days {days}" if days else f"--start {options.start}"
        raise Failure([Problem(f"{named} is too far back: {lost}", hint="mend it, or --step")])
    return window


def _queries(
    options: argparse.Namespace, control: Scope, experiment: Scope
) -> dict[str, MetricQuery]:
    from fintech_infra.operations.canary import read_queries, same_for_both, uses_location

    queries = _read(options.config, "--config", read_queries)
    problems = [
        Problem(f"--{side}-location is missing: a query holds ${{location}}",
                hint="say what stands there")
        for side, it in (("control", control), ("experiment", experiment))
        if uses_location(queries) and not it.location
    ]  # fmt: skip
    both = same_for_both(
        queries, (control.name, control.location), (experiment.name, experiment.location)
    )
    if both and options.baseline == "parallel" and control.name and experiment.name:
        said = f"CloudWatch would be asked the same of both versions: {', '.join(both)}"
        hint = "put ${scope} into a dimension and give two scopes, or use --baseline past"
        problems.append(Problem(said, options.config, hint=hint))
    _refuse(problems)
    return queries


def _about(control: Scope, experiment: Scope, window: Window, days: int, region: str) -> str:
    from fintech_infra.operations.moments import written

    first, last = written(window.first), written(window.last)
    past = f" on {days} earlier days" if days else ""
    return (
        f"Samples of CloudWatch in {region}, one every {window.step} seconds: new version "
        f"`{experiment.name}` from {first} to {last}, old version `{control.name}` at the same "
        f"time{past}."
    )


def _series(path: str, option: str) -> dict[str, list[Sample]]:
    from fintech_infra.operations.metrics import read_series

    return _read(path, option, read_series)


def _read(path: str, option: str, reader: Callable[[str, str], tuple[_T, list[Problem]]]) -> _T:
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise Failure([Problem(f"{option} {path}: {reason}", hint="name a file")]) from error
    found, problems = reader(text, path)
    _refuse(problems)
    return found


def _refuse(problems: Iterator[Problem] | list[Problem]) -> None:
    told = tuple(problems)
    if told:
        raise Failure(told)
