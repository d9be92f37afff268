"""Telling files apart by what is in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fintech_infra.engine.errors import fail
from fintech_infra.engine.exported.document import parse
from fintech_infra.engine.exported.fields import Fields
from fintech_infra.environment import Environment
from fintech_infra.environment.codec import FORMAT

ACCEPTED: Final = (
    "accepted are a state (pulumi stack export --file state.json), a plan (pulumi preview --json "
    "--show-sames > plan.json) and a saved environment (fintech-infra preview STACK --save FILE)"
)

_FOREIGN: Final[Mapping[str, str]] = {
    "terraform_version": "is a state or a plan of Terraform",
    "AWSTemplateFormatVersion": "is a CloudFormation template",
    "sequence": "is an event of Pulumi's engine",
    "resource_changes": "is a plan of Terraform",
    "runs": "is a SARIF report",
}


def read(data: bytes, name: str) -> Environment:
    """Return the environment in a state, a plan or a saved file; `name` stands in messages.

    Raises:
        PreviewError: it is none of them, or has mistakes; all are listed.
    """
    return read_content(parse(data, name), name)


def read_content(content: Any, name: str) -> Environment:
    """Return the environment in a document that was read already.

    Raises:
        PreviewError: it is none of those that are accepted, or has mistakes; all are listed.
    """
    if not isinstance(content, dict):
        raise fail("holds no object at the top", file=name, hint=ACCEPTED)
    reader = _reader(content)
    if reader is None:
        raise fail(_what_it_is(content), file=name, hint=ACCEPTED)
    return reader(content, Fields(name))


def _reader(
    content: Mapping[str, Any],
) -> Callable[[Mapping[str, Any], Fields], Environment] | None:
    # Each is imported when it is needed: a run reads one kind.
    if content.get("format") == FORMAT:
        from fintech_infra.engine.exported.saved import read_saved

        return read_saved
    if "deployment" in content or "checkpoint" in content:
        from fintech_infra.engine.exported.state import read_state

        return read_state
    if "resourcePlans" in content:
        from fintech_infra.engine.exported.update_plan import read_update_plan

        return read_update_plan
    if "steps" in content or "changeSummary" in content:
        from fintech_infra.engine.exported.plan import read_plan

        return read_plan
    return None


def _what_it_is(content: Mapping[str, Any]) -> str:
    if is_report(content):
        return "is a JSON report of this command, which serves as a --baseline only"
    for key, words in _FOREIGN.items():
        if key in content:
            return words
    keys = ", ".join(list(content)[:5])
    return f"is JSON of another kind, with {keys or 'nothing'} at the top"


def is_report(content: Mapping[str, Any]) -> bool:
    """Whether a document is a JSON report of this command."""
    return {"outcome", "findings", "environment"} <= content.keys()
