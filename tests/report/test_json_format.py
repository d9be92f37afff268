"""The JSON report, field by field."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fintech_infra.environment import UNKNOWN, Asset, Options, Resource
from fintech_infra.report import Report
from fintech_infra.report.encoding import encode
from fintech_infra.report.json_format import to_json


@pytest.fixture
def content(sample: Report) -> dict[str, Any]:
    return json.loads(to_json(sample))


def test_the_parts_are_these_in_this_order(content: dict[str, Any]) -> None:
    assert list(content) == [
        "version",
        "environment",
        "outcome",
        "exit_code",
        "fail_on",
        "summary",
        "findings",
        "waived",
        "known",
        "fixed",
        "diagnostics",
        "resources",
    ]
    assert content["version"] == 1
    assert content["outcome"] == "blocked"
    assert content["exit_code"] == 1
    assert content["fail_on"] == "high"


def test_the_environment_is_named_with_its_exports(content: dict[str, Any]) -> None:
    assert content["environment"] == {
        "organization": "acme",
        "project": "payments",
        "stack": "prod",
        "outputs": {"url": "https://a"},
    }


def test_the_summary_counts(content: dict[str, Any]) -> None:
    assert content["summary"] == {
        "resources": 5,
        "components": 2,
        "controls": 5,
        "judged": 7,
        "violated": {"critical": 2, "high": 1, "medium": 0, "low": 1},
        "undecided": {"critical": 0, "high": 1, "medium": 0, "low": 0},
        "broken": {"critical": 0, "high": 1, "medium": 0, "low": 0},
        "opaque": 1,
        "waived": 0,
        "known": 0,
        "fixed": 0,
    }


def test_a_finding_has_all_there_is_to_know(content: dict[str, Any]) -> None:
    assert content["findings"][1] == {
        "control": "s3-bucket-is-private",
        "title": "Title of s3-bucket-is-private.",
        "severity": "critical",
        "verdict": "violated",
        "decides": True,
        "urn": "urn:pulumi:prod::payments::aws:s3/bucket:Bucket::uploads",
        "type": "aws:s3/bucket:Bucket",
        "name": "uploads",
        "path": "",
        "message": "no public access block refers to it",
        "why": "Why of s3-bucket-is-private.",
        "fix": "Fix of s3-bucket-is-private.",
        "requirements": [
            {"framework": "PCI DSS", "id": "1.4.2"},
            {"framework": "PCI DSS", "id": "7.2.1"},
            {"framework": "SOC 2", "id": "CC6.1"},
        ],
        "file": "__main__.py",
        "line": 12,
        "chain": [],
        "remedy": [],
    }


def test_findings_keep_their_order_and_say_whether_they_decide(content: dict[str, Any]) -> None:
    found = [(item["name"], item["verdict"], item["decides"]) for item in content["findings"]]
    assert found == [
        ("exports", "violated", True),
        ("uploads", "violated", True),
        ("ledger", "undecided", True),
        ("uploads", "broken", True),
        ("ledger", "violated", True),
        ("uploads", "violated", False),
    ]


def test_a_finding_without_a_source_says_null(content: dict[str, Any]) -> None:
    assert (content["findings"][0]["file"], content["findings"][0]["line"]) == (None, None)


def test_a_finding_has_its_path_and_its_remedy(full: Report) -> None:
    [first, *_] = json.loads(to_json(full))["findings"]
    function = "urn:pulumi:prod::payments::aws:lambda/function:Function::settle"
    assert first["chain"][0] == {
        "source": "the internet",
        "kind": "reaches",
        "target": function,
        "why": "calls its URL",
        "urn": function,
        "path": "url",
        "certain": True,
    }
    assert (first["chain"][1]["why"], first["chain"][1]["certain"]) == ("knows [secret]", False)
    assert first["remedy"] == [
        {"path": "publiclyAccessible", "old": None, "new": False},
        {"path": "password", "old": "[secret]", "new": "[secret]!"},
        {"path": "tags", "old": None, "new": {"was": "[secret]"}},
    ]


def test_waived_known_and_fixed_are_sections_that_decide_nothing(full: Report) -> None:
    content = json.loads(to_json(full))
    [waived] = content["waived"]
    assert (waived["control"], waived["decides"]) == ("s3-bucket-is-versioned", False)
    assert waived["waiver"] == {
        "reason": "Objects live for a day, said [secret].",
        "owner": "Payments",
        "approver": "Security",
        "created": "2026-02-01",
        "expires": "2026-04-30",
        "origin": "waivers.yaml:3",
        "resource": "s3.Bucket::uploads",
        "ticket": "PAY-7",
    }
    known = [(item["control"], item["name"], item["decides"]) for item in content["known"]]
    assert known == [
        ("s3-bucket-is-logged", "exports", False),
        ("s3-bucket-is-logged", "uploads", False),
    ]
    assert content["fixed"] == [
        {
            "control": "s3-bucket-is-logged",
            "urn": "urn:pulumi:prod::payments::aws:s3/bucket:Bucket::uploads-gone",
            "path": "",
            "message": "no [secret]",
        }
    ]
    counts = {name: content["summary"][name] for name in ("waived", "known", "fixed")}
    assert counts == {"waived": 1, "known": 2, "fixed": 1}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda told: told.update(extra=1), "'extra' was unexpected"),
        (lambda told: told.pop("known"), "'known' is a required property"),
        (lambda told: told.update(version=2), "1 was expected"),
        (lambda told: told["summary"].update(extra=1), "'extra' was unexpected"),
        (lambda told: told["findings"][0].update(extra=1), "'extra' was unexpected"),
        (lambda told: told["findings"][0].update(waiver={}), "'waiver' was unexpected"),
        (lambda told: told["findings"][0]["chain"][0].pop("why"), "'why' is a required"),
        (lambda told: told["waived"][0].update(decides=True), "False was expected"),
        (lambda told: told["waived"][0]["waiver"].update(expires="soon"), "is not a 'date'"),
        (lambda told: told["resources"][0].update(extra=1), "'extra' was unexpected"),
    ],
)
def test_the_schema_would_notice_a_mistake(
    full: Report, schema: Draft202012Validator, change: Callable[[Any], Any], problem: str
) -> None:
    content = json.loads(to_json(full))
    change(content)
    [error] = schema.iter_errors(content)
    assert problem in error.message


def test_the_schema_says_every_field_that_the_report_has(full: Report, schema: Any) -> None:
    content = json.loads(to_json(full))
    told = schema.schema
    fields, waived = told["$defs"]["finding_fields"], told["$defs"]["waived"]
    for properties, found in (
        (told["properties"], content),
        (told["properties"]["summary"]["properties"], content["summary"]),
        (fields["properties"], content["findings"][0]),
        (waived["properties"]["waiver"]["properties"], content["waived"][0]["waiver"]),
        (told["$defs"]["resource"]["properties"], content["resources"][0]),
    ):
        assert set(properties) == set(found)


def test_diagnostics_are_there(content: dict[str, Any]) -> None:
    assert content["diagnostics"] == [
        {
            "severity": "warning",
            "message": "deprecated, said [secret]",
            "urn": "urn:pulumi:prod::payments::aws:s3/bucket:Bucket::uploads",
        }
    ]


def test_a_resource_has_its_values_resolved_and_without_secrets(content: dict[str, Any]) -> None:
    by_type = {item["type"]: item for item in content["resources"]}
    assert by_type["aws:rds/instance:Instance"] == {
        "urn": "urn:pulumi:prod::payments::fintech_infra:index:EncryptedDatabase"
        "$aws:rds/instance:Instance::ledger",
        "type": "aws:rds/instance:Instance",
        "name": "ledger",
        "id": "",
        "component": False,
        "existing": False,
        "opaque": False,
        "parent": "urn:pulumi:prod::payments::fintech_infra:index:EncryptedDatabase::ledger",
        "provider": "",
        "protect": False,
        "source": {"file": "infra/data.py", "line": 31},
        "inputs": {
            "endpoint": {"$unknown": True},
            "password": "[secret]",
            "storageEncrypted": False,
        },
        "outputs": {"region": "eu-west-1", "url": "postgres://app:[secret]@ledger"},
        "dependencies": [],
    }


def test_the_stack_itself_is_among_the_resources_and_no_component(content: dict[str, Any]) -> None:
    first = content["resources"][0]
    assert (first["type"], first["component"]) == ("pulumi:pulumi:Stack", False)
    assert [item["name"] for item in content["resources"]] == [
        "payments-prod",
        "ledger",
        "ledger",
        "ledger",
        "uploads",
        "exports",
        "settle",
        "remote",
    ]


def test_dependencies_protection_and_kinds_are_told(
    report: Callable[..., Report], resource: Callable[..., Resource]
) -> None:
    held = resource(
        "eks:index:Cluster",
        "remote",
        id="cluster-1",
        custom=False,
        opaque=True,
        dependencies=("urn:a",),
        options=Options(protect=True),
    )
    told = json.loads(to_json(report(held)))["resources"][1]
    assert (told["component"], told["opaque"], told["protect"]) == (True, True, True)
    assert (told["id"], told["dependencies"]) == ("cluster-1", ["urn:a"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (UNKNOWN, {"$unknown": True}),
        ({"b": [UNKNOWN, 1.5], "a": None}, {"a": None, "b": [{"$unknown": True}, 1.5]}),
        (
            Asset("file", "handler.zip", "ab12"),
            {"$asset": {"kind": "file", "location": "handler.zip", "digest": "ab12"}},
        ),
        (
            Asset("archive", members=("a.py", "b.py")),
            {"$asset": {"kind": "archive", "members": ["a.py", "b.py"]}},
        ),
        (("a", True), ["a", True]),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_values_are_encoded_as_json_can_carry_them(value: object, expected: object) -> None:
    assert encode(value) == expected


def test_the_text_is_ascii_whatever_the_program_says(
    report: Callable[..., Report], resource: Callable[..., Resource]
) -> None:
    text = to_json(report(resource("t:t:T", "Zürich", inputs={"odd": "\ud800"})))
    assert text.isascii()
    assert json.loads(text)["resources"][1]["name"] == "Zürich"
