"""`fintech-infra ledger`, as docs/ledger.md tells it, and with wrong input."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from fintech_infra.cli.main import main
from fintech_infra.environment import STACK_TYPE, Environment, Resource
from tests.exports import state_of

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "ledger.md").read_text("utf-8")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
API = "urn:pulumi:prod::payments::aws:ecs/taskDefinition:TaskDefinition::api"
SECRET = "hunter2-hunter2"


def environment(digit: str) -> Environment:
    image = f"registry.example/api@sha256:{digit * 64}"
    stack = "urn:pulumi:prod::payments::pulumi:pulumi:Stack::payments-prod"
    return Environment(
        "payments",
        "prod",
        "acme",
        (
            Resource(stack, STACK_TYPE, "payments-prod", custom=False),
            Resource(
                API,
                "aws:ecs/taskDefinition:TaskDefinition",
                "api",
                inputs={
                    "family": "api",
                    "containerDefinitions": json.dumps([{"name": "api", "image": image}]),
                    "pidMode": SECRET,
                },
                outputs={"arn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/api:1"},
                id="api",
                parent=stack,
                secrets=("inputs.pidMode",),
            ),
        ),
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "state.json").write_text(json.dumps(state_of(environment("1"), show_secrets=True)))
    (tmp_path / "later.json").write_text(json.dumps(state_of(environment("2"), show_secrets=True)))
    (tmp_path / "decision.json").write_text("{}")
    return tmp_path


def told(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    try:
        code = main(["ledger", *words])
    except SystemExit as ended:
        code = int(str(ended.code))
    said = capfd.readouterr()
    return code, said.out, said.err


def test_it_goes_as_the_page_tells(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    codes: list[int] = []
    for block in BLOCK.findall(PAGE):
        for step in block.split("$ ")[1:]:
            first, _, said = step.partition("\n")
            command, _, code = first.partition("   # exit code ")
            words = shlex.split(command)
            if words[0] == "rm":
                for name in words[1:]:
                    (project / name).unlink()
                continue
            assert main(words[1:]) == int(code), command
            out = capfd.readouterr().out
            assert [line for line in said.splitlines() if line not in out] == []
            codes.append(int(code))

    assert len(codes) == 12
    kept = [path.read_bytes() for path in (project / "ledger").rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in content for content in kept)
    assert (project / "ledger.pem").stat().st_mode & 0o777 == 0o600


@pytest.fixture
def recorded(project: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    for words in (
        ["key", "--private", "ledger.pem", "--owner", "pipeline"],
        ["record", "state.json", "--key", "ledger.pem", "--policies", ".", "--lock", "later.json"],
    ):
        code, _, err = told(capfd, *words)
        assert (code, err) == (0, "")
    return project


def test_machines_read_what_was_recorded(recorded: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capfd, "log", "--format", "json")
    (entry,) = json.loads(out)

    assert code == 0
    assert entry["resolved"]["basis"] == "state"
    assert entry["source"]["unknown"].startswith("not a git repository")
    assert entry["lock"]["name"] == "later.json"
    assert [item["name"] for item in entry["policies"]] == [
        "fintech_infra.controls",
        recorded.name,
    ]
    assert entry["verdict"]["outcome"] == "blocked"
    assert sum(entry["verdict"]["findings"]["new"].values()) > 0


def test_machines_read_what_ran(recorded: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capfd, "at", "now", API, "--format", "json")
    (answer,) = json.loads(out)

    assert code == 0
    assert answer["resource"]["there"]
    assert answer["resource"]["images"][0]["digest"] == f"sha256:{'1' * 64}"
    assert SECRET not in out


def test_what_is_broken_ends_with_1(recorded: Path, capfd: pytest.CaptureFixture[str]) -> None:
    entry = recorded / "ledger" / "entries" / "000000000000.json"
    entry.write_bytes(entry.read_bytes().replace(b'"sig":"', b'"sig":"A'))

    code, out, _ = told(capfd, "verify", "--format", "json")
    assert code == 1
    assert json.loads(out)["faults"][0]["entry"] == 0
    for words in (
        ["verify"],
        ["at", "now"],
        ["log"],
        ["export", "audit"],
        ["prove", "--entry", "0"],
    ):
        code, out, err = told(capfd, *words)
        assert code == 1
        assert "broken: entry 0 is " in out + err
    code, _, err = told(capfd, "record", "later.json", "--key", "ledger.pem")
    assert code == 1
    assert not (recorded / "audit").exists()


@pytest.mark.parametrize(
    ("words", "messages"),
    [
        (["verify"], ["ledger-keys.json: cannot be read", "ledger: there is no ledger"]),
        (
            ["record", "state.json", "--key", "no.pem", "--gate", "no.json", "--review", "no.md"],
            ["ledger-keys.json: cannot be read", "no.pem", "no.json", "no.md"],
        ),
        (["at", "yesterday"], ["is 'yesterday', not a moment such as 2026-"]),
        (["at", "2026-01-01T00:00"], ["has no offset; for UTC write 2026-01-01T00:00Z"]),
        (["key", "--owner", "me"], ["--private --public-of"]),
        (
            ["key", "--private", "k", "--owner", "me", "--valid-until", "2020-01-01T00:00Z"],
            ["--valid-until is not after --valid-from"],
        ),
    ],
)
def test_mistakes_are_told_together(
    project: Path, capfd: pytest.CaptureFixture[str], words: list[str], messages: list[str]
) -> None:
    code, _, err = told(capfd, *words)

    assert code == 2
    assert [message for message in messages if message not in err] == []
    assert sorted(path.name for path in project.iterdir()) == [
        "decision.json",
        "later.json",
        "state.json",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["at", "now", "--stack", "dev"], "its stacks are organization/payments/prod"),
        (["at", "now", "urn:pulumi:prod::other::a:b:C::d"], "no deployment of urn:pulumi"),
        (["prove", "--entry", "7"], "there is no entry 7 among the 1 that are sealed"),
        (["export", "."], "exists and is left as it is"),
        (["key", "--public-of", "ledger.pem", "--owner", "me"], "is there already"),
        (["record", "state.json", "--key", "other.pem"], "is not trusted in ledger-keys.json"),
    ],
)
def test_what_cannot_be_is_told(
    recorded: Path, capfd: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    told(capfd, "key", "--private", "other.pem", "--owner", "me", "--keys", "other.json")
    code, _, err = told(capfd, *words)

    assert code == 2
    assert message in err


def test_a_resource_that_was_not_there_is_told(
    recorded: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = told(capfd, "at", "now", "urn:pulumi:prod::payments::a:b:C::d")

    assert code == 2
    assert "was not there" in out
