"""Canaries to judge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fintech_infra.operations.aws import Access
from fintech_infra.operations.canary import CanaryConfig, MetricRule
from fintech_infra.operations.metrics import Sample

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
GOOD = [float(100 + 7 * place % 31) for place in range(60)]
"""60 values with a middle near 115."""
BAD = [value + 40 for value in GOOD]


def series(**values: Sequence[float]) -> dict[str, list[Sample]]:
    return {
        name: [Sample(START + timedelta(minutes=at), value) for at, value in enumerate(row)]
        for name, row in values.items()
    }


def config(*names: str, **of_rule: Any) -> CanaryConfig:
    return CanaryConfig(tuple(MetricRule(name, ("all",), **of_rule) for name in names))


def csv(**values: Sequence[float | str]) -> str:
    lines = ["time,metric,value"]
    for name, row in values.items():
        lines += [
            f"{(START + timedelta(minutes=at)).isoformat()},{name},{value}"
            for at, value in enumerate(row)
        ]
    return "\n".join(lines) + "\n"


def put(
    access: Access, metric: str, version: str, values: Sequence[float], start: datetime = START
) -> None:
    """Give CloudWatch a value a minute of a metric of a version, in the namespace `Shop`."""
    data = [
        {
            "MetricName": metric,
            "Dimensions": [{"Name": "Version", "Value": version}],
            "Timestamp": start + timedelta(minutes=at),
            "Value": value,
        }
        for at, value in enumerate(values)
    ]
    access.ask("cloudwatch", "put_metric_data", Namespace="Shop", MetricData=data)


def metric(name: str, *groups: str, **canary: Any) -> dict[str, Any]:
    return {"name": name, "groups": groups, "analysisConfigurations": {"canary": canary}}


def written(folder: Path, control: str, experiment: str, *metrics: dict[str, Any]) -> list[str]:
    """Write a config and samples; the arguments that name them."""
    document = {"metrics": metrics, "classifier": {"groupWeights": {}}}
    texts = {"config": json.dumps(document), "control": control, "experiment": experiment}
    words: list[str] = []
    for option, text in texts.items():
        file = folder / f"{option}.{'json' if option == 'config' else 'csv'}"
        file.write_text(text)
        words += [f"--{option}", str(file)]
    return words
