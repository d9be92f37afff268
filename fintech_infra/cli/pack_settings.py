"""Configures policy packs by one file, which names the policies of all of them and the controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from fintech_infra.cli.failure import Failure
from fintech_infra.cli.inputs import read_object
from fintech_infra.cli.policies import is_ours, is_taken
from fintech_infra.engine.analyzer.policies import (
    Choice,
    read_choices,
    unknown_settings,
    wrong_settings,
)
from fintech_infra.engine.analyzer.session import AnalyzerPack
from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.environment import Diagnostic


def configure(packs: Sequence[AnalyzerPack], file: str) -> list[Diagnostic]:
    """Configure packs as `file` says, without one by their own defaults; return what to note.

    Policies that are controls of ours are switched off: they are judged already.

    Raises:
        Failure: the file is wrong, or settings are not of the form that the policies give.
    """
    choices = _choices(packs, file)
    notes: list[Diagnostic] = []
    problems: list[Problem] = []
    for pack in packs:
        ours = [policy.name for policy in pack.policies if is_ours(policy)]
        try:
            pack.configure({**choices, **dict.fromkeys(ours, Choice("disabled"))})
        except PreviewError as error:
            problems += error.problems
        before = f"policy pack {pack.name}: "
        for policy in pack.policies:
            if policy.enabled:
                problems += (Problem(before + fault, file) for fault in wrong_settings(policy))
                notes += (Diagnostic("warning", before + note) for note in unknown_settings(policy))
        if ours:
            many = (
                "1 policy is a control" if len(ours) == 1 else f"{len(ours)} policies are controls"
            )
            notes.append(Diagnostic("info", f"{before}{many} of fintech-infra, judged as such"))
    if problems:
        raise Failure(problems)
    return notes


def _choices(packs: Sequence[AnalyzerPack], file: str) -> Mapping[str, Choice]:
    """What the file says about policies of packs."""
    names = Counter(pack.name for pack in packs)
    same = [name for name, number in names.items() if number > 1]
    if same:
        hint = "hold the environment to one of them at a time"
        raise Failure(Problem(f"two policy packs are called {name}", hint=hint) for name in same)
    if not file:
        return {}
    content = read_object(file)
    known = {"all", *(policy.name for pack in packs for policy in pack.policies)}
    choices, faults = read_choices({key: item for key, item in content.items() if key in known})
    among = ", ".join(names)
    faults += [
        f"{name!r} is no control, and no policy of {among}"
        for name in content
        if name not in known and not is_taken(name)
    ]
    if faults:
        raise Failure(Problem(fault, file) for fault in faults)
    return choices
