"""Configuration reaches the program as Pulumi would hand it over; mistakes are all reported."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fintech_infra.engine import PreviewError
from fintech_infra.engine.config import SECRET_PLACEHOLDER, StackConfig, stack_config
from fintech_infra.engine.project import load_project
from fintech_infra.environment import Environment

_PROJECT = """
    name: shop
    runtime: python
    config:
      aws:region: eu-west-1
      shop:size:
        type: integer
        description: how many zones
      owners:
        type: array
        items: {type: string}
        default: [payments]
      limits:
        type: object
        default: {daily: 10}
      password: {type: string, secret: true}
      kms:level: {value: high}
"""
_PROGRAM = """
    import pulumi
    config = pulumi.Config()
    other = pulumi.Config("other")
    pulumi.export("values", {
        "size": config.require_int("size"),
        "owners": config.require_object("owners"),
        "limits": config.get_object("limits"),
        "ratio": config.get_float("ratio"),
        "on": config.get_bool("on"),
        "text": config.get("text"),
        "zero": config.get("zero"),
        "day": config.get("day"),
        "yes": config.get("yes"),
        "empty": config.get("empty"),
        "absent": config.get("absent") is None,
        "deep": config.require_object("deep"),
        "other": other.require("key"),
        "level": pulumi.Config("kms").require("level"),
        "region": pulumi.Config("aws").require("region"),
    })
    pulumi.export("password", config.require_secret("password"))
    pulumi.export("secret_by_name", config.require("password"))
    pulumi.export("vault", config.require_secret_object("vault").apply(lambda v: v["token"]))
"""
_STACK = """
    secretsprovider: awskms://alias/pulumi
    encryptedkey: AQECAHi=
    config:
      shop:size: 3
      shop:ratio: 1.50
      shop:on: true
      shop:text: "12"
      shop:zero: 0443
      shop:day: 2024-01-31
      shop:yes: yes
      shop:empty:
      shop:deep:
        flag: true
        word: on
        list: [1, 2.5, {a: b}]
        day: 2024-01-31
      shop:password: {secure: AAABAKx=}
      shop:vault:
        token: {secure: AAABAJx=}
        user: admin
      other:config:key: old spelling
"""


def test_a_program_reads_every_kind_of_value(run: Callable[..., Environment]) -> None:
    files = {"Pulumi.yaml": _PROJECT, "Pulumi.dev.yaml": _STACK, "__main__.py": _PROGRAM}
    environment = run(files, config=["ratio=0.25", 'limits={"daily": 20}', "aws:region=eu-west-2"])
    assert environment.outputs == {
        "values": {
            "size": 3,
            "owners": ["payments"],
            "limits": {"daily": 20},
            "ratio": 0.25,
            "on": True,
            "text": "12",
            "zero": "0443",
            "day": "2024-01-31",
            "yes": "yes",
            "empty": "",
            "absent": True,
            "deep": {"flag": True, "word": "on", "list": [1, 2.5, {"a": "b"}], "day": "2024-01-31"},
            "other": "old spelling",
            "level": "high",
            "region": "eu-west-2",
        },
        "password": SECRET_PLACEHOLDER,
        "secret_by_name": SECRET_PLACEHOLDER,
        "vault": SECRET_PLACEHOLDER,
    }
    assert set(environment.secret_outputs) == {"password", "vault"}


@pytest.fixture
def resolve(write_project: Callable[..., Path]) -> Callable[..., StackConfig]:
    def resolved(stack: str, *overrides: str, project: str = _PROJECT) -> StackConfig:
        root = write_project(
            {"Pulumi.yaml": project, "Pulumi.dev.yaml": stack, "__main__.py": "pass\n"}
        )
        return stack_config(load_project(root), "dev", overrides)

    return resolved


def test_secrets_are_marked_and_never_kept_encrypted(resolve: Callable[..., StackConfig]) -> None:
    resolved = resolve(_STACK)
    assert resolved.secret_keys == ("shop:password", "shop:vault")
    assert "AAAB" not in str(resolved.values)


def test_a_secret_given_on_the_command_line_stays_secret(
    resolve: Callable[..., StackConfig],
) -> None:
    resolved = resolve(_STACK, "password=hunter2")
    assert resolved.values["shop:password"] == "hunter2"
    assert "shop:password" in resolved.secret_keys


def test_all_mistakes_of_a_configuration_are_reported_together(
    resolve: Callable[..., StackConfig], tmp_path: Path
) -> None:
    stack = """
        config:
          shop:size: three
          owners: [payments, {team: ledger}]
          a:b:c:d: x
    """
    with pytest.raises(PreviewError) as caught:
        resolve(stack, "limits=none", "nonsense")
    file = str(tmp_path / "Pulumi.dev.yaml")
    seen = [(p.file, p.line, p.message, p.hint) for p in caught.value.problems]
    assert sorted(seen) == sorted(
        [
            ("", 0, "--config limits is 'none', but must be a mapping", ""),
            (
                "",
                0,
                "--config 'nonsense' is not a key=value pair",
                "write --config name=value, or --config aws:region=eu-west-1",
            ),
            (
                file,
                0,
                "'a:b:c:d' is not a configuration key",
                "keys are `name` or `project:name`",
            ),
            (
                file,
                0,
                "stack dev has no value for password",
                "add shop:password: <string> under config:, or pass --config password=<string>",
            ),
            (
                file,
                2,
                "shop:size is 'three', but must be a whole number (how many zones)",
                "",
            ),
            (file, 3, "owners item 1 is {'team': 'ledger'}, but must be a string", ""),
        ]
    )


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("integer", ["3", "-3"], ["3.5", "x", "true", "[1]"]),
        ("boolean", ["true", "false"], ["yes", "1", "[]"]),
        ("string", ["x", "3", "true"], ["[x]", "{a: 1}"]),
        ("array", ["[]", "[1, x]"], ["x", "{a: 1}"]),
        ("object", ["{}", "{a: 1}"], ["x", "[1]"]),
    ],
)
def test_declared_types_are_checked(
    type_: str, good: list[str], bad: list[str], resolve: Callable[..., StackConfig]
) -> None:
    project = f"name: shop\nruntime: python\nconfig:\n  value: {{type: {type_}}}\n"
    for text in good:
        assert "shop:value" in resolve(f"config:\n  value: {text}\n", project=project).values
    for text in bad:
        with pytest.raises(PreviewError, match=r"value is .*, but must be "):
            resolve(f"config:\n  value: {text}\n", project=project)


def test_an_esc_environment_is_said_to_be_out_of_reach(
    resolve: Callable[..., StackConfig],
) -> None:
    project = "name: shop\nruntime: python\n"
    (note,) = resolve("environment: [aws/prod]\n", project=project).notes
    assert note == (
        "the stack imports a Pulumi ESC environment, which is not available offline; "
        "give the values that the program needs with --config"
    )
