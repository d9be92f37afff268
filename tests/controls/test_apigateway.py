"""Controls over stages of API Gateway, case by case."""

from __future__ import annotations

from typing import Any

import pytest

API = "aws:apigateway/restApi:RestApi"
REST_STAGE = "aws:apigateway/stage:Stage"
STAGE = "aws:apigatewayv2/stage:Stage"
SETTINGS = "aws:apigateway/methodSettings:MethodSettings"
PLAN = "aws:apigateway/usagePlan:UsagePlan"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:g"
JSON = '{"id": "$context.requestId", "status": $context.status}'
COMMON = '$context.identity.sourceIp [$context.requestTime] "$context.httpMethod" $context.status'
LIMITS: dict[str, Any] = {"throttlingBurstLimit": 10, "throttlingRateLimit": 20}
EXISTING = {"existing": True}


def logging(type_: str, **settings: Any) -> list[Any]:
    return [(type_, "s", {"accessLogSettings": settings})]


def rest(**stage: Any) -> list[Any]:
    return [(API, "a", {}), (REST_STAGE, "s", {"restApi": "a-id", "stageName": "v1"} | stage)]


def private(types: Any) -> list[Any]:
    return [
        (API, "a", {"endpointConfiguration": {"types": types}}),
        (REST_STAGE, "s", {"restApi": "a-id"}),
    ]


def settings(path: str = "*/*", stage: str = "v1", **given: Any) -> tuple[str, str, Any]:
    return SETTINGS, "m", {
        "restApi": "a-id", "stageName": stage, "methodPath": path, "settings": given
    }  # fmt: skip


def plan(stage: str, **throttle: Any) -> tuple[str, str, Any]:
    stages = [{"apiId": "a-id", "stage": stage}]
    return PLAN, "u", {"apiStages": stages, "throttleSettings": throttle}


LOGS: list[tuple[str, list[Any], list[str]]] = [
    ("JSON", logging(REST_STAGE, destinationArn=GROUP, format=JSON), []),
    ("of an HTTP API", logging(STAGE, destinationArn="?", format=JSON), []),
    ("XML", logging(STAGE, destinationArn=GROUP, format="<r>$context.status</r>"), []),
    (
        "CSV",
        logging(STAGE, destinationArn=GROUP, format="$context.requestId, $context.status"),
        [],
    ),
    (
        "none",
        [(STAGE, "s", {}), (REST_STAGE, "r", {})],
        ["violated r accessLogSettings", "violated s accessLogSettings"],
    ),
    ("to nowhere", logging(STAGE, format=JSON), ["violated s accessLogSettings.destinationArn"]),
    (
        "free text",
        logging(STAGE, destinationArn=GROUP, format=COMMON),
        ["violated s accessLogSettings.format"],
    ),
    (
        "not known",
        logging(STAGE, destinationArn=GROUP, format="?"),
        ["undecided s accessLogSettings.format"],
    ),
]

TRACES: list[tuple[str, list[Any], list[str]]] = [
    ("off", [settings(dataTraceEnabled=False), (STAGE, "s", {})], []),
    ("on", [settings(dataTraceEnabled=True)], ["violated m settings.dataTraceEnabled"]),
    (
        "of routes",
        [
            (
                STAGE,
                "s",
                {
                    "defaultRouteSettings": {"dataTraceEnabled": True},
                    "routeSettings": [
                        {"routeKey": "a"},
                        {"routeKey": "b", "dataTraceEnabled": True},
                    ],
                },
            )
        ],
        [
            "violated s defaultRouteSettings.dataTraceEnabled",
            "violated s routeSettings[1].dataTraceEnabled",
        ],
    ),
    (
        "not known, beside one that is on",
        [
            (
                STAGE,
                "s",
                {
                    "defaultRouteSettings": "?",
                    "routeSettings": [{"routeKey": "a", "dataTraceEnabled": True}],
                },
            )
        ],
        [
            "undecided s defaultRouteSettings.dataTraceEnabled",
            "violated s routeSettings[0].dataTraceEnabled",
        ],
    ),
    (
        "not known",
        [settings(dataTraceEnabled="?")],
        ["undecided m settings.dataTraceEnabled"],
    ),
]

WEB_ACLS: list[tuple[str, list[Any], list[str]]] = [
    ("associated", [*rest(), (ASSOCIATION, "w", {"resourceArn": "arn:aws:s3:::s"})], []),
    ("private", private("PRIVATE"), []),
    ("private, in a list", private(["PRIVATE"]), []),
    ("regional", private("REGIONAL"), ["violated s"]),
    ("none", rest(), ["violated s"]),
    ("perhaps", [*rest(), (ASSOCIATION, "w", {"resourceArn": "?"})], ["undecided s"]),
    ("of an API elsewhere", [(REST_STAGE, "s", {"restApi": "x"})], ["undecided s restApi"]),
    (
        "of an API that is read",
        [(API, "a", {}, EXISTING), (REST_STAGE, "s", {"restApi": "a-id"})],
        ["undecided s restApi"],
    ),
    ("of who knows what", private("?"), ["undecided s restApi"]),
]

LIMITED: list[tuple[str, list[Any], list[str]]] = [
    ("settings", [*rest(), settings(**LIMITS)], []),
    ("a plan", [*rest(), plan("v1", rateLimit=5, burstLimit=5)], []),
    ("of an HTTP API", [(STAGE, "s", {"defaultRouteSettings": LIMITS})], []),
    ("none", rest(), ["violated s"]),
    ("of another stage", [*rest(), settings(stage="v2", **LIMITS)], ["violated s"]),
    ("of one method", [*rest(), settings("a/GET", **LIMITS)], ["violated s"]),
    ("unlimited", [*rest(), settings(throttlingRateLimit=-1)], ["violated s"]),
    ("a plan of another stage", [*rest(), plan("v2", rateLimit=5)], ["violated s"]),
    ("a plan without a rate", [*rest(), plan("v1")], ["violated s"]),
    (
        "no burst",
        [(STAGE, "s", {"defaultRouteSettings": {"throttlingRateLimit": 20}})],
        ["violated s defaultRouteSettings.throttlingBurstLimit"],
    ),
    (
        "not known",
        [(STAGE, "s", {"defaultRouteSettings": "?"})],
        ["undecided s defaultRouteSettings.throttlingBurstLimit"],
    ),
    (
        "perhaps",
        [*rest(), settings(throttlingRateLimit="?", throttlingBurstLimit=1)],
        ["undecided s"],
    ),
    ("of an API elsewhere", [(REST_STAGE, "s", {"restApi": "x"})], ["undecided s restApi"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("apigateway-stage-access-logs", *row) for row in LOGS),
    *(("apigateway-data-trace-disabled", *row) for row in TRACES),
    *(("apigateway-stage-waf-associated", *row) for row in WEB_ACLS),
    *(("apigateway-throttling-set", *row) for row in LIMITED),
]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected
