"""A decision as JSON with a digest of exactly that change, and back as what approvals ask.

The digest is over the canonical form (RFC 8785) of all the other members: the digests of both
environments, the rules, every reason with its evidence, every resource that changes. Another change
has another digest, so an approval of this one is none of that. `gate.schema.json` describes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.operations.digest import canonical, digest
from fintech_infra.operations.gate.approvals.model import Question
from fintech_infra.operations.gate.model import Decision, Level, Outcome, Reason, Row

FORMAT: Final = "fintech-infra gate decision"
"""What a file with a decision says it is, under the key `format`."""
VERSION: Final = 1
_HINT: Final = "write it with: fintech-infra gate decide BEFORE AFTER --format json --output FILE"


def document(decision: Decision) -> dict[str, Any]:
    """Write a decision as JSON values, its digest included."""
    content = _content(decision)
    return {**content, "digest": digest(canonical(content))}


def digest_of(decision: Decision) -> str:
    """The digest that approvals of a decision are bound to."""
    return digest(canonical(_content(decision)))


def question(decision: Decision) -> Question:
    """What a decision asks of those who approve."""
    return _question(document(decision))


def read_question(data: bytes, name: str) -> Question:
    """Read what a file with a decision asks; `name` stands in messages.

    Raises:
        PreviewError: it is none, or was changed after it was written; all mistakes are listed.
    """
    from fintech_infra.engine.exported.document import parse

    content: Any = parse(data, name)
    problems = [Problem(message, name, hint=_HINT) for message in _wrong(content)]
    if problems:
        raise PreviewError(problems)
    return _question(content)


def _wrong(content: Any) -> Iterator[str]:
    """Yield what is wrong with a document that should be a decision."""
    if not isinstance(content, Mapping) or content.get("format") != FORMAT:
        yield "is no decision of the gate"
        return
    if content.get("version") != VERSION:
        yield f"is of version {content.get('version')!r}; this version reads {VERSION}"
        return
    missing = [name for name in _MEMBERS if name not in content]
    if missing:
        yield f"lacks {', '.join(missing)}"
        return
    rest = {key: value for key, value in content.items() if key != "digest"}
    if content["digest"] != digest(canonical(rest)):
        yield "was changed after it was written: its digest is another one"
    elif content["outcome"] not in set(Outcome):
        yield f"has the outcome {content['outcome']!r}"


def _question(content: Mapping[str, Any]) -> Question:
    override = content["override"]
    return Question(
        digest=content["digest"],
        project=content["project"],
        stack=content["stack"],
        outcome=content["outcome"],
        required=tuple((item["group"], item["count"]) for item in content["required"]),
        override=(override["group"], override["count"]) if override else None,
        reasons=tuple(
            item["says"] for item in content["reasons"] if item["outcome"] != Outcome.AUTO
        ),
    )


def _content(decision: Decision) -> dict[str, Any]:
    context = decision.context
    group, count = decision.override or ("", 0)
    return {
        "format": FORMAT,
        "version": VERSION,
        "project": context.project,
        "stack": context.stack,
        "weight": decision.weight.value,
        **_level(decision.level),
        "override": {"group": group, "count": count} if group else None,
        "before": context.before or None,
        "after": context.after,
        "rules": decision.rules,
        "loosened": list(decision.loosened),
        "reasons": [_reason(item) for item in decision.reasons],
        "changes": [_row(item) for item in context.rows],
        "notes": list(context.notes),
    }


def _level(level: Level) -> dict[str, Any]:
    required = [{"group": group, "count": count} for group, count in level.required]
    return {"outcome": level.outcome.value, "required": required}


def _reason(reason: Reason) -> dict[str, Any]:
    fact = reason.fact
    return {
        "concern": fact.concern.value,
        "subject": fact.subject,
        **_level(reason.level),
        "says": fact.says,
        "evidence": list(fact.evidence),
        "number": fact.number,
        "advice": reason.advice,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "urn": row.urn,
        "op": row.op.value,
        "type": row.type,
        "name": row.name,
        "was": row.was,
        "stateful": row.is_stateful,
        "replacement": row.replacement.value,
        "replacing": list(row.replacing),
        "certain": row.is_certain,
        "differences": list(row.differences),
    }


_MEMBERS: Final = (
    "project",
    "stack",
    "weight",
    "outcome",
    "required",
    "override",
    "after",
    "rules",
    "reasons",
    "changes",
    "digest",
)
