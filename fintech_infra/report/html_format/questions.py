"""What somebody answers for, and what nobody could answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.controls.waivers import Waiver
from fintech_infra.report.html_format.context import Context, Place
from fintech_infra.report.naming import short_type

_REMOTE = "what it contains: a preview cannot look into it"


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is missing, where, and the controls that wait for it, as `{id: anchor}`."""

    missing: str
    places: tuple[Place, ...]
    controls: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Letting:
    """A finding that a waiver lets stand. `title` is what the control asks for."""

    control: str
    title: str
    anchor: str
    severity: str
    place: Place
    message: str
    waiver: Waiver


def questions(context: Context) -> tuple[Question, ...]:
    """What is missing to decide, most wanted first; the contents of remote components last."""
    found: dict[str, list[Finding]] = {}
    for item in context.report.evaluation.of(Verdict.UNDECIDED):
        found.setdefault(context.redaction.text(item.message), []).append(item)
    asked = [_question(missing, items, context) for missing, items in found.items()]
    asked.sort(key=lambda item: -len(item.places))
    remote = tuple(context.place(item) for item in context.report.opaque)
    return (*asked, Question(_REMOTE, remote, {})) if remote else tuple(asked)


def _question(missing: str, items: Iterable[Finding], context: Context) -> Question:
    places: dict[str, Place] = {}
    controls: dict[str, str] = {}
    for item in items:
        places[item.resource.urn] = context.place(item.resource)
        controls[item.control.id] = context.anchors.control(item.control.id)
    return Question(missing, tuple(places.values()), controls)


def lettings(context: Context) -> tuple[Letting, ...]:
    """The waived findings, the one whose waiver ends first at the top."""
    found = (
        Letting(
            control=item.finding.control.id,
            title=item.finding.control.title,
            anchor=context.anchors.control(item.finding.control.id),
            severity=item.finding.severity,
            place=context.place(item.finding.resource),
            message=context.redaction.text(item.finding.message),
            waiver=context.waiver(item.waiver),
        )
        for item in context.report.evaluation.waived
    )
    return tuple(sorted(found, key=lambda item: item.waiver.expires))


def fixed(context: Context) -> tuple[tuple[str, str, str, str], ...]:
    """What the baseline has and the environment has not any more, each once.

    Control, its anchor, type and name of the resource, and what was wrong.
    """
    text = context.redaction.text
    return tuple(
        (
            item.control,
            context.anchors.control(item.control),
            _subject(item.urn),
            text(item.message),
        )
        for item in context.report.evaluation.fixed
    )


def _subject(urn: str) -> str:
    """Type and name of a resource that the environment need not have any more."""
    _, _, rest = urn.rpartition("$")
    type_, _, name = rest.removeprefix("urn:pulumi:").rpartition("::")
    return f"{short_type(type_.rpartition('::')[2])} {name}"
