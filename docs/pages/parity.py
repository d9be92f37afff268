"""The JSON schema of the file of allowed differences, for editors."""

from __future__ import annotations

import json

from fintech_infra.operations.parity import schema


def parity_schema() -> str:
    """The schema of `parity.yaml`."""
    return json.dumps(schema(), indent=2) + "\n"
