"""The framework mappings, and what is said of mappings that are wrong."""

from __future__ import annotations

from collections import Counter

import pytest

from fintech_infra.controls import CONTROLS
from fintech_infra.controls.frameworks import (
    NAMES,
    Beyond,
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

    covered = {item.id for item in cis.within_reach} - {
        item.id for item in cis.uncovered(encryption)
    }
    assert covered == {"2.2.1"}


def test_a_control_knows_the_requirements_it_supports() -> None:
    assert requirements_of("rds-storage-encrypted") == (
        ("PCI DSS", "3.5.1.3"),
        ("SOC 2", "CC6.1"),
        ("GDPR", "Art.5(1)(f)"),
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


def test_a_requirement_out_of_reach_says_why() -> None:
    text = HEAD + '[requirements."1.2"]\ntitle = "A"\ncontrols = ["a"]\n'
    text += '[beyond.people]\n"1.10" = "B"\n"1.1" = "C"\n'

    found = parse("f.toml", text, {"a"})

    assert [(item.id, item.beyond) for item in found.requirements] == [
        ("1.1", Beyond.PEOPLE),
        ("1.2", None),
        ("1.10", Beyond.PEOPLE),
    ]
    assert [item.id for item in found.within_reach] == ["1.2"]
    assert found.uncovered([]) == found.within_reach


def test_what_is_wrong_out_of_reach_is_reported_too() -> None:
    text = HEAD + '[requirements."1.2"]\ntitle = "A"\ncontrols = ["a"]\n'
    text += '[beyond.people]\n"1.2" = "A"\n1 = ""\n[beyond.runtime]\n1 = "D"\n[beyond.luck]\n'

    with pytest.raises(MappingError) as raised:
        parse("f.toml", text, {"a"})

    assert str(raised.value).splitlines() == [
        "f.toml: requirement 1.2 is there twice, one of them under [beyond.people]",
        "f.toml: requirement 1 lacks a title",
        "f.toml: requirement 1 is there twice, one of them under [beyond.runtime]",
        "f.toml: [beyond] has 'luck'; accepted are process, people, runtime",
    ]


def _numbered(prefix: str, last: int) -> set[str]:
    return {f"{prefix}{number}" for number in range(1, last + 1)}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        # The number of sections that each standard has, by the standard's own contents.
        (
            "ISO 27001",
            _numbered("A.5.", 37)
            | _numbered("A.6.", 8)
            | _numbered("A.7.", 14)
            | _numbered("A.8.", 34),
        ),
        (
            "CIS AWS",
            _numbered("1.", 21)
            | _numbered("2.1.", 4)
            | _numbered("2.2.", 4)
            | {"2.3.1"}
            | _numbered("3.", 9)
            | _numbered("4.", 16)
            | _numbered("5.1.", 2)
            | {f"5.{number}" for number in range(2, 8)},
        ),
        (
            "SOC 2",
            _numbered("CC1.", 5)
            | _numbered("CC2.", 3)
            | _numbered("CC3.", 4)
            | _numbered("CC4.", 2)
            | _numbered("CC5.", 3)
            | _numbered("CC6.", 8)
            | _numbered("CC7.", 5)
            | {"CC8.1"}
            | _numbered("CC9.", 2)
            | _numbered("A1.", 3)
            | _numbered("C1.", 2)
            | _numbered("PI1.", 5)
            | {"P1.1", "P2.1", "P7.1", "P8.1"}
            | _numbered("P3.", 2)
            | _numbered("P4.", 3)
            | _numbered("P5.", 2)
            | _numbered("P6.", 7),
        ),
    ],
)
def test_a_standard_is_listed_whole(name: str, wanted: set[str]) -> None:
    framework = next(item for item in load() if item.name == name)
    assert {item.id for item in framework.requirements} == wanted


def test_the_requirements_of_pci_dss_are_listed_whole() -> None:
    pci = next(item for item in load() if item.name == "PCI DSS")
    chapters = Counter(item.id.partition(".")[0] for item in pci.requirements)
    assert dict(chapters) == {
        "1": 19, "2": 11, "3": 29, "4": 6, "5": 13, "6": 19,
        "7": 12, "8": 29, "9": 27, "10": 27, "11": 21, "12": 37,
    }  # fmt: skip


def test_a_mapping_that_is_not_toml_is_refused() -> None:
    with pytest.raises(MappingError, match=r"^f\.toml: is not TOML: "):
        parse("f.toml", "[", set())
