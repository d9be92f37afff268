"""Approvals as signed files: making one, and reading what was handed in as one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from fintech_infra.operations.digest import canonical
from fintech_infra.operations.gate.approvals.model import (
    LIFETIME,
    PAYLOAD_TYPE,
    Approval,
    Approvers,
    Fault,
    Paper,
    Question,
)
from fintech_infra.operations.gate.approvals.payload import payload_of, read_payload
from fintech_infra.operations.moments import cut
from fintech_infra.operations.signing import (
    Flaw,
    SignatureError,
    TrustedKey,
    TrustedKeys,
    read_envelope,
    verify,
)
from fintech_infra.operations.signing import sign as sign_payload

if TYPE_CHECKING:
    from fintech_infra.operations.signing.library import Signer

_FAULTS = {Flaw.UNKNOWN_KEY: Fault.UNKNOWN_KEY, Flaw.BAD_SIGNATURE: Fault.BAD_SIGNATURE}


def approval_of(
    question: Question,
    approver: str,
    group: str,
    reason: str,
    *,
    now: datetime,
    nonce: str,
    lifetime: timedelta = LIFETIME,
) -> Approval:
    """Return the approval of a decision; of one that is blocked, an override.

    `nonce` is 32 hexadecimal digits that nobody can guess. The approval holds for `lifetime` from
    `now` on.
    """
    return Approval(
        approver,
        group,
        question.digest,
        question.project,
        question.stack,
        " ".join(reason.split()),
        cut(now),
        cut(now) + lifetime,
        nonce,
        override=question.is_override,
    )


def sign(approval: Approval, signer: Signer, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Return an approval as the signed envelope that is handed on.

    `payload_type` says what is approved: no approval of one type counts as one of another.
    """
    return sign_payload(payload_type, canonical(payload_of(approval)), signer)


def read(
    content: bytes, name: str, approvers: Approvers, payload_type: str = PAYLOAD_TYPE
) -> Paper:
    """Read what was handed in as an approval of that type; `name` stands in reports.

    Nothing is raised: what cannot be trusted becomes a paper with a fault, which never counts.
    """
    try:
        named = read_envelope(content).key_ids
        if len(named) != 1:
            said = f"it has {len(named)} signatures, and not one"
            return Paper(name, fault=Fault.UNREADABLE, detail=said)
        payload = verify(content, trusted(approvers), payload_type).payload
        return Paper(name, read_payload(payload), *named)
    except SignatureError as error:
        fault = _FAULTS.get(error.flaw, Fault.UNREADABLE)
        return Paper(name, fault=fault, detail=f"it {error}")
    except ValueError as error:
        return Paper(name, fault=Fault.UNREADABLE, detail=str(error))


def trusted(approvers: Approvers) -> TrustedKeys:
    """The keys of all approvers as signatures are verified with; their days are judged later."""
    from fintech_infra.operations.signing.keys import facts_of

    return TrustedKeys(
        tuple(
            TrustedKey(
                key.id,
                facts_of(key.public)[1],
                key.public,
                approver.name,
                datetime.combine(key.since, time.min, UTC),
            )
            for approver in approvers.every
            for key in approver.keys
        ),
        "the approvers",
    )
