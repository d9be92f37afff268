"""Which setting of a stack sets a size: found by experiment, not by its name.

A setting whose value equals the size is given the recommended value, the program is previewed
again, and the setting is taken where exactly that size changes. What is taken stays for the
experiments that follow, so that all of them together are what was tried.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fintech_infra.engine.errors import PreviewError
from fintech_infra.environment import Environment, UnknownValueError
from fintech_infra.operations.change import Op, ResourceChange, between, is_stateful
from fintech_infra.operations.rightsizing.advice import (
    Advice,
    Outcome,
    Patch,
    Recommendation,
    Trial,
)
from fintech_infra.operations.rightsizing.model import Amount, Place, Role, Size
from fintech_infra.operations.rightsizing.stack_file import Setting, StackFile

Run = Callable[[Sequence[str]], Environment]
"""Previews the stack with `KEY=VALUE` pairs over its configuration; raises `PreviewError`."""

Judge = Callable[[Environment, Environment], Sequence[str]]
"""What controls and parity rules mind of a change that they did not mind before."""

MOST: Final = 40
"""Previews of one search, at most."""
_FOR_ONE: Final = 8
"""Previews for one size, at most."""
_SHOWN: Final = 3

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_HINTS: Final = {
    Role.CLASS: ("class", "instance", "type", "size"),
    Role.LEAST: ("least", "min", "minimum", "fewest", "desired", "count"),
    Role.MOST: ("most", "max", "maximum", "greatest"),
    Role.TASK_CPU: ("cpu", "vcpu", "vcpus"),
    Role.TASK_MEMORY: ("memory", "mem", "ram"),
}


def search(
    recommendations: Iterable[Recommendation],
    file: StackFile,
    run: Run,
    judge: Judge,
    *,
    fixed: Sequence[str] = (),
    limit: int = MOST,
) -> Patch:
    """Find the settings of all sizes that are to change, and the patch that changes them.

    `fixed` are the names of settings that the command line overrides: the file does not set them.

    Raises:
        PreviewError: the program does not run as it is.
    """
    wanted = sorted(
        ((found.load.urn, it) for found in recommendations for it in found.changes),
        key=lambda item: _order(item[1]),
    )
    if not wanted:
        return Patch(file.name)
    work = _Search(file, run, judge, frozenset(fixed), limit, base=run(()))
    trials = tuple(work.find(urn, it) for urn, it in wanted)
    return Patch(file.name, file.diff(work.file), trials, work.previews)


def _order(advice: Advice) -> int:
    """Bounds move apart before they move together: a least above a most is refused."""
    grows = _number(advice.value) > _number(advice.size.value)
    match advice.size.role:
        case Role.LEAST:
            return 2 if grows else 0
        case Role.MOST:
            return 1 if grows else 3
        case Role.TASK_MEMORY:  # a task of less CPU takes less memory, and one of more needs more
            return 4 if grows else 5
        case _:
            return 4


class _RefusedError(Exception):
    """A setting is not the one; the message says why."""


class _MindedError(Exception):
    """A setting is the one, and the change is minded; the arguments say by what."""


@dataclass(slots=True)
class _Search:
    file: StackFile
    run: Run
    judge: Judge
    fixed: frozenset[str]
    limit: int
    base: Environment
    previews: int = 1
    accepted: tuple[str, ...] = ()

    def find(self, urn: str, advice: Advice) -> Trial:
        trial = Trial(urn, advice, Outcome.NONE)
        now = _amount(self.base, advice.size)
        if now is None or not _same(now, advice.size.value):
            said = "does not have it" if now is None else f"says {_shown(now)}"
            return replace(trial, why=(f"the program as it is {said}: deploy it first",))
        tried: list[str] = []
        for setting, value in self._candidates(advice)[:_FOR_ONE]:
            if self.previews >= self.limit:
                tried.append(f"{setting.name}: not tried, after {self.limit} previews")
                continue
            try:
                self._try(setting, value, advice)
            except _RefusedError as error:
                tried.append(f"{setting.name}: {error}")
            except _MindedError as error:
                why = tuple(map(str, error.args))
                return replace(trial, outcome=Outcome.HELD, key=setting.name, value=value, why=why)
            else:
                return replace(trial, outcome=Outcome.FOUND, key=setting.name, value=value)
        return replace(trial, why=tuple(tried) or (self._nothing(advice.size),))

    def _candidates(self, advice: Advice) -> list[tuple[Setting, str]]:
        found = [
            (setting, value)
            for setting in self.file.settings()
            if str(setting.keys[0]) not in self.fixed
            for value in _values(setting, advice)
        ]
        hints = _HINTS[advice.size.role]
        return sorted(found, key=lambda item: -_alike(item[0], hints))

    def _try(self, setting: Setting, value: str, advice: Advice) -> None:
        pair = self.file.assignment(setting, value)
        self.previews += 1
        try:
            after = self.run((*self.accepted, pair))
        except PreviewError as error:
            first = error.problems[0].message if error.problems else str(error)
            raise _RefusedError(f"the program refuses {value}: {first}") from error
        self._check(after, advice)
        minded = self.judge(self.base, after)
        if minded:
            raise _MindedError(*minded)
        self.file = self.file.with_value(setting, value)
        self.accepted = (*self.accepted, pair)
        self.base = after

    def _check(self, after: Environment, advice: Advice) -> None:
        """Whether exactly the size changes, to the value that is wanted.

        Raises:
            _RefusedError: it does not.
        """
        reached = _amount(after, advice.size)
        others = list(_others(between(self.base, after).resources, advice.size))
        if others:
            more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
            raise _RefusedError(f"also changes {', '.join(others[:_SHOWN])}{more}")
        if reached is None or not _same(reached, advice.value):
            raise _RefusedError(
                "does not set it"
                if reached is None or _same(reached, advice.size.value)
                else f"makes it {_shown(reached)}"
            )

    def _nothing(self, size: Size) -> str:
        resource = self.base.by_urn.get(size.places[0].urn)
        source = resource.source if resource else None
        where = f"; the program sets it at {source}" if source else ""
        return f"no setting of {self.file.name} has the value {_shown(size.value)}{where}"


def _others(changes: Sequence[ResourceChange], size: Size) -> Iterator[str]:
    """What changes beside a size. That a task definition has a new revision is the size's own."""
    own = {(it.urn, it.path) for it in size.places}
    for change in changes:
        name = f"{change.type.rpartition(':')[2]} {change.resource.name}"
        if change.op in {Op.CREATED, Op.DELETED}:
            yield f"{name} ({change.op})"
        elif change.op is Op.REPLACED and is_stateful(change.type):
            yield f"{name} (replaced)"
        else:
            yield from (
                f"{name} {it.place}"
                for it in change.differences
                if (change.urn, it.path) not in own
            )


def _amount(environment: Environment, size: Size) -> Amount | None:
    """A size as an environment has it, None where it is not there or not known."""
    places = size.places if size.shared else size.places[:1]
    found = [_value(environment, it) for it in places]
    if any(it is None for it in found):
        return None
    if not size.shared:
        return found[0]
    return math.fsum(_number(it) for it in found if it is not None)


def _value(environment: Environment, place: Place) -> Amount | None:
    resource = environment.by_urn.get(place.urn)
    try:
        value: Any = resource.value(place.path) if resource else None
    except UnknownValueError:
        return None
    return value if isinstance(value, int | float | str) and not isinstance(value, bool) else None


def _values(setting: Setting, advice: Advice) -> Iterator[str]:
    """What a setting would be, were it the one; nothing where its value is another one."""
    now, then = advice.size.value, advice.value
    if isinstance(now, str) or isinstance(then, str):
        if setting.text == now:
            yield str(then)
        return
    given = _number(setting.text)
    for factor in advice.size.factors:
        if math.isclose(given * factor, now):
            yield f"{then / factor:g}"
            return


def _alike(setting: Setting, hints: Sequence[str]) -> int:
    words = {it.lower() for it in _WORD.findall(setting.name)}
    return len(words.intersection(hints))


def _number(value: Amount) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def _same(one: Amount, other: Amount) -> bool:
    """Whether two amounts are equal; a task's CPU is a text in AWS and a number here."""
    return one == other or math.isclose(_number(one), _number(other))


def _shown(value: Amount) -> str:
    return value if isinstance(value, str) else f"{value:g}"
