"""`fintech-infra drift`: what is there and not as recorded, what it means, what should be done."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import drifting
from fintech_infra.cli.failure import Attempts
from fintech_infra.cli.writing import add_report, check_writable, hand_over

if TYPE_CHECKING:
    from fintech_infra.operations.drift import Drift

_DESCRIPTION: Final = """\
Judge what has drifted, control by control, and say what should be done. Nothing is changed. BEFORE
and AFTER are states, of which AFTER was exported after a refresh. BEFORE can be a stack as well,
which is previewed. The events of one refresh have both sides in one file. With --live, tripwires
read from AWS the facts that matter most, in place of AFTER; else no cloud is asked."""
_EPILOG: Final = """\
exit codes: 0 nothing, or expected and cosmetic drift only; 1 dangerous; 2 undecided, or could not
decide; 3 relevant. The worst decides.

examples:
  pulumi stack export --file before.json && pulumi refresh && pulumi stack export --file after.json
  fintech-infra drift before.json after.json
  fintech-infra drift prod after.json               what the program declares, and what is there
  fintech-infra drift refresh.jsonl                 events of pulumi refresh --preview-only --json,
                                                    with PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true
  fintech-infra drift before.json --live            what AWS says, of what matters most
  fintech-infra drift before.json after.json --format json --output drift-1.json
  fintech-infra drift before.json after.json --history drift-1.json   what comes back
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "drift",
        help="judge what is there and not as recorded, and say what should be done",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    drifting.add_sides(verb)
    drifting.add_held(verb)
    add_report(verb, "text", "json", "markdown")
    verb.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read, judge, report; 0 harmless, 1 dangerous, 2 undecided, 3 relevant."""
    attempts = Attempts()
    attempts.of(lambda: check_writable(options.output))
    report = drifting.judged(options, attempts).report
    _say(report, options)
    return report.exit_code


def _say(report: Drift, options: argparse.Namespace) -> None:
    from fintech_infra.operations.drift import document, markdown, text

    said = {"text": text, "json": document, "markdown": markdown}[options.format](report)
    hand_over(said, report.outcome, options)
