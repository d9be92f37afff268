"""Previews in copies of one interpreter that has the provider's classes loaded.

Loading them takes most of the time of a preview. A program still gets a process of its own, in
which nothing of another program was ever there; only `pulumi_aws`, which no program changes, is
loaded before instead of when it is asked for. `test_programs.py` holds previews made so against
previews made as users make them. Variables that a test sets do not reach the program.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest import mock

from fintech_infra.engine import runner
from fintech_infra.engine.project import Project
from fintech_infra.engine.request import Request

_LOADED: Final = (
    "accessanalyzer",
    "account",
    "acm",
    "appautoscaling",
    "autoscaling",
    "backup",
    "batch",
    "budgets",
    "cfg",
    "cloudtrail",
    "cloudwatch",
    "costexplorer",
    "dynamodb",
    "ebs",
    "ec2",
    "ecr",
    "ecs",
    "guardduty",
    "iam",
    "inspector2",
    "kms",
    "lambda_",
    "lb",
    "macie2",
    "networkfirewall",
    "rds",
    "route53",
    "s3",
    "scheduler",
    "secretsmanager",
    "securityhub",
    "sfn",
    "signer",
    "sns",
    "sqs",
    "ssm",
    "vpc",
    "wafv2",
)
"""What the platform needs."""
_FRESH: Final = runner._answer
_SURROUNDINGS: Final = {**os.environ, "PYTHONHASHSEED": "0"}  # from before any test

_SERVER: Final = """\
import gc, importlib, os, sys
gc.disable()
import fintech_infra.engine.protocol.monitor
import fintech_infra.engine.simulation.simulator
from fintech_infra.engine.host.worker import main
for name in sys.argv[1:]:
    module = importlib.import_module(f"pulumi_aws.{name}")
    getattr(module, "anything", None)  # the SDK loads a module when something is asked of it
gc.freeze()
if sys.path[0] == "":
    del sys.path[0]
for line in sys.stdin:
    if os.fork() == 0:
        os.chdir(line.rstrip())
        sys.stdin = open("request", encoding="utf-8")
        os.dup2(os.open("answer", os.O_WRONLY | os.O_CREAT, 0o600), 1)
        main()
    print(os.wait()[1], flush=True)
"""


def preview(folder: Path, stack: str, **options: Any) -> runner.Preview:
    """Preview as `fintech_infra.engine.preview` does."""
    with warm():
        return runner.preview(folder, stack, **options)


@contextmanager
def warm() -> Generator[None]:
    """Preview so whatever asks for a preview meanwhile."""
    with mock.patch("fintech_infra.engine.runner._answer", _answer):
        yield


def _answer(request: Request, project: Project) -> str:
    if not _is_own(project.virtualenv):
        return _FRESH(request, project)
    server = _server()
    assert server.stdin
    assert server.stdout
    with TemporaryDirectory() as folder:
        (Path(folder) / "request").write_text(request.to_json(), "utf-8")
        print(folder, file=server.stdin, flush=True)
        assert server.stdout.readline() == "0\n"
        return (Path(folder) / "answer").read_text("utf-8")


def _is_own(virtualenv: Path | None) -> bool:
    """Whether a project is run by the interpreter that runs the tests."""
    if virtualenv is None or not virtualenv.exists():
        return True
    return virtualenv.resolve() == Path(sys.prefix).resolve()


@cache
def _server() -> subprocess.Popen[str]:
    """The interpreter that is copied. It ends when its input does: with this process."""
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER, *_LOADED],
        cwd=Path(__file__).resolve().parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_SURROUNDINGS,
        start_new_session=True,  # Ctrl-C is pytest's
        text=True,
    )
    atexit.register(server.communicate)
    return server
