"""`--waivers`, `--no-waivers` and `--today`, before the verbs that take them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from fintech_infra.cli.failure import Failure
from fintech_infra.cli.waiving import add_options, apply_waivers
from fintech_infra.controls import CONTROLS, Evaluation, evaluate
from fintech_infra.controls.waivers.fields import NAMES
from fintech_infra.controls.waivers.model import MARKER_TYPE
from fintech_infra.engine import preview
from fintech_infra.environment import Environment, Resource, Source
from tests.cli.conftest import Write

KEY = "aws:kms/key:Key"
ENTRY = """\
  - control: kms-rotation-enabled
    resource: aws:kms/key:Key::pay
    reason: The key is rotated by hand every month.
    owner: payments
    approver: risk office
    created: 2026-11-01
    expires: 2027-01-15
"""
FILE = f"version: 1\nwaivers:\n{ENTRY}"
PREFIX = "urn:pulumi:prod::shop::"
PAY = Resource(f"{PREFIX}{KEY}::pay", KEY, "pay", source=Source("__main__.py", 3))
ENVIRONMENT = Environment("shop", "prod", resources=(PAY,))
CHOSEN = [item for item in CONTROLS if item.id.startswith(("kms-rotation", "waiver-"))]


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_options(parser.add_argument_group("what it is held to"))
    return parser.parse_args(words)


def run(
    root: Path, *words: str, environment: Environment = ENVIRONMENT, today: str = "2026-12-01"
) -> Evaluation:
    chosen = options("--today", today, *words)
    return apply_waivers(chosen, root, environment, evaluate(environment, CHOSEN), {})


def problems(root: Path, *words: str, environment: Environment = ENVIRONMENT) -> Sequence[str]:
    with pytest.raises(Failure) as raised:
        run(root, *words, environment=environment)
    return [f"{item.place}: {item.message}" for item in raised.value.problems]


def test_the_file_of_the_project_is_read(write: Write) -> None:
    after = run(write({"waivers.yaml": FILE}))

    assert after.findings == ()
    assert [item.waiver.origin for item in after.waived] == ["waivers.yaml:3"]


def test_without_any_file_nothing_is_waived_and_no_control_over_waivers_is_judged(
    write: Write,
) -> None:
    before = evaluate(ENVIRONMENT, CHOSEN)

    assert run(write({})) == before


def test_another_file_is_read_in_its_place(write: Write) -> None:
    root = write({"waivers.yaml": FILE, "legal/accepted.yaml": FILE})
    after = run(root, "--waivers", str(root / "legal" / "accepted.yaml"))

    assert [item.waiver.origin for item in after.waived] == ["legal/accepted.yaml:3"]


def test_a_file_that_is_named_has_to_be_there(write: Write) -> None:
    (problem,) = problems(write({}), "--waivers", "none.yaml")

    assert problem.endswith("none.yaml: cannot be read: No such file or directory")


def test_nothing_is_waived_on_demand(write: Write) -> None:
    after = run(write({"waivers.yaml": "broken: ["}), "--no-waivers")

    assert [item.resource.name for item in after.findings] == ["pay"]
    assert after.waived == ()


def test_a_run_can_be_replayed_for_another_day(write: Write) -> None:
    root = write({"waivers.yaml": FILE})
    late = run(root, today="2027-01-16")

    assert {item.control.id for item in late.findings} == {
        "kms-rotation-enabled",
        "waiver-not-expired",
    }
    assert options().today is None
    assert options("--today", "2026-11-30").today == date(2026, 11, 30)


def test_mistakes_in_file_and_program_are_reported_together(write: Write) -> None:
    marker = Resource(
        f"{PREFIX}{MARKER_TYPE}::m",
        MARKER_TYPE,
        "m",
        {"control": "kms-rotation-enabled", "ofType": KEY, "ofName": "pay"},
        custom=False,
        source=Source("__main__.py", 3),
    )
    environment = Environment("shop", "prod", resources=(marker, PAY))
    text = FILE.replace("kms-rotation-enabled", "kms-rotation")
    found = problems(write({"waivers.yaml": text}), environment=environment)

    assert found[0] == "waivers.yaml:3: there is no control 'kms-rotation'"
    assert found[1] == "__main__.py:3: the waiver 'm': lacks 'reason'"
    assert len(found) == 6


def test_stacks_that_the_project_does_not_have_are_named(write: Write) -> None:
    root = write(
        {
            "waivers.yaml": FILE + "    stacks: [prdo]\n",
            "Pulumi.prod.yaml": "",
            "Pulumi.dev.yaml": "",
            "__main__.py": "",
        }
    )
    assert problems(root) == [
        (
            "waivers.yaml:3: the waiver of kms-rotation-enabled is for the stacks prdo, which "
            "there are not"
        )
    ]
    (root / "waivers.yaml").write_text(FILE + "    stacks: [dev]\n")
    assert [item.resource.name for item in run(root).findings] == ["pay"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--today", "soon"), "argument --today: soon is no date such as 2026-11-30"),
        (("--waivers", "x", "--no-waivers"), "--no-waivers: not allowed with argument --waivers"),
    ],
)
def test_what_makes_no_sense_is_refused(
    words: Sequence[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        options(*words)
    assert message in capsys.readouterr().err


def test_what_the_document_shows_works(write: Write) -> None:
    page = (Path(__file__).parents[2] / "docs" / "waivers.md").read_text("utf-8")
    shown = {
        kind: re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL) for kind in ("yaml", "python")
    }
    (file,), (program,) = shown["yaml"], shown["python"]
    root = write({"Pulumi.prod.yaml": "config:\n  aws:region: eu-west-1\n", "__main__.py": program})
    environment = preview(root, "prod").environment
    chosen = options("--today", "2026-12-01")
    inline = apply_waivers(chosen, root, environment, evaluate(environment, CONTROLS), {})

    assert sorted(item.finding.resource.name for item in inline.waived) == [
        "partner-key",
        "till-key",
    ]
    assert inline.findings == ()
    (root / "waivers.yaml").write_text(file)
    (root / "__main__.py").write_text("")
    key = Resource(f"{PREFIX}{KEY}::partner-key", KEY, "partner-key")
    after = run(root, environment=Environment("shop", "prod", resources=(key,)))
    assert len(after.waived) == 1
    assert after.findings == ()
    for word in (*NAMES, *(item.id for item in CHOSEN if item.service == "waiver")):
        assert f"`{word}`" in page
