"""`fintech-infra heal`: carry out what the judgement of drift proposes, within rails, on record."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import drifting, heal_approve, heal_log, heal_options, healing
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.running import progress
from fintech_infra.cli.writing import check_writable, write_whole

if TYPE_CHECKING:
    from fintech_infra.operations.healing import Done, Healed, Healer, Task

_DESCRIPTION: Final = """\
Judge drift as the verb drift does, and carry out its healing plan: contain, reapply, ask, adopt.
Without --act it is a dry run: every call is printed, and none is made. Steps of the tier auto are
done with --act, those of approve with a signed approval of exactly these steps, those of person
never. A kill switch and a budget per hour are held before every act and right before its calls;
every act is recorded before and after, signed, in the ledger's store.
heal BEFORE AFTER is short for heal run BEFORE AFTER."""
_EPILOG: Final = """\
exit codes: 0 nothing to do, or all healed; 1 danger remains; 2 could not decide, or mistakes;
3 steps wait for an approval or a person; 4 the kill switch or the budget stopped it

examples:
  fintech-infra heal before.json after.json          what would be done, call by call
  fintech-infra heal before.json --live              the same, with AWS as it is now
  fintech-infra heal before.json --live --act --key healer.pem --kill-switch /shop/kill-switch
  fintech-infra heal before.json --live --propose proposal.json
  fintech-infra heal approve proposal.json --key ada.pem --reason 'Seen with the platform team.'
  fintech-infra heal before.json --live --act --key healer.pem --kill-switch /shop/kill-switch \\
      --proposal proposal.json --approval ada.approval.json
  fintech-infra heal log                             what was done, and what came of it
"""


def add_to(verbs: Any) -> None:
    """Add the verb and its own verbs to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "heal",
        help="carry out the healing plan of drift, within rails, and on record",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    steps = verb.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run(steps)
    heal_approve.add_to(steps)
    heal_log.add_to(steps)
    _assume_run(verb, frozenset(steps.choices))


def _add_run(steps: Any) -> None:
    verb: argparse.ArgumentParser = steps.add_parser(
        "run",
        help="judge drift and heal it; a dry run without --act",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    drifting.add_sides(verb)
    drifting.add_held(verb)
    heal_options.add_to(verb)
    said = verb.add_argument_group("how it is said")
    said.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    said.add_argument(
        "--output", metavar="FILE", default="", help="write the report to a file, whole or not"
    )
    verb.set_defaults(run=run)


def _assume_run(verb: argparse.ArgumentParser, commands: frozenset[str]) -> None:
    """Let `heal BEFORE AFTER` stand for `heal run BEFORE AFTER`."""
    parse = verb.parse_known_args

    def assuming(args: Any = None, namespace: Any = None) -> Any:
        given = list(args or ())
        is_named = not given or given[0] in commands or given[0] in {"-h", "--help"}
        return parse(given if is_named else ["run", *given], namespace)

    verb.parse_known_args = assuming


def run(options: argparse.Namespace) -> int:
    """Judge, heal or rehearse, look again, report."""
    attempts = Attempts()
    for name in ("output", "propose"):
        attempts.of(lambda name=name: check_writable(getattr(options, name), f"--{name}"))
    attempts.of(lambda: heal_options.check(options))
    given = heal_options.read(options, attempts)
    judged = drifting.judged(heal_options.for_judging(options), attempts)
    healer = healing.healer(options, given, judged)
    done: list[Done] = []
    try:
        healed = _healed(healer, judged, done)
    except Failure as failure:
        _tell_halves(done)
        raise failure from None
    except KeyboardInterrupt:
        _tell_halves(done)
        print("interrupted: what was begun is on record; heal log lists it", file=sys.stderr)
        return 130
    _say(healed, options)
    return healed.exit_code


def _healed(healer: Healer, judged: drifting.Judged, done: list[Done]) -> Healed:
    from fintech_infra.operations.healing import Healed, marks_of, tasks_of

    report = judged.report
    with healing.unbroken(healer):
        tasks = tasks_of(report, judged.before, judged.after)
        for task in tasks:
            with progress(_doing(task, dry_run=healer.rails.dry_run)):
                done.append(healer.take(task, done))
        left = None
        if judged.look_again and any(it.act is not None for it in done):
            left = judged.look_again().report
        healer.clear(marks_of(left or report), report.project, report.stack)
    return Healed(report, tuple(done), healer.rails.dry_run, left)


def _doing(task: Task, *, dry_run: bool) -> str:
    what = task.remedy or task.marks[0][0].rpartition("::")[2]
    return f"{'looking at' if dry_run else 'healing'}: {task.kind} {what}"


def _tell_halves(done: list[Done]) -> None:
    """Tell what was done before something went wrong: its report is not written."""
    for it in done:
        if it.act is not None:
            task = it.case.task
            what = f"{task.kind} {task.remedy or task.subject}"
            print(f"before that: act {it.act}, {what}: {it.ruling.fate}", file=sys.stderr)


def _say(healed: Healed, options: argparse.Namespace) -> None:
    from fintech_infra.operations.healing import document, text
    from fintech_infra.operations.healing.report import headline

    _propose(healed, options)
    said = {"text": text, "json": document}[options.format](healed)
    if not options.output:
        sys.stdout.write(said)
        return
    write_whole(options.output, said)
    print(f"{headline(healed)} wrote {options.output}", file=sys.stderr)


def _propose(healed: Healed, options: argparse.Namespace) -> None:
    """Write what waits for an approval to the file that the options name."""
    import json

    from fintech_infra.operations.healing.approvals import proposal_of

    if not options.propose:
        return
    report = healed.judged
    proposal = proposal_of(healed.done, report.project, report.stack, options.group)
    if not proposal["steps"]:
        print(f"nothing waits for an approval: {options.propose} was not written", file=sys.stderr)
        return
    write_whole(options.propose, json.dumps(proposal, indent=2) + "\n", "--propose")
    print(f"{len(proposal['steps'])} to approve: wrote {options.propose}", file=sys.stderr)
