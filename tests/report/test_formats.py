"""What all formats promise."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from fintech_infra.cli.writing import write_whole
from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.environment import Resource, Source
from fintech_infra.report import FORMATS, Report

HOSTILE = "a\r\n\x1b[31m\u202e\ud800<script>@all|`\"'=1+1-->\x00"

# One finding, one open question and one control that holds, judged for real.
_PROGRAM = """
import sys
from datetime import UTC, datetime
from hashlib import sha256
from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.controls.control import Severity
from fintech_infra.controls.frameworks import requirements
from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.report import FORMATS, Report

def bucket(name, **inputs):
    urn = f"urn:pulumi:dev::p::aws:s3/bucket:Bucket::{name}"
    return Resource(urn, "aws:s3/bucket:Bucket", name, inputs=inputs)

buckets = (bucket("a", acl="public-read", tags={"x": "1", "y": "2"}), bucket("b", acl=UNKNOWN))
environment = Environment("p", "dev", resources=buckets)
controls = [control for control in CONTROLS if control.id.startswith("s3-")]
report = Report(
    environment,
    evaluate(environment, controls),
    Severity.HIGH,
    requirements(),
    at=datetime(2026, 1, 1, tzinfo=UTC),
)
for name in sorted(FORMATS, key="html".__eq__):
    if name == "html":
        print("rich" in sys.modules)
    print(name, sha256(FORMATS[name](report).encode()).hexdigest())
"""


def _run(program: str, **variables: str) -> str:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=variables)
    return done.stdout


def test_the_formats_are_these() -> None:
    assert set(FORMATS) == {"json", "sarif", "junit", "html", "csv", "markdown", "oscal"}


def test_the_names_of_the_formats_cost_no_import_of_controls() -> None:
    program = (
        "import sys\n"
        "from fintech_infra.report import FORMATS, check_format\n"
        "print([name for name in sys.modules if name.startswith('fintech_infra.controls')])\n"
    )
    assert _run(program) == "[]\n"


def test_a_name_that_the_package_lacks_is_an_error() -> None:
    from fintech_infra import report

    with pytest.raises(AttributeError, match="no attribute 'Reporter'"):
        getattr(report, "Reporter")  # noqa: B009 - a type checker knows better


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_report_gives_the_same_bytes_whatever_the_time_it_took(
    full: Report, name: str
) -> None:
    assert FORMATS[name](full) == FORMATS[name](replace(full, seconds=99.0))


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "oscal"])
def test_the_moment_shows_in_evidence_only(full: Report, name: str) -> None:
    assert FORMATS[name](full) == FORMATS[name](replace(full, at=None))


@pytest.mark.parametrize("name", FORMATS)
def test_the_order_in_which_a_mapping_was_built_does_not_show(full: Report, name: str) -> None:
    turned = tuple(
        replace(
            item,
            inputs=dict(reversed(list(item.inputs.items()))),
            outputs=dict(reversed(list(item.outputs.items()))),
        )
        for item in full.environment.resources
    )
    again = replace(full, environment=replace(full.environment, resources=turned))
    assert FORMATS[name](full) == FORMATS[name](again)


def test_another_process_gives_the_same_bytes_and_machine_formats_do_without_rich() -> None:
    first, second = (_run(_PROGRAM, PYTHONHASHSEED=seed).splitlines() for seed in "12")
    assert first == second
    assert {line.split()[0] for line in first} == {*FORMATS, "False"}


@pytest.mark.parametrize("name", FORMATS)
def test_an_environment_without_resources_can_be_written(
    report: Callable[..., Report], control: Callable[..., Control], name: str
) -> None:
    made = report(controls=[control("c")], requirements={"c": (("NIST 800-53", "AC-3"),)})
    assert FORMATS[name](made)


@pytest.mark.parametrize("name", FORMATS)
def test_whatever_a_program_says_can_be_written_and_read(
    report: Callable[..., Report], control: Callable[..., Control], name: str, tmp_path: Path
) -> None:
    odd = Resource(
        f"urn:{HOSTILE}", f"t:t:{HOSTILE}", HOSTILE, source=Source(HOSTILE, 3), parent=HOSTILE
    )
    finding = Finding(control("c"), odd, Verdict.VIOLATED, HOSTILE, HOSTILE)
    made = report(odd, findings=[finding], requirements={"c": (("NIST 800-53", "AC-3"),)})
    made = replace(made, environment=replace(made.environment, project=HOSTILE, stack=HOSTILE))
    text = FORMATS[name](made)
    write_whole(str(tmp_path / "report"), text)
    readers: dict[str, Callable[[str], Any]] = {
        "json": json.loads,
        "sarif": json.loads,
        "oscal": json.loads,
        "junit": lambda written: fromstring(written.encode()),
    }
    assert readers.get(name, bool)(text) is not None
    assert "\x1b" not in text
    if name in {"html", "junit", "markdown"}:
        assert "<script>@all" not in text
