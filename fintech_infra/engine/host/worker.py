"""The interpreter that runs the program: reads a `Request`, runs, writes what was declared.

It is started afresh for every run, with the project's own interpreter. Standard output belongs to
the answer, so what the program prints goes to standard error.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import runpy
import signal
import sys
import threading
import time
import traceback
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.engine.request import Request
from fintech_infra.environment import Environment
from fintech_infra.environment.codec import dumps


class _Answer:
    """The way back to the command: written once, whoever comes first."""

    def __init__(self) -> None:
        self._channel = os.dup(1)
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def send(self, text: str) -> None:
        """Write the answer and end the process at once.

        Tearing down thousands of objects that nobody needs costs a quarter of a large preview.
        """
        with self._lock:
            sys.stdout.flush()
            sys.stderr.flush()
            with os.fdopen(self._channel, "wb") as channel:
                channel.write(text.encode())
            os._exit(0)


def main() -> None:
    """Run one request from standard input."""
    started = time.perf_counter()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is the command's to report
    gc.disable()  # one short-lived run: collecting costs half of it and frees nothing of use
    answer = _Answer()
    request = Request.from_json(sys.stdin.read())
    sys.stdin = Path(os.devnull).open()  # noqa: SIM115 - stays open for the program
    if find_spec("pulumi") is None:
        answer.send(_problems([_no_sdk()]))
    answer.send(_run(request, answer, started))


def _no_sdk() -> Problem:
    return Problem(
        f"Pulumi's Python SDK is not installed in {sys.prefix}, which runs the program",
        hint="install the project's requirements there; Pulumi.yaml names the environment under "
        "runtime: options: virtualenv:",
    )


def _run(request: Request, answer: _Answer, started: float) -> str:
    from fintech_infra.engine.host.faults import explain
    from fintech_infra.engine.host.network import is_refusal, refuse_network
    from fintech_infra.engine.host.places import Places

    program, root = Path(request.program), Path(request.root)
    folder = program if program.is_dir() else program.parent
    places = Places(folder, root)
    try:
        monitor = _monitor(request, places, folder)
    except PreviewError as error:
        return _problems(error.problems)
    registry = monitor.registry
    if not request.allow_network:
        refuse_network(registry, places)
    _watch(request.time_limit, places, answer)
    os.chdir(folder)
    sys.argv = [request.program]
    sys.path.insert(0, str(folder))
    ready = time.perf_counter()
    try:
        _drive(request, monitor)
    except PreviewError as error:
        registry.problems += error.problems
    except BaseException as error:  # noqa: BLE001 - whatever the program raises is explained
        if not is_refusal(error):  # it is noted where it was refused
            registry.problems.append(explain(error, places))
    if registry.problems:
        return _problems(registry.problems)
    timings = {
        "import": ready - started,
        "program": time.perf_counter() - ready - monitor.seconds,
        "simulation": monitor.seconds,
    }
    return dumps(_environment(request, registry), timings=timings)


def _environment(request: Request, registry: Any) -> Environment:
    stack = registry.get(registry.stack_urn)
    return Environment(
        project=request.project,
        stack=request.stack,
        organization=request.organization,
        resources=registry.resources(),
        outputs=stack.outputs if stack else {},
        secret_outputs=tuple(
            path.removeprefix("outputs.") for path in (stack.secrets if stack else ())
        ),
        diagnostics=tuple(registry.diagnostics),
    )


def _monitor(request: Request, places: Any, folder: Path) -> Any:
    from fintech_infra.engine.protocol.monitor import Monitor
    from fintech_infra.engine.protocol.references import StackReferences
    from fintech_infra.engine.simulation.answers import Answers, AnswersError
    from fintech_infra.engine.simulation.simulator import World

    try:
        answers = Answers.load(Path(request.answers)) if request.answers else Answers()
    except AnswersError as error:
        raise PreviewError([Problem(mistake) for mistake in error.mistakes]) from error
    world = World(
        organization=request.organization,
        project=request.project,
        stack=request.stack,
        account=answers.account or World.account,
        region=request.region or answers.region or _surrounding_region() or World.region,
        answers=answers,
    )
    return Monitor(world, request.config, places, folder, StackReferences(request).outputs)


def _surrounding_region() -> str:
    """The region that the AWS provider would take from its surroundings."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""


def _drive(request: Request, monitor: Any) -> None:
    """Run the program the way Pulumi's own host does, with our monitor in the engine's place."""
    import pulumi.runtime

    from fintech_infra.engine.host.executor import CallExecutor
    from fintech_infra.engine.protocol.program_log import Log

    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            project=request.project,
            stack=request.stack,
            organization=request.organization,
            root_directory=request.root,
            monitor=monitor,
            engine=Log(monitor.registry),
            parallel=1,
            dry_run=True,
        )
    )
    pulumi.runtime.set_all_config(dict(request.config), list(request.secret_keys))
    loop = asyncio.new_event_loop()
    loop.set_default_executor(CallExecutor(loop))
    asyncio.set_event_loop(loop)
    gc.freeze()
    loop.run_until_complete(
        pulumi.runtime.run_in_stack(
            lambda: (runpy.run_path(request.program, run_name="__main__"), None)[1]
        )
    )


def _watch(limit: float, places: Any, answer: _Answer) -> None:
    """End a program that hangs, naming the line of theirs that it hangs at."""
    main_thread = threading.main_thread().ident

    def expire() -> None:
        # The one documented way to see another thread's stack, underscore or not.
        frame = sys._current_frames().get(main_thread or 0)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        stack = traceback.walk_stack(frame)
        frames = [(frame.f_code.co_filename, line) for frame, line in stack]
        source = places.nearest([f for f in frames if places.is_users(f[0])])
        problem = Problem(
            f"the program did not end within {limit:g} seconds",
            source.file if source else "",
            source.line if source else 0,
            "mend the loop or wait named here, or allow more with --timeout",
        )
        answer.send(_problems([problem]))

    timer = threading.Timer(limit, expire)
    timer.daemon = True
    timer.start()


def _problems(problems: Any) -> str:
    unique = sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line))
    return json.dumps(
        {
            "problems": [
                {
                    "message": p.message,
                    "file": p.file,
                    "line": p.line,
                    "hint": p.hint,
                    "trace": p.trace,
                }
                for p in unique
            ]
        }
    )


if __name__ == "__main__":
    main()
