"""`gate.yaml` and `migrations.yaml`: what they say, and every mistake in them with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fintech_infra.operations.change import Op
from fintech_infra.operations.gate import SAFE, Concern, Outcome, Weight
from fintech_infra.operations.gate.migrations import read_migrations
from fintech_infra.operations.gate.rules_file import read_rules, read_text


def mistakes(text: str) -> list[str]:
    return [f"{item.line}: {item.message}" for item in read_text(text, "gate.yaml")[1]]


def test_an_empty_file_of_rules_changes_nothing() -> None:
    assert read_text("version: 1\n", "gate.yaml") == (SAFE, ())


def test_rules_say_levels_radii_stacks_and_who_overrides() -> None:
    rules, wrong = read_text(
        "version: 1\n"
        "environments:\n  prod: [live, 'live-*']\n  dev: ['play-*', 'live-*']\n"
        "blast-radius: {prod: 10}\n"
        "override: {group: risk, people: 3}\n"
        "rules:\n  exposure: {dev: auto, prod: {security: 2, risk: 1}}\n  change: {prod: block}\n",
        "gate.yaml",
    )
    assert wrong == ()
    assert [rules.weight(name) for name in ("live-eu", "play-1", "staging")] == [
        Weight.PROD,
        Weight.DEV,
        Weight.STAGING,
    ]
    assert rules.override == ("risk", 3)
    assert rules.level(Concern.EXPOSURE, Weight.PROD).required == (("risk", 1), ("security", 2))
    assert rules.level(Concern.EXPOSURE, Weight.DEV).outcome is Outcome.AUTO
    assert rules.level(Concern.EXPOSURE, Weight.STAGING) == SAFE.level(
        Concern.EXPOSURE, Weight.STAGING
    )
    assert rules.level(Concern.BLAST_RADIUS, Weight.PROD, 11).outcome is Outcome.APPROVE
    assert rules.level(Concern.BLAST_RADIUS, Weight.PROD, 10).outcome is Outcome.AUTO


def test_every_mistake_in_the_rules_is_told_with_its_line() -> None:
    assert mistakes(
        "version: 2\n"
        "rules:\n"
        "  exposre: {prod: auto}\n"
        "  undecided: {prod: auto, live: auto}\n"
        "  retention: {prod: {}}\n"
        "  waiver: {prod: {security: 0}}\n"
        "  reach: {prod: maybe}\n"
        "  permission: [prod]\n"
        "override: {group: x, people: 1}\n"
        "blast-radius: {prod: many}\n"
        "loosened: 1\n"
    ) == [
        "1: version of the file is 2, but must be 1",
        "3: rules has 'exposre'",
        "4: the rule undecided has 'live'",
        "4: the rule undecided is auto, but what nobody knows or has moved needs a person",
        "5: no group is named",
        "6: the number of security is '0'",
        "7: the rule reach is 'maybe'",
        "8: the rule permission must be a mapping",
        "9: people of override is '1'",
        "10: blast-radius of prod is 'many'",
        "11: the file has 'loosened'",
    ]


def test_what_is_no_yaml_or_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert mistakes("a: [")[0].startswith("1: is not valid YAML")
    for read in (read_rules, read_migrations):
        _, (problem,) = read(tmp_path / "none.yaml", "none.yaml")
        assert problem.message == "cannot be read: No such file or directory"


def write(folder: Path, text: str) -> Path:
    (folder / "migrations.yaml").write_text(text, "utf-8")
    return folder / "migrations.yaml"


ENTRY = """\
  - from: aws:rds/instance:Instance::orders
    to: aws:rds/cluster:Cluster::orders
    operation: deleted
    plan: Replicate with DMS, then switch the service over.
    owner: Data platform
    expires: 2026-12-31
"""


def test_migrations_are_read(tmp_path: Path) -> None:
    (found,), wrong = read_migrations(
        write(tmp_path, f"version: 1\nmigrations:\n{ENTRY}"), "migrations.yaml"
    )
    assert wrong == ()
    assert (found.op, found.expires) == (Op.DELETED, date(2026, 12, 31))
    assert found.place == "migrations.yaml:3"
    none = write(tmp_path, "version: 1\nmigrations: []\n")
    assert read_migrations(none, "migrations.yaml") == ((), ())


def test_every_mistake_in_the_migrations_is_told_with_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "version: 1\nmigrations:\n"
        f"{ENTRY}"
        "  - from: 'aws:*::*'\n    to: somewhere\n    operation: replace\n    plan: soon\n"
        "    expires: someday\n",
    )
    found, wrong = read_migrations(path, "migrations.yaml")
    assert len(found) == 1
    assert [f"{item.line}: {item.message}" for item in wrong] == [
        "9: a migration lacks 'owner'",
        "9: from of a migration leaves the name open: '*' is every name, or nearly so",
        "10: to of a migration is 'somewhere', but must name one resource",
        "11: operation of a migration is 'replace'",
        "12: plan of a migration has fewer than 20 letters",
        "13: expires of a migration is 'someday', but must be a day",
    ]
