"""The command: its inputs, formats and exit codes, and the walk-through of docs/drift.md."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from fintech_infra.operations.drift import Judgement
from tests.operations.drift.refreshed import (
    GROUP,
    TABLE,
    WORLD_SSH,
    State,
    changed,
    command,
    resource,
    shop,
    tampered,
)

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "drift.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"fintech-infra drift (.*?)\s+# exit code (\d)\n(.*)", re.DOTALL)

BEFORE = shop(
    resource(GROUP, "db", {"description": "Orders", "ingress": [], "tags": {}}),
    resource(TABLE, "orders", {"hashKey": "id", "readCapacity": 5}),
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keep("before.json", BEFORE)


def keep(name: str, state: State) -> None:
    Path(name).write_text(json.dumps(state))


def patched(text: str, diff: str) -> str:
    lines = diff.splitlines()
    old, new = ("".join(f"{it[1:]}\n" for it in lines if it[:1] in {" ", sign}) for sign in "-+")
    assert old in text
    return text.replace(old, new)


def test_drift_is_judged_as_the_page_tells(capsys: pytest.CaptureFixture[str]) -> None:
    told = PAGE.split("## A walk-through")[1].split("## What each judgement means")[0]
    codes: list[str] = []
    state = ""
    for language, name, block in BLOCK.findall(told):
        if language == "console":
            for step in block.split("$ ")[1:]:
                words, code, said = STEP.findall(step)[0]
                assert command(*shlex.split(words)) == int(code), words
                out = capsys.readouterr().out
                assert [line for line in said.splitlines() if line not in out] == []
                codes.append(code)
            continue
        state = block if language == "json" else state
        Path(name).write_text(patched(state, block) if language == "diff" else block)
    assert codes == ["0", "0", "1", "1", "1"]


def test_the_page_has_every_judgement() -> None:
    table = PAGE.split("## What each judgement means")[1].split("## The healing plan")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [it.value for it in Judgement]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"tags": {"a": "b"}}, 0),
        ({"ingress": [WORLD_SSH]}, 1),
        ({"neverHeardOf": True}, 3),
    ],
)
def test_exit_codes(values: dict[str, object], code: int) -> None:
    keep("after.json", changed(BEFORE, "db", values))
    assert command("before.json", "after.json") == code


def test_markdown_and_json_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    keep("after.json", tampered(BEFORE, "db", ingress=[WORLD_SSH]))
    assert command("before.json", "after.json", "--format", "markdown") == 1
    said = capsys.readouterr().out
    assert "### Dangerous: ec2.SecurityGroup db&#58; ingress" in said
    assert "```sh\npulumi up" in said
    assert command("before.json", "after.json", "--format", "json", "--output", "out.json") == 1
    content = json.loads(Path("out.json").read_text())
    assert (content["outcome"], content["exitCode"]) == ("dangerous", 1)
    assert content["count"]["dangerous"] == len(content["items"]) == 1
    assert content["items"][0]["steps"][0]["kind"] == "contain"
    assert "dangerous: wrote out.json" in capsys.readouterr().err


def test_every_mistake_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.json").write_text('{"deployment": ')
    Path("old.json").write_text("{}")
    words = ("broken.json", "missing.json", "--history", "old.json", "--now", "yesterday")
    assert command(*words, "--controls", "s4-*", "--output", "no/such/folder") == 2
    told = capsys.readouterr().err
    assert "broken.json: is cut off" in told
    assert "missing.json: there is no such file" in told
    assert "old.json: is no report of drift" in told
    assert "--now is 'yesterday'" in told
    assert "no control matches 's4-*'" in told
    assert "--output no/such/folder" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["before.json"], "one file has to hold both sides"),
        (["before.json", "prod"], "a preview cannot see drift"),
        (["prod"], "a preview cannot see drift"),
        (["-", "-"], "standard input can be one of them only"),
        (["before.json", "dev.json"], "that is no drift of one stack"),
    ],
)
def test_wrong_sides_are_refused(
    words: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("dev.json").write_text(json.dumps(BEFORE).replace("pulumi:prod:", "pulumi:dev:"))
    assert command(*words) == 2
    assert told in capsys.readouterr().err


def test_a_waiver_of_the_project_holds_on_the_day_of_the_report() -> None:
    keep("after.json", tampered(BEFORE, "db", ingress=[{**WORLD_SSH, "fromPort": 9, "toPort": 9}]))
    words = ("before.json", "after.json", "--controls", "ec2-sg-world-ingress-approved-ports")
    Path("waivers.yaml").write_text(
        "version: 1\n"
        "waivers:\n"
        "  - control: ec2-sg-world-ingress-approved-ports\n"
        '    resource: "*::db"\n'
        "    reason: The discard service is probed by the old hosts until they are moved.\n"
        "    owner: platform@example.com\n"
        "    approver: risk@example.com\n"
        "    created: 2026-11-01\n"
        "    expires: 2026-11-30\n"
    )
    assert command(*words, "--now", "2026-11-22T13:05Z") == 0
    assert command(*words, "--now", "2026-12-01T13:05Z") == 1
    assert command(*words, "--now", "2026-11-22T13:05Z", "--no-waivers") == 1


def test_what_a_program_declares_is_compared_with_a_refreshed_state(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    Path("Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    Path("__main__.py").write_text(
        "import pulumi_aws as aws\n"
        'aws.kms.Key("orders", enable_key_rotation=True, description="Orders")\n'
    )
    inputs = {"enableKeyRotation": True, "description": "Orders"}
    state = shop(resource("aws:kms/key:Key", "orders", inputs, id="5a1c"))
    keep("after.json", state)
    assert command("prod", "after.json") == 0, capsys.readouterr().out
    keep("after.json", tampered(state, "orders", enableKeyRotation=False))
    assert command("prod", "after.json") == 1
    assert "kms-rotation-enabled" in capsys.readouterr().out
