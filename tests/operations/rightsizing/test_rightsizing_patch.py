"""Settings are found by experiment. Programs are functions here; the command's tests run one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
import yaml

from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.environment import Environment
from fintech_infra.operations.rightsizing import (
    Advice,
    Outcome,
    Patch,
    Recommendation,
    Role,
    StackFile,
    Verdict,
    search,
)
from tests.operations.rightsizing.samples import load_of, queue, serverless, service

TEXT = """\
# production
config:
  shop:most: "64" # ACUs
  shop:other: 64
  shop:least: 8
  shop:secret:
    secure: AAABAHeBzB0=
  shop:tasks:
    api: {cpu: 1, memory: 4096, class: 'db.r7g.2xlarge'}
    list: [4, 20]
"""
Program = Callable[[Mapping[str, str]], Environment]


def running(program: Program) -> Callable[[Sequence[str]], Environment]:
    def run(pairs: Sequence[str]) -> Environment:
        values = {"shop:most": "64", "shop:least": "8", "shop:other": "64", "shop:vcpus": "256"}
        return program(values | dict(pair.split("=", 1) for pair in pairs))

    return run


def wanted(found: Environment, **roles: float) -> list[Recommendation]:
    load = load_of(found)
    advice = [Advice(it, roles.get(it.role.name.lower(), it.value)) for it in load.sizes]
    return [Recommendation(load, Verdict.BOTH, (), tuple(advice))]


def outcomes(patch: Patch) -> list[tuple[Role, Outcome, str]]:
    return [(it.advice.size.role, it.outcome, it.key) for it in patch.trials]


def capacity(values: Mapping[str, str]) -> Environment:
    least, most = float(values["shop:least"]), float(values["shop:most"])
    if least > most:
        raise PreviewError([Problem("least is above most")])
    return serverless(least, most)


def nothing(*_: Environment) -> Sequence[str]:
    return ()


def test_the_diff_changes_only_the_line_of_the_value_and_keeps_comment_and_quotes() -> None:
    file = StackFile("Pulumi.prod.yaml", TEXT)
    patch = search(wanted(serverless(), least=2, most=6), file, running(capacity), nothing)
    assert outcomes(patch) == [
        (Role.LEAST, Outcome.FOUND, "shop:least"),
        (Role.MOST, Outcome.FOUND, "shop:most"),
    ]
    changed = [
        it for it in patch.diff.splitlines() if it[:1] in "+-" and it[:3] not in {"+++", "---"}
    ]
    assert changed == [
        '-  shop:most: "64" # ACUs',
        '+  shop:most: "6" # ACUs',
        "-  shop:least: 8",
        "+  shop:least: 2",
    ]
    assert patch.previews == 3


def test_bounds_that_move_up_move_the_upper_one_first() -> None:
    file = StackFile("Pulumi.prod.yaml", TEXT)
    patch = search(wanted(serverless(), least=80, most=100), file, running(capacity), nothing)
    assert outcomes(patch) == [
        (Role.MOST, Outcome.FOUND, "shop:most"),
        (Role.LEAST, Outcome.FOUND, "shop:least"),
    ]


def test_a_setting_that_changes_something_else_as_well_is_not_the_one() -> None:
    def program(values: Mapping[str, str]) -> Environment:
        found = capacity(values)
        days = int(float(values["shop:most"]))
        cluster = replace(
            found.resources[0], inputs={**found.resources[0].inputs, "backupRetentionPeriod": days}
        )
        return replace(found, resources=(cluster, *found.resources[1:]))

    file = StackFile("Pulumi.prod.yaml", TEXT)
    patch = search(wanted(serverless(), most=10), file, running(program), nothing)
    (trial,) = patch.trials
    assert (trial.outcome, patch.diff) == (Outcome.NONE, "")
    assert trial.why == (
        "shop:most: also changes Cluster orders backupRetentionPeriod",
        "shop:other: does not set it",
    )


def test_what_is_minded_is_held_back_with_what_minds_it() -> None:
    file = StackFile("Pulumi.prod.yaml", TEXT)
    patch = search(
        wanted(serverless(), least=2, most=10),
        file,
        running(capacity),
        lambda before, _: ["parity: no"] if before.resources[0].inputs else [],
    )
    assert {it.outcome for it in patch.trials} == {Outcome.HELD}
    assert (patch.trials[0].why, patch.diff) == (("parity: no",), "")


def test_a_program_that_refuses_a_value_is_heard() -> None:
    def program(values: Mapping[str, str]) -> Environment:
        if values["shop:most"] == "6":
            raise PreviewError([Problem("max_capacity is 6; accepted are 8 to 256")])
        return capacity(values)

    file = StackFile("Pulumi.prod.yaml", TEXT)
    (trial,) = search(wanted(serverless(), most=6), file, running(program), nothing).trials
    assert trial.why[0] == (
        "shop:most: the program refuses 6: max_capacity is 6; accepted are 8 to 256"
    )


def test_compute_environments_share_a_setting_and_a_service_starts_with_its_fewest() -> None:
    file = StackFile("Pulumi.prod.yaml", "config:\n  shop:vcpus: 256\n  shop:least: 8\n")

    def jobs(values: Mapping[str, str]) -> Environment:
        return queue(int(values["shop:vcpus"]))

    def tasks(values: Mapping[str, str]) -> Environment:
        return service(least=int(values["shop:least"]))

    found = search(wanted(queue(), most=64), file, running(jobs), nothing)
    assert outcomes(found) == [(Role.MOST, Outcome.FOUND, "shop:vcpus")]
    found = search(wanted(service(least=8), least=2), file, running(tasks), nothing)
    assert outcomes(found) == [(Role.LEAST, Outcome.FOUND, "shop:least")]


def test_a_default_of_the_project_becomes_a_line_of_the_stack() -> None:
    file = StackFile("Pulumi.prod.yaml", "config:\n  aws:region: eu-west-1", {"shop:most": "64"})
    patch = search(wanted(serverless(), most=10), file, running(capacity), nothing)
    assert patch.diff.splitlines()[3:] == [
        " config:",
        "-  aws:region: eu-west-1",
        "\\ No newline at end of file",
        "+  aws:region: eu-west-1",
        '+  shop:most: "10"',
    ]
    empty = StackFile("Pulumi.prod.yaml", "", {"shop:most": 64})
    patch = search(wanted(serverless(), most=10), empty, running(capacity), nothing)
    assert patch.diff.endswith("+config:\n+  shop:most: 10\n")


def test_where_no_setting_does_it_the_program_is_named() -> None:
    file = StackFile("Pulumi.prod.yaml", "config:\n  aws:region: eu-west-1\n")
    (trial,) = search(wanted(serverless(), most=6), file, running(capacity), nothing).trials
    assert trial.why == ("no setting of Pulumi.prod.yaml has the value 64",)


def test_settings_of_the_command_line_and_undeployed_sizes_are_left_alone() -> None:
    file = StackFile("Pulumi.prod.yaml", TEXT)
    patch = search(
        wanted(serverless(), most=6),
        file,
        running(capacity),
        nothing,
        fixed=["shop:most", "shop:other"],
    )
    assert patch.trials[0].why == ("no setting of Pulumi.prod.yaml has the value 64",)
    patch = search(wanted(serverless(most=32), most=6), file, running(capacity), nothing)
    assert patch.trials[0].why == ("the program as it is says 64: deploy it first",)


def test_previews_are_bounded() -> None:
    text = "config:\n" + "".join(f"  shop:a{at}: 64\n" for at in range(20))
    found = wanted(serverless(), most=6)
    patch = search(found, StackFile("p", text), running(capacity), nothing)
    assert (patch.previews, len(patch.trials[0].why)) == (9, 8)
    patch = search(found, StackFile("p", text), running(capacity), nothing, limit=3)
    assert patch.previews == 3
    assert patch.trials[0].why[-1].endswith("not tried, after 3 previews")


@pytest.mark.parametrize(
    ("name", "value", "api", "list_"),
    [
        ("shop:tasks.api.cpu", "0.5", {"cpu": 0.5}, [4, 20]),
        ("shop:tasks.api.class", "db.r7g.large", {"class": "db.r7g.large"}, [4, 20]),
        ("shop:tasks.list[1]", "6", {}, [4, 6]),
    ],
)
def test_a_trial_and_the_patch_say_the_same(
    name: str, value: str, api: dict[str, Any], list_: list[int]
) -> None:
    file = StackFile("Pulumi.prod.yaml", TEXT)
    (setting,) = (it for it in file.settings() if it.name == name)
    after = file.with_value(setting, value)
    was, will = (it.text.splitlines() for it in (file, after))
    assert sum(one != other for one, other in zip(was, will, strict=True)) == 1
    tasks = {"api": {"cpu": 1, "memory": 4096, "class": "db.r7g.2xlarge"} | api, "list": list_}
    assert yaml.safe_load(after.text)["config"]["shop:tasks"] == tasks
    assert file.assignment(setting, value) == f"shop:tasks={json.dumps(tasks)}"


def test_encrypted_values_are_no_settings() -> None:
    names = [it.name for it in StackFile("p", TEXT).settings()]
    assert not [it for it in names if "secret" in it]
