"""All tables of AWS resources, and what holds for types that no table mentions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.engine.sdk.schema import ResourceShape
from fintech_infra.engine.simulation.aws import (
    application,
    compute,
    data,
    edge,
    identity,
    network,
    storage,
)
from fintech_infra.engine.simulation.aws.arn import regional
from fintech_infra.engine.simulation.draft import Draft

ROWS: Final[Mapping[str, Mapping[str, Any]]] = {
    **network.ROWS,
    **edge.ROWS,
    **compute.ROWS,
    **storage.ROWS,
    **data.ROWS,
    **identity.ROWS,
    **application.ROWS,
}
_GLOBAL_BUCKET_SIDECARS: Final = "aws:s3/bucket"
_SERVICES: Final[Mapping[str, str]] = {
    "alb": "elasticloadbalancing",
    "amp": "aps",
    "appautoscaling": "application-autoscaling",
    "cfg": "config",
    "cloudwatch": "cloudwatch",
    "cognito": "cognito-idp",
    "directoryservice": "ds",
    "dms": "dms",
    "docdb": "rds",
    "ec2transitgateway": "ec2",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "inspector2": "inspector2",
    "lb": "elasticloadbalancing",
    "mq": "mq",
    "msk": "kafka",
    "mwaa": "airflow",
    "neptune": "rds",
    "opensearch": "es",
    "elasticsearch": "es",
    "scheduler": "scheduler",
    "servicecatalog": "catalog",
    "sesv2": "ses",
    "sfn": "states",
    "ssoadmin": "sso",
    "vpc": "ec2",
}
"""Modules of the SDK whose ARNs name the service differently."""


def usual(token: str, shape: ResourceShape | None) -> dict[str, Any]:
    """What holds for a type by its module and outputs, where no row says better."""
    outputs = shape.outputs if shape else {}
    found: dict[str, Any] = {}
    module, _, rest = token.partition(":")[2].partition("/")
    kind = rest.partition(":")[0]
    if "tagsAll" in outputs:
        found["tagsAll"] = _all_tags
    if "region" in outputs:
        found["region"] = "{REGION}"
    if "arn" in outputs:
        name = "{name}" if "name" in outputs and outputs["name"].required else "{id}"
        found["arn"] = regional(_SERVICES.get(module, module), f"{kind}/{name}")
    if token.startswith(_GLOBAL_BUCKET_SIDECARS) and "bucket" in outputs:
        found["id"] = "{bucket}"
    return found


def _all_tags(draft: Draft) -> Any:
    return draft.get("tags") or {}
