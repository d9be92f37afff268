"""Resolved inputs, for people."""

from collections.abc import Callable
from typing import Any

import pytest

from fintech_infra.environment import UNKNOWN, Asset, Environment, Resource
from fintech_infra.report.redact import Redaction
from fintech_infra.report.show import show

Make = Callable[..., Resource]


def _shown(resource: Resource) -> list[str]:
    return show(resource, Redaction(Environment("p", "s", resources=(resource,))))


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("text", ['x: "text"']),
        ('say "é"\n', ['x: "say \\"é\\"\\n"']),
        ("[not json", ['x: "[not json"']),
        ("<unknown>", ['x: "<unknown>"']),
        (True, ["x: true"]),
        (3, ["x: 3"]),
        (0.5, ["x: 0.5"]),
        (None, []),
        (UNKNOWN, ["x: <unknown>"]),
        ({}, ["x: {}"]),
        ([], ["x: []"]),
        (["a", 1, UNKNOWN], ['x: ["a", 1, <unknown>]']),
        ({"b": 1, "a": {"c": None, "d": "e"}}, ["x:", "  a:", '    d: "e"', "  b: 1"]),
        ([{"b": 1, "a": [2]}, {}], ["x:", "  - a: [2]", "    b: 1", "  - {}"]),
        ([["a"], ["b"]], ["x:", '  - ["a"]', '  - ["b"]']),
        ('{"b": [1], "a": {"k": "v"}}', ["x: json", "  a:", '    k: "v"', "  b: [1]"]),
        ('["a"]', ['x: json ["a"]']),
        (["a" * 40, "b" * 40], ["x:", f'  - "{"a" * 40}"', f'  - "{"b" * 40}"']),
        (['{"a": 1}'], ["x:", "  - a: 1"]),
        (
            Asset("file", "handler.zip", "sha256:3f2a9c0011deadbeef"),
            ["x: file handler.zip sha256:3f2a9c0011de"],
        ),
        (Asset("archive", members=("a.py", "b.py")), ["x: archive of a.py, b.py"]),
        (Asset("text", digest="ab12"), ["x: text sha256:ab12"]),
    ],
)
def test_an_input_is_written_out(resource: Make, value: Any, lines: list[str]) -> None:
    assert _shown(resource("t:t:T", "n", inputs={"x": value})) == lines


def test_secrets_are_not_shown(resource: Make) -> None:
    held = resource(
        "t:t:T",
        "n",
        inputs={"password": "hunter22", "url": "x:hunter22@y", "all": ["hunter22"]},
        secrets=("inputs.password",),
    )
    assert _shown(held) == ["all: [[secret]]", "password: [secret]", 'url: "x:[secret]@y"']


def test_inputs_are_in_order_of_their_names(resource: Make) -> None:
    assert _shown(resource("t:t:T", "n", inputs={"b": 1, "a": 2})) == ["a: 2", "b: 1"]
