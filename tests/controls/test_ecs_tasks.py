"""Controls over containers, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

TASK = "aws:ecs/taskDefinition:TaskDefinition"
JOB = "aws:batch/jobDefinition:JobDefinition"
FUNCTION = "aws:lambda/function:Function"
REPOSITORY = "aws:ecr/repository:Repository"
PATH = "containerDefinitions"
URL = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/api"
DIGEST = f"{URL}@sha256:{'ab' * 32}"
HARDENED = {
    "name": "app",
    "image": DIGEST,
    "user": "10001:10001",
    "readonlyRootFilesystem": True,
    "linuxParameters": {"capabilities": {"drop": ["ALL"]}},
    "logConfiguration": {"logDriver": "awslogs"},
}
UNKNOWN: list[Any] = [(TASK, "t", {PATH: "?"})]
NO_JSON: list[Any] = [(TASK, "t", {PATH: "[{"})]
VIOLATED = [f"violated t {PATH}"]
UNDECIDED = [f"undecided t {PATH}"]


def task(*containers: dict[str, Any], **inputs: Any) -> list[Any]:
    """A task definition of these containers, each hardened but for what is given."""
    definitions = [HARDENED | container for container in containers or ({},)]
    return [(TASK, "t", {PATH: json.dumps(definitions)} | inputs)]


def job(path: str, document: Any) -> list[Any]:
    return [(JOB, "j", {path: json.dumps(document)})]


def without(key: str) -> list[Any]:
    definition = {name: value for name, value in HARDENED.items() if name != key}
    return [(TASK, "t", {PATH: json.dumps([definition])})]


def variables(**values: str) -> dict[str, Any]:
    return {"environment": [{"name": name, "value": value} for name, value in values.items()]}


def repository(**inputs: Any) -> Any:
    return (REPOSITORY, "r", inputs, {"outputs": {"repositoryUrl": URL}})


PRIVILEGES: list[tuple[str, list[Any], list[str]]] = [
    ("hardened", task(), []),
    ("in its own namespaces", task(networkMode="awsvpc", pidMode="task"), []),
    ("privileged", task({"privileged": True}), VIOLATED),
    ("root", task({"user": "root"}), VIOLATED),
    ("root, by number and group", task({"user": "0:10001"}), VIOLATED),
    ("nobody named", without("user"), VIOLATED),
    ("one of two", task({}, {"name": "agent", "user": "0"}), VIOLATED),
    ("in the host's network", task(networkMode="host"), ["violated t networkMode"]),
    (
        "in the host's namespaces",
        task(pidMode="host", ipcMode="host"),
        ["violated t ipcMode", "violated t pidMode"],
    ),
    (
        "in a namespace that is not known, and privileged",
        task({"privileged": True}, pidMode="?"),
        [*VIOLATED, "undecided t pidMode"],
    ),
    ("not known", UNKNOWN, UNDECIDED),
    ("no JSON", NO_JSON, VIOLATED),
    ("no list of containers", [(TASK, "t", {PATH: '["app"]'})], VIOLATED),
    ("a job", job("containerProperties", {"image": "i", "user": "65534"}), []),
    (
        "a job as root",
        job("containerProperties", {"image": "i", "user": "0"}),
        ["violated j containerProperties"],
    ),
    (
        "a job of several containers",
        job("ecsProperties", {"taskProperties": [{"containers": [{"privileged": True}]}]}),
        ["violated j ecsProperties", "violated j ecsProperties"],
    ),
    (
        "a job on several nodes",
        job("nodeProperties", {"nodeRangeProperties": [{"container": {"user": "root"}}]}),
        ["violated j nodeProperties"],
    ),
    ("a job on Kubernetes", [(JOB, "j", {"eksProperties": {}})], []),
]

SECRETS: list[tuple[str, list[Any], list[str]]] = [
    ("none", task(), []),
    ("harmless", task(variables(LOG_LEVEL="info", TOKEN_TTL="60")), []),
    ("a pointer", task(variables(DB_PASSWORD_ARN="arn:aws:secretsmanager:x")), []),
    ("empty", task(variables(DB_PASSWORD="")), []),
    ("by name", task(variables(DB_PASSWORD="hunter2")), VIOLATED),
    ("an access key", task(variables(KEY="AKIAIOSFODNN7EXAMPLE")), VIOLATED),
    ("in a URL", task(variables(DB="postgres://app:hunter2@db/books")), VIOLATED),
    (
        "of a job",
        job("containerProperties", variables(API_KEY="k")),
        ["violated j containerProperties"],
    ),
    ("not known", UNKNOWN, UNDECIDED),
]

IMAGES: list[tuple[str, list[Any], list[str]]] = [
    ("by digest", task(), []),
    ("by digest and tag", task({"image": f"{URL}:v1@sha256:{'ab' * 32}"}), []),
    ("latest", task({"image": "nginx:latest"}), VIOLATED),
    ("no tag", task({"image": "nginx"}), VIOLATED),
    ("no tag, of a registry with a port", task({"image": "registry:5000/nginx"}), VIOLATED),
    ("a tag that can be moved", task({"image": "nginx:1.27"}), VIOLATED),
    (
        "a tag that cannot be moved",
        [repository(imageTagMutability="IMMUTABLE"), *task({"image": f"{URL}:v1"})],
        [],
    ),
    ("a tag of a repository that lets it", [repository(), *task({"image": f"{URL}:v1"})], VIOLATED),
    (
        "a tag of a repository not known",
        [repository(imageTagMutability="?"), *task({"image": f"{URL}:v1"})],
        UNDECIDED,
    ),
    ("a tag of a repository elsewhere", task({"image": f"{URL}:v1"}), UNDECIDED),
    (
        "one of each",
        task({"image": f"{URL}:v1"}, {"name": "agent", "image": "agent:latest"}),
        [*VIOLATED, *UNDECIDED],
    ),
    ("a function from a file", [(FUNCTION, "f", {})], []),
    ("a function", [(FUNCTION, "f", {"imageUri": DIGEST})], []),
    (
        "a function, latest",
        [(FUNCTION, "f", {"imageUri": f"{URL}:latest"})],
        ["violated f imageUri"],
    ),
    ("a function, not known", [(FUNCTION, "f", {"imageUri": "?"})], ["undecided f imageUri"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("ecs-task-not-privileged", *case) for case in PRIVILEGES),
    *(("ecs-no-environment-secrets", *case) for case in SECRETS),
    *(("ecs-image-pinned", *case) for case in IMAGES),
    ("ecs-capabilities-dropped", "all", task(), []),
    ("ecs-capabilities-dropped", "not given", without("linuxParameters"), VIOLATED),
    (
        "ecs-capabilities-dropped",
        "some",
        task({"linuxParameters": {"capabilities": {"drop": ["NET_RAW"]}}}),
        VIOLATED,
    ),
    ("ecs-capabilities-dropped", "not known", UNKNOWN, UNDECIDED),
    ("ecs-readonly-root-filesystem", "on", task(), []),
    (
        "ecs-readonly-root-filesystem",
        "off",
        task({"readonlyRootFilesystem": False}),
        VIOLATED,
    ),
    (
        "ecs-readonly-root-filesystem",
        "not given",
        without("readonlyRootFilesystem"),
        VIOLATED,
    ),
    ("ecs-readonly-root-filesystem", "not known", UNKNOWN, UNDECIDED),
    ("ecs-task-logging", "a driver", task(), []),
    ("ecs-task-logging", "not given", without("logConfiguration"), VIOLATED),
    ("ecs-task-logging", "none", task({"logConfiguration": {"logDriver": "none"}}), VIOLATED),
    ("ecs-task-logging", "not known", UNKNOWN, UNDECIDED),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_container_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_images_outside_production_may_be_named_by_tag(judged: Any) -> None:
    assert judged("ecs-image-pinned", task({"image": "nginx:latest"}), stack="dev") == []


def test_a_message_never_shows_a_secret(messages: Any) -> None:
    found = messages("ecs-no-environment-secrets", task(variables(DB="postgres://a:hunter2@db")))

    assert found == ["DB of app looks like a password in a URL"]


def test_a_definition_that_stands_in_an_unknown_place_is_undecided(judged: Any) -> None:
    given: list[Any] = [(TASK, "t", {PATH: [{"name": "app", "user": "?"}]})]

    assert judged("ecs-task-not-privileged", given) == UNDECIDED
