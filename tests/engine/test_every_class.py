"""Every resource class of the AWS SDK can be declared, with its required inputs alone.

One program declares them all, so a class that the simulation or the schema reader cannot handle is
found before a user finds it. The values are nonsense of the right kind: this proves that a preview
gets through, not that what it says of each class is right.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fintech_infra.controls import CONTROLS, Verdict, evaluate
from fintech_infra.controls.control import Severity
from fintech_infra.controls.frameworks import requirements
from fintech_infra.engine import preview
from fintech_infra.report import FORMATS, Report

PROGRAM = """\
import importlib
import inspect
import pkgutil
import warnings

import pulumi
import pulumi_aws

from fintech_infra.engine.sdk.schema import Schemas

warnings.simplefilter("ignore")
schemas = Schemas()
# Outputs of enumerated types accept none but their own values.
KNOWN = {
    ("autoscaling", "notifications"): ["autoscaling:EC2_INSTANCE_LAUNCH"],
    ("rds", "engine"): "aurora-mysql",
}


def value(shape, depth=0):
    match shape.kind:
        case "int" | "number":
            return 1
        case "bool":
            return True
        case "list":
            return [value(shape.element, depth + 1)] if depth < 6 else []
        case "map":
            return {}
        case "object":
            return required(shape, depth + 1)
        case _:
            return "x"


def required(shape, depth=0):
    return {
        field.python_name: value(field.shape, depth)
        for field in shape.fields.values()
        if field.required
    }


made = 0
for package in pkgutil.iter_modules(pulumi_aws.__path__):
    if not package.ispkg:
        continue
    module = importlib.import_module(f"pulumi_aws.{package.name}")
    getattr(module, "anything", None)  # the SDK loads a module when something is asked of it
    for name in dir(module):
        cls = getattr(module, name)
        token = vars(cls).get("pulumi_type") if inspect.isclass(cls) else None
        if token is None or not issubclass(cls, pulumi.CustomResource):
            continue
        args = required(schemas.resource(token).inputs)
        if "resource_name" in args:  # also the name of the SDK's own first parameter
            continue
        for key in args:
            args[key] = KNOWN.get((package.name, key), args[key])
        cls(f"{package.name}-{name}", **args)
        made += 1
pulumi.export("made", made)
"""


def test_every_class_can_be_declared_judged_and_reported(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: sweep\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    environment = preview(tmp_path, time_limit=240).environment
    assert environment.outputs["made"] > 1700
    declared = [item for item in environment.resources if item.package == "aws"]
    assert len(declared) == environment.outputs["made"]
    assert [item.type for item in declared if not isinstance(item.id, str) or not item.id] == []
    evaluation = evaluate(environment, CONTROLS)
    assert evaluation.of(Verdict.BROKEN) == ()
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    report = Report(environment, evaluation, Severity.MEDIUM, requirements(), at=moment)
    assert all(render(report) for render in FORMATS.values())
