"""The proposal and the approvals that `heal --act` is given, and what they let it do."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from fintech_infra.cli.approving import read_content, read_who
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from fintech_infra.operations.healing import Consent
    from fintech_infra.operations.healing.approvals import Proposal


def read(options: argparse.Namespace, authors: list[str]) -> Mapping[str, Consent]:
    """What may be done by approvals.

    Raises:
        Failure: one cannot be read or does not count, or they are not enough; all is said.
    """
    from fintech_infra.operations.gate.approvals import sentences
    from fintech_infra.operations.healing import approvals
    from fintech_infra.operations.moments import now

    if not (options.proposal and options.approval):
        return {}
    attempts = Attempts()
    proposal = attempts.of(lambda: _proposal(options.proposal))
    approvers = attempts.of(lambda: read_who(options.approvers))
    contents = [
        (path, attempts.of(lambda path=path: read_content(path))) for path in options.approval
    ]
    attempts.settle()
    if proposal is None or approvers is None:  # settled: both are there
        raise Failure(())
    # Who has to approve is for whoever runs this to say, not for the file.
    question = replace(proposal.question, required=((options.group, 1),))
    proposal = replace(proposal, question=question)
    papers = [approvals.read(it, path, approvers) for path, it in contents if it is not None]
    ruling = approvals.ruling_of(proposal, papers, approvers, authors, now())
    if not ruling.may_go_out:
        said = "\n".join(sentences(ruling))
        raise Failure([Problem(said, options.proposal, hint="heal approve makes an approval")])
    return approvals.consents(proposal, ruling)


def _proposal(path: str) -> Proposal:
    from fintech_infra.operations.healing.approvals import read_proposal

    try:
        return read_proposal(read_content(path), path)
    except PreviewError as error:
        raise Failure(error.problems) from error
