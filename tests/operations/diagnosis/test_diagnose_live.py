"""`fintech-infra diagnose --live`, with moto's cloud in place of AWS."""

from __future__ import annotations

import json

import pytest

from fintech_infra.cli.main import main
from tests.operations.diagnosis.cloud import ALARM, Cloud

WINDOW = ("--start", "2026-03-16T13:00Z", "--end", "2026-03-16T14:00Z")
LIVE = ("diagnose", "--live", "--alarm", ALARM, "--region", "eu-west-1", *WINDOW)
PLACES = ("--service", "main/shop", "--log-group", "/shop/app")


@pytest.fixture(autouse=True)
def reached(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fintech_infra.operations.aws.connect", lambda *_: cloud.access)
    monkeypatch.setattr(
        "fintech_infra.operations.diagnosis.gather.calls.time.sleep", lambda _: None
    )


def test_an_alarm_leads_to_what_was_deployed_before_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main([*LIVE, *PLACES, "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert code == found["exitCode"]
    assert found["incident"]["noticed"] == "2026-03-16T13:20:00.000Z"
    assert found["onset"] == "2026-03-16T13:15:00.000Z"
    sources = {it["change"]["source"] for it in found["causes"] if it["change"]}
    assert sources == {"ECS", "CloudTrail"}
    assert {it["metric"] for it in found["shifts"]} == {
        "AWS/ApplicationELB HTTPCode_Target_5XX_Count Sum"
    }
    assert any("no connection left" in it["template"] for it in found["patterns"])


def test_changes_that_are_refused_are_named_and_nothing_stands_out(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.failing["LookupEvents"] = "AccessDeniedException"
    assert main([*LIVE, *PLACES]) in {2, 3}
    said = capsys.readouterr().out
    assert "cloudtrail:LookupEvents: AccessDenied" in said
    assert "the role needs cloudtrail:LookupEvents" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--live",), "does not say what went wrong"),
        (("--live", "--alarm", "a", "--service", "shop"), "no cluster and service"),
        (("--live", "--alarm", "a", "--before", "0"), "--before is 0"),
        (("--live", "--alarm", "a", "--ledger", "none"), "ledger-keys.json"),
        (("--alarm", "a"), "--live"),
    ],
    ids=["nothing", "service", "before", "ledger", "not-live"],
)
def test_what_cannot_be_gathered_says_how(
    options: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: object,
) -> None:
    monkeypatch.chdir(str(tmp_path))
    assert main(["diagnose", *options]) == 2
    assert said in capsys.readouterr().err


def test_all_mistakes_are_told_together(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ("--start", "2026-03-16T14:00Z", "--end", "soon", "--before", "-1", "--now", "later")
    assert main(["diagnose", "--live", "--alarm", "a", *wrong]) == 2
    told = capsys.readouterr().err
    for part in ("--end", "--before is -1", "--now"):
        assert part in told
