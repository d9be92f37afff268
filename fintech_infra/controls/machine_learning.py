"""Controls over SageMaker and Bedrock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.account_stacks import missing
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import STACK_TYPE, Environment, Resource, read
from fintech_infra.environment.undecided import decided_first

NOTEBOOK: Final = "aws:sagemaker/notebookInstance:NotebookInstance"
DOMAIN: Final = "aws:sagemaker/domain:Domain"
MODEL: Final = "aws:sagemaker/model:Model"
ENDPOINT: Final = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
AGENT: Final = "aws:bedrock/agentAgent:AgentAgent"
GUARDRAIL: Final = "aws:bedrock/guardrail:Guardrail"
INVOCATION_LOGGING: Final = (
    "aws:bedrockmodel/invocationLoggingConfiguration:InvocationLoggingConfiguration"
)

# Per type: the input, the value it must have, and what is wrong with any other one.
_SETTINGS: Final[dict[str, tuple[tuple[str, object, str], ...]]] = {
    NOTEBOOK: (
        ("directInternetAccess", "Disabled", "the notebook reaches the internet past the VPC"),
        ("rootAccess", "Disabled", "whoever uses the notebook is root on it"),
    ),
    DOMAIN: (("appNetworkAccessType", "VpcOnly", "apps reach the internet past the VPC"),),
    MODEL: (("enableNetworkIsolation", True, "the model's container can call out"),),
    ENDPOINT: (),
}
# Per type: inputs that must be given, and what is wrong without.
_GIVEN: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    NOTEBOOK: (
        ("subnetId", "the notebook is in no subnet of the VPC"),
        ("kmsKeyId", "its volume has no key of the customer"),
    ),
    DOMAIN: (("kmsKeyId", "its storage has no key of the customer"),),
    MODEL: (),
    ENDPOINT: (("kmsKeyArn", "its storage has no key of the customer"),),
}


@control(
    on=[NOTEBOOK, DOMAIN, MODEL, ENDPOINT],
    severity=Severity.HIGH,
    fix="Disable directInternetAccess and rootAccess, keep appNetworkAccessType to the VPC, set "
    "enableNetworkIsolation, and the key of an EncryptionKey.",
    source="FSBP SageMaker.1, SageMaker.2, SageMaker.3, SageMaker.5",
    properties=[
        "directInternetAccess", "rootAccess", "subnetId", "kmsKeyId", "appNetworkAccessType",
        "enableNetworkIsolation", "kmsKeyArn",
    ],
)  # fmt: skip
def sagemaker_isolated(resource: Resource) -> Iterator[Fault]:
    """Notebooks and domains stay in the VPC, models call nobody, storage has its own key.

    A notebook has the data that models learn from and a shell beside it: with a way to the internet
    the data leaves in one line, and a model is a program that somebody else may have written.
    """
    yield from decided_first((_settings(resource), _absent(resource)))


def _settings(resource: Resource) -> Iterator[Fault]:
    for path, wanted, message in _SETTINGS[resource.type]:
        if resource.value(path) != wanted:
            yield Fault(path, message)


def _absent(resource: Resource) -> Iterator[Fault]:
    for path, message in _GIVEN[resource.type]:
        if not resource.is_set(path):
            yield Fault(path, message)


@control(
    on=[AGENT, GUARDRAIL, INVOCATION_LOGGING, STACK_TYPE],
    severity=Severity.MEDIUM,
    fix="Give agents a guardrail with sensitiveInformationPolicyConfig and a key, and the region "
    "an InvocationLoggingConfiguration with a log group or a bucket.",
    source="Amazon Bedrock user guide, Guardrails and model invocation logging; GDPR Art. 25",
    properties=[
        "guardrailConfigurations", "customerEncryptionKeyArn", "sensitiveInformationPolicyConfig",
        "loggingConfig",
    ],
)  # fmt: skip
def bedrock_guarded_and_logged(
    resource: Resource, environment: Environment, *, account_stacks: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Agents have a guardrail that filters personal data, and model invocations are logged.

    A model repeats what it was told to whoever asks well. That there is no logging is judged in the
    stacks that account_stacks names, as patterns of project/stack.
    """
    if resource.type == STACK_TYPE:
        what = "logging of model invocations"
        yield from missing(environment, account_stacks, [INVOCATION_LOGGING], what)
    elif resource.type == AGENT:
        yield from _agent(resource)
    elif resource.type == GUARDRAIL:
        yield from _guardrail(resource)
    elif not _is_logged(resource):
        yield Fault("loggingConfig", "invocations are logged to no place")


def _agent(agent: Resource) -> Iterator[Fault]:
    if not agent.value("guardrailConfigurations"):
        yield Fault("guardrailConfigurations", "nothing filters what the agent hears and says")
    if not agent.is_set("customerEncryptionKeyArn"):
        yield Fault("customerEncryptionKeyArn", "its sessions have no key of the customer")


def _guardrail(guardrail: Resource) -> Iterator[Fault]:
    block = "sensitiveInformationPolicyConfig"
    kinds = ("piiEntitiesConfigs", "regexesConfigs")
    if not any(guardrail.value(f"{block}.{kind}") for kind in kinds):
        yield Fault(block, "the guardrail lets personal data pass")


def _is_logged(logging: Resource) -> bool:
    given = logging.value("loggingConfig")
    return any(read(given, place) is not None for place in ("cloudwatchConfig", "s3Config"))


CONTROLS: Final = (sagemaker_isolated, bedrock_guarded_and_logged)
