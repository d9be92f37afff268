"""`fintech-infra heal log`: what was done, why, and what came of it."""

from __future__ import annotations

import argparse
from typing import Any, Final

from fintech_infra.cli.failure import Failure
from fintech_infra.cli.ledger_opening import moment, new_verb, open_keys, open_store, told
from fintech_infra.engine.errors import Problem

_EXAMPLES: Final = """\
examples:
  fintech-infra heal log
  fintech-infra heal log --ledger s3://archive/ledger

exit codes: 0 all acts are as they were signed, 1 broken, 2 could not be read
"""


def add_to(verbs: Any) -> None:
    """Add the verb."""
    verb = new_verb(
        verbs,
        "log",
        "tell what was done, why, and what came of it",
        "Tell every act in the journal: its calls, who ran it, who approved it, what came of it. "
        "Signatures and the chain are verified; what is broken is named.",
        _EXAMPLES,
    )
    verb.add_argument(
        "--now", type=moment, metavar="TIME", help="what time it is, to replay (default: now)"
    )
    verb.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Verify and tell all acts."""
    from fintech_infra.operations.healing.acts import ACTS
    from fintech_infra.operations.healing.log import lines
    from fintech_infra.operations.healing.verify import verify_acts
    from fintech_infra.operations.moments import now
    from fintech_infra.report.plain import one_line

    store, at = open_store(options.ledger), options.now or now()
    with told():
        if store.last(ACTS) is None:
            hint = "name the ledger with --ledger; heal --act records in it"
            raise Failure([Problem("there are no acts", store.place, hint=hint)])
        found = verify_acts(store, open_keys(options.keys), at)
    for line in lines(found.acts, at):
        print(line)
    for fault in found.faults:
        print(one_line(f"broken: {fault}"))
    return 1 if found.faults else 0
