"""Controls over delivery: CodeBuild, CodePipeline and CodeArtifact."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.credentials import looks_like, names_a_secret
from fintech_infra.controls.evaluate import is_production
from fintech_infra.environment import Environment, Resource, join, read
from fintech_infra.environment.undecided import decided_first

PROJECT: Final = "aws:codebuild/project:Project"
WEBHOOK: Final = "aws:codebuild/webhook:Webhook"
SOURCE_CREDENTIAL: Final = "aws:codebuild/sourceCredential:SourceCredential"
PIPELINE: Final = "aws:codepipeline/pipeline:Pipeline"
PACKAGE_DOMAIN: Final = "aws:codeartifact/domain:Domain"

_ACCESS_KEY_NAMES: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_LONG_LIVED: Final = ("PERSONAL_ACCESS_TOKEN", "BASIC_AUTH")
_USER_IN_URL: Final = re.compile(r"https?://[^/@]+@")
_PATTERNS: Final = ("ACTOR_ACCOUNT_ID", "BASE_REF", "HEAD_REF")
_AWS_KEY: Final = re.compile(r"(?:.*:)?alias/aws/.*")
_HARMLESS: Final = ("Approval", "Source", "Test")
_REHEARSAL: Final = re.compile(
    r"(?:^|[^a-z])(?:dev|development|test|qa|uat|sit|stag(?:e|ing)|preprod|pre-prod|sandbox)"
    r"(?:$|[^a-z])"
)


@control(
    on=[PROJECT, SOURCE_CREDENTIAL],
    severity=Severity.CRITICAL,
    fix="Give variables the type SECRETS_MANAGER and the name of a ManagedSecret, and use a "
    "connection (authType CODECONNECTIONS) for sources; DeployIdentity needs no credential.",
    source="FSBP CodeBuild.1, CodeBuild.2; PCI DSS 4.0.1 8.6.2",
    properties=["environment", "source", "secondarySources", "token", "authType"],
)
def codebuild_no_plaintext_credentials(resource: Resource) -> Iterator[Fault]:
    """Build variables, source addresses and source credentials hold no literal secret.

    Whoever may look at a project, or at what it prints, reads them. A personal token acts as the
    person who made it, everywhere, until somebody remembers it.
    """
    if resource.type == SOURCE_CREDENTIAL:
        kind = resource.value("authType")
        if kind in _LONG_LIVED:
            yield Fault("authType", f"{kind} puts a credential that never ends into the program")
        return
    yield from decided_first((_variables(resource), _sources(resource)))


def _variables(project: Resource) -> Iterator[Fault]:
    yield from decided_first(
        _variable(project, path) for path, _ in project.each("environment.environmentVariables")
    )


def _variable(project: Resource, path: str) -> Iterator[Fault]:
    if project.value(f"{path}.type") not in (None, "PLAINTEXT"):
        return
    name = str(project.value(f"{path}.name"))
    if names_a_secret(name) or name.upper() in _ACCESS_KEY_NAMES:
        yield Fault(path, f"{name} is given in plain text")
    elif project.is_set(f"{path}.value"):
        kind = looks_like(str(project.value(f"{path}.value")))
        if kind:
            yield Fault(f"{path}.value", f"{name} holds {kind}")


def _sources(project: Resource) -> Iterator[Fault]:
    for path in ("source", "secondarySources"):
        for at, _ in project.each(path):
            location = str(project.value(f"{at}.location") or "")
            if looks_like(location) or _USER_IN_URL.match(location):
                yield Fault(f"{at}.location", "the address of the source holds a credential")


def _private(resource: Resource) -> Mapping[str, Any]:
    public = resource.type == PROJECT and resource.value("projectVisibility") == "PUBLIC_READ"
    return {"projectVisibility": "PRIVATE"} if public else {}


@control(
    on=[PROJECT, WEBHOOK],
    severity=Severity.HIGH,
    fix="Keep projectVisibility PRIVATE, privilegedMode off, logs on and artifacts encrypted; "
    "write webhook filters as ^refs/heads/main$ and ^12345$.",
    source="FSBP CodeBuild.3, CodeBuild.4, CodeBuild.5; AWS security bulletin AWS-2025-016",
    properties=[
        "environment", "projectVisibility", "logsConfig", "artifacts", "secondaryArtifacts",
        "source", "filterGroups", "pullRequestBuildPolicy",
    ],
    remedy=_private,
)  # fmt: skip
def codebuild_isolated(resource: Resource) -> Iterator[Fault]:
    """Builds are private, logged, encrypted and unprivileged, and strangers start none.

    A build has the credentials of its role: whoever makes it run their code has them, too. A filter
    without ^ and $ also admits whatever contains it, such as the longer number of another account.
    """
    if resource.type == WEBHOOK:
        yield from _hooks(resource)
        return
    yield from decided_first((_exposure(resource), _build_logs(resource), _artifacts(resource)))


def _exposure(project: Resource) -> Iterator[Fault]:
    if project.value("projectVisibility") == "PUBLIC_READ":
        yield Fault("projectVisibility", "everyone can read what builds print and make")
    if project.value("environment.privilegedMode") is True:
        yield Fault("environment.privilegedMode", "builds are root on the machine that runs them")
    if project.value("source.insecureSsl") is True:
        yield Fault("source.insecureSsl", "sources come from whoever says to be the server")


def _build_logs(project: Resource) -> Iterator[Fault]:
    stream = project.value("logsConfig.cloudwatchLogs.status")
    if stream == "DISABLED" and project.value("logsConfig.s3Logs.status") != "ENABLED":
        yield Fault("logsConfig", "no log tells what a build did")
    if project.value("logsConfig.s3Logs.encryptionDisabled") is True:
        yield Fault("logsConfig.s3Logs.encryptionDisabled", "logs are stored unencrypted")


def _artifacts(project: Resource) -> Iterator[Fault]:
    for path in ("artifacts", "secondaryArtifacts"):
        for at, _ in project.each(path):
            if project.value(f"{at}.encryptionDisabled") is True:
                yield Fault(f"{at}.encryptionDisabled", "artifacts are stored unencrypted")


def _hooks(webhook: Resource) -> Iterator[Fault]:
    groups = list(webhook.each("filterGroups"))
    if not groups:
        yield Fault("filterGroups", "every push and pull request of anybody starts a build")
    yield from decided_first(_filter_group(webhook, path) for path, _ in groups)


def _filter_group(webhook: Resource, group: str) -> Iterator[Fault]:
    filters = list(webhook.entries(f"{group}.filters"))
    given = {str(item.get("type")): str(read(item, "pattern") or "") for _, item in filters}
    if not set(given) & set(_PATTERNS):
        yield Fault(group, "names neither a branch nor who may start a build")
    elif _lets_strangers_in(webhook, given):
        yield Fault(group, "a pull request of anybody starts a build: name who may")
    for path, item in filters:
        if item.get("type") in _PATTERNS and not _is_anchored(str(item.get("pattern"))):
            yield Fault(join(path, "pattern"), f"{item.get('pattern')} is not between ^ and $")


def _lets_strangers_in(webhook: Resource, given: Mapping[str, str]) -> bool:
    reviewed = webhook.value("pullRequestBuildPolicy.requiresCommentApproval")
    return (
        "PULL_REQUEST" in given.get("EVENT", "")
        and "ACTOR_ACCOUNT_ID" not in given
        and reviewed in (None, "DISABLED")
    )


def _is_anchored(pattern: str) -> bool:
    parts = [pattern] if "(" in pattern else pattern.split("|")
    return all(part.startswith("^") and part.endswith("$") for part in parts)


@control(
    on=[PIPELINE],
    severity=Severity.HIGH,
    fix="Put a stage with an action of the category Approval before the one that deploys to "
    "production.",
    source="PCI DSS 4.0.1 6.5.1; NIST SP 800-53 CM-3",
    properties=["stages"],
)
def codepipeline_approval_before_production(
    pipeline: Resource, environment: Environment
) -> Iterator[Fault]:
    """A person approves before a pipeline deploys to production.

    One commit would reach production with nobody having looked, its author included. A stage whose
    name says production counts; in a production stack, every one that deploys and says nothing
    else.
    """
    production = is_production(environment.stack)
    approved = False
    for path, stage in pipeline.entries("stages"):
        actions = _actions(pipeline, path)
        orders = [order for category, order in actions if category == "Approval"]
        deploys = [item for item in actions if _deploys(item[0], str(stage.get("name")))]
        if not approved and _is_for_production(str(stage.get("name")), production=production):
            early = min(orders, default=None)
            if any(early is None or order <= early for _, order in deploys):
                yield Fault(path, f"stage {stage.get('name')} deploys without an approval before")
        approved = approved or bool(orders)


def _actions(pipeline: Resource, stage: str) -> list[tuple[str, float]]:
    """The categories of a stage's actions, and when each runs."""
    return [
        (str(pipeline.value(f"{at}.category")), pipeline.number(f"{at}.runOrder") or 1)
        for at, _ in pipeline.each(f"{stage}.actions")
    ]


def _deploys(category: str, stage: str) -> bool:
    return category == "Deploy" or (is_production(stage) and category not in _HARMLESS)


def _is_for_production(name: str, *, production: bool) -> bool:
    return is_production(name) or (production and not _REHEARSAL.search(name.lower()))


@control(
    on=[PIPELINE, PACKAGE_DOMAIN],
    severity=Severity.MEDIUM,
    fix="Name an EncryptionKey in encryptionKey.",
    source="NIST SP 800-53 SC-12; AWS CodePipeline user guide, Configure server-side encryption",
    properties=["artifactStores", "encryptionKey"],
)
def codepipeline_artifacts_cmk(resource: Resource) -> Iterator[Fault]:
    """Pipeline artifacts and package domains are encrypted with a customer-managed key.

    Artifacts are what runs in production next: who may read and replace them is decided by the
    key's policy, which one of AWS's own keys does not have.
    """
    if resource.type == PACKAGE_DOMAIN:
        yield from _key(resource, "encryptionKey", "encryptionKey")
        return
    yield from decided_first(
        _key(resource, f"{path}.encryptionKey", f"{path}.encryptionKey.id")
        for path, _ in resource.each("artifactStores")
    )


def _key(resource: Resource, block: str, path: str) -> Iterator[Fault]:
    if not resource.is_set(path):
        yield Fault(block, "no key of the customer is named")
        return
    value = str(resource.value(path))
    if _AWS_KEY.fullmatch(value):
        yield Fault(path, f"{value} is a key of AWS's own")


CONTROLS: Final = (
    codebuild_no_plaintext_credentials,
    codebuild_isolated,
    codepipeline_approval_before_production,
    codepipeline_artifacts_cmk,
)
