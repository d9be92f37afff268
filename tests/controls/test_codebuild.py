"""Controls over delivery, case by case."""

from __future__ import annotations

from typing import Any

import pytest

PROJECT = "aws:codebuild/project:Project"
WEBHOOK = "aws:codebuild/webhook:Webhook"
CREDENTIAL = "aws:codebuild/sourceCredential:SourceCredential"
PIPELINE = "aws:codepipeline/pipeline:Pipeline"
DOMAIN = "aws:codeartifact/domain:Domain"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
VARIABLE = "environment.environmentVariables[0]"


def project(**inputs: Any) -> list[Any]:
    return [(PROJECT, "p", inputs)]


def variable(name: Any, value: Any, type_: str | None = None) -> list[Any]:
    given = {"name": name, "value": value} | ({"type": type_} if type_ else {})
    return project(environment={"environmentVariables": [given]})


def source(location: Any) -> list[Any]:
    return project(source={"type": "GITHUB", "location": location})


def webhook(*filters: tuple[str, Any], **inputs: Any) -> list[Any]:
    given = [{"type": kind, "pattern": pattern} for kind, pattern in filters]
    return [(WEBHOOK, "w", {"filterGroups": [{"filters": given}]} | inputs)]


def stage(name: str, *categories: Any, **inputs: Any) -> dict[str, Any]:
    actions = [{"category": category} | inputs for category in categories]
    return {"name": name, "actions": actions}


def pipeline(*stages: Any) -> list[Any]:
    return [(PIPELINE, "p", {"stages": list(stages)})]


def store(**inputs: Any) -> list[Any]:
    return [(PIPELINE, "p", {"artifactStores": [{"location": "b"} | inputs]})]


AT = "violated w filterGroups[0]"
FETCH, APPROVE, DEPLOY = stage("Source", "Source"), stage("Ask", "Approval"), ("Deploy",)

CREDENTIALS: list[tuple[str, list[Any], list[str]]] = [
    ("a harmless variable", variable("LOG_LEVEL", "debug"), []),
    ("a password", variable("DB_PASSWORD", "x"), [f"violated p {VARIABLE}"]),
    ("a password not known", variable("DB_PASSWORD", "?"), [f"violated p {VARIABLE}"]),
    ("an access key", variable("AWS_ACCESS_KEY_ID", "x"), [f"violated p {VARIABLE}"]),
    ("a password by reference", variable("DB_PASSWORD", "arn", "SECRETS_MANAGER"), []),
    (
        "a password in an address",
        variable("DB", "postgres://app:hunter2@db/x"),
        [f"violated p {VARIABLE}.value"],
    ),
    ("an address not known", variable("DB", "?"), [f"undecided p {VARIABLE}.value"]),
    ("an address", source("https://github.com/example/app"), []),
    (
        "a token in an address",
        source("https://token@github.com/example/app"),
        ["violated p source.location"],
    ),
    ("a connection", [(CREDENTIAL, "c", {"authType": "CODECONNECTIONS", "token": "arn"})], []),
    (
        "a personal token",
        [(CREDENTIAL, "c", {"authType": "PERSONAL_ACCESS_TOKEN", "token": "?"})],
        ["violated c authType"],
    ),
]
ISOLATION: list[tuple[str, list[Any], list[str]]] = [
    ("by default", project(), []),
    ("public", project(projectVisibility="PUBLIC_READ"), ["violated p projectVisibility"]),
    (
        "privileged",
        project(environment={"privilegedMode": True}),
        ["violated p environment.privilegedMode"],
    ),
    ("any server", project(source={"insecureSsl": True}), ["violated p source.insecureSsl"]),
    (
        "no logs",
        project(logsConfig={"cloudwatchLogs": {"status": "DISABLED"}}),
        ["violated p logsConfig"],
    ),
    (
        "logs in a bucket",
        project(
            logsConfig={
                "cloudwatchLogs": {"status": "DISABLED"},
                "s3Logs": {"status": "ENABLED"},
            }
        ),
        [],
    ),
    (
        "plain logs",
        project(logsConfig={"s3Logs": {"status": "ENABLED", "encryptionDisabled": True}}),
        ["violated p logsConfig.s3Logs.encryptionDisabled"],
    ),
    (
        "plain artifacts",
        project(
            artifacts={"type": "S3", "encryptionDisabled": True},
            secondaryArtifacts=[{"encryptionDisabled": True}],
        ),
        [
            "violated p artifacts.encryptionDisabled",
            "violated p secondaryArtifacts[0].encryptionDisabled",
        ],
    ),
    ("not known", project(projectVisibility="?"), ["undecided p projectVisibility"]),
    ("a branch", webhook(("EVENT", "PUSH"), ("HEAD_REF", "^refs/heads/main$")), []),
    ("no filter", [(WEBHOOK, "w", {})], ["violated w filterGroups"]),
    ("events only", webhook(("EVENT", "PUSH")), [AT]),
    ("a part of a branch", webhook(("HEAD_REF", "main")), [f"{AT}.filters[0].pattern"]),
    ("a part of an account", webhook(("ACTOR_ACCOUNT_ID", "^1$|234")), [
        f"{AT}.filters[0].pattern"]),
    ("accounts", webhook(("ACTOR_ACCOUNT_ID", "^1$|^234$")), []),
    ("accounts in brackets", webhook(("ACTOR_ACCOUNT_ID", "^(1|234)$")), []),
    (
        "anybody's pull request",
        webhook(("EVENT", "PULL_REQUEST_CREATED"), ("BASE_REF", "^refs/heads/main$")),
        [AT],
    ),
    (
        "anybody's pull request, after a look",
        webhook(
            ("EVENT", "PULL_REQUEST_CREATED"),
            ("BASE_REF", "^refs/heads/main$"),
            pullRequestBuildPolicy={"requiresCommentApproval": "ALL_PULL_REQUESTS"},
        ),
        [],
    ),
    ("groups not known", [(WEBHOOK, "w", {"filterGroups": "?"})], ["undecided w filterGroups"]),
]  # fmt: skip
APPROVAL: list[tuple[str, list[Any], list[str]]] = [
    ("approved", pipeline(FETCH, APPROVE, stage("Prod", *DEPLOY)), []),
    ("not approved", pipeline(FETCH, stage("Prod", *DEPLOY)), ["violated p stages[1]"]),
    ("a plain name", pipeline(FETCH, stage("Rollout", *DEPLOY)), ["violated p stages[1]"]),
    ("a rehearsal first", pipeline(FETCH, stage("Staging", *DEPLOY), APPROVE,
                                   stage("Prod", *DEPLOY)), []),
    ("approved too late", pipeline(stage("Prod", *DEPLOY), APPROVE), ["violated p stages[0]"]),
    (
        "approved in the stage",
        pipeline({"name": "Prod", "actions": [{"category": "Approval", "runOrder": 1},
                                              {"category": "Deploy", "runOrder": 2}]}),
        [],
    ),
    (
        "approved beside it",
        pipeline({"name": "Prod", "actions": [{"category": "Approval"}, {"category": "Deploy"}]}),
        ["violated p stages[0]"],
    ),
    ("a build that deploys", pipeline(FETCH, stage("prod", "Build")), ["violated p stages[1]"]),
    ("a build", pipeline(FETCH, stage("Build", "Build")), []),
    ("not known", pipeline(stage("Prod", "?")), ["undecided p stages[0].actions[0].category"]),
]  # fmt: skip
ARTIFACTS: list[tuple[str, list[Any], list[str]]] = [
    ("a key", store(encryptionKey={"id": KEY, "type": "KMS"}), []),
    ("no key", store(), ["violated p artifactStores[0].encryptionKey"]),
    (
        "a key of AWS's own",
        store(encryptionKey={"id": "alias/aws/s3", "type": "KMS"}),
        ["violated p artifactStores[0].encryptionKey.id"],
    ),
    (
        "a key not known",
        store(encryptionKey={"id": "?", "type": "KMS"}),
        ["undecided p artifactStores[0].encryptionKey.id"],
    ),
    ("packages", [(DOMAIN, "d", {"encryptionKey": KEY})], []),
    ("packages without", [(DOMAIN, "d", {})], ["violated d encryptionKey"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("codebuild-no-plaintext-credentials", *case) for case in CREDENTIALS),
    *(("codebuild-isolated", *case) for case in ISOLATION),
    *(("codepipeline-approval-before-production", *case) for case in APPROVAL),
    *(("codepipeline-artifacts-cmk", *case) for case in ARTIFACTS),
]


def test_outside_production_only_stages_that_say_so_need_approval(judged: Any) -> None:
    control = "codepipeline-approval-before-production"
    stages = pipeline(FETCH, stage("Rollout", *DEPLOY), stage("prod-eu", *DEPLOY))

    assert judged(control, stages, stack="tools") == ["violated p stages[2]"]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_part_of_the_delivery_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)
