"""The CSV report, read as a spreadsheet reads it."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.environment import Diagnostic, Resource
from fintech_infra.report import Report
from fintech_infra.report.csv_format import to_csv

Rows = list[dict[str, str]]


def _rows(report: Report) -> Rows:
    text = to_csv(report)
    assert text.startswith("\ufeffproject,")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def _row(rows: Rows, control: str) -> dict[str, str]:
    return next(row for row in rows if row["control"] == control)


def test_the_columns_are_these_with_one_for_each_framework(full: Report) -> None:
    assert list(_rows(full)[0]) == [
        *("project", "stack", "section", "control", "title", "severity", "verdict", "decides"),
        *("type", "name", "component", "urn", "property", "message", "path", "why", "fix"),
        *("patch", "file", "line", "NIST 800-53", "PCI DSS", "SOC 2"),
        *("waiver_reason", "waiver_owner", "waiver_approver", "waiver_created"),
        *("waiver_expires", "waiver_ticket", "waiver_origin"),
    ]


def test_findings_of_all_sections_are_rows_worst_first(full: Report) -> None:
    found = [(row["control"], row["section"], row["decides"]) for row in _rows(full)]
    assert found == [
        ("rds-instance-is-not-reachable", "new", "yes"),
        ("s3-bucket-is-private", "new", "yes"),
        ("s3-bucket-is-private", "new", "yes"),
        ("kms-policy-names-its-principals", "new", "yes"),
        ("kms-policy-names-its-principals", "new", "yes"),
        ("rds-storage-is-encrypted", "new", "yes"),
        ("s3-bucket-is-logged", "known", "no"),
        ("s3-bucket-is-logged", "known", "no"),
        ("s3-bucket-is-versioned", "waived", "no"),
        ("s3-owner-is-named", "new", "no"),
        ("", "new", "yes"),
    ]


def test_a_row_says_all_there_is_to_know(full: Report) -> None:
    row = _row(_rows(full), "rds-instance-is-not-reachable")
    urn = (
        "urn:pulumi:prod::payments::fintech_infra:index:EncryptedDatabase"
        "$aws:rds/instance:Instance::ledger"
    )
    assert {name: text for name, text in row.items() if text} == {
        "project": "payments",
        "stack": "prod",
        "section": "new",
        "control": "rds-instance-is-not-reachable",
        "title": "Title of rds-instance-is-not-reachable.",
        "severity": "critical",
        "verdict": "violated",
        "decides": "yes",
        "type": "rds.Instance",
        "name": "ledger",
        "component": "EncryptedDatabase ledger",
        "urn": urn,
        "property": "publiclyAccessible",
        "message": "open to all",
        "path": "the internet -> lambda.Function settle calls its URL (url) "
        "?> rds.Instance ledger knows [secret] (vpcSecurityGroupIds)",
        "why": "Why of rds-instance-is-not-reachable.",
        "fix": "Fix of rds-instance-is-not-reachable.",
        "patch": 'publiclyAccessible: not set -> false; password: "[secret]" -> "[secret]!"; '
        'tags: not set -> {"was": "[secret]"}',
        "file": "infra/data.py",
        "line": "31",
        "NIST 800-53": "AC-3",
    }


def test_requirements_of_one_framework_share_a_cell(full: Report) -> None:
    row = _row(_rows(full), "s3-bucket-is-private")
    assert (row["PCI DSS"], row["SOC 2"]) == ("1.4.2; 7.2.1", "CC6.1")


def test_a_waived_row_says_who_answers_for_it(full: Report) -> None:
    row = _row(_rows(full), "s3-bucket-is-versioned")
    assert {name: text for name, text in row.items() if name.startswith("waiver_")} == {
        "waiver_reason": "Objects live for a day, said [secret].",
        "waiver_owner": "Payments",
        "waiver_approver": "Security",
        "waiver_created": "2026-02-01",
        "waiver_expires": "2026-04-30",
        "waiver_ticket": "PAY-7",
        "waiver_origin": "waivers.yaml:3",
    }


def test_what_nobody_could_see_and_errors_of_the_run_are_open_rows(
    report: Callable[..., Report],
) -> None:
    hidden = Resource("urn:r", "eks:index:Cluster", "remote", custom=False, opaque=True)
    said = [Diagnostic("error", "lost", "urn:r"), Diagnostic("warning", "old")]
    rows = _rows(report(hidden, diagnostics=said))
    assert [(row["verdict"], row["name"], row["message"]) for row in rows] == [
        ("undecided", "remote", "what it contains was not judged"),
        ("undecided", "remote", "lost"),
    ]


def test_an_environment_without_findings_has_a_head_only(report: Callable[..., Report]) -> None:
    assert _rows(report()) == []


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'=1"),
        ("\r\n=1", "'=1"),
        ("  =1", "'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a=1", "a=1"),
        ("'a", "'a"),
        ('a,"b"\nc', 'a,"b" c'),
    ],
)
def test_a_cell_is_one_line_and_never_a_formula(
    report: Callable[..., Report], control: Callable[..., Control], name: str, cell: str
) -> None:
    bucket = Resource("urn", "aws:s3/bucket:Bucket", name)
    made = report(bucket, findings=[Finding(control("c"), bucket, Verdict.VIOLATED, "", "m")])
    assert _rows(made)[0]["name"] == cell
    text = to_csv(made)
    assert text.count("\r\n") == text.count("\n") == 2


def test_the_name_of_a_framework_is_no_formula_either(full: Report) -> None:
    made = replace(full, requirements={"ec2-holds": (("=1+1", "1"),)})
    assert "'=1+1" in _rows(made)[0]


def test_the_order_of_requirements_does_not_show(full: Report) -> None:
    turned = dict(reversed(list(full.requirements.items())))
    assert to_csv(replace(full, requirements=turned)) == to_csv(full)
