"""Evidence for auditors: which resource and property of a component satisfies which control."""

from collections.abc import Mapping

import pulumi
from pulumi import Output


def evidence(satisfied: Mapping[str, tuple[pulumi.Resource, str]]) -> Output[str]:
    """Return JSON from control id to the URN and the property that satisfies it.

    Properties are written as the provider names them, so that they can be looked up in state.
    """
    return Output.json_dumps(
        {
            control: {"resource": resource.urn, "property": path}
            for control, (resource, path) in sorted(satisfied.items())
        }
    )
