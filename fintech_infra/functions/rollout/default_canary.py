"""What is compared where nobody says otherwise: how requests fail and how long they take. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan, nan
from typing import Any, Final

ERRORS: Final = "errors"
REQUESTS: Final = "requests"


def _query(metric: str, statistic: str) -> dict[str, Any]:
    """A metric of a target group, each minute.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    return {
        "type": "cloudwatch",
        "namespace": "AWS/ApplicationELB",
        "metricName": metric,
        "statistic": statistic,
        "dimensions": {"TargetGroup": "${scope}", "LoadBalancer": "${location}"},
    }


def _metric(name: str, group: str, query: Mapping[str, Any], **how: Any) -> dict[str, Any]:
    return {
        "name": name,
        "groups": [group],
        "query": dict(query),
        "analysisConfigurations": {"canary": {"direction": "increase", **how}},
    }


CONFIG: Final[Mapping[str, Any]] = {
    "name": "requests",
    "metrics": [
        _metric(ERRORS, "errors", _query("HTTPCode_Target_5XX_Count", "Sum")),
        _metric("latency", "speed", _query("TargetResponseTime", "Average")),
        _metric(REQUESTS, "traffic", _query("RequestCount", "Sum"), muted=True),
    ],
    "classifier": {
        "groupWeights": {"errors": 50, "speed": 50},
        "scoreThresholds": {"pass": 95, "marginal": 75},
    },
}
"""Either of errors and latency condemns a version. Neither is `critical`: that would condemn one
without traffic, too, of which nothing is known."""


def per_request(
    errors: Mapping[float, float], requests: Mapping[float, float]
) -> dict[float, float]:
    """Errors per request by time; NaN where there were no requests.

    The versions have different shares of the traffic, so their counts cannot be compared; and a
    load balancer reports no errors where there were none.
    """
    failed = {time: 0.0 if isnan(count) else count for time, count in errors.items()}
    return {
        time: failed.get(time, 0.0) / count if count > 0 else nan
        for time, count in requests.items()
    }
