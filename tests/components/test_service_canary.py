"""What a hook with a canary ships, run from its archive with boto3 and SciPy alone, as in Lambda.

Not proved: that SciPy's build for Lambda's processor imports there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pulumi
import pytest

from fintech_infra.components._service.canary import ServiceCanaryArgs, config_problems
from fintech_infra.components.immutable_service import ImmutableService

PAGE = Path(__file__).parents[2] / "docs/canary-hook.md"
RUNTIME = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
LAYER = ("numpy", "scipy")
CONFIG = json.dumps(
    {
        "metrics": [
            {
                "name": "refused",
                "groups": ["books"],
                "query": {
                    "type": "cloudwatch",
                    "namespace": "Books",
                    "metricName": "Refused",
                    "statistic": "Average",
                    "dimensions": {"Group": "${scope}"},
                },
            }
        ]
    }
)
ARGS: Any = {
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-1", "subnet-2"],
    "image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/books@sha256:" + "a" * 64,
    "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/1",
    "hosts": ["pay.example.com"],
    "security_group_ids": ["sg-app"],
    "kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd",
    "access_log_bucket": "logs",
    "ledger": {"bucket": "archive", "write_policy": '{"Statement":[]}'},
}
ASKED = """
import json, os, sys
from pathlib import Path
from fintech_infra.functions.rollout import canary, handler
from fintech_infra.operations.canary import CanaryConfig, Direction, MetricRule, Plan, judge
from fintech_infra.operations.metrics import Sample
from datetime import UTC, datetime, timedelta

print(canary.judge_readiness(os.environ[handler.CANARY]).reason)
times = [datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=at) for at in range(60)]
old = {"a": [Sample(time, 100 + at % 7) for at, time in enumerate(times)]}
new = {"a": [Sample(time, 200 + at % 7) for at, time in enumerate(times)]}
config = CanaryConfig((MetricRule("a", ("g",), Direction.INCREASE),))
print(judge(config, old, old, Plan()).verdict.value, judge(config, old, new, Plan()).verdict.value)
print(sorted(canary._comparison().queries), canary.GIVEN.is_file())
root = canary.GIVEN.parents[3]
shipped = {it.relative_to(root) for part in ("engine", "operations")
           for it in (root / "fintech_infra" / part).rglob("*.py")}
used = {Path(it.__file__).relative_to(root) for name, it in sys.modules.items()
        if name.startswith("fintech_infra.")}
print(sorted(map(str, shipped - used)))
print({it.partition(".")[0] for it in sys.modules} & {"pulumi", "pulumi_aws", "rich", "yaml"})
"""


@pytest.fixture
def run(tmp_path: Path, deploy: Callable[..., Any]) -> Callable[[dict[str, Any]], list[str]]:
    """Call it to unpack the hook's archive and ask what is in it; returns what it printed."""

    def made(canary: dict[str, Any]) -> list[str]:
        layer = "arn:aws:lambda:eu-west-1:111122223333:layer:scipy:1"
        args: Any = {**ARGS, "gate": {"canary": {"layer_arn": layer, **canary}}}
        deployment = deploy(lambda: ImmutableService("pay", args))
        hook = deployment.one("aws:lambda/function:Function", "pay-hook").inputs
        task, libraries = tmp_path / "task", tmp_path / "python"
        for name, asset in hook["code"].assets.items():
            file = task / name
            file.parent.mkdir(parents=True, exist_ok=True)
            given = isinstance(asset, pulumi.StringAsset)
            file.write_text(asset.text if given else Path(asset.path).read_text())
        libraries.mkdir()
        for name in (*RUNTIME, *LAYER):
            spec = find_spec(name)
            assert spec is not None
            assert spec.origin is not None
            origin = Path(spec.origin)
            whole = origin.parent if origin.name == "__init__.py" else origin
            (libraries / whole.name).symlink_to(whole)
            # What wheels of NumPy and SciPy find beside themselves.
            if (beside := whole.with_name(f"{name}.libs")).is_dir():
                (libraries / beside.name).symlink_to(beside)
        # -S leaves out what is installed, and -I whatever else Python would look for.
        start = f"import sys; sys.path[:0] = {[str(task), str(libraries)]!r}\n"
        told = {"PATH": "", "CANARY": hook["environment"]["variables"]["CANARY"]}
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", start + ASKED],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=told,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return made


@pytest.mark.parametrize(
    ("canary", "queries"),
    [({}, "['errors', 'latency', 'requests'] False"), ({"config": CONFIG}, "['refused'] True")],
)
def test_the_judge_runs_from_the_archive_with_boto3_and_scipy_alone(
    run: Callable[[dict[str, Any]], list[str]], canary: dict[str, Any], queries: str
):
    assert run(canary) == ["can judge", "promote roll back", queries, "[]", "set()"]


def test_the_page_shows_a_sound_config_and_every_argument():
    text = PAGE.read_text()
    config = text.partition("```json canary.json\n")[2].partition("```")[0]
    assert list(config_problems(config)) == []
    table = [it.split("`")[1] for it in text.splitlines() if it.startswith("| `")]
    assert table == list(ServiceCanaryArgs.__annotations__)
