"""Update plans: what `pulumi preview --save-plan` writes.

The format is `DeploymentPlanV1` of pulumi/pulumi (`sdk/go/common/apitype/plan.go`), which Pulumi
calls experimental. It has what changes, not what there is: only the plan of a stack that is new
says everything about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fintech_infra.engine.exported.fields import Fields
from fintech_infra.engine.exported.plan import undeployed
from fintech_infra.engine.exported.resources import Resources
from fintech_infra.engine.exported.state import encryption_note
from fintech_infra.environment import Environment, Resource


def read_update_plan(content: Mapping[str, Any], fields: Fields) -> Environment:
    """Return the environment that an update plan creates.

    Raises:
        PreviewError: the plan changes a stack that is there, or has mistakes; all are listed.
    """
    plans = fields.mapping(content, "resourcePlans", "")
    resources = Resources(fields)
    found: list[Resource] = []
    changing = 0
    for urn in plans:
        at = f'resourcePlans["{urn}"]'
        plan = fields.mapping(plans, urn, "resourcePlans")
        if set(fields.texts(plan, "steps", at)) != {"create"}:
            changing += 1
        elif resource := resources.resource(_created(plan, urn, at, fields), at):
            found.append(undeployed(resource))
    if changing:
        fields.note(
            "resourcePlans",
            f"{changing} of {len(plans)} are of resources that are there already, of which an "
            "update plan has only what changes",
            hint="write a whole plan with: pulumi preview --json --show-sames > plan.json",
        )
    elif not found and fields.sound:
        fields.note("resourcePlans", "create no resources, so there is nothing to judge")
    environment = resources.environment(found)
    fields.settle()
    return replace(
        environment,
        diagnostics=tuple(
            encryption_note(resources.encrypted, "pulumi preview --save-plan --show-secrets")
        ),
    )


def _created(plan: Mapping[str, Any], urn: str, at: str, fields: Fields) -> Mapping[str, Any]:
    """What a plan creates, in the form that states have."""
    goal = fields.mapping(plan, "goal", at)
    added = fields.mapping(goal, "inputDiff", f"{at}.goal")
    return {
        **goal,
        "urn": urn,
        "id": "",
        "inputs": fields.mapping(added, "adds", f"{at}.goal.inputDiff"),
        "outputs": {
            key: value
            for key, value in fields.mapping(plan, "state", at).items()
            if not (key == "id" and value == "")
        },
    }
