"""`fintech-infra gate`: judge a change, approve it, check approvals."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import gate_approvals, judging, running, waiving
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.writing import add_report, check_writable, hand_over
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.gate import Decision

_CODES: Final = {"auto": 0, "block": 1, "approve": 3}
_EXAMPLES: Final = """\
examples:
  pulumi stack export --stack prod --file state.json
  fintech-infra gate state.json prod               what is deployed, against the program
  pulumi preview --stack prod --json --show-sames > plan.json
  fintech-infra gate state.json plan.json          against a plan, whose steps are certain
  fintech-infra gate --since origin/main prod      against an earlier revision
  fintech-infra gate --first prod                  nothing is deployed yet
  fintech-infra gate state.json plan.json --format json --output decision.json

exit codes: 0 auto, 1 block, 2 could not decide, 3 needs approval
"""


def add_to(verbs: Any) -> None:
    """Add the verb and its own verbs to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "gate",
        help="judge a change: may it go out, who has to approve it",
        description="Judge the change from one environment to the next: it may go out by itself, "
        "needs approval, or is blocked. Approve it, and check approvals in CI. "
        "gate BEFORE AFTER is short for gate decide BEFORE AFTER.",
    )
    steps = verb.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_decide(steps)
    gate_approvals.add_to(steps)
    _assume_decide(verb, frozenset(steps.choices))


def _assume_decide(verb: argparse.ArgumentParser, commands: frozenset[str]) -> None:
    """Let `gate BEFORE AFTER` stand for `gate decide BEFORE AFTER`."""
    parse = verb.parse_known_args

    def assuming(args: Any = None, namespace: Any = None) -> Any:
        given = list(args or ())
        is_named = not given or given[0] in commands or given[0] in {"-h", "--help"}
        return parse(given if is_named else ["decide", *given], namespace)

    verb.parse_known_args = assuming


def _add_decide(steps: Any) -> None:
    verb: argparse.ArgumentParser = steps.add_parser(
        "decide",
        help="judge the change from one environment to the next",
        description=(
            "Judge the change from one environment of a stack to the next by what is true of it: "
            "what is deleted or replaced, who reaches or may do what could not before, which "
            "controls regress, what is guarded or kept less, how far it reaches. A file is a "
            "state, a plan or a saved environment; any other word is a stack of the project, "
            "which is previewed."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument(
        "subjects",
        nargs="+",
        metavar="SUBJECT",
        help="BEFORE and AFTER; only AFTER with --since or --first",
    )
    verb.set_defaults(run=run)
    against = verb.add_mutually_exclusive_group()
    against.add_argument(
        "--since",
        metavar="REV",
        default="",
        help="git revision of the project whose preview is BEFORE",
    )
    against.add_argument("--first", action="store_true", help="nothing is deployed before")
    _add_standard(verb)
    _add_saying(verb)
    running.add_options(verb)


def _add_standard(verb: argparse.ArgumentParser) -> None:
    held = verb.add_argument_group("what it is held to")
    held.add_argument(
        "--rules", metavar="FILE", default="", help="default: gate.yaml of the project, if any"
    )
    held.add_argument(
        "--migrations",
        metavar="FILE",
        default="",
        help="declared migrations (default: migrations.yaml of the project, if any)",
    )
    held.add_argument(
        "--waivers-before",
        metavar="FILE",
        default="",
        help="waivers.yaml as it was, where BEFORE is a file; with --since it is that revision's",
    )
    judging.add_policy_config(held)
    waiving.add_options(held)


def _add_saying(verb: argparse.ArgumentParser) -> None:
    add_report(verb, "text", "json", "markdown")


def run(options: argparse.Namespace) -> int:
    """Read, judge, report; the exit code says what may be done with the change."""
    from fintech_infra.cli.gate_collecting import collect
    from fintech_infra.operations.gate import decide, document
    from fintech_infra.report.encoding import document as json_text

    attempts = Attempts()
    attempts.of(lambda: _check_usage(options))
    attempts.of(lambda: check_writable(options.output))
    attempts.settle()
    collected = collect(options)
    decision = decide(collected.facts, collected.rules, collected.context)
    said = json_text(document(decision)) if options.format == "json" else _said(decision, options)
    hand_over(said, decision.outcome, options)
    return _CODES[decision.outcome]


def _said(decision: Decision, options: argparse.Namespace) -> str:
    from fintech_infra.operations.gate import say

    return say.markdown(decision) if options.format == "markdown" else say.text(decision)


def _check_usage(options: argparse.Namespace) -> None:
    """Refuse subjects that do not go together.

    Raises:
        Failure: there are too many or too few of them.
    """
    wanted = 1 if options.since or options.first else 2
    if len(options.subjects) == wanted:
        return
    given = len(options.subjects)
    said = "AFTER only, with --since or --first" if wanted == 1 else "BEFORE and AFTER"
    hint = (
        "leave out BEFORE"
        if wanted == 1
        else "name what is deployed first: a state, a saved environment; or --since REV, or --first"
    )
    raise Failure([Problem(f"gate decide takes {said}; {given} subjects were given", hint=hint)])
