"""The parts of driving a policy pack that the command's own tests do not reach.

`tests/policy_pack` proves what a pack is given, `tests/cli/test_packs.py` what users see.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2

from fintech_infra.engine.analyzer.analysis import analyze
from fintech_infra.engine.analyzer.description import Description, read_description
from fintech_infra.engine.analyzer.messages import analyze_requests, seconds
from fintech_infra.engine.analyzer.policies import (
    Choice,
    Policy,
    configured,
    policies_of,
    read_choices,
    unknown_settings,
    wrong_settings,
)
from fintech_infra.engine.analyzer.process import PackProcess, Surroundings
from fintech_infra.engine.analyzer.schema import faults
from fintech_infra.engine.analyzer.session import AnalyzerPack
from fintech_infra.engine.analyzer.traces import problem_of
from fintech_infra.engine.errors import PreviewError
from fintech_infra.environment import Environment, Options, Resource

ROOT = Path(__file__).resolve().parents[2]
HERE = Surroundings("acme", "pay", "dev")
THING = Resource("urn:pulumi:dev::pay::test:index:Thing::it", "test:index:Thing", "it")
ANY = Environment("pay", "dev", "acme", (THING,))


def _pack(folder: Path, code: str, description: str = "runtime: python\n") -> Path:
    (folder / "PulumiPolicy.yaml").write_text(description)
    (folder / "__main__.py").write_text(code)
    return folder


def _one_policy(check: str) -> str:
    policy = "ResourceValidationPolicy('p', 'It holds.', check)"
    return f"from pulumi_policy import *\n{check}\nPolicyPack('acme', [{policy}])\n"


def test_a_pack_that_never_serves_is_given_up(tmp_path: Path) -> None:
    folder = _pack(tmp_path, "import threading\nthreading.Event().wait()\n")

    with (
        pytest.raises(PreviewError, match=r"did not start within 0\.5 seconds"),
        AnalyzerPack.open(folder, HERE, time_limit=0.5),
    ):
        pytest.fail("the pack serves")


def test_a_policy_that_never_answers_is_given_up(tmp_path: Path) -> None:
    waits = "import threading\ndef check(args, report):\n    threading.Event().wait()"
    process = PackProcess(read_description(_pack(tmp_path, _one_policy(waits))), HERE)
    try:
        patient = AnalyzerPack(process, 60.0)
        patient.connect(HERE)
        hasty = AnalyzerPack(process, 0.2)
        hasty.info, hasty.policies = patient.info, patient.policies
        hasty._stub = patient._stub
        with pytest.raises(PreviewError) as raised:
            analyze(hasty, ANY)
    finally:
        process.stop()

    assert [problem.message for problem in raised.value.problems] == [
        "the policy pack acme gave no answer about test:index:Thing 'it' within 0.2 seconds"
    ]


def test_an_ended_pack_can_be_stopped_again_and_keeps_its_words(tmp_path: Path) -> None:
    code = "import sys\nprint('1')\nprint('words', file=sys.stderr)\n"
    process = PackProcess(read_description(_pack(tmp_path, code)), HERE)

    assert process.port(30.0) == 1
    process._process.wait()
    process.stop()
    process.stop()

    assert process.ended() == 0
    assert (process.errors(), process.printed()) == ("words\n", "")


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux to wait for a grandchild")
def test_a_pack_ends_with_whoever_started_it_however_that_ends(tmp_path: Path) -> None:
    _pack(tmp_path, _one_policy("def check(args, report): pass"))
    script = (
        "import os, pathlib\n"
        "from fintech_infra.engine.analyzer.description import read_description\n"
        "from fintech_infra.engine.analyzer.process import PackProcess, Surroundings\n"
        f"described = read_description(pathlib.Path({str(tmp_path)!r}))\n"
        "process = PackProcess(described, Surroundings('acme', 'pay', 'dev'))\n"
        "process.port(60)\n"
        "print(process._process.pid, flush=True)\n"
        "input()\n"
        "os._exit(1)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.communicate(b"\n")

    ended, _, _ = select.select([child], [], [], 30.0)
    os.close(child)
    assert ended == [child]


def test_main_and_the_virtual_environment_say_how_a_pack_runs(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "policies.py").write_text("")
    python = tmp_path / "own" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    (tmp_path / "PulumiPolicy.yaml").write_text(
        "runtime:\n  name: python\n  options:\n    virtualenv: own\n"
        "main: src/policies.py\nversion: 2.0\n"
    )

    found = read_description(tmp_path)

    assert found == Description(tmp_path, "src/policies.py", "2.0", tmp_path / "own")
    assert found.interpreter == str(python)
    assert Description(tmp_path, ".", virtualenv=tmp_path / "none").interpreter == sys.executable


def test_a_pack_in_another_file_runs(tmp_path: Path) -> None:
    code = _one_policy("def check(args, report):\n    report('no', 'urn:of:nobody')")
    folder = _pack(
        tmp_path, "raise ValueError", "runtime: python\nmain: rules.py\nversion: 3.1.0\n"
    )
    (folder / "rules.py").write_text(code)

    with AnalyzerPack.open(folder, HERE, time_limit=60.0) as pack:
        analysis = analyze(pack, ANY)

    assert (pack.name, pack.version) == ("acme", "3.1.0")
    (said,) = analysis.diagnostics
    assert (said.policy, said.urn, said.level) == ("p", THING.urn, "advisory")
    assert (said.message, analysis.judged) == ("It holds.\nno", 1)


def test_an_interpreter_that_cannot_run_is_told(tmp_path: Path) -> None:
    _pack(tmp_path, "")
    python = tmp_path / "own" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o600)

    with pytest.raises(PreviewError, match="cannot be run: Permission denied"):
        PackProcess(Description(tmp_path, ".", virtualenv=tmp_path / "own"), HERE)


def test_the_surroundings_hide_secrets() -> None:
    given = Surroundings("acme", "pay", "dev", {"pay:a": "1", "pay:b": "2"}, ("pay:b", "pay:c"))

    assert given.variables() == {
        "PULUMI_ORGANIZATION": "acme",
        "PULUMI_PROJECT": "pay",
        "PULUMI_STACK": "dev",
        "PULUMI_DRY_RUN": "true",
        "PULUMI_CONFIG": '{"pay:a": "1", "pay:b": "simulated-secret-value"}',
    }
    assert "PULUMI_CONFIG" not in HERE.variables()


def test_a_resource_comes_with_its_provider_and_without_internal_keys() -> None:
    provider = Resource(
        "urn:pulumi:dev::pay::pulumi:providers:test::mine",
        "pulumi:providers:test",
        "mine",
        inputs={"region": "eu-west-1"},
    )
    thing = Resource(
        THING.urn, THING.type, THING.name, inputs={"__provider": "pickled", "a": {"__b": 1}},
        provider=provider.urn, options=Options(custom_timeouts=(("read", "1h"), ("update", "2m"))),
    )  # fmt: skip

    _, request = analyze_requests(Environment("pay", "dev", "acme", (provider, thing)))

    assert request.provider.name == "mine"
    assert json_format.MessageToDict(request.provider.properties) == {"region": "eu-west-1"}
    assert json_format.MessageToDict(request.properties) == {"a": {}}
    assert request.options.customTimeouts.update == seconds("2m") == 120.0


def _info(**level: Any) -> analyzer_pb2.AnalyzerInfo:
    info = analyzer_pb2.AnalyzerInfo(name="acme")
    for name in ("one", "two"):
        policy = info.policies.add(name=name, description="It holds.\nWhy.", enforcementLevel=1)
        policy.configSchema.properties.update({"days": {"type": "integer", "default": 7}})
    for name, value in level.items():
        info.initialConfig[name].enforcementLevel = value
    return info


def _levels(policies: tuple[Policy, ...]) -> list[str]:
    return [policy.level for policy in policies]


def test_choices_go_before_the_packs_own_and_those_before_defaults() -> None:
    found = policies_of(_info(two=analyzer_pb2.DISABLED))
    assert _levels(found) == ["mandatory", "disabled"]
    assert [policy.title for policy in found] == ["It holds.", "It holds."]
    assert [dict(policy.settings) for policy in found] == [{"days": 7.0}] * 2

    assert _levels(policies_of(_info(all=analyzer_pb2.REMEDIATE))) == ["remediate"] * 2
    chosen = configured(found, {"all": Choice("advisory"), "one": Choice("", {"days": 3})})
    assert _levels(chosen) == ["advisory", "advisory"]
    assert [dict(policy.settings) for policy in chosen] == [{"days": 3}, {"days": 7.0}]


def test_a_choice_is_a_level_or_an_object_with_one() -> None:
    choices, problems = read_choices(
        {
            "a": "mandatory",
            "b": {"enforcementLevel": "disabled", "x": 1},
            "c": {"x": 1},
            "d": "loud",
            "e": 7,
            "f": {"enforcementLevel": ["advisory"]},
            "g": None,
        }
    )

    assert choices == {
        "a": Choice("mandatory"),
        "b": Choice("disabled", {"x": 1}),
        "c": Choice("", {"x": 1}),
    }
    accepted = "is no enforcement level; they are advisory, mandatory, remediate, disabled"
    assert problems == [
        f"{given} {accepted}" for given in ("d: 'loud'", "e: 7", "f: ['advisory']", "g: None")
    ]


def test_settings_are_checked_and_strange_ones_named() -> None:
    (policy, _) = configured(policies_of(_info()), {"one": Choice("", {"days": 1.5, "day": 1})})

    assert wrong_settings(policy) == ["one: days: 1.5 is not of type integer"]
    assert list(unknown_settings(policy)) == [
        "one: 'day' is no setting that the policy describes; did you mean 'days'?"
    ]
    free = Policy("p", "It holds.", "It holds.", "advisory", settings={"anything": 1})
    assert list(unknown_settings(free)) == wrong_settings(free) == []


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        (7, {"type": "integer"}, []),
        (7.0, {"type": "integer"}, []),
        (True, {"type": "integer"}, ["True is not of type integer"]),
        (True, {"type": ["boolean", "null"]}, []),
        (7, {"type": ["boolean", "null"]}, ["7 is not of type boolean or null"]),
        ("a", {"enum": ["b", "c"]}, ["'a' is none of 'b', 'c'"]),
        ("a", {"const": "b"}, ["'a' is not 'b'"]),
        (0, {"minimum": 1}, ["0 must be at least 1"]),
        (9, {"exclusiveMaximum": 9}, ["9 must be less than 9"]),
        ("abc", {"maxLength": 2}, ["'abc' must have 2 characters or fewer"]),
        ([1], {"minItems": 2}, ["[1] must have 2 items or more"]),
        ("abc", {"pattern": "^b"}, ["'abc' does not match ^b"]),
        ([1, "x"], {"items": {"type": "number"}}, ["[1]: 'x' is not of type number"]),
        (
            {"a": {"b": [1]}},
            {"properties": {"a": {"properties": {"b": {"items": {"type": "string"}}}}}},
            ["a.b[0]: 1 is not of type string"],
        ),
        ({}, {"required": ["a"]}, ["a: is required"]),
        ("abc", {"format": "email"}, []),
    ],
)
def test_values_are_checked_against_their_schema(
    value: Any, schema: dict[str, Any], expected: list[str]
) -> None:
    assert list(faults(value, schema)) == expected


def test_a_trace_is_read_for_the_packs_own_line(tmp_path: Path) -> None:
    text = (
        "noise\nTraceback (most recent call last):\n"
        '  File "/usr/lib/x.py", line 1, in x\n'
        "KeyError: 'first'\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        "Traceback (most recent call last):\n"
        f'  File "{tmp_path}/rules/s3.py", line 12, in check\n    call()\n    ^^^^^^\n'
        f'  File "{tmp_path}/venv/lib/python3/site-packages/lib.py", line 3, in call\n'
        "lib.Error: two\nlines\n"
    )

    problem = problem_of(text, tmp_path, "it failed")

    assert problem
    assert (problem.file, problem.line) == (str(tmp_path / "rules" / "s3.py"), 12)
    assert problem.message == "it failed: lib.Error: two\nlines"
    assert problem.trace.startswith("Traceback (most recent call last):\n  File")
    assert problem_of("nothing of the kind", tmp_path, "it failed") is None
