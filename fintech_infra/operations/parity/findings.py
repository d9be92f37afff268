"""Differences as findings of the control `pulumi-environment-parity`, and so as a report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from fintech_infra.controls.control import Severity
from fintech_infra.controls.evaluate import Evaluation, Finding
from fintech_infra.controls.evaluate import judge as hold
from fintech_infra.controls.parity import DIFFERENCE_TYPE, pulumi_environment_parity
from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.environment.values import Asset
from fintech_infra.operations.parity.model import ABSENT, Aspect, Difference, Judged
from fintech_infra.operations.parity.rules import Rule
from fintech_infra.report.redact import Redaction

_LONGEST: Final = 120
_VALUED: Final = frozenset({Aspect.SETTING, Aspect.OPTION})


def evaluation(judged: Judged, rules: Sequence[Rule]) -> Evaluation:
    """Return what the control says: a finding for each difference that no rule allows.

    A difference is as severe as it says itself. A rule that allows nothing is a finding of low
    severity: it lets through whatever comes to fit it one day.
    """
    texts = Secrets([judged.reference, *(pair.other for pair in judged.pairs)])
    found = [
        *(it for difference in judged.found for it in _findings(difference, judged, texts)),
        *(it for at in judged.unused for it in _unused(rules[at], judged)),
    ]
    compared = sum(pair.compared for pair in judged.pairs)
    return Evaluation((pulumi_environment_parity,), tuple(sorted(found, key=_order)), compared)


def environment(judged: Judged) -> Environment:
    """Return the reference with what the programs of all environments had to say."""
    said = (it for pair in judged.pairs for it in pair.other.diagnostics)
    return replace(judged.reference, diagnostics=(*judged.reference.diagnostics, *said))


class Secrets:
    """The secrets of several environments: what one hides is not printed for another."""

    def __init__(self, environments: Sequence[Environment]) -> None:
        """Collect them."""
        self._redactions = [Redaction(it) for it in environments]

    def text(self, text: str) -> str:
        """`text` without any of them."""
        for redaction in self._redactions:
            text = redaction.text(text)
        return text


def shown(value: Any) -> str:
    """A value in a sentence or a table, cut where it is long."""
    if value is ABSENT:
        return "nothing"
    if value is UNKNOWN:
        return "an unknown value"
    if isinstance(value, Asset):
        return f"{value.kind} {value.location or value.digest[:12]}".strip()
    text = value if isinstance(value, str) else json.dumps(value, default=shown, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def sentence(difference: Difference, reference: str, texts: Secrets) -> str:
    """What a finding says of a difference: what is where, and why the two were compared."""
    if difference.aspect not in _VALUED:
        return texts.text(difference.message)
    values = (
        f"{reference} has {shown(difference.reference)}, "
        f"{difference.stack} has {shown(difference.other)}"
    )
    about = f"{difference.message}: " if "differs between" not in difference.message else ""
    return texts.text(f"{about}{values} (matched: {difference.match.why})")


def _findings(difference: Difference, judged: Judged, texts: Secrets) -> Iterator[Finding]:
    message = sentence(difference, judged.reference.stack, texts)
    subject = _subject(difference, judged.reference)
    said = replace(
        subject,
        type=DIFFERENCE_TYPE,
        inputs={
            "differs": True,
            "path": difference.path if difference.aspect in _VALUED else "",
            "message": f"{difference.aspect}: {message}",
            "undecided": difference.undecided,
        },
    )
    control = replace(pulumi_environment_parity, severity=difference.severity)
    for finding in hold(control, said, judged.reference):
        yield replace(finding, resource=subject, chain=difference.chain)


def _subject(difference: Difference, reference: Environment) -> Resource:
    """What a finding is about: the reference's own resource, else a word for that of another."""
    own = difference.match.reference
    if own is not None and own.urn in reference.by_urn:
        return own
    found = difference.match.any
    return Resource(found.urn, found.type, found.name, custom=False, source=found.source)


def _unused(rule: Rule, judged: Judged) -> Iterator[Finding]:
    place = rule.within or rule.resource
    name = " ".join(filter(None, (rule.kind, "of", place, rule.path)))
    head = f"urn:pulumi:{judged.reference.stack}::{judged.reference.project}"
    subject = Resource(
        urn=f"{head}::{DIFFERENCE_TYPE}::{name}",
        type=DIFFERENCE_TYPE,
        name=name,
        inputs={
            "differs": True,
            "path": "",
            "message": "rule: allows nothing in what was compared",
            "undecided": False,
        },
        custom=False,
        source=rule.source,
    )
    control = replace(pulumi_environment_parity, severity=Severity.LOW)
    yield from hold(control, subject, judged.reference)


def _order(finding: Finding) -> tuple[object, ...]:
    return (finding.severity.rank, finding.resource.urn, finding.path, finding.message)
