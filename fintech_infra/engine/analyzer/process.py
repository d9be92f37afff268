"""The process of a policy pack: started as Pulumi's analyzer plugin starts it, always ended."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import Empty, Queue
from typing import IO, Final

from fintech_infra.engine.analyzer.description import Description
from fintech_infra.engine.analyzer.traces import problem_of
from fintech_infra.engine.config import SECRET_PLACEHOLDER
from fintech_infra.engine.errors import PreviewError, Problem, fail

ENGINE: Final = "127.0.0.1:1"
"""The address that the pack is told the engine has: nobody listens there, and no SDK calls it."""

_LONGEST: Final = 1 << 24
"""Bytes of a pack's standard error that are read at most."""

_GRACE: Final = 1.0
"""Seconds that an ended pack's output gets to be read."""

_START: Final = """
import logging, os, runpy, sys, threading
traces = logging.StreamHandler()
traces.addFilter(lambda record: "Method not implemented!" not in record.getMessage())
logging.getLogger("grpc._server").addHandler(traces)
lifeline = os.dup(0)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
def end_with_parent():
    os.read(lifeline, 1)
    os._exit(1)
threading.Thread(target=end_with_parent, daemon=True).start()
if sys.path[0] == "":
    sys.path[0] = os.getcwd()
runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
"""
"""`python -m pulumi.policy`, which ends with the process that started it, however that ends, and
says where a policy failed: gRPC keeps the traces of what it calls to itself. Calls of the engine
that the policy SDK does not have are no failures."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the engine tells a pack about the stack. `config` has full keys."""

    organization: str
    project: str
    stack: str
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    secret_keys: tuple[str, ...] = ()

    def variables(self) -> dict[str, str]:
        """The environment variables of the engine; secrets are replaced by a placeholder."""
        variables = {
            "PULUMI_ORGANIZATION": self.organization,
            "PULUMI_PROJECT": self.project,
            "PULUMI_STACK": self.stack,
            "PULUMI_DRY_RUN": "true",
        }
        if self.config:
            hidden = dict.fromkeys(set(self.secret_keys) & set(self.config), SECRET_PLACEHOLDER)
            variables["PULUMI_CONFIG"] = json.dumps({**self.config, **hidden}, sort_keys=True)
        return variables


class PackProcess:
    """A policy pack that runs, from when this is made until `stop`."""

    def __init__(
        self,
        description: Description,
        surroundings: Surroundings,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Start the pack, without waiting for it.

        `environ` are the variables to start from, those of this process where not given.

        Raises:
            PreviewError: the pack's interpreter cannot be run.
        """
        self.description = description
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open while it runs
        self._said = ""
        self._printed: list[bytes] = []
        self._first_line: Queue[bytes] = Queue()
        self._process = self._start(
            {
                **(os.environ if environ is None else environ),
                **surroundings.variables(),
                "PYTHONHASHSEED": "0",  # sets keep one order, so two runs report the same
            }
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def port(self, time_limit: float) -> int:
        """Wait until the pack says on which port of this machine it serves.

        Raises:
            PreviewError: it fails or ends before, says something else, or says nothing in time.
        """
        try:
            line = self._first_line.get(timeout=time_limit)
        except Empty:
            raise fail(
                f"the policy pack did not start within {time_limit:g} seconds",
                file=str(self.description.root),
                hint="allow more with --timeout, or look for what it waits for",
            ) from None
        text = line.decode(errors="replace").strip()
        if not line.endswith(b"\n"):
            raise PreviewError([self._ended_early()])
        if not text.isdecimal():
            raise fail(
                f"the policy pack printed {text!r}, where Pulumi expects the port it serves on",
                file=str(self.description.root),
                hint="let it print nothing before PolicyPack(...), or print to sys.stderr",
            )
        return int(text)

    def failure(self, before: str) -> Problem | None:
        """The last failure that left a trace in what the pack printed; see `problem_of`."""
        return problem_of(self.errors(), self.description.root, before)

    def ended(self) -> int | None:
        """The exit code, None while the pack runs."""
        return self._process.poll()

    def errors(self) -> str:
        """What the pack wrote to its standard error until now."""
        if self._errors.closed:
            return self._said
        # The pack shares the file's position, which reading must not move.
        return os.pread(self._errors.fileno(), _LONGEST, 0).decode(errors="replace")

    def printed(self) -> str:
        """What the pack printed; complete once it is stopped."""
        return b"".join(self._printed).decode(errors="replace")

    def stop(self) -> None:
        """End the pack, whatever it is doing; what it wrote stays readable."""
        self._process.kill()
        self._process.wait()
        self._said = self.errors()
        self._errors.close()
        if self._process.stdin:
            self._process.stdin.close()
        # Processes that the pack has started may keep its output open: nobody waits for those.
        self._listener.join(_GRACE)
        if self._process.stdout and not self._listener.is_alive():
            self._process.stdout.close()

    def _start(self, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
        pack = self.description
        try:
            return subprocess.Popen(  # noqa: S603 - the pack's interpreter, as Pulumi runs it
                [pack.interpreter, "-u", "-c", _START, ENGINE, pack.program],
                cwd=pack.root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=variables,
            )
        except OSError as error:
            self._errors.close()
            raise fail(
                f"the policy pack's Python {pack.interpreter} cannot be run: {error.strerror}",
                file=str(pack.root),
            ) from error

    def _listen(self) -> None:
        assert self._process.stdout  # noqa: S101 - it is a pipe, see above
        self._first_line.put(self._process.stdout.readline())
        self._printed.extend(self._process.stdout)

    def _ended_early(self) -> Problem:
        code = self._process.wait()
        found = self.failure("the policy pack failed to start")
        if found is None:
            last = self.errors().strip().splitlines()[-1:] or ["it printed nothing"]
            return Problem(
                f"the policy pack ended (exit code {code}) without serving policies: {last[0]}",
                str(self.description.root),
                hint="a pack ends its __main__.py with PolicyPack(name, policies), which waits",
            )
        if "ModuleNotFoundError" in found.message:
            return Problem(
                f"{found.message} in {self.description.interpreter}",
                found.file or str(self.description.root),
                found.line,
                self._how_to_install(),
                found.trace,
            )
        return found

    def _how_to_install(self) -> str:
        needs = self.description.requirements or "what it imports"
        flag = "-r " if self.description.requirements else ""
        return f"install it there: {self.description.interpreter} -m pip install {flag}{needs}"
