"""A ruling as plain data: what CI keeps and a ledger records."""

from __future__ import annotations

from typing import Any

from fintech_infra.operations.gate.approvals.decide import Ruling
from fintech_infra.operations.gate.approvals.payload import payload_of
from fintech_infra.operations.gate.approvals.sentences import sentences


def ruling_document(ruling: Ruling) -> dict[str, Any]:
    """Return a ruling as JSON values, lists in a settled order."""
    question = ruling.question
    return {
        "decision": question.digest,
        "project": question.project,
        "stack": question.stack,
        "outcome": question.outcome,
        "status": ruling.status.value,
        "override": ruling.is_override,
        "required": [{"group": group, "count": count} for group, count in question.needs],
        "authors": list(ruling.authors),
        "authorsWhoAreNoApprovers": list(ruling.strangers),
        "approvals": [
            {
                **payload_of(counted.approval),
                "file": counted.paper.name,
                "key": counted.paper.key,
                "fillsAPlace": bool(counted.place),
            }
            for counted in ruling.counted
        ],
        "refused": [
            {"file": item.paper.name, "fault": item.fault.value, "detail": item.detail}
            for item in ruling.refused
        ],
        "missing": [
            {"group": item.group, "number": item.number, "able": list(item.able)}
            for item in ruling.missing
        ],
        "sentences": [line.strip() for line in sentences(ruling)],
    }
