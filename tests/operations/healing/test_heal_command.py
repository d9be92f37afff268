"""The command: the walk-through of docs/healing.md, mistakes told together, and AWS itself."""

from __future__ import annotations

import json
import re
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fintech_infra.cli.main import main
from fintech_infra.operations import moments
from fintech_infra.operations.healing.report import EXIT_CODES
from fintech_infra.operations.signing import generate_key
from fintech_infra.operations.tripwires import blame
from tests.operations.healing.shop import Shop, client

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "healing.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"fintech-infra (.*?)\s+# exit code (\d)\n(.*)", re.DOTALL)
SWITCH = "/shop/kill-switch"


@pytest.fixture(autouse=True)
def folder(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A folder with a state, a switch that is armed, and approvers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    client("ssm").put_parameter(Name=SWITCH, Value="armed", Type="String", Overwrite=True)
    _, _, public = generate_key(Path("ada.pem"))
    day = moments.now().date()
    key = {
        "publicKey": public,
        "since": str(day - timedelta(days=1)),
        "until": str(day + timedelta(days=90)),
    }
    ada = {
        "name": "ada",
        "groups": ["platform"],
        "identities": ["ada@example.com"],
        "keys": [key],
    }
    Path("approvers.yaml").write_text(json.dumps({"version": 1, "approvers": [ada]}))
    keep("state.json", shop.state)
    return shop


def keep(name: str, content: Any) -> None:
    Path(name).write_text(json.dumps(content))


def patched(text: str, diff: str) -> str:
    lines = diff.splitlines()
    old, new = ("".join(f"{it[1:]}\n" for it in lines if it[:1] in {" ", sign}) for sign in "-+")
    assert old in text
    return text.replace(old, new)


def test_it_heals_as_the_page_tells(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    told = PAGE.split("## A walk-through")[1].split("## Who decides")[0]
    codes: list[str] = []
    state = ""
    for language, name, block in BLOCK.findall(told):
        if language == "console":
            for step in block.split("$ ")[1:]:
                words, code, said = STEP.findall(step)[0]
                if "restart" in said or words.endswith("ada.approval.json"):
                    shop.stop_trail()
                assert main(shlex.split(words)) == int(code), (words, capsys.readouterr())
                out = capsys.readouterr().out
                assert [line for line in said.splitlines() if line not in out] == []
                codes.append(code)
            continue
        state = block if language == "json" else state
        Path(name).write_text(patched(state, block) if language == "diff" else block)
    assert "".join(codes) == "1000010" + "01"


def test_the_page_has_every_exit_code() -> None:
    assert re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE) == [str(it) for it in EXIT_CODES.values()]


def acting(*more: str) -> list[str]:
    return ["--act", "--key", "healer.pem", "--kill-switch", SWITCH, "--by", "carol", *more]


def test_aws_itself_is_healed_and_found_whole(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Who did it is CloudTrail's to tell, which moto does not play.
    monkeypatch.setattr(blame, "blame", lambda _, report, *__: report)
    main(["ledger", "key", "--private", "healer.pem", "--owner", "healer"])
    shop.stop_trail()
    shop.open_group()
    capsys.readouterr()
    assert main(["heal", "state.json", "--live"]) == 1
    assert "would be done" in capsys.readouterr().out
    main(["heal", "state.json", "--live", *acting("--format", "json")])
    report = json.loads(capsys.readouterr().out)
    acts = {it["remedy"]: (it["fate"], it["act"]) for it in report["steps"] if it["remedy"]}
    assert acts == {"close-security-group": ("healed", 0), "restart-trail": ("healed", 2)}
    assert not {"ingress", "enableLogging"} & {it["path"] for it in report["left"]}
    assert shop.is_whole()
    assert main(["ledger", "verify", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["acts"] == {"size": 4, "faults": [], "open": []}


def test_mistakes_are_told_together(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    keep("after.json", shop.stop_trail())
    given = ["--act", "--budget", "21", "--lease", "0", "--now", "2026-11-22T09:00Z"]
    given += ["--proposal", "none.json", "--output", "no/where.json"]
    assert main(["heal", "state.json", "after.json", *given]) == 2
    said = capsys.readouterr().err
    for mistake in (
        "--act needs one kill switch",
        "--act needs a key",
        "--budget 21 is not 1 to 20",
        "--lease 0 is no time",
        "--now replays a judgement",
        "--approval is missing",
        "the folder no does not exist",
    ):
        assert mistake in said


@pytest.mark.parametrize("value", ["off", ""])
def test_a_file_that_is_not_armed_stops_it(
    shop: Shop, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ledger", "key", "--private", "healer.pem", "--owner", "healer"])
    keep("after.json", shop.stop_trail())
    if value:
        Path("switch").write_text(value)
    given = ["--act", "--key", "healer.pem", "--kill-switch-file", "switch"]
    assert main(["heal", "state.json", "after.json", *given]) == 4
    assert "the kill switch" in capsys.readouterr().out
    assert not client("cloudtrail").get_trail_status(Name=shop.trail)["IsLogging"]


def test_a_broken_journal_stops_it_and_is_found(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ledger", "key", "--private", "healer.pem", "--owner", "healer"])
    keep("after.json", shop.stop_trail())
    assert main(["heal", "state.json", "after.json", *acting()]) == 0
    Path("ledger/acts/000000000000.json").write_text("{}")
    shop.stop_trail()
    assert main(["heal", "state.json", "after.json", *acting()]) == 2
    assert "act 0 is no DSSE envelope" in capsys.readouterr().err
    assert main(["heal", "log"]) == 1
    assert main(["ledger", "verify"]) == 1
    assert "broken: act 0 is no DSSE envelope" in capsys.readouterr().out


def test_there_is_no_log_without_acts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["heal", "log"]) == 2
    assert "there are no acts" in capsys.readouterr().err


def test_an_approval_that_does_not_count_says_why(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ledger", "key", "--private", "healer.pem", "--owner", "healer"])
    keep("after.json", shop.disable_key())
    assert main(["heal", "state.json", "after.json", "--propose", "proposal.json"]) == 1
    reason = ["--reason", "Seen with the platform team.", "--yes", "--output", "ada.json"]
    assert main(["heal", "approve", "proposal.json", "--key", "ada.pem", *reason]) == 0
    given = acting("--proposal", "proposal.json", "--approval", "ada.json")
    refused = [*given, "--author", "ada@example.com"]
    capsys.readouterr()
    assert main(["heal", "state.json", "after.json", *refused]) == 2
    assert "ada wrote the change" in capsys.readouterr().err
    assert main(["heal", "state.json", "after.json", *given]) == 0
    assert client("kms").describe_key(KeyId=shop.key)["KeyMetadata"]["Enabled"]
