"""`fintech-infra review`: what is surprising in a change, by what was usual so far."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import language_model, review_history, review_model
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.subjects import STDIN, read_file, shown
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from fintech_infra.environment import Environment
    from fintech_infra.operations.change import Change
    from fintech_infra.operations.language_model import Settings
    from fintech_infra.operations.review import Habits

_FORMATS: Final = ("text", "json", "markdown")
_EXAMPLES: Final = """\
examples:
  fintech-infra preview prod --save after.json
  fintech-infra review deployed.json after.json --history states/
  fintech-infra review deployed.json plan.json --history states/ --learn habits.json
  fintech-infra review deployed.json after.json --history habits.json --format markdown
  fintech-infra review deployed.json plan.json --history ledger/ --keys ledger-keys.json
  fintech-infra review deployed.json plan.json --history s3://archive/ledger

The history is files and folders of them: states, plans, saved environments, and habits that --learn
has written. A ledger is verified with the keys as the verbs of ledger do: what of it is broken is
told and not learnt from. BEFORE counts as the newest state. A review is advice: the exit code is 0
whatever it says, and 2 where an input cannot be read.
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "review",
        help="say what is surprising in a change, by what was usual in earlier states",
        description=(
            "Hold the change from one environment to another to what was usual in earlier states "
            "of the stack: values, ports, address ranges, principals, actions, sizes, which "
            "properties are set and which types go together. Runs offline."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("before", metavar="BEFORE", help="file of what is; - is standard input")
    verb.add_argument("after", metavar="AFTER", help="file of what will be")
    review_history.add_options(verb)
    verb.add_argument(
        "--learn", metavar="FILE", default="", help="write the habits, BEFORE included, to a file"
    )
    verb.add_argument("--format", choices=_FORMATS, default="text", help="default: text")
    verb.add_argument("--output", metavar="FILE", default="", help="write the review to a file")
    verb.add_argument(
        "--top", metavar="N", type=int, default=10, help="surprises to list (default: 10)"
    )
    verb.add_argument("--debug", action="store_true", help="show stack traces of errors")
    review_model.add_options(verb)
    verb.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Learn, compare, say; the exit code is 0."""
    attempts = Attempts()
    attempts.of(lambda: _check(options))
    attempts.of(lambda: check_writable(options.output))
    attempts.of(lambda: check_writable(options.learn, "--learn"))
    settings = attempts.of(lambda: language_model.read_settings(options))
    before = attempts.of(lambda: _content(options.before))
    after = attempts.of(lambda: _content(options.after))
    paths = review_history.files(options, attempts)
    earlier = [attempts.of(lambda path=path: _content(path)) for path in paths]
    readers = review_history.ledgers(options, attempts)
    read = [attempts.of(lambda item=item: _read(*item)) for item in earlier if item]
    was = attempts.of(lambda: _environment(*before)) if before else None
    will = attempts.of(lambda: _environment(*after)) if after else None
    attempts.settle()
    if was is None or will is None or after is None or before is None:
        return 2  # what failed has been said by now

    from fintech_infra.operations.change import between, defaults_of, ops_of

    recorded = review_history.recorded_in(readers, was, will)
    habits = _habits([*recorded, *(item for item in read if item is not None)], was)
    if options.learn:
        write_whole(options.learn, habits.dumps() + "\n", "--learn")
    sides = (defaults_of(before[1]), defaults_of(after[1]))
    said = _said(habits, between(was, will, ops_of(after[1]), sides), settings, options)
    if options.output:
        write_whole(options.output, said)
    else:
        sys.stdout.write(said)
    return 0


def _said(
    habits: Habits, change: Change, settings: Settings | None, options: argparse.Namespace
) -> str:
    from fintech_infra.operations.review import pages, review
    from fintech_infra.operations.review.graph_facts import gathered, said_by

    graph = gathered(change)
    found = review(habits, change, facts=said_by(graph), listed=options.top)
    facts = review_model.facts_of(change, found, graph) if settings else ()
    if settings and options.show_model_input:
        return review_model.sent(change, facts, settings)
    say = {"text": pages.text, "json": pages.json_text, "markdown": pages.markdown}
    said = say[options.format](found, change)
    if settings is None:
        return said
    return review_model.with_advice(said, options.format, change, facts, settings)


def _check(options: argparse.Namespace) -> None:
    problems: list[Problem] = []
    if options.top < 1:
        problems.append(Problem(f"--top {options.top}: at least 1 is wanted"))
    if [options.before, options.after, *options.history].count(STDIN) > 1:
        problems.append(Problem("standard input can be read only once"))
    if problems:
        raise Failure(problems)


def _content(path: str) -> tuple[str, Any]:
    """The name of a file and the JSON in it."""
    from fintech_infra.engine.exported.document import parse

    try:
        return shown(path), parse(read_file(path), shown(path))
    except PreviewError as error:
        raise Failure(error.problems) from error


def _read(name: str, content: Any) -> Environment | Habits:
    """What a file of the history holds."""
    from fintech_infra.operations.review import FORMAT, HabitsError
    from fintech_infra.operations.review.habits import decode

    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return _environment(name, content)
    try:
        return decode(content)
    except HabitsError as error:
        hint = "write it again with: fintech-infra review ... --learn FILE"
        raise Failure([Problem(str(error), name, hint=hint)]) from error


def _environment(name: str, content: Any) -> Environment:
    from fintech_infra.engine.exported.kinds import read_content

    try:
        return read_content(content, name)
    except PreviewError as error:
        raise Failure(error.problems) from error


def _habits(read: list[Environment | Habits], before: Environment) -> Habits:
    from fintech_infra.operations.review import Habits, learn, merged

    known = [item for item in read if isinstance(item, Habits)]
    states = [item for item in read if not isinstance(item, Habits)]
    return merged(*known, learn([*states, before]))
