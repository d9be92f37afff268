"""Who deploys and what runs it, as the variables of a pipeline say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fintech_infra.operations.ledger.model import Builder

LOCAL: Final = "urn:fintech-infra:builder:local"
"""SLSA's builder where no pipeline is known: somebody's machine."""

_ACTORS: Final = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "USER", "LOGNAME")


def actor_of(environ: Mapping[str, str]) -> str:
    """Who deploys: whom the pipeline names, else who is logged in; `unknown` where nobody is."""
    return next((environ[name] for name in _ACTORS if environ.get(name)), "unknown")


def builder_of(environ: Mapping[str, str]) -> Builder:
    """What runs the deployment: GitHub Actions, GitLab CI, else this machine."""
    server = environ.get("GITHUB_SERVER_URL", "")
    workflow, run = environ.get("GITHUB_WORKFLOW_REF", ""), environ.get("GITHUB_RUN_ID", "")
    if server and workflow:
        repository = environ.get("GITHUB_REPOSITORY", "")
        attempt = environ.get("GITHUB_RUN_ATTEMPT", "1")
        invocation = f"{server}/{repository}/actions/runs/{run}/attempts/{attempt}"
        return Builder(f"{server}/{workflow}", invocation if run else "")
    if project := environ.get("CI_PROJECT_URL"):
        runner = environ.get("CI_RUNNER_ID", "")
        return Builder(f"{project}/-/runners/{runner}", environ.get("CI_JOB_URL", ""))
    return Builder(LOCAL)
