"""`fintech-infra drift --live`: its inputs and exit codes, and the walk-through of its page."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fintech_infra.cli import drifting
from fintech_infra.cli.failure import Attempts
from fintech_infra.operations.drift import Drift
from fintech_infra.operations.tripwires import TRIPWIRES, blame
from fintech_infra.report.naming import short_type
from tests.exports import state_of
from tests.operations.drift.refreshed import TABLE, command, resource, shop, tampered
from tests.operations.tripwires.deployed import CLOSED, TLS_ONLY, Site, built, policy
from tests.operations.tripwires.looking import REGION, refusing

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "tripwires.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"(.*?)\s+# exit code (\d)\n(.*)", re.DOTALL)
WHO = "2026-11-22T13:05Z arn:aws:iam::123456789012:user/operator DeletePublicAccessBlock"


def blamed(_: Any, report: Drift, *__: Any) -> Drift:
    """CloudTrail, which moto does not play."""
    return replace(report, items=tuple(replace(it, who=(WHO,)) for it in report.items))


@pytest.fixture(scope="module")
def deployed() -> Iterator[Site]:
    with built() as found:
        yield found


@pytest.fixture
def site(deployed: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(blame, "blame", blamed)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    Path("before.json").write_text(json.dumps(state_of(deployed.state.environment)))
    yield deployed
    s3 = deployed.client("s3")
    s3.put_public_access_block(Bucket="shop-orders", PublicAccessBlockConfiguration=CLOSED)
    s3.put_bucket_policy(Bucket="shop-orders", Policy=policy(TLS_ONLY))


def opened(site: Site) -> None:
    site.client("s3").delete_public_access_block(Bucket="shop-orders")


def test_drift_is_read_from_aws(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("before.json", "--live") == 0
    said = capsys.readouterr().out
    assert "nothing has drifted" in said
    assert "note: Tripwires looked at 15 of 16 resources of AWS" in said
    opened(site)
    assert command("before.json", "--live", "--format", "json", "--output", "drift.json") == 1
    (item,) = json.loads(Path("drift.json").read_text())["items"]
    assert (item["op"], item["judgement"], item["who"]) == ("deleted", "dangerous", [WHO])
    assert command("before.json", "--live", "--history", "drift.json", "--format", "markdown") == 1
    said = capsys.readouterr().out
    assert "It has drifted in 1 earlier report" in said
    assert f"on record: {WHO}" in said


@pytest.mark.usefixtures("site")
def test_who_did_it_is_asked_for_files_where_it_is_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = shop(resource(TABLE, "orders", {"hashKey": "id"}))
    Path("before.json").write_text(json.dumps(table))
    Path("after.json").write_text(json.dumps(tampered(table, "orders", hashKey="number")))
    assert command("before.json", "after.json") == 3
    assert "on record" not in capsys.readouterr().out
    assert command("before.json", "after.json", "--who") == 3
    assert f"on record: {WHO}" in capsys.readouterr().out


def test_heal_can_look_again(site: Site) -> None:
    verb = argparse.ArgumentParser()
    drifting.add_sides(verb)
    drifting.add_held(verb)
    opened(site)
    judged = drifting.judged(verb.parse_args(["before.json", "--live"]), Attempts())
    assert judged.report.outcome == "dangerous"
    assert judged.look_again is not None
    site.client("s3").put_public_access_block(
        Bucket="shop-orders", PublicAccessBlockConfiguration=CLOSED
    )
    assert judged.look_again().report.outcome == "none"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["before.json", "after.json", "--live"], "--live reads AWS in place of AFTER"),
        (["before.json", "after.json", "--profile", "audit"], "--profile is for asking AWS"),
        (["before.json", "after.json", "--region", REGION], "--region is for asking AWS"),
        (["before.json", "--live", "--profile", "nobody"], "nobody"),
        (["nothing.json", "--live"], "there is nothing that it could look at"),
        (["missing.json", "--live", "--profile", "nobody"], "there is no such file"),
        (["before.json"], "or BEFORE and --live"),
    ],
)
@pytest.mark.usefixtures("site")
def test_what_cannot_be_asked_is_told(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = resource(TABLE, "orders", {"hashKey": "id"})
    Path("nothing.json").write_text(json.dumps(shop(table)))
    assert command(*words) == 2
    assert told in capsys.readouterr().err


def test_tripwires_see_what_the_page_tells(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    told = PAGE.split("## A walk-through")[1].split("## ")[0]
    site.client("s3").delete_bucket_policy(Bucket="shop-orders")
    codes: list[str] = []
    for language, name, block in BLOCK.findall(told):
        if language == "json":
            Path(name).write_text(block)
            continue
        for step in block.split("$ ")[1:]:
            program, *words = shlex.split(step.partition("\n")[0], comments=True)
            if program == "aws":
                _by_hand(site, *words)
                continue
            code, said = STEP.findall(step)[0][1:]
            assert command(*words[1:]) == int(code), words
            out = capsys.readouterr().out
            assert [line for line in said.splitlines() if line not in out] == []
            codes.append(code)
    assert codes == ["1", "0"]


def _by_hand(site: Site, service: str, operation: str, *words: str) -> None:
    """What the command line of AWS does."""
    assert service == "s3api"
    options = dict(zip(words[::2], words[1::2], strict=True))
    given: dict[str, Any] = {"Bucket": options["--bucket"]}
    if block := options.get("--public-access-block-configuration"):
        given["PublicAccessBlockConfiguration"] = json.loads(block)
    getattr(site.client("s3"), operation.replace("-", "_"))(**given)


def test_the_page_names_every_type_that_a_tripwire_looks_at() -> None:
    table = PAGE.split("## What is looked at")[1].split("## ")[0]
    types = {short_type(type_) for wire in TRIPWIRES for type_ in wire.looks}
    assert sorted(it for it in types if f"`{it}`" not in table) == []


def test_without_credentials_one_line_says_so(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = refusing(site.access, lambda it: it == "sts:get_caller_identity")
    monkeypatch.setattr("fintech_infra.operations.aws.connect", lambda *_: refused)
    assert command("before.json", "--live") == 2
    said = capsys.readouterr()
    assert "AWS cannot be asked: sts:" in said.err
    assert said.out == ""
