"""Proposals of healing, and approvals of them: the gate's, under a type of their own.

A proposal lists every step that waits for an approval, with its calls; its digest is over all of
it. An approval is bound to that digest. A step may be done if a proposal that is approved has it
with exactly the same calls: others of the proposal may have been done by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.engine.exported.document import parse
from fintech_infra.operations.digest import canonical, digest
from fintech_infra.operations.gate.approvals import (
    Approval,
    Approvers,
    Paper,
    Question,
    Ruling,
    decide,
    record,
)
from fintech_infra.operations.healing.model import Consent, Done, Fate

if TYPE_CHECKING:
    from fintech_infra.operations.signing.library import Signer

PAYLOAD_TYPE: Final = "application/vnd.fintech-infra.healing-approval+json"
"""The DSSE payload type, so that no approval of the gate passes for one of healing."""
FORMAT: Final = "fintech-infra healing proposal"
VERSION: Final = 1
_HINT: Final = "write it with: fintech-infra heal BEFORE AFTER --propose FILE"
_MEMBERS: Final = ("digest", "project", "stack", "required", "steps")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed: the digest of each step, and what it asks of those who approve."""

    question: Question
    steps: tuple[str, ...]


def proposal_of(done: Iterable[Done], project: str, stack: str, group: str) -> dict[str, Any]:
    """The document of all steps that wait for an approval of somebody in a group."""
    waiting = [it for it in done if it.ruling.fate is Fate.APPROVAL]
    steps = [
        {"digest": it.case.digest, **it.case.document, "why": it.ruling.reason} for it in waiting
    ]
    content = {
        "format": FORMAT,
        "version": VERSION,
        "project": project,
        "stack": stack,
        "required": [{"group": group, "count": 1}],
        "steps": steps,
    }
    return {**content, "digest": digest(canonical(content))}


def read_proposal(data: bytes, name: str) -> Proposal:
    """Read what a file proposes; `name` stands in messages.

    Raises:
        PreviewError: it is none, or was changed after it was written.
    """
    content: Any = parse(data, name)
    if wrong := _wrong(content):
        raise PreviewError([Problem(wrong, name, hint=_HINT)])
    steps: Sequence[Mapping[str, Any]] = content["steps"]
    question = Question(
        digest=content["digest"],
        project=content["project"],
        stack=content["stack"],
        outcome="approve",
        required=tuple((item["group"], item["count"]) for item in content["required"]),
        reasons=tuple(line for step in steps for line in _said(step)),
    )
    return Proposal(question, tuple(_digest_of(step) for step in steps))


def sign(approval: Approval, signer: Signer) -> bytes:
    """Return an approval of healing as the signed envelope that is handed on."""
    return record.sign(approval, signer, PAYLOAD_TYPE)


def read(content: bytes, name: str, approvers: Approvers) -> Paper:
    """Read what was handed in as an approval of healing; what cannot be trusted gets a fault."""
    return record.read(content, name, approvers, PAYLOAD_TYPE)


def ruling_of(
    proposal: Proposal,
    papers: Iterable[Paper],
    approvers: Approvers,
    authors: Sequence[str],
    now: datetime,
) -> Ruling:
    """Whether a proposal is approved, as the gate judges it; `authors` cannot approve."""
    return decide(proposal.question, papers, approvers, authors, now)


def consents(proposal: Proposal, ruling: Ruling) -> dict[str, Consent]:
    """What a proposal that is approved lets be done, by the digest of each step."""
    if not ruling.may_go_out:
        return {}
    counted = [it.approval for it in ruling.counted if it.place]
    by = ", ".join(it.approver for it in counted)
    nonce = " ".join(sorted(it.nonce for it in counted))
    return {step: Consent(by, proposal.question.digest, nonce) for step in proposal.steps}


def _wrong(content: Any) -> str:
    """What is wrong with a document that should be a proposal; empty where nothing is."""
    if not isinstance(content, Mapping) or content.get("format") != FORMAT:
        return "is no proposal of healing"
    if content.get("version") != VERSION:
        return f"is of version {content.get('version')!r}; this version reads {VERSION}"
    if missing := [name for name in _MEMBERS if name not in content]:
        return f"lacks {', '.join(missing)}"
    rest = {key: value for key, value in content.items() if key != "digest"}
    if content["digest"] != digest(canonical(rest)):
        return "was changed after it was written: its digest is another one"
    if not content["steps"]:
        return "proposes nothing"
    if any(step.get("digest") != _digest_of(step) for step in content["steps"]):
        return "has a step whose digest is another one"
    return ""


def _digest_of(step: Mapping[str, Any]) -> str:
    """The digest of a step from what it says it does, whatever it says its digest is."""
    return digest(canonical({k: it for k, it in step.items() if k not in {"digest", "why"}}))


def _said(step: Mapping[str, Any]) -> Iterable[str]:
    where = f"in {step['account']} {step['region']}" if step["account"] else "with Pulumi"
    yield f"{step['kind']} {step['remedy'] or step['subject']} {where}: {step['why']}"
    for call in step["calls"]:
        given = canonical(call["parameters"]).decode()
        yield f"  {call['service']} {call['operation']} {given}"
