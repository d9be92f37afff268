"""The list of controls, one control explained, and both for machines."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import replace

from rich.console import Console

from fintech_infra.controls.control import Control, Fault, Scope, Severity
from fintech_infra.controls.control import control as declared
from fintech_infra.environment import Resource
from fintech_infra.report.catalogue import control_page, controls_json, controls_table

Make = Callable[..., Control]
Consoles = Callable[..., Console]

SUPPORTS = {"kms-key-rotates": (("PCI DSS", "3.7.4"), ("SOC 2", "CC6.1"))}


@declared(
    on=["aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"],
    severity=Severity.MEDIUM,
    fix="Use EncryptionKey.",
    source="AWS FSBP KMS.4",
    scope=Scope.PROD,
    properties=["enableKeyRotation", "rotationPeriodInDays"],
)
def kms_key_rotates(resource: Resource, *, most_days: int = 365) -> Iterable[Fault]:
    """Keys rotate every year.

    A key that leaks unnoticed opens everything it ever encrypted.
    """
    if resource.value("rotationPeriodInDays") > most_days:
        yield Fault("rotationPeriodInDays", "is too long")


def _printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _three(control: Make) -> list[Control]:
    return [
        control("s3-b-holds", Severity.LOW),
        control("s3-a-holds", Severity.CRITICAL),
        kms_key_rotates,
    ]


def test_a_wide_list_has_one_line_for_each_control(control: Make, console: Consoles) -> None:
    target = console()
    controls_table(_three(control), target)
    assert _printed(target) == (
        "kms\n"
        "  medium    kms-key-rotates  Keys rotate every year.\n"
        "\n"
        "s3\n"
        "  critical  s3-a-holds       Title of s3-a-holds.\n"
        "  low       s3-b-holds       Title of s3-b-holds.\n"
        "\n"
        "3 controls: 1 critical, 1 medium, 1 low\n"
    )


def test_a_narrow_list_puts_titles_below_and_keeps_ids_whole(
    control: Make, console: Consoles
) -> None:
    target = console(width=50)
    long_id = "s3-bucket-is-never-ever-open-to-the-whole-wide-world"
    controls_table([control(long_id)], target)
    assert _printed(target) == (
        f"s3\n  high      {long_id}\n            Title of\n            {long_id}.\n"
        "\n1 control: 1 high\n"
    )


def test_an_empty_list_says_so(console: Consoles) -> None:
    target = console()
    controls_table([], target)
    assert _printed(target) == "0 controls\n"


def test_a_page_explains_a_control(console: Consoles) -> None:
    target = console()
    control_page(kms_key_rotates, SUPPORTS, target)
    assert (
        _printed(target)
        == """\
kms-key-rotates  medium
Keys rotate every year.

why         A key that leaks unnoticed opens everything it ever encrypted.
fix         Use EncryptionKey.
judges      kms.Key, kms.ReplicaKey
reads       enableKeyRotation, rotationPeriodInDays
applies to  production environments only
parameter   most_days (int): 365
supports    PCI DSS 3.7.4 · SOC 2 CC6.1
source      AWS FSBP KMS.4
"""
    )


def test_a_page_leaves_out_what_there_is_not(console: Consoles) -> None:
    target = console()
    bare = replace(kms_key_rotates, scope=Scope.ALL, parameters=(), properties=(), source="")
    control_page(bare, {}, target)
    assert [line.split("  ")[0] for line in _printed(target).splitlines()[3:]] == [
        "why",
        "fix",
        "judges",
        "applies to",
    ]


def test_a_remedy_is_told(console: Consoles) -> None:
    mending = replace(kms_key_rotates, remedy=lambda _: {"enableKeyRotation": True})
    target = console()
    control_page(mending, {}, target)
    content = json.loads(controls_json([mending, kms_key_rotates], SUPPORTS))

    assert "\nremedy      there is one: inputs changed in place" in _printed(target)
    assert [item["remediable"] for item in content["controls"]] == [True, False]


def test_the_catalogue_for_machines_has_everything(control: Make) -> None:
    content = json.loads(controls_json(_three(control), SUPPORTS))
    assert content["version"] == 1
    assert [item["id"] for item in content["controls"]] == [
        "s3-b-holds",
        "s3-a-holds",
        "kms-key-rotates",
    ]
    assert content["controls"][2] == {
        "id": "kms-key-rotates",
        "title": "Keys rotate every year.",
        "severity": "medium",
        "scope": "prod",
        "why": "A key that leaks unnoticed opens everything it ever encrypted.",
        "fix": "Use EncryptionKey.",
        "types": ["aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"],
        "properties": ["enableKeyRotation", "rotationPeriodInDays"],
        "relational": False,
        "remediable": False,
        "parameters": [{"name": "most_days", "type": "int", "default": 365}],
        "requirements": [
            {"framework": "PCI DSS", "id": "3.7.4"},
            {"framework": "SOC 2", "id": "CC6.1"},
        ],
        "source": "AWS FSBP KMS.4",
    }
