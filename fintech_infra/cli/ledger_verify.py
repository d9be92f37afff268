"""`fintech-infra ledger verify`, `prove` and `export`: hold the ledger to what was signed."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import heal_verify
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.ledger_opening import (
    moment,
    new_verb,
    open_keys,
    open_ledger,
    read_bytes,
    told,
)
from fintech_infra.cli.running import progress
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.operations.moments import now
from fintech_infra.report.plain import one_line, visible

if TYPE_CHECKING:
    from fintech_infra.operations.ledger import Verification

_SHOWN: Final = 20
"""Faults on a terminal; JSON has them all."""

_VERIFY: Final = """\
examples:
  fintech-infra ledger verify
  fintech-infra ledger verify --checkpoint kept/prod.checkpoint.json    shows a cut-off tail
  fintech-infra ledger verify --ledger s3://archive/ledger --format json
  fintech-infra ledger verify --proof entry-12.proof.json    needs the keys, not the ledger

exit codes: 0 whole, 1 broken, 2 could not verify
"""
_PROVE: Final = """\
examples:
  fintech-infra ledger prove --entry 12 --output entry-12.proof.json
  fintech-infra ledger prove --grown-from 40 --output grown.proof.json
  fintech-infra ledger verify --proof entry-12.proof.json
"""
_EXPORT: Final = """\
examples:
  fintech-infra ledger export audit-2026

Verify the folder as its README.md says.
"""


def add_to(verbs: Any) -> None:
    """Add the verbs."""
    verify = new_verb(
        verbs,
        "verify",
        "go over the whole ledger, or a proof; name the first entry that is broken",
        "Verify every signature, number, link, time, object and checkpoint, and name the first "
        "entry that is broken, and how.",
        _VERIFY,
    )
    verify.add_argument(
        "--checkpoint",
        nargs="+",
        action="extend",
        metavar="FILE",
        default=[],
        help="checkpoints that were kept elsewhere; may be given again",
    )
    verify.add_argument(
        "--proof", metavar="FILE", default="", help="verify this proof instead of a ledger"
    )
    verify.add_argument(
        "--now", type=moment, metavar="TIME", help="what time it is, to replay (default: now)"
    )
    verify.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    verify.set_defaults(run=run_verify)

    prove = new_verb(
        verbs,
        "prove",
        "prove that an entry is in the ledger, or that the ledger only grew",
        "Write a proof that holds without the ledger: that an entry is among those that a "
        "checkpoint seals, or that one checkpoint grew from another.",
        _PROVE,
    )
    which = prove.add_mutually_exclusive_group(required=True)
    which.add_argument("--entry", type=int, metavar="N", help="prove that entry N is there")
    which.add_argument(
        "--grown-from", type=int, metavar="SIZE", help="prove that it grew from the first SIZE"
    )
    prove.add_argument(
        "--size", type=int, metavar="SIZE", help="checkpoint to prove it for (default: the last)"
    )
    prove.add_argument("--output", metavar="FILE", default="", help="default: standard output")
    prove.set_defaults(run=run_prove)

    export = new_verb(
        verbs,
        "export",
        "write a folder that an auditor verifies without this command",
        "Verify the ledger, and write it to a new folder with its keys and a README.md that tells "
        "how to verify it with openssl, jq, sha256sum and Python alone.",
        _EXPORT,
    )
    export.add_argument("folder", metavar="FOLDER", help="new folder")
    export.set_defaults(run=run_export)


def run_verify(options: argparse.Namespace) -> int:
    """Verify; the exit code is 1 where something is broken."""
    if options.proof:
        return _verify_proof(options)
    moment_now = options.now or now()
    done = _verified(options, moment_now)
    reader = open_ledger(options, existing=False)
    with told(), progress(f"verifying acts of {reader.store.place}"):
        acts = heal_verify.verified(reader, moment_now)
    if options.format == "json":
        content = {**_document(done), "acts": heal_verify.document(acts)}
        sys.stdout.write(json.dumps(content, indent=2) + "\n")
    else:
        _say(done, options)
        for line in heal_verify.lines(acts):
            print(one_line(line))
    return 1 if done.faults or (acts and acts.faults) else 0


def _verified(options: argparse.Namespace, moment_now: datetime) -> Verification:
    from fintech_infra.operations.ledger import verify_ledger

    attempts = Attempts()
    paths: list[str] = getattr(options, "checkpoint", [])
    kept = [(path, attempts.of(lambda path=path: read_bytes(path))) for path in paths]
    reader = attempts.of(
        lambda: open_ledger(options, existing=not heal_verify.has_acts(options.ledger))
    )
    attempts.settle()
    if reader is None:  # settled: it is there
        raise Failure(())
    whole = [(path, content) for path, content in kept if content is not None]
    with progress(f"verifying {reader.store.place}"):
        return verify_ledger(reader.store, reader.keys, moment_now, whole)


def _verify_proof(options: argparse.Namespace) -> int:
    from fintech_infra.operations.ledger import ProofError, check_proof

    attempts = Attempts()
    content = attempts.of(lambda: read_bytes(options.proof))
    keys = attempts.of(lambda: open_keys(options.keys))
    attempts.settle()
    if content is None or keys is None:  # settled: both are there
        raise Failure(())
    try:
        proved, text = True, check_proof(content, keys)
    except ProofError as error:
        proved, text = False, f"{options.proof} {error}"
    if options.format == "json":
        sys.stdout.write(json.dumps({"proved": proved, "message": text}, indent=2) + "\n")
    else:
        print(visible(f"proved: {text}" if proved else f"broken: {text}"))
    return 0 if proved else 1


def _say(done: Verification, options: argparse.Namespace) -> None:
    for fault in done.faults[:_SHOWN]:
        print(one_line(f"broken: {fault} [{fault.kind}]"))
    if len(done.faults) > _SHOWN:
        print(f"... and {len(done.faults) - _SHOWN} more; --format json lists them")
    for note in done.notes:
        print(one_line(f"note: {note}"))
    if done.first:
        print(f"broken, from entry {done.first.sequence} on: the ledger of {done.size} entries")
        return
    sealed = (
        f"sealed up to {done.sealed.size}, root {done.sealed.root.hex()}" if done.sealed else ""
    )
    print(f"whole: {done.size} entries, {sealed or 'none of them sealed'}")
    if not options.checkpoint:
        print("  a tail that was cut off shows only against a --checkpoint that was kept elsewhere")


def _document(done: Verification) -> dict[str, Any]:
    seal = done.sealed
    return {
        "whole": not done.faults,
        "size": done.size,
        "faults": [
            {
                "entry": fault.sequence,
                "part": fault.part,
                "kind": str(fault.kind),
                "message": fault.message,
            }
            for fault in done.faults
        ],
        "notes": list(done.notes),
        "sealed": {"size": seal.size, "root": seal.root.hex()} if seal else None,
    }


def run_prove(options: argparse.Namespace) -> int:
    """Write a proof."""
    from fintech_infra.operations.ledger import prove_consistency, prove_inclusion

    attempts = Attempts()
    attempts.of(lambda: check_writable(options.output))
    reader = attempts.of(lambda: open_ledger(options))
    attempts.settle()
    if reader is None:  # settled: it is there
        raise Failure(())
    if options.entry is not None:
        proof = prove_inclusion(reader, options.entry, options.size)
    else:
        proof = prove_consistency(reader, options.grown_from, options.size)
    text = json.dumps(proof, indent=2) + "\n"
    if options.output:
        write_whole(options.output, text)
        print(f"wrote {options.output}", file=sys.stderr)
    else:
        sys.stdout.write(text)
    return 0


def run_export(options: argparse.Namespace) -> int:
    """Verify the ledger and write it to a folder; a broken one is not exported."""
    from fintech_infra.operations.ledger import export

    reader = open_ledger(options)
    done = _verified(options, now())
    if done.first:
        print(one_line(f"broken: {done.first} [{done.first.kind}]"), file=sys.stderr)
        print("nothing was exported; `ledger verify` lists everything", file=sys.stderr)
        return 1
    copied = export(reader.store, reader.keys, Path(options.folder))
    print(f"wrote {options.folder}: {copied} files, {done.size} entries; its README.md tells how")
    return 0
