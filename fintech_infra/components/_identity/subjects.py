"""Whom the roles of a pipeline trust: jobs of one GitHub repository, by exact subject. Pure.

Since 2026-07-15 GitHub puts the numeric ids of owner and repository into the subject of every
repository that is created, renamed or transferred; older ones can opt in. A name can be taken over
by somebody else, an id cannot.
https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.components._policy import Account, Statement, document
from fintech_infra.components._service_role import TRUST_POLICY_LIMIT

ISSUER: Final = "token.actions.githubusercontent.com"
"""Host that signs the tokens of GitHub Actions, and prefix of the condition keys."""

_PULL_REQUEST: Final = "pull_request"


@dataclass(frozen=True)
class Repository:
    """A repository by its names and its ids."""

    owner: str
    owner_id: int
    name: str
    id: int

    def subject(self, context: str) -> str:
        """The subject of a job in `context`, such as `environment:prod`."""
        return f"repo:{self.owner}@{self.owner_id}/{self.name}@{self.id}:{context}"

    def named_subject(self, context: str) -> str:
        """The subject that GitHub gives to repositories from before the ids."""
        return f"repo:{self.owner}/{self.name}:{context}"


@dataclass(frozen=True)
class Jobs:
    """The jobs that a role trusts: what they run in, and the workflow if only one may."""

    repository: Repository
    contexts: Sequence[str]
    workflow: str = ""
    named_too: bool = False
    """Whether GitHub may still name the repository without its ids."""


def of_previews(branches: Sequence[str]) -> list[str]:
    """Where previews run: in pull requests, and after pushes to `branches`."""
    return [_PULL_REQUEST, *(f"ref:refs/heads/{branch}" for branch in sorted(set(branches)))]


def of_environment(name: str) -> list[str]:
    """Where deployments run: in jobs that the environment called `name` has let through."""
    return [f"environment:{name}"]


def audience(account: Account) -> str:
    """The audience of tokens that are meant for STS in the account's partition."""
    return f"sts.{account.dns_suffix}"


def trust(account: Account, provider: str, jobs: Jobs) -> str:
    """Return the trust policy of a role for `jobs`, through the provider with that ARN.

    Every condition is an equality. STS has known `repository_id` and `job_workflow_ref` since
    January 2026, so that a subject without ids is held to the repository's id nevertheless.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    repository = jobs.repository
    claims: dict[str, Any] = {"aud": audience(account)}
    if jobs.workflow:
        claims["job_workflow_ref"] = jobs.workflow
    found = [
        _admit(
            "Subject", provider, {**claims, "sub": _each(map(repository.subject, jobs.contexts))}
        )
    ]
    if jobs.named_too:
        named = _each(map(repository.named_subject, jobs.contexts))
        held = {**claims, "sub": named, "repository_id": str(repository.id)}
        found.append(_admit("NamedSubject", provider, held))
    return document(found, TRUST_POLICY_LIMIT)


def _each(subjects: Any) -> Any:
    found = list(subjects)
    return found[0] if len(found) == 1 else found


def _admit(sid: str, provider: str, claims: dict[str, Any]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{ISSUER}:{key}": claims[key] for key in sorted(claims)}},
    }
