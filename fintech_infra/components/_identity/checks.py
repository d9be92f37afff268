"""What makes the arguments of a pipeline's identity wrong. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from fintech_infra.components._identifiers import REGION
from fintech_infra.components._policy import MANAGED_POLICY_LIMIT, ROLE_POLICY_LIMIT

MOST_ATTACHED: Final = 10
"""Managed policies that a role can have.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

LONGEST_NAME: Final = 64 - len("-preview") - len("-1a2b3c4")
"""Characters of the component's name, of which IAM accepts 64 in that of a role. Same source."""

_NAME: Final = re.compile(r"[\w+=,.@-]+", re.ASCII)
_OWNER: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
# Colons separate the parts of a subject; GitHub writes them, and others, percent-encoded.
_ENVIRONMENT: Final = re.compile(r"[^\s:*?%][^:*?%]{0,254}")
_BRANCH: Final = re.compile(r"[^\s*?:~^\\\[]{1,255}")
_WORKFLOW: Final = re.compile(
    r"[\w-]+/[\w.-]+/\.github/workflows/[\w.-]+\.ya?ml@(?:refs/(?:heads|tags)/[^\s*?]+|[0-9a-f]{40})",
    re.ASCII,
)
_ROLE: Final = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/*?-]+")

Problem = tuple[str, str]

_SHAPES: Final = {
    "owner": (_OWNER, "accepted is the name of a GitHub user or organization, such as 'acme'"),
    "repository": (_REPOSITORY, "accepted is its name without the owner, such as 'payments'"),
    "environment": (
        _ENVIRONMENT,
        (
            "accepted is the exact name of a GitHub environment, such as 'prod', without ':', '%' "
            "and wildcards"
        ),
    ),
    "workflow_ref": (
        _WORKFLOW,
        (
            "accepted is the exact reference of a reusable workflow, such as "
            "'acme/delivery/.github/workflows/deploy.yml@refs/heads/main', without wildcards"
        ),
    ),
}


def identity_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of the identity `name`."""
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        accepted = f"up to {LONGEST_NAME} letters, digits and '+=,.@_-'"
        yield "name", f"is {name!r}; the names of the roles start with it: accepted are {accepted}"
    for key, (shape, accepted) in _SHAPES.items():
        given = args.get(key)
        if given is not None and not shape.fullmatch(given):
            yield key, f"is {given!r}; {accepted}"
    for key in ("owner_id", "repository_id"):
        if args.get(key, 1) < 1:
            yield key, f"is {args[key]}; accepted is the number that GitHub's API gives as `id`"
    yield from _list_problems(args)
    yield from _policy_problems(args)


def _list_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    shapes = {
        "branches": (_BRANCH, "accepted is the exact name of a branch, without wildcards"),
        "allowed_regions": (REGION, "accepted are regions such as 'eu-west-1'"),
        "protected_role_arns": (
            _ROLE,
            (
                "accepted are ARNs of roles, or patterns of them, such as "
                "'arn:aws:iam::111122223333:role/break-glass'"
            ),
        ),
    }
    for key, (shape, accepted) in shapes.items():
        for index, given in enumerate(args.get(key, [])):
            if not shape.fullmatch(given):
                yield f"{key}[{index}]", f"is {given!r}; {accepted}"
    if args.get("allowed_regions") == []:
        yield "allowed_regions", "is empty; name at least one region, or leave it out"


def _policy_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    attached = args.get("deploy_policy_arns", {})
    for key in attached:
        if not _NAME.fullmatch(key):
            yield "deploy_policy_arns", f"has {key!r}; accepted are letters, digits and '+=,.@_-'"
    if len(attached) > MOST_ATTACHED:
        yield "deploy_policy_arns", f"has {len(attached)} policies; a role takes {MOST_ATTACHED}"
    given = args.get("deploy_policy")
    if given is None and not attached:
        yield "deploy_policy", "is required, or deploy_policy_arns: what may the pipeline do?"
    if isinstance(given, str):
        yield from _document_problems(given)
    if "state_key_arn" in args and "state_bucket_arn" not in args:
        yield "state_key_arn", "encrypts the state in a bucket; give state_bucket_arn, too"


def _document_problems(text: str) -> Iterator[Problem]:
    if (size := len("".join(text.split()))) > ROLE_POLICY_LIMIT:
        yield (
            "deploy_policy",
            (
                f"has {size} characters and a role takes {ROLE_POLICY_LIMIT}; attach managed "
                f"policies of up to {MANAGED_POLICY_LIMIT} with deploy_policy_arns"
            ),
        )
    try:
        found: Any = json.loads(text)
    except ValueError as error:
        yield "deploy_policy", f"is not JSON: {error}"
        return
    if not isinstance(found, dict) or "Statement" not in found:
        yield "deploy_policy", "is no policy document: it has no Statement"
    elif any("Principal" in item for item in _statements(cast("dict[str, Any]", found))):
        yield "deploy_policy", "names a Principal; the policy of a role has none"


def _statements(found: dict[str, Any]) -> list[Any]:
    statement = found["Statement"]
    items = statement if isinstance(statement, list) else [statement]
    return [item for item in cast("list[Any]", items) if isinstance(item, dict)]
