"""Hold plans to Checkov; runs in Checkov's own interpreter, which has nothing of the project.

Each line read is `{"checks": [id, ...], "plan": {...}}`, each line written the verdicts of Checkov
on that plan: `[[id, address, "passed" | "failed" | "unknown"], ...]`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

os.environ |= {"LOG_LEVEL": "ERROR", "BC_SKIP_MAPPING": "TRUE"}

# Checkov reads the settings when it is imported. The project's own environment does not have it.
RunnerFilter: Any = import_module("checkov.runner_filter").RunnerFilter
Runner: Any = import_module("checkov.terraform.plan_runner").Runner


def verdicts(folder: Path, plan: dict[str, Any], checks: list[str]) -> list[list[str]]:
    """What the checks say of a plan.

    A report finds lines in the file, so it has to have some. Each file has a name of its own:
    Checkov keeps policy documents by the file's name and the resource's.
    """
    path = folder / f"{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps(plan, indent=1), "utf-8")
    chosen = RunnerFilter(framework=["terraform_plan"], checks=checks)
    report = Runner().run(root_folder=None, files=[str(path)], runner_filter=chosen)
    found = [(item, "passed") for item in report.passed_checks]
    found += [(item, "failed") for item in report.failed_checks]
    return sorted([item.check_id, item.resource, word] for item, word in found)


def main() -> None:
    """Answer line by line."""
    with tempfile.TemporaryDirectory() as name:
        for line in sys.stdin:
            asked = json.loads(line)
            answer = verdicts(Path(name), asked["plan"], asked["checks"])
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
