"""Controls over web ACLs, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

ACL = "aws:wafv2/webAcl:WebAcl"
RULE = "aws:wafv2/webAclRule:WebAclRule"
GROUP = "aws:wafv2/ruleGroup:RuleGroup"
ASSOCIATION = "aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"

COMMON = "AWSManagedRulesCommonRuleSet"
INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
SQL = "AWSManagedRulesSQLiRuleSet"
RATE = {"action": {"block": {}}, "statement": {"rateBasedStatement": {"limit": 2000}}}
COUNTED_RATE = {**RATE, "action": {"count": {}}}


def managed(name: str, override: str = "none") -> dict[str, Any]:
    statement = {"managedRuleGroupStatement": {"name": name, "vendorName": "AWS"}}
    return {"overrideAction": {override: {}}, "statement": statement}


def as_json(*names: str) -> str:
    return json.dumps(
        [
            {
                "Name": name,
                "OverrideAction": {"None": {}},
                "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}},
            }
            for name in names
        ]
    )


def sidecar(name: str, rule: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return (RULE, name, {"webAclArn": "arn:aws:s3:::w", **rule})


def reference(group: str, override: str = "none") -> dict[str, Any]:
    statement = {"ruleGroupReferenceStatement": {"arn": f"arn:aws:s3:::{group}"}}
    return {"overrideAction": {override: {}}, "statement": statement}


def logging(*fields: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return (LOGGING, "l", {"resourceArn": "arn:aws:s3:::w", "redactedFields": list(fields)})


def header(name: str) -> dict[str, Any]:
    return {"singleHeader": {"name": name}}


def acl(**inputs: Any) -> tuple[str, str, dict[str, Any]]:
    return (ACL, "w", inputs)


THREE = [managed(COMMON), managed(INPUTS), managed(SQL)]
BASELINE, LIMIT, LOGGED = (
    "wafv2-managed-rules-baseline",
    "wafv2-rate-limit",
    "wafv2-logging-redacted",
)
RULES = ["violated w rules"]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (BASELINE, "all three block", [acl(rules=THREE)], []),
    (BASELINE, "one is missing", [acl(rules=THREE[:2])], RULES),
    (BASELINE, "one only counts", [acl(rules=[*THREE[:2], managed(SQL, "count")])], RULES),
    (BASELINE, "no rules", [acl()], RULES * 3),
    (BASELINE, "as JSON", [acl(ruleJson=as_json(COMMON, INPUTS, SQL))], []),
    (BASELINE, "as JSON, one missing", [acl(ruleJson=as_json(COMMON, INPUTS))], RULES),
    (
        BASELINE,
        "as rules of their own",
        [acl(), *(sidecar(f"r{n}", rule) for n, rule in enumerate(THREE))],
        [],
    ),
    (
        BASELINE,
        "one as an association",
        [
            acl(rules=THREE[:2]),
            (
                ASSOCIATION,
                "a",
                {
                    "webAclArn": "arn:aws:s3:::w",
                    "overrideAction": "none",
                    "managedRuleGroup": {"name": SQL, "vendorName": "AWS"},
                },
            ),
        ],
        [],
    ),
    (
        BASELINE,
        "one as an association that counts",
        [
            acl(rules=THREE[:2]),
            (
                ASSOCIATION,
                "a",
                {
                    "webAclArn": "arn:aws:s3:::w",
                    "overrideAction": "count",
                    "managedRuleGroup": {"name": SQL, "vendorName": "AWS"},
                },
            ),
        ],
        RULES,
    ),
    (BASELINE, "rules not known", [acl(rules="?")], ["undecided w rules"]),
    (
        BASELINE,
        "a rule that may belong to it",
        [acl(rules=THREE[:2]), (RULE, "r", {"webAclArn": "?"})],
        ["undecided w"],
    ),
    (LIMIT, "a rate blocks", [acl(rules=[RATE])], []),
    (LIMIT, "a rate counts", [acl(rules=[COUNTED_RATE])], RULES),
    (LIMIT, "no rate", [acl(rules=THREE)], RULES),
    (LIMIT, "a rule of its own", [acl(), sidecar("r", RATE)], []),
    (
        LIMIT,
        "in a rule group",
        [(GROUP, "g", {"rules": [RATE]}), acl(rules=[reference("g")])],
        [],
    ),
    (
        LIMIT,
        "in a rule group that only counts",
        [(GROUP, "g", {"rules": [RATE]}), acl(rules=[reference("g", "count")])],
        RULES,
    ),
    (
        LIMIT,
        "a rule group of another program",
        [acl(rules=[reference("elsewhere")])],
        ["undecided w rules"],
    ),
    (
        LOGGED,
        "credentials are redacted",
        [acl(), logging(header("authorization"), header("Cookie"))],
        [],
    ),
    (LOGGED, "cookies are not", [acl(), logging(header("authorization"))], ["violated w"]),
    (LOGGED, "nothing is logged", [acl()], ["violated w"]),
    (
        LOGGED,
        "the web ACL itself hides them",
        [
            acl(
                dataProtectionConfig={
                    "dataProtections": [
                        {
                            "action": "HASH",
                            "field": {
                                "fieldType": "SINGLE_HEADER",
                                "fieldKeys": ["cookie", "authorization"],
                            },
                        }
                    ]
                }
            ),
            logging(),
        ],
        [],
    ),
    (LOGGED, "what is logged is not known", [acl(), (LOGGING, "l", {"resourceArn": "?"})], [
        "undecided w"
    ]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("control", "case", "resources", "expected"), CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES]
)
def test_web_acls(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == expected
