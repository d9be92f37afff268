"""Approvals: signed records that one decision may go out, and whether they are enough.

`read_approvers` reads who may approve, `approval_of` and `sign` make an approval, `read` reads one
back, and `decide` judges whether those at hand let a decision go out; `sentences` says why.
"""

from fintech_infra.operations.gate.approvals.approvers_file import (
    ApproversError,
    read_approvers,
)
from fintech_infra.operations.gate.approvals.authors import AuthorsError, authors_of
from fintech_infra.operations.gate.approvals.decide import (
    Counted,
    Missing,
    Refused,
    Ruling,
    Status,
    decide,
)
from fintech_infra.operations.gate.approvals.document import ruling_document
from fintech_infra.operations.gate.approvals.model import (
    LIFETIME,
    LONGEST,
    PAYLOAD_TYPE,
    Approval,
    Approver,
    Approvers,
    Fault,
    Key,
    Paper,
    Question,
)
from fintech_infra.operations.gate.approvals.record import approval_of, read, sign
from fintech_infra.operations.gate.approvals.sentences import sentences

__all__ = [
    "LIFETIME",
    "LONGEST",
    "PAYLOAD_TYPE",
    "Approval",
    "Approver",
    "Approvers",
    "ApproversError",
    "AuthorsError",
    "Counted",
    "Fault",
    "Key",
    "Missing",
    "Paper",
    "Question",
    "Refused",
    "Ruling",
    "Status",
    "approval_of",
    "authors_of",
    "decide",
    "read",
    "read_approvers",
    "ruling_document",
    "sentences",
    "sign",
]
