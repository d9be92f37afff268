"""Hold the cases of the controls' own tests to Checkov, too, and compare the verdicts.

    python bench/checkov_agreement.py [--all]

Where both decide the same fact of the same resource, `checkov_facts.toml` names the check, the
control and the inputs that the fact is about. Where the verdicts differ, it says why; a difference
that nobody has explained fails, as does an explanation of nothing. Only what a plan can say is
compared: cases with values that are not known yet, which Checkov judges as absent, are left out.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import terraform_plan
from run import CHECKOV, CHECKOV_RELEASE, install_checkov

HERE: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from fintech_infra.controls import CONTROLS, Control, Verdict, evaluate  # noqa: E402
from fintech_infra.environment import Environment, Resource  # noqa: E402
from fintech_infra.environment.model import ANY_TYPE  # noqa: E402
from tests.controls.tables import resource_of  # noqa: E402
from tests.controls.test_catalogue import TESTS  # noqa: E402

_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Fact:
    """What a check of Checkov and a control both decide.

    `at` are the inputs that it is about, where the control is about more; `cases` are patterns of
    the cases that are about it, where others are not. `stricter` says why the control is right to
    find what the check passes, `looser` why it is right to pass what the check fails.
    """

    check: str
    control: str
    at: Sequence[str] = ()
    cases: Sequence[str] = ("*",)
    stricter: str = ""
    looser: str = ""

    def is_about(self, case: Case) -> bool:
        """Whether a case decides this fact."""
        is_named = any(fnmatchcase(case.name, pattern) for pattern in self.cases)
        return case.control.id == self.control and is_named


@dataclass(frozen=True)
class Case:
    """A row of a control's table that a plan can say, with what the control finds in it."""

    control: Control
    name: str
    plan: dict[str, Any]
    resources: Mapping[str, Resource]
    found: Mapping[str, tuple[tuple[Verdict, str], ...]]

    def verdict(self, address: str, fact: Fact) -> str:
        """`failed`, `passed`, or nothing where the control cannot tell or does not judge it."""
        resource = self.resources.get(address)
        types = self.control.on
        if resource is None or not (resource.type in types or ANY_TYPE in types):
            return ""
        found = self.found.get(address, ())
        if any(verdict is not Verdict.VIOLATED for verdict, _ in found):
            return ""
        paths = [_INDEX.sub("", path) for _, path in found]
        return "failed" if any(_is_at(path, fact.at) for path in paths) else "passed"


def _is_at(path: str, places: Sequence[str]) -> bool:
    return not places or any(path == place or path.startswith(f"{place}.") for place in places)


@dataclass
class Tally:
    """The comparisons of one fact: cases by how the verdicts compare."""

    agree: list[str] = field(default_factory=list[str])
    stricter: list[str] = field(default_factory=list[str])
    looser: list[str] = field(default_factory=list[str])

    @property
    def compared(self) -> int:
        """How often both had a verdict."""
        return len(self.agree) + len(self.stricter) + len(self.looser)

    def add(self, ours: str, theirs: str, case: str) -> None:
        """Count one comparison."""
        if ours == theirs:
            self.agree.append(case)
        elif ours == "failed":
            self.stricter.append(case)
        else:
            self.looser.append(case)


def facts() -> list[Fact]:
    """The table of facts."""
    given = tomllib.loads((HERE / "checkov_facts.toml").read_text("utf-8"))
    return [Fact(check, **entry) for check, entry in given.items()]


def cases(controls: Mapping[str, Control]) -> Iterator[Case]:
    """The rows of the tests' tables, about `controls`, that a plan can say."""
    for control, *about, _ in (row for module in TESTS for row in module.CASES):
        has_parameters = any(isinstance(item, dict) and item for item in about)
        if control in controls and not has_parameters:
            (rows,) = (item for item in about if isinstance(item, list))
            case = _case(controls[control], str(about[0]), rows)
            if case is not None:
                yield case


def _case(control: Control, name: str, rows: list[Any]) -> Case | None:
    resources = tuple(resource_of("prod", *row) for row in rows)
    environment = Environment("project", "prod", resources=resources)
    if not terraform_plan.known_types(resources):
        return None
    try:
        plan = terraform_plan.plan(environment)
    except terraform_plan.NotTheSameError:
        return None
    found: dict[str, list[tuple[Verdict, str]]] = {}
    for item in evaluate(environment, [control]).findings:
        address = terraform_plan.address_of(item.resource)
        found.setdefault(address, []).append((item.verdict, item.path))
    return Case(
        control,
        name,
        plan,
        {terraform_plan.address_of(resource): resource for resource in resources},
        {address: tuple(items) for address, items in found.items()},
    )


def ask(chosen: Sequence[Case], known: Sequence[Fact]) -> list[list[list[str]]]:
    """Checkov's verdicts on the cases, in their order: check, address, word."""
    lines = [
        json.dumps({"plan": case.plan, "checks": [f.check for f in known if f.is_about(case)]})
        for case in chosen
    ]
    command = [str(CHECKOV / "bin" / "python"), str(HERE / "checkov_worker.py")]
    done = subprocess.run(
        command, input="\n".join(lines), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def compared(known: Sequence[Fact]) -> dict[str, Tally]:
    """By check, how the verdicts compare."""
    by_check = {fact.check: fact for fact in known}
    wanted = {fact.control for fact in known}
    controls = {item.id: item for item in CONTROLS if item.id in wanted}
    chosen = [case for case in cases(controls) if any(fact.is_about(case) for fact in known)]
    tallies = {fact.check: Tally() for fact in known}
    for case, answers in zip(chosen, ask(chosen, known), strict=True):
        for check, address, theirs in answers:
            if ours := case.verdict(address, by_check[check]):
                tallies[check].add(ours, theirs, f"{case.name} ({address})")
    return tallies


def problems(fact: Fact, tally: Tally) -> Iterator[str]:
    """What is wrong with the table: differences without a reason, and reasons without one."""
    if not tally.compared:
        yield f"{fact.check}: nothing is compared; mend at and cases, or take it out"
    for way in ("stricter", "looser"):
        found, why = getattr(tally, way), getattr(fact, way)
        if found and not why:
            yield f"{fact.check}: {fact.control} is {way} than Checkov in {'; '.join(found)}"
        if why and not found:
            yield f"{fact.check}: nothing is {way} any more; take the reason out"


def print_table(known: Sequence[Fact], tallies: Mapping[str, Tally], *, every: bool) -> None:
    """A line for each fact, and the reasons below those that differ."""
    print(f"{'check':<12} {'control':<42} agree stricter looser")
    for fact in known:
        tally = tallies[fact.check]
        counts = f"{len(tally.agree):>5} {len(tally.stricter):>8} {len(tally.looser):>6}"
        print(f"{fact.check:<12} {fact.control:<42} {counts}")
        for way in ("stricter", "looser"):
            if getattr(tally, way):
                print(f"    {way}: {getattr(fact, way) or 'NOBODY HAS SAID WHY'}")
                for case in getattr(tally, way) if every else ():
                    print(f"        {case}")


def main() -> int:
    """Compare, print, and return 1 if something is not explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="name the cases that differ, too")
    options = parser.parse_args()
    install_checkov()
    known = facts()
    tallies = compared(known)
    print_table(known, tallies, every=options.all)
    count = {
        name: sum(len(getattr(tally, name)) for tally in tallies.values())
        for name in ("agree", "stricter", "looser")
    }
    print(
        f"\n{len(known)} facts of {CHECKOV_RELEASE}, {sum(count.values())} verdicts compared: "
        f"{count['agree']} agree, {count['stricter']} stricter and {count['looser']} looser here"
    )
    wrong = [line for fact in known for line in problems(fact, tallies[fact.check])]
    print("\n".join([f"{len(wrong)} not explained", *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
