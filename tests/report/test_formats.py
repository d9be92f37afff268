"""What all machine formats promise."""

import subprocess
import sys
from dataclasses import replace

import pytest

from fintech_infra.report import FORMATS, Report


def test_the_formats_are_json_sarif_and_junit() -> None:
    assert list(FORMATS) == ["json", "sarif", "junit"]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_report_gives_the_same_bytes_whatever_the_time_it_took(
    sample: Report, name: str
) -> None:
    assert FORMATS[name](sample) == FORMATS[name](replace(sample, seconds=99.0))


@pytest.mark.parametrize("name", FORMATS)
def test_the_order_in_which_a_mapping_was_built_does_not_show(sample: Report, name: str) -> None:
    turned = tuple(
        replace(
            item,
            inputs=dict(reversed(list(item.inputs.items()))),
            outputs=dict(reversed(list(item.outputs.items()))),
        )
        for item in sample.environment.resources
    )
    again = replace(sample, environment=replace(sample.environment, resources=turned))
    assert FORMATS[name](sample) == FORMATS[name](again)


def test_machine_formats_do_without_rich() -> None:
    program = (
        "import sys\n"
        "from fintech_infra.controls.control import Severity\n"
        "from fintech_infra.controls.evaluate import Evaluation\n"
        "from fintech_infra.environment import Environment\n"
        "from fintech_infra.report import FORMATS, Report\n"
        "from fintech_infra.report.catalogue import controls_json\n"
        "report = Report(Environment('p', 's'), Evaluation((), (), 0), Severity.HIGH)\n"
        "assert all(render(report) for render in FORMATS.values())\n"
        "assert controls_json((), {})\n"
        "print('rich' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
