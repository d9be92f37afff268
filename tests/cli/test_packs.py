"""`preview --policy-pack` as its users meet it: verdicts, levels, configuration, and mistakes.

The packs run as Pulumi runs them, without its engine: that the engine sends what these packs are
sent is not proven here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fintech_infra.cli import packs
from fintech_infra.controls import CONTROLS
from tests.cli.conftest import Command, Run, Write
from tests.warm import warm

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """\
import pulumi
from pulumi_aws import s3

other = pulumi.StackReference("acme/elsewhere/prod")
s3.Bucket("data", bucket="acme-data", tags={"owner": other.get_output("owner")})
s3.Bucket("logs", bucket="logs", tags={"owner": "ops"})
"""

POLICIES = """\
import pulumi
from pulumi_policy import *


def buckets(check):
    return lambda args, report: args.resource_type.endswith(":Bucket") and check(args, report)


def named(args, report):
    prefix = args.get_config()["prefix"]
    if not args.props["bucket"].startswith(prefix):
        report(f"{args.props['bucket']} does not begin with {prefix}")


def owned(args, report):
    if not args.props["tags"]["owner"]:
        report("has no owner")


def few(args, report):
    found = [item for item in args.resources if item.resource_type.endswith(":Bucket")]
    if len(found) > 1:
        report(f"{len(found)} buckets", max(item.urn for item in found))
    report(f"{pulumi.get_organization()} {pulumi.get_project()} {pulumi.get_stack()}")


PolicyPack(
    "acme",
    [
        ResourceValidationPolicy(
            "bucket-named", "Buckets are named after us.", buckets(named),
            EnforcementLevel.MANDATORY,
            PolicyConfigSchema({"prefix": {"type": "string", "minLength": 2, "default": "acme-"}}),
            severity=Severity.LOW, remediation_steps="Rename it.",
            framework=PolicyComplianceFramework("Acme Rules", "1", "4.2"),
        ),
        ResourceValidationPolicy(
            "bucket-owned", "Buckets have an owner.\\nNobody cleans up otherwise.",
            buckets(owned), EnforcementLevel.MANDATORY,
        ),
        StackValidationPolicy(
            "buckets-few", "There are few buckets.", few, severity=Severity.CRITICAL,
        ),
    ],
)
"""  # fmt: skip

PACK = {
    "__main__.py": PROGRAM,
    "rules/PulumiPolicy.yaml": "runtime: python\nversion: 1.2.3\n",
    "rules/__main__.py": POLICIES,
}
OURS = "controls of fintech-infra, judged as such"
IDLE = {**PACK, "__main__.py": "import pulumi\n"}
NO_CONTROLS = {control.id: "disabled" for control in CONTROLS}


@pytest.fixture(autouse=True)
def _warm() -> Iterator[None]:
    """The programs are small, and not what is tested."""
    with warm():
        yield


def _preview(
    command: Command, project: Path, *arguments: object, config: Mapping[str, Any] = {}
) -> Run:
    """Hold a project to its pack alone."""
    file = project / "config.json"
    file.write_text(json.dumps({**NO_CONTROLS, **config}))
    return command(
        "preview", "--cwd", project, "--policy-pack", project / "rules", "--policy-config", file,
        *arguments,
    )  # fmt: skip


def _findings(run: Run) -> list[tuple[str, str, str, str, bool]]:
    return [
        (item["control"], item["verdict"], item["name"], item["message"], item["decides"])
        for item in json.loads(run.out)["findings"]
    ]


@pytest.fixture
def pack(write: Write) -> Any:
    """Write a project with a pack of one policy, whose `check(args, report)` is given."""

    def files(check: str, **keywords: str) -> Path:
        more = "".join(f", {name}={value}" for name, value in keywords.items())
        policy = f"ResourceValidationPolicy('p', 'It holds.', check{more})"
        code = f"from pulumi_policy import *\n\n\n{check}\n\n\nPolicyPack('acme', [{policy}])\n"
        return write({**IDLE, "rules/__main__.py": code})

    return files


def test_policies_of_every_kind_are_findings_beside_the_controls(
    command: Command, write: Write
) -> None:
    run = _preview(command, write(PACK), "--format", "json")

    assert run.err == ""
    assert run.code == 1
    assert _findings(run) == [
        ("buckets-few", "violated", "logs", "2 buckets", False),
        ("buckets-few", "violated", "shop-dev", "organization shop dev", False),
        (
            "bucket-owned", "undecided", "data",
            "tags.owner is not known before deployment", True,
        ),
        ("bucket-named", "violated", "logs", "logs does not begin with acme-", True),
    ]  # fmt: skip
    report = json.loads(run.out)
    # Both resource policies are given the stack, its default provider and two buckets; what is
    # only read is not sent.
    assert (report["summary"]["controls"], report["summary"]["judged"]) == (3, 2 * 4 + 1)


def test_a_finding_says_what_the_policy_says(command: Command, write: Write) -> None:
    run = _preview(command, write(PACK), "--format", "json")

    (finding,) = [x for x in json.loads(run.out)["findings"] if x["control"] == "bucket-named"]
    assert finding["title"] == "Buckets are named after us."
    assert finding["why"] == "The policy pack acme asks for it."
    assert finding["fix"] == "Rename it."
    assert finding["severity"] == "low"
    assert finding["requirements"] == [{"framework": "Acme Rules", "id": "4.2"}]
    assert (finding["file"], finding["line"]) == ("__main__.py", 6)
    (finding,) = [x for x in json.loads(run.out)["findings"] if x["control"] == "bucket-owned"]
    assert finding["title"] == "Buckets have an owner."
    assert finding["why"] == "Nobody cleans up otherwise."
    assert finding["severity"] == "high"
    assert finding["path"] == "tags.owner"


def test_controls_and_policies_judge_in_one_run(command: Command, write: Write) -> None:
    project = write(PACK)

    run = command("preview", "--cwd", project, "--policy-pack", project / "rules",
                  "--controls", "s3-versioning-enabled", "--format", "json")  # fmt: skip

    assert {(control, name) for control, _, name, _, _ in _findings(run)} >= {
        ("s3-versioning-enabled", "data"),
        ("bucket-named", "logs"),
    }


@pytest.mark.parametrize("threshold", ["critical", "low"])
@pytest.mark.parametrize(
    ("level", "code"), [("mandatory", 1), ("remediate", 1), ("advisory", 0), ("disabled", 0)]
)
def test_the_level_decides_whatever_the_threshold(
    command: Command, pack: Any, threshold: str, level: str, code: int
) -> None:
    project = pack("def check(args, report):\n    report('no')", severity="Severity.MEDIUM")

    run = _preview(command, project, "--fail-on", threshold, config={"p": level})

    assert run.code == code
    assert ("no findings" in run.out) is (level == "disabled")


def test_what_is_advisory_and_what_is_mandatory_is_told(command: Command, pack: Any) -> None:
    project = pack("def check(args, report):\n    report('no')")

    assert "p  advisory" in _preview(command, project).out
    assert "low 1 finding, advisory" in _preview(command, project).out
    assert "p  mandatory" in _preview(command, project, config={"p": "mandatory"}).out
    junit = _preview(command, project, "--format", "junit").out
    assert '<skipped message="low, advisory: no" />' in junit


def test_a_mandatory_policy_that_cannot_tell_leaves_the_run_undecided(
    command: Command, write: Write
) -> None:
    project = write(PACK)
    config = {"bucket-named": "disabled"}

    assert _preview(command, project, config=config).code == 2
    assert _preview(command, project, "--allow-undecided", config=config).code == 0
    advisory = {**config, "bucket-owned": "advisory"}
    assert _preview(command, project, config=advisory).code == 0


def test_settings_reach_the_policies(command: Command, write: Write) -> None:
    config = {"bucket-named": {"prefix": "lo"}, "all": "advisory"}

    run = _preview(command, write(PACK), "--format", "json", config=config)

    assert run.code == 0
    assert ("bucket-named", "violated", "data", "acme-data does not begin with lo", False) in (
        _findings(run)
    )


def test_mistakes_in_settings_are_reported_together(command: Command, write: Write) -> None:
    project = write(IDLE)

    run = _preview(command, project, config={"bucket-named": "loud", "bucket-name": "advisory"})
    assert run.code == 2
    assert "bucket-named: 'loud' is no enforcement level; they are advisory, mandatory" in run.err
    assert "'bucket-name' is no control, and no policy of acme" in run.err

    run = _preview(command, project, config={CONTROLS[0].id: {"enforcementLevel": []}})
    assert f"{CONTROLS[0].id}: [] is no enforcement level" in run.err

    run = _preview(command, project, config={"bucket-named": {"prefix": 7}})
    assert run.code == 2
    assert "policy pack acme: bucket-named: prefix: 7 is not of type string" in run.err

    run = _preview(command, project, config={"bucket-named": {"prefix": "a"}})
    assert "prefix: 'a' must have 2 characters or more" in run.err


def test_a_setting_that_no_policy_describes_is_noted(command: Command, write: Write) -> None:
    run = _preview(command, write(IDLE), config={"bucket-named": {"prefixx": "x"}})

    assert run.code == 0
    assert "'prefixx' is no setting that the policy describes; did you mean" in (
        " ".join(run.out.split())
    )


def test_our_own_pack_adds_nothing_and_says_so(command: Command, write: Write) -> None:
    project = write({"__main__.py": "from pulumi_aws import kms\nkms.Key('k')\n"})
    wanted = ("preview", "--cwd", project, "--format", "json")

    alone = json.loads(command(*wanted).out)
    both = json.loads(command(*wanted, "--policy-pack", ROOT / "policy_pack").out)

    assert both["findings"] == alone["findings"] != []
    assert both["summary"] == alone["summary"]
    assert [item["message"] for item in both["diagnostics"]] == [
        f"policy pack fintech-infra: {len(CONTROLS)} policies are {OURS}"
    ]


def test_a_policy_that_only_shares_a_name_with_a_control_is_kept_apart(
    command: Command, write: Write
) -> None:
    code = POLICIES.replace("bucket-named", "s3-versioning-enabled")
    run = _preview(command, write({**PACK, "rules/__main__.py": code}), "--format", "json")

    # The configuration disables the control and, by its name, the policy.
    assert not [item for item in _findings(run) if "versioning" in item[0]]
    project = write(PACK)
    run = command("preview", "--cwd", project, "--policy-pack", project / "rules",
                  "--controls", "s3-versioning-enabled", "--format", "json")  # fmt: skip
    assert {control for control, *_ in _findings(run)} >= {"s3-versioning-enabled", "bucket-named"}
    write({**PACK, "rules/__main__.py": code})
    run = command("preview", "--cwd", project, "--policy-pack", project / "rules",
                  "--controls", "s3-versioning-enabled", "--format", "json")  # fmt: skip
    assert {control for control, *_ in _findings(run)} >= {
        "s3-versioning-enabled",
        "acme/s3-versioning-enabled",
    }


def test_several_packs_judge_in_one_run(command: Command, write: Write) -> None:
    project = write(
        {
            **PACK,
            "more/PulumiPolicy.yaml": "runtime: python\n",
            "more/__main__.py": POLICIES.replace('"acme"', '"more"'),
        }
    )

    run = _preview(command, project, "--policy-pack", project / "more", "--format", "json")

    assert {control for control, *_ in _findings(run)} == {
        f"{pack}/{policy}"
        for pack in ("acme", "more")
        for policy in ("bucket-named", "bucket-owned", "buckets-few")
    }


def test_two_packs_of_one_name_are_refused(command: Command, write: Write) -> None:
    project = write(
        {**IDLE, "more/PulumiPolicy.yaml": "runtime: python\n", "more/__main__.py": POLICIES}
    )

    run = _preview(command, project, "--policy-pack", project / "more")

    assert run.code == 2
    assert "two policy packs are called acme" in run.err


def test_two_runs_give_the_same_bytes(command: Command, write: Write) -> None:
    project = write(PACK)
    first, second = (_preview(command, project, "--format", "sarif") for _ in range(2))
    assert first.out == second.out


def test_secrets_of_the_configuration_do_not_reach_a_pack(command: Command, write: Write) -> None:
    check = (
        "import pulumi\n\n"
        "def check(args, report):\n"
        "    config = pulumi.Config()\n"
        "    report(config.require('plain') + ' ' + config.require('token'))"
    )
    code = (
        f"from pulumi_policy import *\n{check}\n"
        "PolicyPack('acme', [ResourceValidationPolicy('p', 'It holds.', check)])\n"
    )
    project = write(
        {
            **PACK,
            "Pulumi.yaml": "name: shop\nruntime: python\nconfig:\n"
            "  token: {type: string, secret: true}\n  plain: {type: string}\n",
            "__main__.py": "import pulumi\n",
            "rules/__main__.py": code,
        }
    )

    run = _preview(
        command, project, "--config", "token=s3cr3t!", "--config", "plain=open", "--format", "json"
    )

    assert [message for _, _, _, message, _ in _findings(run)] == ["open simulated-secret-value"]


def test_a_policy_that_remediates_is_judged_by_what_it_leaves(
    command: Command, write: Write
) -> None:
    code = """\
from pulumi_policy import *

def remediate(args):
    if args.resource_type.endswith(":Bucket"):
        return {**args.props, "bucket": "acme-" + args.props["bucket"]}

def check(args, report):
    if args.resource_type.endswith(":Bucket") and not args.props["bucket"].startswith("acme-"):
        report("is not ours")

def together(args, report):
    report(", ".join(r.props["bucket"] for r in args.resources if "bucket" in r.props))

PolicyPack("acme", [
    ResourceValidationPolicy("p", "It is ours.", check, EnforcementLevel.REMEDIATE,
                             remediate=remediate),
    StackValidationPolicy("q", "All are ours.", together),
])
"""
    program = "from pulumi_aws import s3\ns3.Bucket('logs', bucket='logs')\n"
    project = write({**PACK, "__main__.py": program, "rules/__main__.py": code})

    run = _preview(command, project, "--format", "json")

    assert run.code == 0
    assert [message for _, _, _, message, _ in _findings(run)] == ["acme-logs"]
    (said,) = json.loads(run.out)["diagnostics"]
    assert said["message"] == (
        "policy p of acme changes bucket before a deployment; it was judged as changed"
    )
    assert said["urn"].endswith("::logs")


def test_what_a_pack_prints_stays_out_of_the_report(command: Command, pack: Any) -> None:
    project = pack(
        "import sys\ndef check(args, report):\n    print('x'), print('y', file=sys.stderr)"
    )

    run = _preview(command, project, "--format", "json")

    assert json.loads(run.out)["outcome"] == "clean"
    assert run.err == "y\nx\n"


BROKEN = [
    ({"__main__.py": None}, "has no __main__.py, so there is no pack to run"),
    ({"PulumiPolicy.yaml": None}, "rules is no policy pack: it has no PulumiPolicy.yaml"),
    ({"PulumiPolicy.yaml": "runtime: [python\n"}, "PulumiPolicy.yaml:2: is not valid YAML"),
    ({"PulumiPolicy.yaml": "version: 1.0.0\n"}, "PulumiPolicy.yaml: needs a `runtime`"),
    ({"PulumiPolicy.yaml": "runtime: nodejs\n"}, "is a nodejs policy pack; only those in Python"),
    (
        {"PulumiPolicy.yaml": "runtime: python\nmain: src\n"},
        "PulumiPolicy.yaml: main: src does not exist",
    ),
    (
        {"__main__.py": "x = 1\nraise ValueError('no rules today')\n"},
        "rules/__main__.py:2: the policy pack failed to start: ValueError: no rules today",
    ),
    ({"__main__.py": "def x(:\n"}, "rules/__main__.py:1: the policy pack failed to start: Syntax"),
    (
        {"__main__.py": "import no_such_module\n", "requirements.txt": "no_such_module\n"},
        f"ModuleNotFoundError: No module named 'no_such_module' in {sys.executable}",
    ),
    (
        {"__main__.py": "import sys\nsys.exit('no licence')\n"},
        "the policy pack ended (exit code 1) without serving policies: no licence",
    ),
    (
        {"__main__.py": "x = 1\n"},
        "the policy pack ended (exit code 0) without serving policies: it printed nothing",
    ),
    (
        {"__main__.py": "print('hello')\n" + POLICIES},
        "the policy pack printed 'hello', where Pulumi expects the port it serves on",
    ),
    (
        {"__main__.py": "from pulumi_policy import *\nPolicyPack('acme', [])\n"},
        "rules/__main__.py:2: the policy pack failed to start: TypeError: Missing policies",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "message"), BROKEN)
def test_a_pack_that_does_not_start_is_explained(
    command: Command, write: Write, files: Mapping[str, str | None], message: str
) -> None:
    contents = {**IDLE, **{f"rules/{name}": text for name, text in files.items()}}
    project = write({name: text for name, text in contents.items() if text is not None})

    run = _preview(command, project)

    assert run.code == 2
    assert message in run.err.replace(f"{project}/", "")
    assert "Traceback" not in run.err
    assert run.out == ""


def test_folders_that_are_no_packs_are_named_together(command: Command, write: Write) -> None:
    project = write({**IDLE, "rules/PulumiPolicy.yaml": "version: 1\n"})

    run = _preview(
        command, project, "--policy-pack", "nowhere", "--policy-pack", project / "Pulumi.yaml"
    )

    assert run.code == 2
    assert "needs a `runtime`" in run.err
    assert "the policy pack nowhere does not exist" in run.err
    assert "Pulumi.yaml is not a folder" in run.err


def test_a_policy_that_fails_is_shown_once_with_its_line(command: Command, write: Write) -> None:
    code = POLICIES.replace('report("has no owner")', "pass").replace(
        'args.props["tags"]["owner"]', "1 / 0"
    )
    project = write({**PACK, "rules/__main__.py": code})

    run = _preview(command, project)

    line = code.splitlines().index("    if not 1 / 0:") + 1
    assert run.code == 2
    assert f"rules/__main__.py:{line}: the policy pack acme failed on aws:s3/bucket:Bucket " in (
        run.err
    )
    assert "ZeroDivisionError: division by zero" in run.err
    assert run.err.count("error:") == 1
    assert "Traceback" not in run.err
    assert "Traceback" in _preview(command, project, "--debug").err


def test_a_policy_that_ends_its_process_is_told(command: Command, pack: Any) -> None:
    project = pack("import os\ndef check(args, report):\n    os._exit(3)")

    run = _preview(command, project)

    assert run.code == 2
    assert "its process ended, which a policy must not do" in run.err


def test_a_missing_virtual_environment_is_noted(command: Command, write: Write) -> None:
    described = "runtime:\n  name: python\n  options:\n    virtualenv: venv\n"
    project = write({**IDLE, "rules/PulumiPolicy.yaml": described})

    run = _preview(command, project, "--format", "json")

    assert [item["message"] for item in json.loads(run.out)["diagnostics"]][-1] == (
        "policy pack acme: its virtual environment venv does not exist; "
        "the one that fintech-infra runs in was used"
    )


def test_packs_end_with_the_command(
    command: Command, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[packs.PackProcess] = []
    before = set(threading.enumerate())

    class Watched(packs.PackProcess):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            running.append(self)

    monkeypatch.setattr(packs, "PackProcess", Watched)
    assert _preview(command, write(IDLE)).code == 0
    failing = write({**IDLE, "__main__.py": "raise ValueError('no')\n"})
    assert _preview(command, failing).code == 2

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(packs.Packs, "judge", interrupt)
    assert _preview(command, write(IDLE)).code == 130
    assert [process.ended() is not None for process in running] == [True] * 3
    left = set(threading.enumerate()) - before
    assert [thread for thread in left if "ThreadPool" in thread.name] == []


def test_without_a_pack_nothing_of_it_is_imported(write: Write) -> None:
    project = write({"__main__.py": "import pulumi\n"})
    script = (
        "import sys\nfrom fintech_infra.cli.main import main\n"
        f"main(['preview', '--cwd', {str(project)!r}])\n"
        "found = [name for name in sys.modules if name.split('.')[0] in {'grpc', 'pulumi'}\n"
        "         or name.startswith('fintech_infra.engine.analyzer')]\n"
        "print(found, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stderr == "[]\n"
