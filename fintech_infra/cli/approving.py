"""What verbs about approvals share: the decision, who may approve, and signing that."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.failure import Failure
from fintech_infra.cli.writing import write_whole
from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.report.plain import visible

if TYPE_CHECKING:
    from fintech_infra.operations.gate.approvals import Approval, Approver, Approvers, Question
    from fintech_infra.operations.signing.library import Signer

_APPROVERS: Final = "approvers.yaml"


def new_verb(verbs: Any, name: str, short: str, long: str, epilog: str) -> argparse.ArgumentParser:
    """Add a verb that is about a decision."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=short,
        description=long,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("decision", metavar="DECISION", help="file that gate has written")
    add_approvers(verb)
    verb.add_argument("--debug", action="store_true", help="show stack traces of errors")
    return verb


def add_approvers(verb: argparse.ArgumentParser) -> None:
    """Add the option that says who may approve."""
    verb.add_argument(
        "--approvers",
        metavar="FILE",
        default=_APPROVERS,
        help=f"who may approve (default: {_APPROVERS})",
    )


def add_signing(verb: argparse.ArgumentParser, may: str, what: str) -> None:
    """Add the options of signing an approval; `may` is such as `it may go out`."""
    verb.add_argument(
        "--key",
        required=True,
        help="the approver's key: a PEM file, env:NAME, or the ARN of a key of AWS KMS",
    )
    verb.add_argument("--reason", required=True, metavar="TEXT", help=f"why {may}")
    verb.add_argument(
        "--hours",
        type=_hours,
        default=24,
        metavar="N",
        help="how long the approval holds (default: 24)",
    )
    verb.add_argument(
        "--output", metavar="FILE", default="", help=f"default: a new file beside the {what}"
    )
    verb.add_argument("--yes", action="store_true", help="do not ask")


def read_signer(source: str) -> Signer:
    """The key that signs.

    Raises:
        Failure: it cannot be opened.
    """
    from fintech_infra.operations.signing import SigningError, open_signer

    try:
        return open_signer(source)
    except SigningError as error:
        raise Failure(error.problems) from error


def check_reason(reason: str, may: str) -> None:
    """Refuse a reason that says nothing.

    Raises:
        Failure: it is no sentence.
    """
    from fintech_infra.controls.waivers.fields import REASON_LENGTH

    if len(reason.strip()) < REASON_LENGTH or not " ".join(reason.split()).isprintable():
        message = f"--reason {reason!r} is no sentence of {REASON_LENGTH} letters or more"
        raise Failure([Problem(message, hint=f"say what was looked at and why {may}")])


def check_lifetime(hours: int, approvers: Approvers) -> timedelta:
    """How long an approval is to hold.

    Raises:
        Failure: that is longer than any may.
    """
    lifetime = timedelta(hours=hours)
    if lifetime > approvers.longest:
        most = approvers.longest // timedelta(hours=1)
        raise Failure([Problem(f"--hours {hours} is more than the {most} allowed")])
    return lifetime


def holder_of(signer: Signer, approvers: Approvers, options: argparse.Namespace) -> Approver:
    """Who holds a key, which counts today.

    Raises:
        Failure: nobody does, or it does not count.
    """
    from fintech_infra.operations.moments import now
    from fintech_infra.operations.signing import public_half

    id_, _, public = public_half(signer)
    held = approvers.holder(id_)
    if held is None:
        message = f"{options.approvers} names nobody with the key {id_}"
        hint = f"its public half, to be added there by who may:\n{public.strip()}"
        raise Failure([Problem(message, hint=hint)])
    approver, key = held
    if not key.counts(now()):
        until = f"revoked on {key.revoked}" if key.revoked else f"for {key.since} to {key.until}"
        raise Failure([Problem(f"the key {id_} of {approver.name} does not count: it is {until}")])
    return approver


def sign_if_confirmed(
    approval: Approval,
    shown: Iterable[str],
    about: str,
    options: argparse.Namespace,
    sign: Callable[[], bytes],
) -> int:
    """Show what is approved, ask, and write the signed approval; 1 where the answer is no.

    `about` is the file that the approval is about.

    Raises:
        Failure: there is nobody to ask, or the file cannot be written.
    """
    for line in shown:
        print(visible(line))
    if not options.yes and not _confirmed():
        print("nothing was signed", file=sys.stderr)
        return 1
    output = options.output or _beside(about, approval)
    write_whole(output, sign().decode("ascii"))
    print(f"signed: wrote {output}", file=sys.stderr)
    return 0


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        raise Failure(
            [Problem("there is no terminal to ask on", hint="--yes signs without asking")]
        )
    return input("Sign this? Write yes: ").strip().lower() == "yes"


def _beside(about: str, approval: Approval) -> str:
    """A new file beside what it is about, named after the approver."""
    who = re.sub(r"[^\w.-]+", "-", approval.approver)
    path = Path(about)
    return str(path.with_name(f"{path.stem}.{who}.{approval.nonce[:8]}.approval.json"))


def _hours(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text[:9]) == int(text):
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no number of hours such as 24")


def read_question(path: str) -> Question:
    """What a file with a decision asks.

    Raises:
        Failure: it cannot be read, is none, or was edited.
    """
    from fintech_infra.operations.gate.document import read_question as question

    try:
        return question(read_content(path), path)
    except PreviewError as error:
        raise Failure(error.problems) from error


def read_content(path: str) -> bytes:
    """Read a file.

    Raises:
        Failure: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Failure([Problem(f"cannot be read: {error.strerror}", path)]) from error


def read_who(path: str) -> Approvers:
    """Read who may approve.

    Raises:
        Failure: the file is written wrongly; every mistake has its line.
    """
    from fintech_infra.operations.gate.approvals import ApproversError, read_approvers

    try:
        return read_approvers(Path(path))
    except ApproversError as error:
        raise Failure(error.problems) from error
