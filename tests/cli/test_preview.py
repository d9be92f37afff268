"""The `preview` verb as its users meet it: verdicts, exit codes, files, and mistakes.

Each test runs a program in an interpreter of its own; what controls find in detail is tested with
the controls.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import Command, Write

CLEAN = {"__main__.py": "import pulumi\npulumi.export('greeting', 'hello')\n"}

DEFECTS = """\
import json
from pulumi_aws import ec2, iam, rds, s3

data = s3.Bucket("data", acl="public-read")
admin = ec2.SecurityGroup(
    "admin",
    vpc_id="vpc-1",
    ingress=[{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}],
)
books = rds.Instance("books", engine="postgres", instance_class="db.t4g.medium", username="app",
                     manage_master_user_password=True)
wild = iam.Policy("wild", policy=json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}))
"""
CRITICAL_DEFECTS = {
    ("s3-acl-not-public", "data", 4),
    ("s3-public-access-blocked", "data", 4),
    ("ec2-sg-no-world-admin-ports", "admin", 5),
    ("rds-storage-encrypted", "books", 10),
    ("iam-policy-no-admin-star", "wild", 12),
}


def test_a_clean_program_ends_with_exit_code_0(command: Command, write: Write) -> None:
    run = command("preview", "--cwd", write(CLEAN))
    assert run.code == 0
    assert run.out.rstrip().splitlines()[-1].startswith("clean · no findings · 0 resources")


def test_each_defect_is_found_at_its_line(command: Command, write: Write) -> None:
    run = command(
        "preview", "--cwd", write({"__main__.py": DEFECTS}), "--format", "json",
        "--fail-on", "critical",
    )  # fmt: skip
    assert run.code == 1
    report = json.loads(run.out)
    assert report["outcome"] == "blocked"
    assert {
        (finding["control"], finding["name"], finding["line"])
        for finding in report["findings"]
        if finding["severity"] == "critical"
    } == CRITICAL_DEFECTS
    assert {finding["file"] for finding in report["findings"]} == {"__main__.py"}


def test_sarif_and_junit_files_hold_the_same_findings(
    command: Command, write: Write, tmp_path: Path
) -> None:
    project = write({"__main__.py": DEFECTS})
    wanted = ("preview", "--cwd", project, "--controls", "iam-policy-no-admin-star")
    sarif, junit = tmp_path / "out.sarif", tmp_path / "out.xml"
    run = command(*wanted, "--format", "sarif", "--output", sarif)
    assert (run.code, run.out, run.err) == (1, "", f"blocked, 1 finding: wrote {sarif}\n")
    assert command(*wanted, "--format", "junit", "--output", junit).code == 1
    (result,) = json.loads(sarif.read_text())["runs"][0]["results"]
    assert result["ruleId"] == "iam-policy-no-admin-star"
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("__main__.py", 12)
    assert len(ET.parse(junit).findall(".//failure")) == 1


def test_the_threshold_decides_what_blocks(command: Command, write: Write) -> None:
    project = write(
        {"__main__.py": "from pulumi_aws import kms\nkms.Key('k', deletion_window_in_days=30)\n"}
    )
    assert command("preview", "--cwd", project, "--fail-on", "medium").code == 1
    assert command("preview", "--cwd", project, "--fail-on", "high").code == 0


def test_a_control_can_be_configured_as_in_a_policy_pack(
    command: Command, write: Write, tmp_path: Path
) -> None:
    project = write(
        {
            "__main__.py": "from pulumi_aws import kms\n"
            "kms.Key('k', enable_key_rotation=True, deletion_window_in_days=14)\n",
            "policy.json": json.dumps({"kms-deletion-window-long": {"minimum_days": 14}}),
        }
    )
    wanted = ("preview", "--cwd", project, "--controls", "kms-*")
    assert command(*wanted).code == 1
    assert command(*wanted, "--policy-config", tmp_path / "policy.json").code == 0


def test_mistakes_in_a_policy_configuration_are_reported_together(
    command: Command, write: Write, tmp_path: Path
) -> None:
    project = write(CLEAN)
    config = tmp_path / "policy.json"
    config.write_text(
        json.dumps(
            {
                "kms-deletion-window-long": {"minimum_days": "many", "enforcementLevel": "loud"},
                "kms-nothing": "advisory",
            }
        )
    )
    run = command("preview", "--cwd", project, "--policy-config", config)
    assert run.code == 2
    assert "'loud' is no enforcement level" in run.err
    assert "minimum_days is 'many', but must be int, like 30" in run.err
    assert "'kms-nothing' is no control" in run.err


def test_undecided_has_an_exit_code_of_its_own(command: Command, write: Write) -> None:
    project = write(
        {
            "__main__.py": "import pulumi\nfrom pulumi_aws import kms\n"
            "other = pulumi.StackReference('acme/elsewhere/prod')\n"
            "kms.Key('k', enable_key_rotation=other.get_output('rotate'))\n"
        }
    )
    wanted = ("preview", "--cwd", project, "--controls", "kms-rotation-enabled")
    run = command(*wanted)
    assert run.code == 2
    assert "undecided" in run.out.rstrip().splitlines()[-1]
    assert command(*wanted, "--allow-undecided").code == 0
    given = ("--stack-output", "acme/elsewhere/prod:rotate=true")
    assert command(*wanted, *given).code == 0
    given = ("--stack-output", "acme/elsewhere/prod:rotate=false")
    assert command(*wanted, *given).code == 1


def test_every_resource_is_shown_with_its_resolved_inputs(command: Command, write: Write) -> None:
    project = write(
        {
            "__main__.py": "import pulumi\nfrom pulumi_aws import s3\n"
            "tags = {'key': pulumi.Output.secret('s3cr3t!')}\n"
            "b = s3.Bucket('data', bucket='acme-data', tags=tags)\n"
            "s3.BucketPolicy('data', bucket=b.id, policy=pulumi.Output.json_dumps("
            "{'Resource': pulumi.Output.concat(b.arn, '/*')}))\n"
        }
    )
    run = command("preview", "--cwd", project, "--show")
    assert "arn:aws:s3:::acme-data/*" in run.out
    assert "s3cr3t!" not in run.out
    assert "[secret]" in run.out


def test_two_runs_give_the_same_bytes(command: Command, write: Write) -> None:
    project = write({"__main__.py": DEFECTS})
    first, second = (command("preview", "--cwd", project, "--format", "json") for _ in range(2))
    assert first.out == second.out


def test_what_a_program_prints_stays_out_of_the_report(command: Command, write: Write) -> None:
    project = write({"__main__.py": "print('building')\n"})
    run = command("preview", "--cwd", project, "--format", "json")
    assert json.loads(run.out)["outcome"] == "clean"
    assert "building" in run.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--output", "nowhere/report.json"), "the folder nowhere does not exist"),
        (("--controls", "s3-versionin-enabled"), "did you mean s3-versioning-enabled"),
        (("--config", "region"), "--config 'region' is not a key=value pair"),
        (("--stack-output", "acme/x:y"), "is not of the form STACK:KEY=VALUE"),
        (("--answers", "nowhere.yaml"), "nowhere.yaml"),
        (("--fail-on", "severe"), "invalid choice: 'severe'"),
        (("--timeout", "-1"), "-1 is not a positive number of seconds"),
    ],
)
def test_wrong_arguments_are_explained(
    command: Command, write: Write, arguments: tuple[str, ...], message: str
) -> None:
    run = command("preview", "--cwd", write(CLEAN), *arguments)
    assert run.code == 2
    assert message in run.err
    assert "Traceback" not in run.err
    assert run.out == ""


def test_a_misspelt_component_argument_names_the_right_one(command: Command, write: Write) -> None:
    project = write(
        {
            "__main__.py": "from fintech_infra import EncryptionKey\n\n"
            "EncryptionKey('k', {'rotation_day': 90, 'aliass': 'x'})\n"
        }
    )
    run = command("preview", "--cwd", project)
    assert run.code == 2
    assert "error: __main__.py:3: EncryptionKey 'k' cannot be built:" in run.err.replace(
        str(project) + "/", ""
    )
    assert "did you mean 'rotation_days'?" in run.err
    assert "did you mean 'alias'?" in run.err
    assert "Traceback" not in run.err


def test_debug_shows_the_trace(command: Command, write: Write) -> None:
    project = write({"__main__.py": "raise ValueError('no')\n"})
    quiet = command("preview", "--cwd", project)
    assert quiet.code == 2
    assert "__main__.py:1: ValueError: no" in quiet.err
    assert "Traceback" not in quiet.err
    assert "Traceback" in command("preview", "--cwd", project, "--debug").err


def test_an_existing_report_survives_a_failing_run(
    command: Command, write: Write, tmp_path: Path
) -> None:
    project = write({"__main__.py": "raise ValueError('no')\n"})
    report = tmp_path / "report.json"
    report.write_text("the last good one")
    assert command("preview", "--cwd", project, "--format", "json", "--output", report).code == 2
    assert report.read_text() == "the last good one"
    # What Python keeps of a program that it compiled is its own affair.
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {
        "Pulumi.yaml", "__main__.py", "report.json",
    }  # fmt: skip


def test_ctrl_c_ends_it_with_one_line_and_no_file(write: Write, tmp_path: Path) -> None:
    project = write({"__main__.py": "print('started', flush=True)\nwhile True: pass\n"})
    process = subprocess.Popen(
        [sys.executable, "-m", "fintech_infra.cli.main", "preview", "--format", "json",
         "--output", "report.json"],
        cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline() == "started\n"
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "interrupted; nothing was written\n")
    assert not (tmp_path / "report.json").exists()
