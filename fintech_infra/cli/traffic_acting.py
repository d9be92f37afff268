"""What `fintech-infra traffic` does about a spike: options, a healer of measures, what it says."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import asking, heal_options, healing
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.running import progress
from fintech_infra.cli.writing import write_whole
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.aws import Access
    from fintech_infra.operations.healing import Healer
    from fintech_infra.operations.traffic import Judgement
    from fintech_infra.operations.traffic.acting import Acted
    from fintech_infra.operations.traffic.collect import WebAcl

RAIL: Final = 4
"""Exit code where the kill switch or the budget stopped something."""
_SERVICE: Final = re.compile(r"[\w-]{1,255}/[\w-]{1,255}", re.ASCII)
_RAILS: Final = ("act", "propose", "proposal", "approval", "service", "take_back")


def add_to(verb: argparse.ArgumentParser) -> None:
    """Add the options that say what may be done, for what, and who approves."""
    may = heal_options.add_rails(verb)
    may.add_argument(
        "--service",
        metavar="CLUSTER/NAME",
        default="",
        help="service of ECS that may scale further; without, that is said and not done",
    )
    may.add_argument(
        "--take-back",
        action="store_true",
        help="judge nothing: only take back what has ended, of all or of --web-acl",
    )
    heal_options.add_people(verb)


def check(options: argparse.Namespace) -> None:
    """Fail where options do not fit together.

    Raises:
        Failure: some do not; all mistakes are listed.
    """
    problems: list[Problem] = []
    given = [f"--{it.replace('_', '-')}" for it in _RAILS if getattr(options, it)]
    if given and not (options.web_acl or options.take_back):
        hint = "name --web-acl: what is judged from files is not acted on"
        problems.append(Problem(f"{', '.join(given)}: there is no web ACL to act on", hint=hint))
    if options.service and not _SERVICE.fullmatch(options.service):
        message = f"--service is {options.service!r}, not a cluster and a service"
        problems.append(Problem(message, hint="accepted is such as shop/web"))
    judging = [f"--{it}" for it in ("metrics", "service", "now") if getattr(options, it)]
    if options.take_back and judging:
        hint = "it judges nothing, and goes by the journal and the clock"
        message = f"--take-back and {', '.join(judging)} exclude each other"
        problems.append(Problem(message, hint=hint))
    if problems:
        raise Failure(problems)


def healer(options: argparse.Namespace, access: Access, attempts: Attempts) -> Healer | None:
    """What carries measures out; mistakes go to `attempts`, and then there is none."""
    from fintech_infra.operations.healing import Container, Pulumi
    from fintech_infra.operations.traffic.measures import REMEDIATIONS, whole

    given = heal_options.read(options, attempts)
    container = Container(access, REMEDIATIONS, whole)
    return attempts.of(lambda: healing.healer_with(options, given, container, Pulumi("", Path())))


def carry_out(
    options: argparse.Namespace, chosen: Healer, judgement: Judgement, acl: WebAcl, region: str
) -> Acted:
    """Do what a judgement proposes, or say what would be done."""
    from fintech_infra.operations.traffic.acting import carry_out as carried

    service = f"service/{options.service}" if options.service else ""
    return _acted(
        options, chosen, lambda healer: carried(healer, judgement, acl, service, region), acl.name
    )


def run_take_back(options: argparse.Namespace) -> int:
    """Take back what has ended, and report that; the exit code is that of `Acted`."""
    from fintech_infra.operations.traffic import collect

    attempts = Attempts()
    acl = None
    if options.web_acl:
        acl = attempts.of(lambda: read_arn(options.web_acl, "--web-acl", collect.web_acl))
    access = attempts.of(lambda: asking.access_of(options, acl.region if acl else ""))
    chosen = healer(options, access, attempts) if access else None
    attempts.settle()
    if chosen is None:  # settle() has raised
        raise AssertionError
    # Needs boto3; that it is there, the way to AWS has shown.
    from fintech_infra.operations.traffic import acted, acting

    found = _acted(options, chosen, lambda healer: acting.take_back(healer, acl))
    content = acted.document(found)
    as_json = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    say(options, as_json if options.format == "json" else acted.text(found), acted.headline(found))
    return found.exit_code


def _acted(
    options: argparse.Namespace,
    chosen: Healer,
    act: Callable[[Healer], Acted],
    stack: str = "",
) -> Acted:
    with healing.unbroken(chosen), progress("looking at measures"):
        found = act(chosen)
    if options.propose:
        _propose(options, found, stack)
    return found


def _propose(options: argparse.Namespace, found: Acted, stack: str) -> None:
    """Write what waits for an approval to the file that the options name."""
    from fintech_infra.operations.healing.approvals import proposal_of
    from fintech_infra.operations.traffic.standing import PROJECT

    proposal = proposal_of(found.done, PROJECT, stack, options.group)
    if not proposal["steps"]:
        print(f"nothing waits for an approval: {options.propose} was not written", file=sys.stderr)
        return
    write_whole(options.propose, json.dumps(proposal, indent=2) + "\n", "--propose")
    print(f"{len(proposal['steps'])} to approve: wrote {options.propose}", file=sys.stderr)


def read_arn(given: str, option: str, reader: Any) -> Any:
    """What an ARN names.

    Raises:
        Failure: it is none of the kind that `reader` reads.
    """
    try:
        return reader(given)
    except ValueError as error:
        raise Failure([Problem(f"{option} {error}")]) from error


def say(options: argparse.Namespace, said: str, headline: str) -> None:
    """Print a report, or write it to the file that the options name."""
    if not options.output:
        sys.stdout.write(said)
        return
    write_whole(options.output, said)
    print(f"{headline}: wrote {options.output}", file=sys.stderr)
