"""The JUnit report: what is red, what is skipped, what passes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.environment import Diagnostic, Resource
from fintech_infra.report import Report
from fintech_infra.report.junit import to_junit

Make = Callable[..., Report]
COUNTS = ("tests", "failures", "errors", "skipped")


def _parsed(report: Report) -> Element:
    return fromstring(to_junit(report).encode())


def _suite(report: Report, name: str) -> Element:
    [suite] = [item for item in _parsed(report) if item.get("name") == name]
    return suite


def _counted(element: Element) -> list[str | None]:
    return [element.get(name) for name in COUNTS]


def test_there_is_a_suite_for_each_control_and_one_for_what_is_hidden(sample: Report) -> None:
    root = _parsed(sample)
    assert (root.tag, root.get("name")) == ("testsuites", "payments/prod")
    assert _counted(root) == ["8", "3", "3", "1"]
    assert [(item.get("name"), _counted(item)) for item in root] == [
        ("s3-bucket-is-private", ["2", "2", "0", "0"]),
        ("kms-policy-names-its-principals", ["2", "0", "2", "0"]),
        ("rds-storage-is-encrypted", ["1", "1", "0", "0"]),
        ("s3-owner-is-named", ["1", "0", "0", "1"]),
        ("ec2-holds", ["1", "0", "0", "0"]),
        ("contents a preview cannot see", ["1", "0", "1", "0"]),
    ]


def test_a_violation_is_a_failure_with_all_there_is_to_know(sample: Report) -> None:
    case = _suite(sample, "s3-bucket-is-private").findall("testcase")[1]
    assert case.attrib == {
        "classname": "s3-bucket-is-private",
        "name": "s3.Bucket uploads",
        "time": "0",
        "file": "__main__.py",
        "line": "12",
    }
    [failure] = case
    assert (failure.tag, failure.attrib) == (
        "failure",
        {"message": "no public access block refers to it", "type": "critical violated"},
    )
    assert failure.text == (
        "no public access block refers to it\n"
        "resource: urn:pulumi:prod::payments::aws:s3/bucket:Bucket::uploads\n"
        "source: __main__.py:12\n"
        "why: Why of s3-bucket-is-private.\n"
        "fix: Fix of s3-bucket-is-private.\n"
        "supports: PCI DSS 1.4.2, 7.2.1 · SOC 2 CC6.1"
    )


def test_a_property_at_fault_is_named(sample: Report) -> None:
    [case] = _suite(sample, "rds-storage-is-encrypted").findall("testcase")
    assert case.get("name") == "rds.Instance ledger: storageEncrypted"
    assert "property: storageEncrypted\n" in (case[0].text or "")


def test_what_could_not_be_judged_is_an_error(sample: Report) -> None:
    cases = _suite(sample, "kms-policy-names-its-principals").findall("testcase")
    assert [(case[0].tag, case[0].get("type")) for case in cases] == [
        ("error", "high undecided"),
        ("error", "high broken"),
    ]


@pytest.mark.parametrize("verdict", Verdict)
def test_below_the_threshold_nothing_is_red(
    report: Make, control: Callable[..., Control], verdict: Verdict
) -> None:
    bucket = Resource("urn", "aws:s3/bucket:Bucket", "a")
    finding = Finding(control("c", Severity.MEDIUM), bucket, verdict, "", "m")
    [case] = _suite(report(bucket, findings=[finding]), "c").findall("testcase")
    assert [(item.tag, item.attrib) for item in case] == [
        ("skipped", {"message": "medium, below the threshold high: m"})
    ]


def test_a_control_without_findings_passes_by_its_title(sample: Report) -> None:
    [case] = _suite(sample, "ec2-holds").findall("testcase")
    assert (case.get("name"), list(case)) == ("Title of ec2-holds.", [])


def test_a_suite_says_the_severity_and_what_it_supports(sample: Report) -> None:
    properties = _suite(sample, "s3-bucket-is-private").findall("properties/property")
    assert [item.attrib for item in properties] == [
        {"name": "severity", "value": "critical"},
        {"name": "supports", "value": "PCI DSS 1.4.2, 7.2.1 · SOC 2 CC6.1"},
    ]


def test_several_faults_of_one_property_stay_several_cases(
    report: Make, control: Callable[..., Control]
) -> None:
    bucket = Resource("urn", "aws:s3/bucket:Bucket", "a")
    held = control("c")
    found = [Finding(held, bucket, Verdict.VIOLATED, "acl", text) for text in "mn"]
    cases = _suite(report(bucket, findings=found), "c").findall("testcase")
    assert [case.get("name") for case in cases] == ["s3.Bucket a: acl", "s3.Bucket a: acl #2"]


def test_an_error_of_the_run_is_red(report: Make) -> None:
    said = report(diagnostics=[Diagnostic("error", "lost"), Diagnostic("warning", "old")])
    [case] = _suite(said, "run").findall("testcase")
    assert [(item.tag, item.get("message")) for item in case] == [("error", "lost")]


@pytest.mark.parametrize("verdict", [None, *Verdict])
@pytest.mark.parametrize("severity", [Severity.CRITICAL, Severity.HIGH, Severity.LOW])
@pytest.mark.parametrize("also", ["nothing", "opaque", "error", "blocked"])
@pytest.mark.parametrize("allowed", [False, True])
def test_something_is_red_exactly_where_the_exit_code_is_not_zero(
    report: Make, verdict: Verdict | None, severity: Severity, also: str, *, allowed: bool
) -> None:
    bucket = Resource("urn", "aws:s3/bucket:Bucket", "a", opaque=also == "opaque")
    control = Control("c", "T.", "w", "f", severity, (), lambda _: ())
    found = [Finding(control, bucket, verdict, "", "m")] if verdict else []
    if also == "blocked":
        worst = Control("d", "T.", "w", "f", Severity.CRITICAL, (), lambda _: ())
        found.append(Finding(worst, bucket, Verdict.VIOLATED, "", "m"))
    made = report(
        bucket,
        findings=found,
        controls=[control],
        diagnostics=[Diagnostic("error", "lost")] if also == "error" else [],
        allow_undecided=allowed,
    )
    root = _parsed(made)
    red = root.get("failures") != "0" or root.get("errors") != "0"
    assert red == (made.exit_code != 0)


def test_characters_that_xml_cannot_write_are_replaced(
    report: Make, control: Callable[..., Control]
) -> None:
    odd: dict[str, Any] = {"urn": "u\x00", "type": "t:t:T", "name": "a\x1b\ud800<&\"'é\n"}
    bucket = Resource(**odd)
    finding = Finding(control("c"), bucket, Verdict.VIOLATED, "p\x07", "m\ufffe]]>")
    made = report(bucket, findings=[finding])
    [case] = _suite(made, "c").findall("testcase")
    assert case.get("name") == "t.T a\ufffd\ufffd<&\"'é\n: p\ufffd"
    assert case[0].get("message") == "m\ufffd]]>"


def test_it_begins_with_an_xml_declaration(sample: Report) -> None:
    first, second = to_junit(sample).splitlines()[:2]
    assert first == '<?xml version="1.0" encoding="UTF-8"?>'
    assert second.startswith("<testsuites ")


def test_a_waived_finding_is_skipped_and_says_who_answers_for_it(full: Report) -> None:
    [case] = _suite(full, "s3-bucket-is-versioned").findall("testcase")
    [skipped] = case
    assert skipped.tag == "skipped"
    assert skipped.get("message") == (
        "medium, waived until 2026-04-30 by Payments, approved by Security, since 2026-02-01, "
        "waivers.yaml:3, because: Objects live for a day, said [secret]: not versioned"
    )


def test_what_the_baseline_has_is_skipped(full: Report) -> None:
    suite = _suite(full, "s3-bucket-is-logged")
    assert _counted(suite) == ["2", "0", "0", "2"]
    messages = {case[0].get("message") for case in suite.findall("testcase")}
    assert messages == {"medium, known, the baseline has it: no log"}


def test_a_failure_has_its_path_and_patch(full: Report) -> None:
    [case] = _suite(full, "rds-instance-is-not-reachable").findall("testcase")
    assert (case[0].text or "").splitlines()[4:] == [
        "path: the internet",
        "path:   -> lambda.Function settle   calls its URL  (url)",
        "path:   ?> rds.Instance ledger      knows [secret]  (vpcSecurityGroupIds)",
        "why: Why of rds-instance-is-not-reachable.",
        "fix: Fix of rds-instance-is-not-reachable.",
        "patch: publiclyAccessible: not set -> false",
        'patch: password: "[secret]" -> "[secret]!"',
        'patch: tags: not set -> {"was": "[secret]"}',
        "supports: NIST 800-53 AC-3",
    ]


def test_what_is_settled_turns_nothing_red(full: Report) -> None:
    made = replace(full, environment=replace(full.environment, resources=()))
    root = _parsed(replace(made, evaluation=replace(full.evaluation, findings=())))
    assert _counted(root)[1:] == ["0", "0", "3"]
    assert root.get("tests") == "9"
