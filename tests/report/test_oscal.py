"""OSCAL assessment results, held to the official schema and to what its references promise."""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import Finding, Verdict, Waived, evaluate
from fintech_infra.controls.frameworks import NAMES, load, requirements
from fintech_infra.environment import Diagnostic, Resource
from fintech_infra.report import FormatError, Report, check_format
from fintech_infra.report.oscal import FRAMEWORK, to_oscal

Make = Callable[..., Report]

SUPPORTED = {"c": ((FRAMEWORK, "AC-3"), (FRAMEWORK, "SC-7(5)"), ("PCI DSS", "1.4.2"))}


@pytest.fixture(scope="session")
def official() -> Draft7Validator:
    """NIST's schema of release 1.2.3, which is in the public domain, as it was published.

    Python's expressions have no classes of Unicode letters and numbers: they are written out.
    """
    text = (Path(__file__).parent / "oscal_assessment-results_schema.json").read_text("utf-8")
    content = json.loads(text.replace(r"\\p{L}", r"[^\\W\\d_]").replace(r"\\p{N}", r"\\d"))
    assert content["$id"] == "http://csrc.nist.gov/ns/oscal/1.2.3/oscal-ar-schema.json"
    return Draft7Validator(content, format_checker=Draft7Validator.FORMAT_CHECKER)


@pytest.fixture
def document(full: Report) -> dict[str, Any]:
    return _document(full)


@pytest.fixture
def bucket(resource: Callable[..., Resource]) -> Resource:
    return resource("aws:s3/bucket:Bucket", "a")


def _document(report: Report) -> dict[str, Any]:
    return json.loads(to_oscal(report))["assessment-results"]


def _result(report: Report) -> dict[str, Any]:
    [result] = _document(report)["results"]
    return result


def _values(content: Any, key: str) -> Iterator[Any]:
    """Every value of a key, however deep."""
    items = content.items() if isinstance(content, dict) else enumerate(content)
    for name, value in items:
        if name == key:
            yield value
        if isinstance(value, dict | list):
            yield from _values(value, key)


def _props(part: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in part.get("props", [])}


def _status(report: Report) -> dict[str, str]:
    return {
        finding["target"]["target-id"]: "/".join(
            (finding["target"]["status"]["state"], finding["target"]["status"]["reason"])
        )
        for finding in _result(report).get("findings", [])
    }


def test_a_full_report_is_valid(full: Report, official: Draft7Validator) -> None:
    assert list(official.iter_errors(json.loads(to_oscal(full)))) == []


def test_a_report_without_resources_is_valid(
    report: Make, control: Callable[..., Control], official: Draft7Validator
) -> None:
    content = json.loads(to_oscal(report(controls=[control("c")], requirements=SUPPORTED)))
    assert list(official.iter_errors(content)) == []
    result = content["assessment-results"]["results"][0]
    assert not {"observations", "risks", "findings"} & set(result)


def test_the_schema_would_notice_a_mistake(full: Report, official: Draft7Validator) -> None:
    content = json.loads(to_oscal(full))
    content["assessment-results"]["results"][0]["findings"][0]["target"]["status"]["state"] = "so"
    assert len(list(official.iter_errors(content))) == 1


def test_every_reference_leads_somewhere_and_no_id_is_there_twice(document: Any) -> None:
    ids = list(_values(document, "uuid"))
    assert len(ids) == len(set(ids))
    references = (
        *("subject-uuid", "actor-uuid", "component-uuid", "observation-uuid", "risk-uuid"),
        "response-uuid",
    )
    for key in references:
        found = list(_values(document, key))
        assert found
        assert set(found) <= set(ids)
    parts = set(_values(document, "id"))
    assert set(_values(document, "target-id")) <= parts
    assert set(_values(document, "objective-id")) <= parts
    assert document["import-ap"]["href"].removeprefix("#") in ids


def test_the_plan_is_a_text_of_the_document_itself(document: dict[str, Any]) -> None:
    [plan] = document["back-matter"]["resources"]
    assert document["import-ap"]["href"] == f"#{plan['uuid']}"
    assert plan["base64"]["media-type"] == "text/plain"
    assert b64decode(plan["base64"]["value"]).decode() == plan["description"]
    assert plan["description"].startswith("No assessment plan in OSCAL governs this run.")


def test_reviewed_are_the_requirements_that_the_controls_support(document: Any) -> None:
    reviewed = document["results"][0]["reviewed-controls"]
    [selection] = reviewed["control-selections"]
    assert selection == {"include-controls": [{"control-id": "ac-3"}, {"control-id": "sc-7.5"}]}
    objectives = document["local-definitions"]["objectives-and-methods"]
    assert [item["control-id"] for item in objectives] == ["ac-3", "sc-7.5"]
    facts, method = objectives[0]["parts"]
    assert [part["prose"] for part in facts["parts"]] == [
        "Title of rds-instance-is-not-reachable.",
        "Title of s3-bucket-is-versioned.",
    ]
    assert _props(facts)["method-id"] == method["id"]
    assert _props(method) == {"method": "TEST"}
    assert [part["name"] for part in method["parts"]] == ["assessment-objects"]


def test_an_observation_names_what_a_control_saw_and_where(document: Any) -> None:
    observations = {
        (_props(item)["control"], _props(item)["verdict"]): item
        for item in document["results"][0]["observations"]
        if "props" in item
    }
    violated = observations["rds-instance-is-not-reachable", "violated"]
    assert [item["title"] for item in violated["subjects"]] == ["rds.Instance ledger"]
    [evidence] = violated["relevant-evidence"]
    assert evidence["description"] == "rds.Instance ledger: open to all"
    assert _props(evidence) == {"property": "publiclyAccessible", "source": "infra/data.py:31"}
    assert evidence["remarks"].splitlines()[0] == "the internet"
    assert violated["types"] == ["finding"]
    held = observations["ec2-holds", "held"]
    assert [item["title"] for item in held["subjects"]] == [
        "s3.Bucket uploads",
        "s3.Bucket exports",
    ]
    assert held["types"] == ["control-objective"]
    assert held["methods"] == ["TEST"]
    assert held["collected"] == "2026-03-01T12:30:00+00:00"


def test_what_a_preview_cannot_see_is_observed(document: Any) -> None:
    hidden = [item for item in document["results"][0]["observations"] if "props" not in item]
    assert [item["description"] for item in hidden] == [
        "Cluster remote: what it contains was not judged."
    ]


def test_an_inventory_item_is_a_resource_with_its_urn(document: Any) -> None:
    items = document["results"][0]["local-definitions"]["inventory-items"]
    [database] = [item for item in items if item["description"] == "rds.Instance ledger"]
    assert _props(database) == {
        "asset-id": "urn:pulumi:prod::payments::fintech_infra:index:EncryptedDatabase"
        "$aws:rds/instance:Instance::ledger",
        "type": "aws:rds/instance:Instance",
        "name": "ledger",
        "source": "infra/data.py:31",
    }


def test_a_violation_is_an_open_risk_with_its_fix(document: Any) -> None:
    risk = document["results"][0]["risks"][0]
    assert (risk["title"], risk["status"]) == ("rds-instance-is-not-reachable is violated", "open")
    assert risk["statement"] == "Why of rds-instance-is-not-reachable."
    [facet] = risk["characterizations"][0]["facets"]
    assert (facet["name"], facet["value"]) == ("severity", "critical")
    [fix] = risk["remediations"]
    assert (fix["lifecycle"], _props(fix)["type"]) == ("recommendation", "mitigate")
    assert fix["remarks"].splitlines()[0] == (
        "rds.Instance ledger: publiclyAccessible: not set -> false"
    )


def test_a_waiver_is_an_approved_deviation_until_its_last_day(document: Any) -> None:
    [risk] = [item for item in document["results"][0]["risks"] if "deadline" in item]
    assert (risk["title"], risk["status"]) == (
        "s3-bucket-is-versioned is violated",
        "deviation-approved",
    )
    assert risk["deadline"] == "2026-04-30T23:59:59+00:00"
    [entry] = risk["risk-log"]["entries"]
    assert (entry["start"], entry["end"]) == (
        "2026-02-01T00:00:00+00:00",
        "2026-04-30T23:59:59+00:00",
    )
    assert entry["description"] == "Objects live for a day, said [secret]."
    assert _props(entry) == {
        "type": "dr-approved",
        "owner": "Payments",
        "approver": "Security",
        "ticket": "PAY-7",
        "resource": "s3.Bucket::uploads",
        "origin": "waivers.yaml:3",
    }


def test_what_the_baseline_has_is_a_risk_of_its_section(document: Any) -> None:
    sections = [_props(risk)["section"] for risk in document["results"][0]["risks"]]
    assert sorted(set(sections)) == ["known", "new", "waived"]


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (None, "satisfied/pass"),
        (Verdict.VIOLATED, "not-satisfied/fail"),
        (Verdict.UNDECIDED, "not-satisfied/other"),
        (Verdict.BROKEN, "not-satisfied/other"),
    ],
)
def test_satisfied_is_only_what_was_seen_to_hold_however_harmless(
    report: Make,
    control: Callable[..., Control],
    bucket: Resource,
    verdict: Verdict | None,
    status: str,
) -> None:
    held = control("c", Severity.LOW)
    found = [Finding(held, bucket, verdict, "", "m")] if verdict else []
    made = report(bucket, findings=found, controls=[held], requirements=SUPPORTED)
    assert _status(made) == {"ac-3_obj.preview": status, "sc-7.5_obj.preview": status}


def test_a_waived_violation_is_not_satisfied(
    report: Make, control: Callable[..., Control], bucket: Resource, full: Report
) -> None:
    held = control("c")
    [item] = full.evaluation.waived
    waived = Waived(Finding(held, bucket, Verdict.VIOLATED, "", "m"), item.waiver)
    made = report(bucket, controls=[held], requirements=SUPPORTED)
    made = replace(made, evaluation=replace(made.evaluation, waived=(waived,)))
    assert set(_status(made).values()) == {"not-satisfied/fail"}


@pytest.mark.parametrize("hidden", ["component", "run"])
def test_nothing_is_satisfied_where_a_part_was_not_seen(
    report: Make, control: Callable[..., Control], bucket: Resource, hidden: str
) -> None:
    remote = Resource("urn:r", "eks:index:Cluster", "r", custom=False, opaque=True)
    made = report(
        *([bucket, remote] if hidden == "component" else [bucket]),
        controls=[control("c")],
        requirements=SUPPORTED,
        diagnostics=[Diagnostic("error", "lost")] if hidden == "run" else [],
    )
    assert set(_status(made).values()) == {"not-satisfied/other"}


def test_a_requirement_of_which_nothing_was_seen_is_no_finding(
    report: Make, control: Callable[..., Control], bucket: Resource
) -> None:
    elsewhere = control("c", on=("aws:kms/key:Key",))
    made = report(bucket, controls=[elsewhere], requirements=SUPPORTED)
    assert _status(made) == {}


def test_ids_stay_from_run_to_run_and_the_document_has_its_own(full: Report) -> None:
    assert full.at is not None
    now, later = _document(full), _document(replace(full, at=full.at + timedelta(days=1)))
    assert now["uuid"] != later["uuid"]
    assert now["results"][0]["uuid"] != later["results"][0]["uuid"]
    for part in ("observations", "risks", "findings"):
        assert [item["uuid"] for item in now["results"][0][part]] == [
            item["uuid"] for item in later["results"][0][part]
        ]


def test_times_are_said_in_utc(full: Report) -> None:
    east = datetime(2026, 3, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    assert to_oscal(replace(full, at=east)) == to_oscal(full)


@pytest.mark.parametrize(
    ("at", "given"),
    [
        (None, "given is none"),
        (datetime(2026, 3, 1), "given is 2026-03-01T00:00:00 without a time zone"),  # noqa: DTZ001
    ],
)
def test_a_document_without_a_time_is_refused(
    full: Report, at: datetime | None, given: str
) -> None:
    with pytest.raises(FormatError, match=given):
        to_oscal(replace(full, at=at))


def test_controls_that_support_nothing_of_the_catalogue_are_refused(sample: Report) -> None:
    with pytest.raises(FormatError, match="none of the 5 controls of this run supports one"):
        to_oscal(sample)


def test_a_missing_library_is_said_before_the_work(
    full: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(name: str) -> None:
        assert name == "trestle"

    monkeypatch.setattr("fintech_infra.report.oscal.find_spec", nowhere)
    expected = re.escape("pip install 'fintech_infra[oscal]'")
    with pytest.raises(FormatError, match=expected):
        check_format("oscal")
    with pytest.raises(FormatError, match=expected):
        to_oscal(full)


def test_other_formats_need_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fintech_infra.report.oscal.find_spec", lambda _: None)
    for name in ("json", "sarif", "junit", "csv", "markdown"):
        check_format(name)


def test_the_framework_is_one_of_ours_and_its_ids_are_those_of_the_catalogue(
    report: Make, official: Draft7Validator
) -> None:
    from fintech_infra.controls import CONTROLS

    [framework] = [item for item in load() if item.name == FRAMEWORK]
    assert "nist_800_53_r5" in NAMES
    made = report(requirements=requirements())
    made = replace(
        made, evaluation=evaluate(made.environment, CONTROLS), at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    content = json.loads(to_oscal(made))
    assert list(official.iter_errors(content)) == []
    selections = content["assessment-results"]["results"][0]["reviewed-controls"]
    [selection] = selections["control-selections"]
    ids = [item["control-id"] for item in selection["include-controls"]]
    assert all(re.fullmatch(r"[a-z]{2}-\d+(\.\d+)?", id_) for id_ in ids)
    assert len(ids) == len([item for item in framework.requirements if item.controls])
