"""Controls over the stages of API Gateway: logs, limits and web ACLs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.lb import WEB_ACL_ASSOCIATIONS
from fintech_infra.controls.remedies import decided
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading

REST_API: Final = "aws:apigateway/restApi:RestApi"
REST_STAGE: Final = "aws:apigateway/stage:Stage"
METHOD_SETTINGS: Final = "aws:apigateway/methodSettings:MethodSettings"
USAGE_PLAN: Final = "aws:apigateway/usagePlan:UsagePlan"
STAGE: Final = "aws:apigatewayv2/stage:Stage"

_EVERY_METHOD: Final = "*/*"
_LIMITS: Final = ("throttlingBurstLimit", "throttlingRateLimit")


@control(
    on=[REST_STAGE, STAGE],
    severity=Severity.MEDIUM,
    fix="Set accessLogSettings with the ARN of a log group and a format in JSON.",
    source="PCI DSS 4.0.1 10.2.1; FSBP APIGateway.9",
    properties=["accessLogSettings"],
)
def apigateway_stage_access_logs(stage: Resource) -> Iterator[Fault]:
    """Stages of REST, HTTP and WebSocket APIs write access logs in a structured format.

    The log says who called what, and with which answer. A free text has to be taken apart before
    an alarm or an investigation can use it.
    """
    if stage.value("accessLogSettings") is None:
        yield Fault("accessLogSettings", "no access log is configured")
    elif not stage.is_set("accessLogSettings.destinationArn"):
        yield Fault("accessLogSettings.destinationArn", "the access log goes nowhere")
    elif not _is_structured(str(stage.value("accessLogSettings.format") or "").strip()):
        yield Fault("accessLogSettings.format", "the format is neither JSON, XML nor CSV")


def _is_structured(text: str) -> bool:
    """JSON is not parsed: numbers in it are still names of variables."""
    if text[:1] in {"{", "<"}:
        return True
    fields = text.split(",")
    return len(fields) > 1 and all(field.strip(' "').startswith("$context.") for field in fields)


def _traces(resource: Resource) -> Iterator[Fault]:
    if resource.type == METHOD_SETTINGS:
        yield from _traced(resource, "settings")
        return
    routes = (path for path, _ in resource.each("routeSettings"))
    yield from decided_first(
        _traced(resource, path) for path in chain(["defaultRouteSettings"], routes)
    )


def _untraced(resource: Resource) -> Mapping[str, Any]:
    return {fault.path: False for fault in decided(_traces(resource))}


@control(
    on=[METHOD_SETTINGS, STAGE],
    severity=Severity.HIGH,
    fix="Set dataTraceEnabled to false.",
    source="PCI DSS 4.0.1 3.3.1; Amazon API Gateway developer guide, CloudWatch logging",
    properties=["settings", "defaultRouteSettings", "routeSettings"],
    remedy=_untraced,
)
def apigateway_data_trace_disabled(resource: Resource) -> Iterator[Fault]:
    """Full requests and responses are never written to logs.

    Card numbers, credentials and personal data in them are then in a log group that was never meant
    to hold any.
    """
    yield from _traces(resource)


def _traced(resource: Resource, path: str) -> Iterator[Fault]:
    if resource.value(f"{path}.dataTraceEnabled") is True:
        yield Fault(f"{path}.dataTraceEnabled", "requests and responses are logged in full")


@control(
    on=[REST_STAGE],
    severity=Severity.HIGH,
    fix="Make a WebAclAssociation of the stage's ARN with a web ACL, such as that of EdgeShield.",
    source="PCI DSS 4.0.1 6.4.2; FSBP APIGateway.4",
    properties=["restApi"],
)
def apigateway_stage_waf_associated(stage: Resource, environment: Environment) -> Iterator[Fault]:
    """Stages of public REST APIs have a web ACL.

    It refuses the attacks that everybody runs against everything, before the application sees them.
    HTTP and WebSocket APIs cannot have one, and are not judged.
    """
    if managed_companions(environment, stage, "resourceArn", *WEB_ACL_ASSOCIATIONS):
        return
    apis = environment.references(stage, "restApi", REST_API)
    if not apis or apis[0].existing:
        raise UndecidedError("restApi", "the API is not in this program")
    with reading(apis[0].name, "restApi"):
        private = is_private(apis[0])
    if not private:
        refuse_if_hidden(environment, stage, "resourceArn", *WEB_ACL_ASSOCIATIONS)
        yield Fault("", "no web ACL in this program is associated with it")


def is_private(api: Resource) -> bool:
    """Whether a REST API is reached through endpoints of VPCs only.

    Raises:
        UnknownValueError: the types of its endpoint are not known before deployment.
    """
    return "PRIVATE" in api.listed("endpointConfiguration.types")


@control(
    on=[REST_STAGE, STAGE],
    severity=Severity.MEDIUM,
    fix="Set throttlingBurstLimit and throttlingRateLimit: in MethodSettings for */* or in a "
    "UsagePlan for REST, in defaultRouteSettings otherwise.",
    source="Amazon API Gateway developer guide, Throttle requests; NIST SP 800-53 SC-5",
    properties=["defaultRouteSettings", "restApi", "stageName"],
)
def apigateway_throttling_set(stage: Resource, environment: Environment) -> Iterator[Fault]:
    """Stages, or the usage plans of their callers, limit rate and bursts of requests.

    Without, one API may use up the limit that all APIs of the account and region share, and what
    stands behind it may be run over.
    """
    if stage.type == STAGE:
        yield from decided_first(_default_limit(stage, name) for name in _LIMITS)
        return
    if _is_limited(stage, environment):
        return
    apis = environment.references(stage, "restApi", REST_API)
    if not apis or apis[0].existing:
        raise UndecidedError("restApi", "the API is not in this program")
    refuse_if_hidden(environment, apis[0], "restApi", METHOD_SETTINGS)
    yield Fault("", "neither method settings for */* nor a usage plan limit requests")


def _default_limit(stage: Resource, name: str) -> Iterator[Fault]:
    path = f"defaultRouteSettings.{name}"
    limit = stage.number(path)
    if limit is None or limit < 0:
        yield Fault(path, "routes without settings of their own have no limit")


def _is_limited(stage: Resource, environment: Environment) -> bool:
    apis = environment.references(stage, "restApi", REST_API)
    settings = (
        found
        for api in apis
        for found in managed_companions(environment, api, "restApi", METHOD_SETTINGS)
    )
    if any(_limits_all(found, stage) for found in settings):
        return True
    plans = (item for item in environment.of_type(USAGE_PLAN) if not item.existing)
    return any(_plans_for(plan, stage, apis, environment) for plan in plans)


def _limits_all(settings: Resource, stage: Resource) -> bool:
    with reading(settings.name, ""):
        return (
            settings.value("stageName") == stage.value("stageName")
            and settings.value("methodPath") == _EVERY_METHOD
            and all((settings.number(f"settings.{name}") or -1) >= 0 for name in _LIMITS)
        )


def _plans_for(
    plan: Resource, stage: Resource, apis: tuple[Resource, ...], environment: Environment
) -> bool:
    with reading(plan.name, ""):
        if not (plan.number("throttleSettings.rateLimit") or 0) > 0:
            return False
        return any(
            plan.value(f"{path}.stage") == stage.value("stageName")
            and set(environment.references(plan, f"{path}.apiId", REST_API)) & set(apis)
            for path, _ in plan.each("apiStages")
        )


CONTROLS: Final = (
    apigateway_stage_access_logs,
    apigateway_data_trace_disabled,
    apigateway_stage_waf_associated,
    apigateway_throttling_set,
)
