"""`fintech-infra ledger record`: put a deployment into the ledger."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import judging, running
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.inputs import read_stack_outputs
from fintech_infra.cli.ledger_facts import (
    LOCKS,
    deployment_of,
    previewed,
    read_given,
    read_subject,
)
from fintech_infra.cli.ledger_opening import moment, new_verb, told
from fintech_infra.cli.subjects import is_file
from fintech_infra.cli.writing import write_whole

if TYPE_CHECKING:
    from fintech_infra.operations.ledger import Reader, Recorded

_EXAMPLES: Final = """\
examples:
  pulumi stack export --stack prod --file state.json
  fintech-infra ledger record state.json --key ledger.pem --environment production
  fintech-infra ledger record prod --key ledger.pem      what the program declares, offline
  fintech-infra ledger record state.json --key env:LEDGER_KEY --ledger s3://archive/ledger
  fintech-infra ledger record state.json --key arn:aws:kms:eu-central-1:111122223333:key/...
  fintech-infra ledger record state.json --key ledger.pem --gate decision.json \\
      --approval a.approval.json --review review.md --started 2026-11-22T13:00:00Z \\
      --checkpoint-output kept/prod.checkpoint.json

exit codes: 0 recorded, 1 the ledger is broken, 2 not recorded
"""


def add_to(verbs: Any) -> None:
    """Add the verb."""
    verb = new_verb(
        verbs,
        "record",
        "put a deployment into the ledger",
        "Put a deployment into the ledger: its environment without secrets, commit, images, "
        "verdict of the controls, decisions and versions, signed and chained to what was there. A "
        "deployment whose facts are recorded already is not recorded twice.",
        _EXAMPLES,
    )
    verb.add_argument(
        "stack",
        metavar="SUBJECT",
        help="exported state, plan or saved environment; or a stack, which is previewed offline",
    )
    _add_facts(verb)
    running.add_options(verb)
    judging.add_options(verb)
    judging.add_threshold(verb)
    verb.set_defaults(run=run)


def _add_facts(verb: argparse.ArgumentParser) -> None:
    facts = verb.add_argument_group("what is recorded")
    facts.add_argument(
        "--key",
        required=True,
        metavar="KEY",
        help="key that signs: a PEM file, env:NAME, or the ARN of a key of AWS KMS",
    )
    facts.add_argument(
        "--environment", metavar="NAME", default="", help="what people call it (default: the stack)"
    )
    facts.add_argument(
        "--result", choices=("succeeded", "failed"), default="succeeded", help="default: succeeded"
    )
    facts.add_argument(
        "--started", type=moment, metavar="TIME", help="when it began (default: when it ended)"
    )
    facts.add_argument("--ended", type=moment, metavar="TIME", help="when it ended (default: now)")
    facts.add_argument(
        "--actor", metavar="NAME", default="", help="who deployed (default: the pipeline's word)"
    )
    for name, what in (("gate", "the gate's decision"), ("review", "the review")):
        facts.add_argument(
            f"--{name}", metavar="FILE", default="", help=f"{what}, kept with the ledger"
        )
    facts.add_argument(
        "--approval",
        nargs="+",
        action="extend",
        metavar="FILE",
        default=[],
        help="approvals, kept with the ledger; may be given again",
    )
    facts.add_argument(
        "--policies",
        action="append",
        metavar="DIR",
        default=[],
        help="policy pack that was in force, recorded by digest; repeatable",
    )
    facts.add_argument(
        "--lock",
        metavar="FILE",
        default="",
        help=f"lock file, recorded by digest (default: the first of {', '.join(LOCKS)})",
    )
    facts.add_argument("--builder", metavar="URI", default="", help="what ran the deployment")
    facts.add_argument("--invocation", metavar="ID", default="", help="its name for this run")
    facts.add_argument(
        "--checkpoint-output",
        metavar="FILE",
        default="",
        help="write the checkpoint to a file, to be kept where the ledger is not",
    )
    facts.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def run(options: argparse.Namespace) -> int:
    """Read, judge, record; the exit code is 0 where the deployment is in the ledger."""
    from fintech_infra.operations.digest import environment_document
    from fintech_infra.operations.ledger import append
    from fintech_infra.operations.moments import now

    clocked = time.perf_counter()
    attempts = Attempts()
    standard = judging.read_standard(options, attempts)
    outputs = attempts.of(lambda: read_stack_outputs(options.stack_output)) or {}
    given = attempts.of(lambda: read_given(options))
    read = attempts.of(lambda: read_subject(options)) if is_file(options.stack) else None
    attempts.settle()
    if given is None:  # settled: it is there
        raise Failure(())
    subject = read or previewed(options, outputs)
    judged = judging.judge(subject.environment, standard, options, subject.root)
    report = judging.report_of(judged, options, subject.root, clocked)
    document = environment_document(judged.environment)
    options.ended = options.ended or now()
    deployment = deployment_of(options, subject, report, document, given)
    kept = [content for files in given.kept.values() for _, content in files]
    with told():
        done = append(
            given.reader,
            deployment,
            [document, *kept],
            given.signer,
            clock=now,
            name=secrets.token_hex(16),
        )
    _say(done, options, given.reader)
    return 0


def _say(done: Recorded, options: argparse.Namespace, reader: Reader) -> None:
    from fintech_infra.operations.ledger.layout import checkpoint_key
    from fintech_infra.operations.moments import written

    entry, seal = done.entry, done.checkpoint
    if options.checkpoint_output:
        content = reader.store.read(checkpoint_key(seal.size)) or b""
        write_whole(options.checkpoint_output, content.decode(), "--checkpoint-output")
    if options.format == "json":
        content = {
            "ledger": entry.place.ledger,
            "entry": entry.sequence,
            "digest": entry.digest,
            "again": done.again,
            "environment": entry.environment,
            "checkpoint": {"size": seal.size, "root": seal.root.hex(), "time": written(seal.time)},
        }
        sys.stdout.write(json.dumps(content, indent=2) + "\n")
        return
    lead = "was recorded before as" if done.again else "recorded as"
    print(f"{entry.stack} {lead} entry {entry.sequence} of {reader.store.place}")
    print(f"  environment  {entry.environment}")
    source = entry.predicate["source"]
    if "commit" in source:
        print(f"  commit       {source['commit']}{', with changes' if source['dirty'] else ''}")
    else:
        print(f"  commit       not known: {source['unknown']}")
    print(f"  verdict      {entry.predicate['verdict']['outcome']}")
    print(f"  checkpoint   {seal.size} entries, root {seal.root.hex()}")
    if not options.checkpoint_output:
        print("  keep the checkpoint elsewhere with --checkpoint-output: it shows a cut-off tail")
