"""Controls over SageMaker and Bedrock, case by case."""

from __future__ import annotations

from typing import Any

import pytest

STACK = "pulumi:pulumi:Stack"
NOTEBOOK = "aws:sagemaker/notebookInstance:NotebookInstance"
DOMAIN = "aws:sagemaker/domain:Domain"
MODEL = "aws:sagemaker/model:Model"
ENDPOINT = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
AGENT = "aws:bedrock/agentAgent:AgentAgent"
GUARDRAIL = "aws:bedrock/guardrail:Guardrail"
LOGGING = "aws:bedrockmodel/invocationLoggingConfiguration:InvocationLoggingConfiguration"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
CLOSED = {
    "directInternetAccess": "Disabled",
    "rootAccess": "Disabled",
    "subnetId": "subnet-1",
    "kmsKeyId": "?",
}
GUARDED = {
    "guardrailConfigurations": [{"guardrailIdentifier": "g", "guardrailVersion": "1"}],
    "customerEncryptionKeyArn": KEY,
}
PERSONAL = {"piiEntitiesConfigs": [{"type": "EMAIL", "action": "ANONYMIZE"}]}

ISOLATION: list[tuple[str, list[Any], list[str]]] = [
    (
        "all closed",
        [
            (NOTEBOOK, "n", CLOSED),
            (DOMAIN, "d", {"appNetworkAccessType": "VpcOnly", "kmsKeyId": KEY}),
            (MODEL, "m", {"enableNetworkIsolation": True}),
            (ENDPOINT, "e", {"kmsKeyArn": KEY}),
        ],
        [],
    ),
    (
        "all by default",
        [(NOTEBOOK, "n", {}), (DOMAIN, "d", {}), (MODEL, "m", {}), (ENDPOINT, "e", {})],
        [
            "violated d appNetworkAccessType",
            "violated d kmsKeyId",
            "violated e kmsKeyArn",
            "violated m enableNetworkIsolation",
            "violated n directInternetAccess",
            "violated n kmsKeyId",
            "violated n rootAccess",
            "violated n subnetId",
        ],
    ),
    (
        "not known",
        [(NOTEBOOK, "n", CLOSED | {"rootAccess": "?"})],
        ["undecided n rootAccess"],
    ),
]
BEDROCK: list[tuple[str, list[Any], list[str]]] = [
    (
        "guarded and logged",
        [
            (AGENT, "a", GUARDED),
            (GUARDRAIL, "g", {"sensitiveInformationPolicyConfig": PERSONAL}),
            (LOGGING, "l", {"loggingConfig": {"s3Config": {"bucketName": "?"}}}),
        ],
        [],
    ),
    ("logging not known", [(LOGGING, "l", {"loggingConfig": "?"})], ["undecided l loggingConfig"]),
    (
        "neither",
        [
            (AGENT, "a", {}),
            (GUARDRAIL, "g", {"sensitiveInformationPolicyConfig": {"regexesConfigs": []}}),
            (LOGGING, "l", {"loggingConfig": {"textDataDeliveryEnabled": True}}),
        ],
        [
            "violated a customerEncryptionKeyArn",
            "violated a guardrailConfigurations",
            "violated g sensitiveInformationPolicyConfig",
            "violated l loggingConfig",
        ],
    ),
    (
        "not known",
        [(GUARDRAIL, "g", {"sensitiveInformationPolicyConfig": "?"})],
        ["undecided g sensitiveInformationPolicyConfig.piiEntitiesConfigs"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("sagemaker-isolated", *case) for case in ISOLATION),
    *(("bedrock-guarded-and-logged", *case) for case in BEDROCK),
]


def test_a_baseline_has_to_log_invocations(judged: Any) -> None:
    control, stack = "bedrock-guarded-and-logged", (STACK, "s", {})
    logging = (LOGGING, "l", {"loggingConfig": {"s3Config": {"bucketName": "b"}}})

    assert judged(control, [stack]) == []
    assert judged(control, [stack], account_stacks=("project/*",)) == ["violated s"]
    assert judged(control, [stack, logging], account_stacks=("project/*",)) == []


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_model_or_what_runs_it_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)
