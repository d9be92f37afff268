"""What is gathered for an entry: git, the pipeline, images, the verdict, versions."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.operations.ledger.git_facts import address_without_secrets, git_facts
from fintech_infra.operations.ledger.images import images_of
from fintech_infra.operations.ledger.surroundings import LOCAL, actor_of, builder_of
from fintech_infra.operations.ledger.verdicts import providers_of

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for words in (
        ("init", "-q"),
        ("config", "user.email", "someone@example.com"),
        ("config", "user.name", "someone"),
        ("remote", "add", "origin", "https://me:secret@git.example/acme/pay.git"),
        ("commit", "-q", "--allow-empty", "-m", "first"),
    ):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    return tmp_path


def test_git_tells_commit_tree_and_remote(repository: Path) -> None:
    git, why = git_facts(repository)

    assert git
    assert why == ""
    assert len(git.commit) == 40
    assert git.tree == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    assert git.repository == "https://git.example/acme/pay.git"
    assert not git.dirty
    (repository / "new.txt").touch()
    dirty, _ = git_facts(repository)
    assert dirty
    assert dirty.dirty


def test_where_git_knows_nothing_it_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    git, why = git_facts(tmp_path)

    assert git is None
    assert why.startswith("not a git repository")
    monkeypatch.setenv("PATH", "")
    assert git_facts(tmp_path) == (None, "git is not installed")


def test_a_repository_without_a_commit_says_so(tmp_path: Path) -> None:
    subprocess.run(["git", "-C", str(tmp_path), "init", "-q"], check=True)
    git, why = git_facts(tmp_path)

    assert git is None
    assert why


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("/srv/git/pay.git", ""),
        ("file:///srv/pay.git", ""),
        ("", ""),
        ("ssh://git@git.example:22/pay.git", "ssh://git.example:22/pay.git"),
    ],
)
def test_an_address_tells_no_secret_and_no_folder(remote: str, address: str) -> None:
    assert address_without_secrets(remote) == address


def test_a_pipeline_says_who_and_where() -> None:
    github = {
        "GITHUB_ACTOR": "ada",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "acme/pay",
        "GITHUB_WORKFLOW_REF": "acme/pay/.github/workflows/deploy.yml@refs/heads/main",
        "GITHUB_RUN_ID": "17",
    }
    gitlab = {"CI_PROJECT_URL": "https://gitlab.com/acme", "CI_RUNNER_ID": "4", "CI_JOB_URL": "j"}

    assert actor_of(github) == "ada"
    assert builder_of(github).id.startswith("https://github.com/acme/pay/.github/workflows/")
    assert builder_of(github).invocation == (
        "https://github.com/acme/pay/actions/runs/17/attempts/1"
    )
    assert builder_of(gitlab).id == "https://gitlab.com/acme/-/runners/4"
    assert (builder_of({}).id, actor_of({})) == (LOCAL, "unknown")


def resource(name: str, type_: str, **inputs: object) -> Resource:
    return Resource(f"urn:pulumi:prod::pay::{type_}::{name}", type_, name, inputs=inputs)


def test_images_are_found_wherever_they_run() -> None:
    pinned, tagged = f"registry.example/api@{DIGEST}", "registry.example/job:1.2"
    containers = json.dumps([{"name": "api", "image": pinned}, {"name": "log", "image": tagged}])
    environment = Environment(
        "pay",
        "prod",
        resources=(
            resource("t", "aws:ecs/taskDefinition:TaskDefinition", containerDefinitions=containers),
            resource("f", "aws:lambda/function:Function", imageUri=pinned),
            resource("g", "aws:lambda/function:Function", imageUri=UNKNOWN),
            resource("d", "kubernetes:apps/v1:Deployment", spec={"containers": [{"image": "web"}]}),
            resource("x", "aws:ecs/taskDefinition:TaskDefinition", containerDefinitions="{"),
        ),
    )

    found = {it.reference: (it.digest, len(it.resources)) for it in images_of(environment)}
    assert found == {pinned: (DIGEST, 2), tagged: ("", 1), "web": ("", 1)}


def test_providers_are_told_with_their_versions() -> None:
    environment = Environment(
        "pay",
        "prod",
        resources=(
            resource("default_7_51_1", "pulumi:providers:aws", version="7.51.1"),
            resource("old", "pulumi:providers:aws", version="6.0.0"),
            resource("none", "pulumi:providers:random"),
        ),
    )
    assert providers_of(environment) == {"aws": "6.0.0 7.51.1"}
