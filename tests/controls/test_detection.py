"""Controls over Security Hub, Config, Inspector, Macie and the analyzers, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.environment import Options

STACK = "pulumi:pulumi:Stack"
HUB = "aws:securityhub/account:Account"
STANDARD = "aws:securityhub/standardsSubscription:StandardsSubscription"
RECORDER = "aws:cfg/recorder:Recorder"
STATUS = "aws:cfg/recorderStatus:RecorderStatus"
CHANNEL = "aws:cfg/deliveryChannel:DeliveryChannel"
INSPECTOR = "aws:inspector2/enabler:Enabler"
INSPECTOR_ORGANIZATION = "aws:inspector2/organizationConfiguration:OrganizationConfiguration"
MACIE = "aws:macie2/account:Account"
ANALYZER = "aws:accessanalyzer/analyzer:Analyzer"
RETAINED = "pulumi-account-guards-retained"
EVERYTHING = {"allSupported": True, "includeGlobalResourceTypes": True}


def standard(name: str) -> Any:
    return (
        STANDARD,
        name,
        {"standardsArn": f"arn:aws:securityhub:eu-west-1::standards/{name}/v/1"},
    )


PCI, FSBP = standard("pci-dss"), standard("aws-foundational-security-best-practices")


def hub(**inputs: Any) -> Any:
    return (HUB, "h", inputs)


def recorder(**group: Any) -> Any:
    return (RECORDER, "r", {"recordingGroup": group or EVERYTHING})


def started(enabled: Any = True, name: str = "r-id") -> Any:
    return (STATUS, "s", {"name": name, "isEnabled": enabled})


DELIVERY = (CHANNEL, "c", {"s3BucketName": "logs"})


def analyzer(name: str, type_: str | None, **inputs: Any) -> Any:
    return (ANALYZER, name, {"type": type_, **inputs})


EXTERNAL, UNUSED = analyzer("e", "ACCOUNT"), analyzer("u", "ACCOUNT_UNUSED_ACCESS")

HUBS: list[tuple[str, list[Any], list[str]]] = [
    ("both standards", [hub(enableDefaultStandards=False), PCI, FSBP], []),
    ("one by default", [hub(), PCI], []),
    ("none", [hub(enableDefaultStandards=False)], ["violated h"]),
    ("one is absent", [hub(enableDefaultStandards=False), FSBP], ["violated h"]),
    ("not known", [hub(), (STANDARD, "s", {"standardsArn": "?"})], ["undecided h"]),
    ("default not known", [hub(enableDefaultStandards="?"), PCI, FSBP],
     ["undecided h enableDefaultStandards"]),
]  # fmt: skip

RECORDERS: list[tuple[str, list[Any], list[str]]] = [
    ("complete", [recorder(), started(), DELIVERY], []),
    (
        "some types",
        [recorder(allSupported=False), started(), DELIVERY],
        ["violated r recordingGroup.allSupported"],
    ),
    (
        "no global types",
        [recorder(allSupported=True), started(), DELIVERY],
        ["violated r recordingGroup.includeGlobalResourceTypes"],
    ),
    ("stopped", [recorder(), started(enabled=False), DELIVERY], ["violated r"]),
    ("never started", [recorder(), DELIVERY], ["violated r"]),
    ("delivered nowhere", [recorder(), started()], ["violated r"]),
    ("started or not, not known", [recorder(), started(enabled="?"), DELIVERY], ["undecided r"]),
    ("which is started, not known", [recorder(), started(name="?"), DELIVERY], ["undecided r"]),
    (
        "all wrong, one not known",
        [recorder(allSupported="?"), started(enabled=False)],
        ["undecided r recordingGroup.allSupported", "violated r", "violated r"],
    ),
]

SCANS: list[tuple[str, list[Any], list[str]]] = [
    ("all", [(INSPECTOR, "i", {"resourceTypes": ["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"]})], []),
    (
        "images only",
        [(INSPECTOR, "i", {"resourceTypes": ["ECR"]})],
        ["violated i resourceTypes"],
    ),
    (
        "not known",
        [(INSPECTOR, "i", {"resourceTypes": ["EC2", "?"]})],
        ["undecided i resourceTypes[1]"],
    ),
    (
        "for members",
        [
            (
                INSPECTOR_ORGANIZATION,
                "o",
                {"autoEnable": {"ec2": True, "ecr": True, "lambda": True}},
            )
        ],
        [],
    ),
    (
        "not for members",
        [(INSPECTOR_ORGANIZATION, "o", {"autoEnable": {"ec2": True, "ecr": True}})],
        ["violated o autoEnable"],
    ),
]

MACIES: list[tuple[str, list[Any], list[str]]] = [
    ("on", [(MACIE, "m", {"status": "ENABLED"})], []),
    ("on by default", [(MACIE, "m", {})], []),
    ("paused", [(MACIE, "m", {"status": "PAUSED"})], ["violated m status"]),
    ("not known", [(MACIE, "m", {"status": "?"})], ["undecided m status"]),
]

ANALYZERS: list[tuple[str, list[Any], list[str]]] = [
    ("both", [EXTERNAL, UNUSED], []),
    (
        "of the organization",
        [analyzer("e", "ORGANIZATION"), analyzer("u", "ORGANIZATION_UNUSED_ACCESS")],
        [],
    ),
    ("external, by default", [analyzer("e", None), UNUSED], []),
    ("external only", [EXTERNAL], ["violated e type"]),
    (
        "internal only",
        [analyzer("i", "ACCOUNT_INTERNAL_ACCESS")],
        ["violated i type", "violated i type"],
    ),
    ("the other is read", [EXTERNAL, (ANALYZER, "x", {}, {"existing": True})], []),
    (
        "unused after a year",
        [
            EXTERNAL,
            analyzer(
                "u",
                "ACCOUNT_UNUSED_ACCESS",
                configuration={"unusedAccess": {"unusedAccessAge": 365}},
            ),
        ],
        ["violated u configuration.unusedAccess.unusedAccessAge"],
    ),
    ("not known", [EXTERNAL, analyzer("x", "?")], ["undecided e type", "undecided x type"]),
]


def guard(type_: str = HUB, **options: Any) -> Any:
    return (type_, "g", {}, {"options": Options(**options)})


GUARDS: list[tuple[str, list[Any], list[str]]] = [
    ("retained", [guard(retain_on_delete=True)], []),
    ("protected", [guard(protect=True)], []),
    ("neither", [guard()], ["violated g"]),
    ("no guard of the account", [guard("aws:guardduty/filter:Filter")], []),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("securityhub-enabled", *case) for case in HUBS),
    *(("config-recorder-complete", *case) for case in RECORDERS),
    *(("inspector-enabled", *case) for case in SCANS),
    *(("macie-enabled", *case) for case in MACIES),
    *(("accessanalyzer-enabled", *case) for case in ANALYZERS),
    *((RETAINED, *case) for case in GUARDS),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_what_watches_the_account_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


@pytest.mark.parametrize(
    "control",
    [
        "accessanalyzer-enabled",
        "config-recorder-complete",
        "inspector-enabled",
        "macie-enabled",
        "securityhub-enabled",
    ],
)
def test_only_the_baseline_of_an_account_has_to_declare_it(control: str, judged: Any) -> None:
    application = [(STACK, "s", {}), ("aws:s3/bucket:Bucket", "b", {})]

    assert judged(control, application) == []
    assert judged(control, application, account_stacks=("project/prod",)) == ["violated s"]


def test_guards_outside_production_need_not_be_retained(judged: Any) -> None:
    assert judged(RETAINED, [guard()], stack="dev") == []


def test_messages_say_what_is_absent(messages: Any) -> None:
    assert messages("securityhub-enabled", [hub(enableDefaultStandards=False), FSBP]) == [
        "Security Hub is not subscribed to pci-dss"
    ]
    assert messages("config-recorder-complete", [recorder(), started(enabled=False), DELIVERY]) == [
        "the recorder is stopped by s"
    ]
