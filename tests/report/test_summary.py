"""The outcome of a run and its numbers."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.environment import Diagnostic, Resource
from fintech_infra.report import Outcome, Report
from fintech_infra.report.summary import Section

Make = Callable[..., Report]


def test_nothing_found_is_clean(report: Make) -> None:
    assert report().outcome is Outcome.CLEAN


@pytest.mark.parametrize(
    ("verdict", "severity", "outcome"),
    [
        (Verdict.VIOLATED, Severity.CRITICAL, Outcome.BLOCKED),
        (Verdict.VIOLATED, Severity.HIGH, Outcome.BLOCKED),
        (Verdict.VIOLATED, Severity.MEDIUM, Outcome.CLEAN),
        (Verdict.UNDECIDED, Severity.HIGH, Outcome.UNDECIDED),
        (Verdict.UNDECIDED, Severity.MEDIUM, Outcome.CLEAN),
        (Verdict.BROKEN, Severity.HIGH, Outcome.UNDECIDED),
        (Verdict.BROKEN, Severity.LOW, Outcome.CLEAN),
    ],
)
def test_a_finding_decides_the_outcome_from_the_threshold_on(
    report: Make,
    control: Callable[..., Control],
    verdict: Verdict,
    severity: Severity,
    outcome: Outcome,
) -> None:
    bucket = Resource("urn", "aws:s3/bucket:Bucket", "a")
    finding = Finding(control("c", severity), bucket, verdict, "", "")
    assert report(bucket, findings=[finding]).outcome is outcome


def test_a_violation_outweighs_what_is_undecided(sample: Report) -> None:
    assert sample.outcome is Outcome.BLOCKED


def test_a_component_that_nobody_looked_into_is_undecided(
    report: Make, resource: Callable[..., Resource]
) -> None:
    remote = resource("eks:index:Cluster", "remote", custom=False, opaque=True)
    assert report(remote).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("severity", "outcome"),
    [
        ("info", Outcome.CLEAN),
        ("warning", Outcome.CLEAN),
        ("error", Outcome.UNDECIDED),
    ],
)
def test_an_error_of_the_run_is_undecided(report: Make, severity: str, outcome: Outcome) -> None:
    said = Diagnostic(severity, "lost the thread")  # pyright: ignore[reportArgumentType]
    assert report(diagnostics=[said]).outcome is outcome


def test_exit_codes_are_zero_one_and_two() -> None:
    assert [outcome.exit_code for outcome in Outcome] == [0, 1, 2]
    assert list(Outcome) == ["clean", "blocked", "undecided"]


def test_resources_are_what_providers_make_and_components_what_groups_them(
    sample: Report,
) -> None:
    assert [item.name for item in sample.resources] == [
        "ledger",
        "ledger",
        "uploads",
        "exports",
        "settle",
    ]
    assert [item.name for item in sample.components] == ["ledger", "remote"]


@pytest.mark.parametrize(
    ("verdict", "opaque", "errors", "code"),
    [
        (Verdict.UNDECIDED, False, 0, 0),
        (None, True, 0, 0),
        (Verdict.BROKEN, False, 0, 2),
        (Verdict.UNDECIDED, False, 1, 2),
        (Verdict.VIOLATED, True, 0, 1),
    ],
)
def test_only_what_a_preview_cannot_know_may_be_allowed(
    report: Make, verdict: Verdict | None, opaque: bool, errors: int, code: int
) -> None:
    bucket = Resource("urn", "aws:s3/bucket:Bucket", "a", opaque=opaque)
    control = Control("c", "T.", "w", "f", Severity.HIGH, (), lambda _: ())
    made = report(
        bucket,
        findings=[Finding(control, bucket, verdict, "", "")] if verdict else [],
        diagnostics=[Diagnostic("error", "lost")] * errors,
    )
    assert made.exit_code == made.outcome.exit_code
    assert replace(made, allow_undecided=True).exit_code == code
    assert replace(made, allow_undecided=True).outcome is made.outcome


def test_what_is_waived_or_known_decides_nothing(full: Report) -> None:
    settled = replace(full.evaluation, findings=())
    made = replace(full, evaluation=settled, fail_on=Severity.LOW)
    made = replace(made, environment=replace(made.environment, resources=(), diagnostics=()))
    assert (made.outcome, made.exit_code) == (Outcome.CLEAN, 0)
    assert made.settled == {"waived": 1, "known": 2, "fixed": 1}


def test_entries_are_the_findings_of_all_sections_worst_first(full: Report) -> None:
    entries = full.entries
    assert [item.finding for item in entries] == list(full.evaluation.every)
    assert [item.section for item in entries].count(Section.KNOWN) == 2
    [waived] = full.evaluation.waived
    by = [(item.finding, item.waiver) for item in entries if item.section is Section.WAIVED]
    assert by == [(waived.finding, waived.waiver)]
    assert [item.waiver for item in entries if item.section is not Section.WAIVED] == [None] * 9


def test_controls_are_those_of_the_run_and_of_its_findings(full: Report) -> None:
    ids = [control.id for control in full.controls]
    assert ids == [control.id for control in full.evaluation.controls]
    without = replace(full, evaluation=replace(full.evaluation, controls=()))
    assert set(ids) - {control.id for control in without.controls} == {"ec2-holds"}


@pytest.mark.parametrize(
    ("compared", "known", "fixed", "expected"),
    [
        (False, False, False, False),
        (True, False, False, True),
        (False, True, False, True),
        (False, False, True, True),
    ],
)
def test_a_baseline_is_there_where_it_was_given_or_left_a_trace(
    full: Report, compared: bool, known: bool, fixed: bool, expected: bool
) -> None:
    evaluation = replace(
        full.evaluation,
        known=full.evaluation.known if known else (),
        fixed=full.evaluation.fixed if fixed else (),
    )
    assert replace(full, compared=compared, evaluation=evaluation).has_baseline is expected
