"""The JSON schema of the file of waivers, for editors."""

from __future__ import annotations

import json

from fintech_infra.controls import CONTROLS
from fintech_infra.controls.waivers.schema import schema


def waivers_schema() -> str:
    """The schema, with every control as a proposal."""
    return json.dumps(schema(control.id for control in CONTROLS), indent=2) + "\n"
