from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import pytest
from moto import mock_aws

from fintech_infra.cli.main import main
from fintech_infra.operations import aws as aws_access
from fintech_infra.operations import moments
from fintech_infra.operations.aws import Access
from fintech_infra.operations.metrics import read_series
from fintech_infra.operations.signing import generate_key
from fintech_infra.operations.traffic import Case, Judgement, Mark, Verdict, collect, decide
from fintech_infra.operations.traffic.collect import WebAcl
from fintech_infra.operations.traffic.document import FORMAT
from fintech_infra.operations.traffic.model import LIMIT_RATES
from fintech_infra.operations.traffic.samples import sources_of
from tests.operations.traffic.acl import HOUR, NOW, REGION, client, made, rule

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "traffic.md").read_text("utf-8")
ONE = Mark("rate", holds=True, says="as told")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time that it is: the only item."""
    at = [NOW]

    class Told(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromisoformat(at[0].isoformat()).astimezone(tz)

    # Not `moments.now`: who imports that while it is another one keeps it.
    monkeypatch.setattr(moments, "datetime", Told)
    return at


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: list[datetime]) -> Iterator[WebAcl]:
    """A web ACL in AWS, a switch that is armed, and approvers, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr(aws_access, "connect", lambda *_: Access(lambda it, _: client(it), REGION))
    _, _, public = generate_key(Path("ada.pem"))
    key = {"publicKey": public, "since": "2026-03-01", "until": "2026-06-01"}
    ada = {"name": "ada", "groups": ["platform"], "identities": ["ada@example.com"], "keys": [key]}
    Path("approvers.yaml").write_text(json.dumps({"version": 1, "approvers": [ada]}))
    Path("switch").write_text("armed\n")
    with mock_aws():
        yield made(rule("address", 2000, 0))


def attacked(*_: object) -> Case:
    """What AWS would tell of the attack on the page."""
    series = read_series(Path("spike.csv").read_text(), "spike.csv")[0]
    before, during = (
        sources_of(json.loads(Path(name).read_text())) for name in ("before.json", "bots.json")
    )
    return Case(NOW, series, before, during)


def test_the_walk_through_of_the_page_happens_as_told(
    aws: WebAcl,
    clock: list[datetime],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(collect, "collect", attacked)
    ran = 0
    for language, name, text in BLOCK.findall(PAGE.replace("$ACL", aws.arn)):
        if language == "python":
            exec(compile(text, name, "exec"), {})
        for step in text.split("$ ")[1:] if language == "console" else ():
            first, _, said = step.partition("\n")
            command, _, code = first.partition("      # exit code ")
            if "--take-back" in command:
                clock[0] = NOW + timedelta(hours=1)
            assert main(shlex.split(command)[1:]) == int(code), (command, capsys.readouterr())
            out = capsys.readouterr().out
            assert [line for line in said.splitlines() if line.strip() not in out] == [], out
            ran += 1
    assert ran == 11


def judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let AWS tell of an attack."""
    case = Case(NOW, {})
    found = Judgement(Verdict.ATTACK, "as told", (ONE,), NOW, NOW + HOUR, (), (LIMIT_RATES,))
    monkeypatch.setattr(collect, "collect", lambda *_: case)
    monkeypatch.setattr(decide, "decide", lambda *_: found)


def test_a_rail_has_an_exit_code_of_its_own(
    aws: WebAcl, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judged(monkeypatch)
    assert main(["ledger", "key", "--private", "healer.pem", "--owner", "healer"]) == 0
    spike = ["traffic", "--web-acl", aws.arn]
    assert main([*spike, "--propose", "proposal.json"]) == 1
    signing = ["--key", "ada.pem", "--reason", "Seen with who is on call.", "--yes"]
    assert main(["heal", "approve", "proposal.json", *signing, "--output", "ada.json"]) == 0
    rails = ["--act", "--key", "healer.pem", "--kill-switch-file", "switch", "--by", "carol"]
    approved = ["--proposal", "proposal.json", "--approval", "ada.json"]
    Path("switch").write_text("off")
    assert main([*spike, *rails, *approved]) == 4
    assert "the kill switch is 'off'" in capsys.readouterr().out
    Path("switch").write_text("armed")
    assert main([*spike, *rails]) == 1
    assert "waits for approval" in capsys.readouterr().out
    assert main([*spike, *rails, *approved, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["measures"]
    assert [step["fate"] for step in found["steps"]] == ["healed"]
    assert (found["dryRun"], found["steps"][0]["approvedBy"]) == (False, "ada")
    assert main([*spike, *rails, "--by", "ada@example.com", *approved]) == 2
    assert "ada" in capsys.readouterr().err


@pytest.fixture
def metrics(tmp_path: Path) -> str:
    file = tmp_path / "rates.csv"
    file.write_text("time,metric,value\n2026-03-16T13:55Z,requests,3\n")
    return str(file)


def test_a_report_is_written_whole_as_json(metrics: str, tmp_path: Path) -> None:
    output = tmp_path / "report.json"
    options = ["--metrics", metrics, "--now", "2026-03-16T14:00Z"]
    assert main(["traffic", *options, "--format", "json", "--output", str(output)]) == 2
    found = json.loads(output.read_text())
    assert (found["format"], found["verdict"]) == (FORMAT, "undecided")
    assert found["until"] == "2026-03-16T15:00:00.000Z"
    assert {it["holds"] for it in found["marks"]} == {None}


def test_all_mistakes_are_told_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"SampledRequests": [{"Request": 1}]}')
    options = ["--metrics", "none.csv", "--sources", str(wrong), "--sources-before", str(wrong)]
    assert main(["traffic", *options, "--factor", "1", "--hold", "1", "--now", "soon"]) == 2
    said = capsys.readouterr().err
    for part in ("--factor is 1", "--hold is 1", "--now", "none.csv", "has no Request"):
        assert part in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "nothing to judge"),
        (["--load-balancer", "arn"], "--load-balancer alone"),
        (["--metrics", "a", "--web-acl", "b"], "of two kinds"),
        (["--metrics", "a", "--sources", "b"], "need each other"),
        (["--web-acl", "shop"], "not the ARN of a web ACL"),
        (["--metrics", "a", "--act"], "--act: there is no web ACL to act on"),
        (["--web-acl", "shop", "--service", "web"], "--service is 'web'"),
        (["--take-back", "--metrics", "a"], "exclude each other"),
        (["--take-back", "--web-acl", "shop"], "not the ARN of a web ACL"),
        (["--take-back", "--act"], "--act needs one kill switch"),
    ],
    ids=[
        "nothing",
        "balancer-alone",
        "both",
        "half",
        "no-arn",
        "act-on-files",
        "no-service",
        "take-back-files",
        "take-back-no-arn",
        "no-switch",
    ],
)
def test_what_cannot_be_judged_says_how(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["traffic", *options]) == 2
    assert said in capsys.readouterr().err


def test_metrics_that_are_not_judged_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("time,metric,value\n2026-03-16T13:55Z,visits,3\n")
    assert main(["traffic", "--metrics", str(file)]) == 2
    assert "known are requests, allowed" in capsys.readouterr().err
