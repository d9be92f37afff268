"""Write `fintech_infra/environment/graph/managed_policies.json` from moto's copy of AWS's policies.

    python bench/managed_policies.py

AWS publishes its managed policies in the reference guide
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/, and moto keeps them as data. Kept
are the names of all, and of each what it says about the calls that the graph of permissions asks
for, so that a name which is not in the table is known to be one that nobody has looked at. Policies
of service-linked roles are left out: nobody can attach them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

from fintech_infra.environment.documents import Statement, matches, parse
from fintech_infra.environment.graph.abilities import probed

_TARGET = Path(__file__).parents[1] / "fintech_infra/environment/graph/managed_policies.json"
_OF_SERVICES = "/aws-service-role/"


def main() -> None:
    """Write the table."""
    calls = sorted(probed())
    given = json.loads(aws_managed_policies_data)
    policies = {
        name: [
            item
            for statement in parse(policy["Document"]).statements
            if (item := kept(statement, calls))
        ]
        for name, policy in sorted(given.items())
        if policy["Path"] != _OF_SERVICES
    }
    silent = [name for name, statements in policies.items() if not statements]
    lines = [f"{json.dumps(name)}: {_compact(it)}" for name, it in policies.items() if it]
    members = (
        f'"calls": {json.dumps(calls)}',
        f'"silent": {json.dumps(silent)}',
        '"policies": {\n' + ",\n".join(lines) + "\n}",
    )
    _TARGET.write_text("{" + ",\n".join(members) + "}\n")


def kept(statement: Statement, calls: list[str]) -> dict[str, Any] | None:
    """Return what a statement says about the calls, None where it says nothing."""
    about = [call for call in calls if statement.covers_action(call)]
    if not about:
        return None
    found: dict[str, Any] = {"Effect": "Allow" if statement.allows else "Deny"}
    if statement.not_actions:
        found["NotAction"] = list(statement.not_actions)
    else:
        found["Action"] = [item for item in statement.actions if _names(item, about)]
    if statement.not_resources:
        found["NotResource"] = list(statement.not_resources)
    else:
        found["Resource"] = list(statement.resources)
    if statement.conditions:
        found["Condition"] = _conditions(statement)
    return found


def _names(pattern: str, calls: list[str]) -> bool:
    return any(matches(pattern, call, fold=True) for call in calls)


def _conditions(statement: Statement) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for item in statement.conditions:
        found.setdefault(item.operator, {})[item.key] = list(item.values)
    return found


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    main()
