"""`fintech-infra ledger`: record deployments, verify the record, ask what ran."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, Final

from fintech_infra.cli import ledger_asking, ledger_key, ledger_record, ledger_verify
from fintech_infra.cli.ledger_opening import told

_BROKEN: Final = 1


def add_to(verbs: Any) -> None:
    """Add the verb and its own verbs to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "ledger",
        help="prove what was deployed: record, verify, ask what ran at a moment",
        description="An append-only, signed ledger of deployments, in a folder or in a bucket "
        "under Object Lock. Record deployments, verify the ledger, ask what ran at a moment, prove "
        "it to others.",
        epilog="exit codes: 0 fine, 1 the ledger is broken, 2 could not decide",
    )
    steps = verb.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (ledger_record, ledger_verify, ledger_asking, ledger_key):
        module.add_to(steps)
    for step in steps.choices.values():
        step.set_defaults(run=_guarded(step.get_default("run")))


def _guarded(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Run a verb so that what is wrong with a ledger is told as such."""

    def guarded(options: argparse.Namespace) -> int:
        from fintech_infra.operations.ledger import BrokenLedgerError
        from fintech_infra.report.plain import visible

        try:
            with told():
                return run(options)
        except BrokenLedgerError as error:
            print(visible(f"broken: {error}"), file=sys.stderr)
            if getattr(options, "ledger", ""):
                print("  fintech-infra ledger verify goes over the whole ledger", file=sys.stderr)
            return _BROKEN

    return guarded
