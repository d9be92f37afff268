"""The options that say what `heal` may do, and all that they name, read."""

from __future__ import annotations

import argparse
import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import heal_approvals
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.ledger_opening import add_ledger, open_keys, open_store, told
from fintech_infra.engine.errors import Problem
from fintech_infra.operations.gate.rules import PLATFORM
from fintech_infra.report.plain import one_line

if TYPE_CHECKING:
    from fintech_infra.operations.healing import Consent, Journal
    from fintech_infra.operations.signing.library import Signer

_BUDGET: Final = 5
_MOST: Final = 20
_LEASE: Final = 15
_PULUMI: Final = 30
"""Checked against the operations that define them; that import is felt in `--help`."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the options name, as it was read."""

    journal: Journal | None
    consents: Mapping[str, Consent]


def add_to(verb: argparse.ArgumentParser) -> None:
    """Add the groups of options that say what may be done, and who approves."""
    may = add_rails(verb)
    may.add_argument(
        "--pulumi-timeout",
        metavar="MINUTES",
        type=_whole,
        default=_PULUMI,
        help=f"after this a run of pulumi is stopped (default: {_PULUMI})",
    )
    add_people(verb)


def add_rails(verb: argparse.ArgumentParser) -> Any:
    """Add the group of options that say what may be done, and return it."""
    may = verb.add_argument_group("what may be done")
    may.add_argument("--act", action="store_true", help="do it (default: a dry run)")
    may.add_argument(
        "--kill-switch",
        metavar="NAME",
        default="",
        help="parameter of SSM that holds `armed` while things may be changed",
    )
    may.add_argument("--kill-switch-file", metavar="FILE", default="", help="the same, in a file")
    may.add_argument(
        "--budget",
        metavar="N",
        type=_whole,
        default=_BUDGET,
        help=f"acts in any hour by all who use this ledger, 1 to {_MOST} (default: {_BUDGET})",
    )
    may.add_argument(
        "--lease",
        metavar="MINUTES",
        type=_whole,
        default=_LEASE,
        help="how long an act that was begun keeps other healers away; then its healer counts as "
        f"dead (default: {_LEASE})",
    )
    may.add_argument(
        "--by", metavar="WHO", default="", help="who runs it (default: the pipeline's)"
    )
    may.add_argument(
        "--invocation", metavar="TEXT", default="", help="what the pipeline calls this run"
    )
    return may


def add_people(verb: argparse.ArgumentParser) -> None:
    """Add the groups of options that say who approves, and which ledger and key record it."""
    who = verb.add_argument_group("who approves")
    who.add_argument(
        "--propose", metavar="FILE", default="", help="write what waits for approval to a file"
    )
    who.add_argument("--proposal", metavar="FILE", default="", help="what was approved")
    who.add_argument(
        "--approval",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="signed approvals of the proposal; may be given again",
    )
    who.add_argument(
        "--approvers",
        metavar="FILE",
        default="approvers.yaml",
        help="who may approve (default: approvers.yaml)",
    )
    who.add_argument(
        "--group",
        metavar="NAME",
        default=PLATFORM,
        help=f"group of which somebody has to approve (default: {PLATFORM})",
    )
    who.add_argument(
        "--author",
        action="append",
        default=[],
        metavar="WHO",
        help="who caused it, or else cannot approve; who runs this cannot either",
    )
    add_ledger(verb)
    verb.add_argument(
        "--key",
        default="",
        help="key that signs what is done: a PEM file, env:NAME, or the ARN of a key of AWS KMS",
    )


def check(options: argparse.Namespace) -> None:
    """Fail where options do not fit together.

    Raises:
        Failure: some do not; all mistakes are listed.
    """
    problems = [Problem(message, hint=hint) for message, hint in _wrong(options)]
    if problems:
        raise Failure(problems)


def _wrong(options: argparse.Namespace) -> Generator[tuple[str, str]]:
    """Yield what is wrong with options, and how to mend it."""
    if options.act:
        yield from _wrong_act(options)
    if bool(options.proposal) != bool(options.approval):
        lacks = "--approval" if options.proposal else "--proposal"
        yield (
            f"{lacks} is missing: an approval counts for the proposal that it was given for",
            "--propose writes a proposal, heal approve signs it",
        )
    if not 1 <= options.budget <= _MOST:
        hint = "more acts than that are no healing, but a deployment"
        yield f"--budget {options.budget} is not 1 to {_MOST}", hint
    for name in ("lease", "pulumi_timeout"):
        if getattr(options, name, 1) < 1:
            yield f"--{name.replace('_', '-')} {getattr(options, name)} is no time", "give minutes"


def _wrong_act(options: argparse.Namespace) -> Generator[tuple[str, str]]:
    if bool(options.kill_switch) == bool(options.kill_switch_file):
        yield (
            "--act needs one kill switch",
            "name a parameter of SSM with --kill-switch, or a file with --kill-switch-file",
        )
    if not options.key:
        hint = "--key names it; fintech-infra ledger key --private FILE makes one"
        yield "--act needs a key that signs what is done", hint
    if options.now:
        yield "--now replays a judgement, and acts are done now", "leave out --now or --act"


def read(options: argparse.Namespace, attempts: Attempts) -> Given:
    """Read the journal and the approvals that the options name; mistakes go to `attempts`."""
    signer = attempts.of(lambda: _signer(options.key)) if options.key else None
    journal = attempts.of(lambda: _journal(options, signer))
    authors = [by_whom(options), *options.author, *_owner(journal, signer)]
    consents = attempts.of(lambda: heal_approvals.read(options, authors))
    return Given(journal, consents or {})


def by_whom(options: argparse.Namespace) -> str:
    """Who runs it, as records have it."""
    from fintech_infra.operations.ledger.surroundings import actor_of

    return one_line(options.by or actor_of(os.environ))


def _signer(source: str) -> Signer:
    from fintech_infra.operations.signing import open_signer

    with told():
        return open_signer(source)


def _journal(options: argparse.Namespace, signer: Signer | None) -> Journal | None:
    """The journal; None where a rehearsal finds none."""
    from fintech_infra.operations.healing import Journal
    from fintech_infra.operations.healing.acts import ACTS

    store = open_store(options.ledger)
    with told():
        is_there = store.last(ACTS) is not None
    if not (is_there or options.act):
        return None
    return Journal(store, open_keys(options.keys), signer)


def _owner(journal: Journal | None, signer: Signer | None) -> list[str]:
    """Whose key signs what is done: nobody approves what they do."""
    from fintech_infra.operations.signing import public_half

    if journal is None or signer is None:
        return []
    key = journal.keys.by_id.get(public_half(signer)[0])
    return [key.owner] if key else []


def for_judging(options: argparse.Namespace) -> argparse.Namespace:
    """The options as the judgement of drift takes them: with files it asks nothing of AWS."""
    if options.live or options.who:
        return options
    return argparse.Namespace(**{**vars(options), "region": "", "profile": ""})


def _whole(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text[:9])
    raise argparse.ArgumentTypeError(f"{text} is no number such as 5")
