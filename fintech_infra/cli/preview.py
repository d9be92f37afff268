"""`fintech-infra preview`: run a program offline and hold what it declares to the controls."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fintech_infra.cli import judging, running, saying
from fintech_infra.cli.failure import Attempts
from fintech_infra.cli.inputs import read_stack_outputs

if TYPE_CHECKING:
    from fintech_infra.cli.packs import Packs

_EXAMPLES = """\
examples:
  fintech-infra preview prod                     the prod stack of the project in this folder
  fintech-infra preview dev --tree               every resource, not only components
  fintech-infra preview prod --show              every resource with its resolved inputs
  fintech-infra preview prod --cwd ../payments   another project
  fintech-infra preview prod --format sarif --output findings.sarif
  fintech-infra preview prod --controls 's3-*' --fail-on high
  fintech-infra preview prod --policy-pack ../policies    an organisation's own policies as well
  fintech-infra preview prod --save prod.json    keep what it declares, to compare with
  fintech-infra preview prod --baseline prod.json         only what is new since then blocks
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "preview",
        help="run a Pulumi Python program offline and hold it to the controls",
        description=(
            "Run a Pulumi Python program without CLI, backend, cloud or credentials, simulate "
            "every output, and hold what it declares to the compliance controls."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument(
        "stack", nargs="?", help="stack to preview; may be left out where the project has one"
    )
    verb.set_defaults(run=run)
    running.add_options(verb)
    judging.add_options(verb, packs=True)
    judging.add_threshold(verb)
    saying.add_options(verb)


def run(options: argparse.Namespace) -> int:
    """Preview, judge, report; return the exit code."""
    started = time.perf_counter()
    attempts = Attempts()
    attempts.of(lambda: saying.check_options(options))
    warm = threading.Thread(target=saying.import_reporting, args=(options.format,))
    warm.start()  # while the program runs in an interpreter of its own
    outputs = attempts.of(lambda: read_stack_outputs(options.stack_output)) or {}
    standard = judging.read_standard(options, attempts)
    attempts.settle()

    with _policy_packs(options) as packs:
        done = running.run_program(options, outputs)
        warm.join()
        loaded = time.perf_counter()
        judged = judging.judge(done.environment, standard, options, done.root, packs)
        if options.save:
            from fintech_infra.cli import saving

            saving.save(done.environment, judged.evaluation, options.save)
    said = time.perf_counter()
    report = judging.report_of(judged, options, done.root, started)
    saying.say(report, options)
    if options.debug:
        phases = {**done.timings, "controls": said - loaded, "report": time.perf_counter() - said}
        total = time.perf_counter() - started
        spent = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in phases.items())
        print(f"phases: {spent}, whole command {total:.3f} s", file=sys.stderr)
    return report.exit_code


@contextmanager
def _policy_packs(options: argparse.Namespace) -> Generator[Packs | None]:
    """The policy packs, which start while the program runs; none where none is named."""
    if not options.policy_pack:
        yield None
        return
    from fintech_infra.cli.packs import started

    with started(options) as packs:
        yield packs
