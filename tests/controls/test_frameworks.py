"""The framework mappings, and what is said of mappings that are wrong."""

from __future__ import annotations

import pytest

from fintech_infra.controls import CONTROLS
from fintech_infra.controls.frameworks import (
    NAMES,
    Framework,
    MappingError,
    Requirement,
    load,
    parse,
    requirements,
    requirements_of,
)

HEAD = '[framework]\nname = "F"\ntitle = "A framework"\nversion = "1"\nsource = "somewhere"\n'


def test_every_framework_is_read_in_the_order_of_reports() -> None:
    assert len(load()) == len(NAMES) == 8
    assert [framework.name for framework in load()][:2] == ["PCI DSS", "SOC 2"]
    assert str(load()[0]) == "PCI DSS 4.0.1"


def test_every_requirement_is_supported_by_a_control() -> None:
    assert [framework.name for framework in load() if framework.uncovered()] == []


def test_requirements_without_the_controls_chosen_are_uncovered() -> None:
    encryption = [control for control in CONTROLS if control.id == "rds-storage-encrypted"]
    cis = next(framework for framework in load() if framework.name == "CIS AWS")

    covered = {item.id for item in cis.requirements} - {
        item.id for item in cis.uncovered(encryption)
    }
    assert covered == {"2.2.1"}


def test_a_control_knows_the_requirements_it_supports() -> None:
    assert requirements_of("rds-storage-encrypted") == (
        ("PCI DSS", "3.5.1.3"),
        ("SOC 2", "CC6.1"),
        ("GDPR", "Art.32(1)(a)"),
        ("CIS AWS", "2.2.1"),
        ("NIST 800-53", "SC-13"),
        ("NIST 800-53", "SC-28"),
        ("NIST 800-53", "SC-28(1)"),
        ("ISO 27001", "A.8.24"),
        ("SOX ITGC", "access"),
        ("DORA", "Art.9(2)"),
    )
    assert requirements_of("no-such-control") == ()
    assert set(requirements()) == {control.id for control in CONTROLS}


def test_titles_are_ours_and_short() -> None:
    titles = [item.title for framework in load() for item in framework.requirements]

    assert all(0 < len(title) <= 80 for title in titles)


def test_a_mapping_is_read_into_plain_data() -> None:
    text = HEAD + '[requirements."1.2"]\ntitle = "Something"\ncontrols = ["a"]\n'

    assert parse("f.toml", text, {"a"}) == Framework(
        "F", "A framework", "1", "somewhere", (Requirement("1.2", "Something", ("a",)),)
    )


def test_all_mistakes_of_a_mapping_are_reported_together() -> None:
    text = (
        '[framework]\nname = "F"\n'
        '[requirements."1.2"]\ncontrols = ["a", "a", "b"]\n'
        '[requirements.x]\ntitle = "X"\n'
    )

    with pytest.raises(MappingError) as raised:
        parse("f.toml", text, {"a"})

    assert str(raised.value).splitlines() == [
        "f.toml: [framework] lacks 'title'",
        "f.toml: [framework] lacks 'version'",
        "f.toml: [framework] lacks 'source'",
        "f.toml: requirement 1.2 lacks a title",
        "f.toml: requirement 1.2 names the unknown control 'b'",
        "f.toml: requirement 1.2 names 'a' twice",
        "f.toml: requirement x lacks the list of controls",
    ]


def test_a_mapping_that_is_not_toml_is_refused() -> None:
    with pytest.raises(MappingError, match=r"^f\.toml: is not TOML: "):
        parse("f.toml", "[", set())
