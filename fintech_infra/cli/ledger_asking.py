"""`fintech-infra ledger at` and `log`: what ran at a moment, and the history."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.failure import Failure
from fintech_infra.cli.ledger_opening import moment, new_verb, open_ledger
from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.report.plain import one_line, visible

if TYPE_CHECKING:
    from fintech_infra.environment import Environment
    from fintech_infra.operations.ledger import Answer, Entry, Reader

_AT: Final = """\
examples:
  fintech-infra ledger at now
  fintech-infra ledger at 2026-11-22T13:05:09.120Z --stack prod
  fintech-infra ledger at 2026-11-22T14:05+01:00 \\
      'urn:pulumi:prod::payments::aws:ecs/taskDefinition:TaskDefinition::api'

The current deployment is the one that ended last before that moment or at it. While a deployment
was under way, that is said: either configuration may have been there.

exit codes: 0 answered, 1 the ledger is broken, 2 nothing is known of that moment or resource
"""
_LOG: Final = """\
examples:
  fintech-infra ledger log
  fintech-infra ledger log --stack prod --limit 5
  fintech-infra ledger log --limit 0 --format json
"""


def add_to(verbs: Any) -> None:
    """Add the verbs."""
    at = new_verb(
        verbs,
        "at",
        "tell what ran at a moment: commit, images, configuration",
        "Tell which deployment was current at a moment, in every stack or of one resource, with "
        "its commit, images and configuration. Reads as much of the ledger as it needs, and "
        "verifies what it reads.",
        _AT,
    )
    at.add_argument("time", type=moment, metavar="TIME", help="moment with its offset; or now")
    at.add_argument("urn", nargs="?", default="", metavar="URN", help="resource to tell of")
    at.add_argument("--stack", metavar="NAME", default="", help="only this stack")
    at.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    at.set_defaults(run=run_at)

    log = new_verb(
        verbs,
        "log",
        "list the deployments, latest first",
        "List the deployments, latest first. What is listed is verified.",
        _LOG,
    )
    log.add_argument("--stack", metavar="NAME", default="", help="only this stack")
    log.add_argument(
        "--limit", type=int, metavar="N", default=20, help="how many; 0 is all (default: 20)"
    )
    log.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    log.set_defaults(run=run_log)


def run_at(options: argparse.Namespace) -> int:
    """Tell what ran; the exit code is 2 where nothing is known."""
    from fintech_infra.operations.ledger import answers

    reader = open_ledger(options)
    try:
        found = answers(reader, options.time, options.urn, options.stack)
    except PreviewError as error:
        raise Failure(error.problems) from error
    if not found:
        raise Failure([_nothing(options, reader)])
    if options.format == "json":
        documents = [_document(answer, reader) for answer in found]
        sys.stdout.write(json.dumps(documents, indent=2) + "\n")
    else:
        for answer in found:
            print("\n".join(visible(line) for line in _lines(answer, options.time, reader)))
    known = all(item.entry and (item.resource or not item.urn) for item in found)
    return 0 if known else 2


def _nothing(options: argparse.Namespace, reader: Reader) -> Problem:
    from fintech_infra.operations.ledger import stacks

    asked = options.urn or options.stack or "any stack"
    known = ", ".join(stacks(reader)) or "none"
    return Problem(f"the ledger has no deployment of {asked}", hint=f"its stacks are {known}")


def _lines(answer: Answer, at: datetime, reader: Reader) -> Iterator[str]:
    """Yield what people read of an answer."""
    from fintech_infra.operations.moments import written

    entry = answer.entry
    if entry is None:
        yield f"{answer.stack} at {written(at)}: nothing had been deployed"
    else:
        yield (
            f"{answer.stack} at {written(at)}: entry {entry.sequence}, "
            f"{entry.predicate['result']} at {written(entry.ended)}"
        )
        yield from _facts(entry, images=not answer.urn)
        if answer.urn:
            yield from _resource(answer, reader)
    if answer.next:
        yield (
            f"  under way    entry {answer.next.sequence}, {written(answer.next.started)} to "
            f"{written(answer.next.ended)}: either configuration may have been there"
        )


def _facts(entry: Entry, *, images: bool) -> Iterator[str]:
    said = entry.predicate
    yield f"  commit       {_commit(said['source'])}"
    yield f"  environment  {said['environment']}, {entry.environment} (from a {_basis(said)})"
    yield f"  actor        {said['actor']}, signed by {', '.join(entry.keys)}"
    yield f"  verdict      {said['verdict']['outcome']}"
    for image in said["images"] if images else ():
        yield f"  image        {_image(image['reference'], image['digest'])}"


def _resource(answer: Answer, reader: Reader) -> Iterator[str]:
    from fintech_infra.report.redact import Redaction
    from fintech_infra.report.show import show

    if answer.resource is None:
        yield f"  {answer.urn}: was not there"
        return
    for image in answer.images:
        yield f"  image        {_image(image.reference, image.digest)}"
    yield f"  {answer.urn}"
    environment = _environment(answer, reader)
    for line in show(answer.resource, Redaction(environment)):
        yield f"    {line}"


def _environment(answer: Answer, reader: Reader) -> Environment:
    from fintech_infra.operations.ledger import environment_of

    if answer.entry is None:
        raise ValueError("an answer without an entry has no environment")
    return environment_of(reader, answer.entry)


def _commit(source: Mapping[str, Any]) -> str:
    if "commit" not in source:
        return f"not known: {source['unknown']}"
    dirty = ", with changes that are in no commit" if source["dirty"] else ""
    return f"{source['commit']}{dirty}"


def _basis(said: Mapping[str, Any]) -> str:
    return str(said["resolved"]["basis"])


def _image(reference: str, digest: str | None) -> str:
    return reference if digest else f"{reference} (a tag, which may have moved since)"


def _document(answer: Answer, reader: Reader) -> dict[str, Any]:
    """An answer for machines."""
    document: dict[str, Any] = {
        "stack": answer.stack,
        "deployment": _told(answer.entry),
        "underWay": _told(answer.next),
    }
    if answer.urn and answer.entry:
        from fintech_infra.report.encoding import encode
        from fintech_infra.report.redact import Redaction

        inputs = None
        if answer.resource:
            inputs = encode(Redaction(_environment(answer, reader)).inputs(answer.resource))
        document["resource"] = {
            "urn": answer.urn,
            "there": answer.resource is not None,
            "images": [
                {"reference": item.reference, "digest": item.digest or None}
                for item in answer.images
            ],
            "inputs": inputs,
        }
    return document


def _told(entry: Entry | None) -> dict[str, Any] | None:
    return {**entry.predicate, "digest": entry.digest, "keys": entry.keys} if entry else None


def run_log(options: argparse.Namespace) -> int:
    """List the deployments."""
    from itertools import islice

    from fintech_infra.operations.ledger import entries

    reader = open_ledger(options)
    reader.sealed()
    asked = options.stack
    found = (
        entry
        for entry in entries(reader)
        if not asked or str(entry.stack) == asked or str(entry.stack).endswith(f"/{asked}")
    )
    chosen = list(islice(found, options.limit or None))
    if options.format == "json":
        sys.stdout.write(json.dumps([_told(entry) for entry in chosen], indent=2) + "\n")
        return 0
    for entry in chosen:
        print(one_line(_row(entry)))
    if not chosen:
        print(f"no deployment of {asked or 'any stack'}")
    return 0


def _row(entry: Entry) -> str:
    from fintech_infra.operations.moments import written

    said = entry.predicate
    source = said["source"]
    commit = source["commit"][:12] + ("+" if source["dirty"] else "") if "commit" in source else "-"
    verdict = said["verdict"]["outcome"]
    return (
        f"{entry.sequence:<6}  {written(entry.ended)}  {entry.stack}  {said['result']}  "
        f"{commit}  {verdict}  {said['actor']}"
    )
