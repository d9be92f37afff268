"""A `pulumi` for the PATH: a program of its own, which lets this process restore what it is told.

moto's cloud is in this process alone, so the program asks here over a socket what it would do.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import StreamRequestHandler, UnixStreamServer
from typing import Any

_PROGRAM = """\
#!{python} -IS
import json, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect("pulumi.sock")
asked.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n")
code, said = json.loads(asked.makefile().readline())
print(said)
sys.exit(code)
"""


@dataclass
class Program:
    """What the program declares: by URN, what restores a resource that is not as declared."""

    restores: dict[str, Callable[[], Any]] = field(default_factory=dict[str, Callable[[], Any]])
    applied: list[list[str]] = field(default_factory=list[list[str]])

    def run(self, words: list[str]) -> tuple[int, str]:
        """Preview or apply; the exit code, and what is printed."""
        urn = words[words.index("--target") + 1]
        if words[0] == "up":
            self.applied.append(words)
            self.restores.pop(urn)()
        elif urn in self.restores and "--expect-no-changes" in words:
            return 255, "error: no changes were expected to occur but changes were proposed"
        return 0, "Resources: unchanged"


@contextmanager
def on_the_path(folder: Path) -> Generator[Program]:
    """Pulumi in the folder `bin` below a folder, where it is run as well."""
    program = Program()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            answer = program.run(json.loads(self.rfile.readline()))
            self.wfile.write(json.dumps(answer).encode() + b"\n")

    command = folder / "bin" / "pulumi"
    command.parent.mkdir()
    command.write_text(_PROGRAM.format(python=sys.executable))
    command.chmod(0o755)
    with UnixStreamServer("pulumi.sock", Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield program
        finally:
            server.shutdown()
            thread.join()
