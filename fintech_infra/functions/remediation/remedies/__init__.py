"""The remediations: one module each, every one a reader of what is there and a pure plan."""

from typing import Final

from fintech_infra.functions.remediation.model import Remediation
from fintech_infra.functions.remediation.remedies import (
    bucket,
    detector,
    instance,
    key,
    redeclared,
    security_group,
    snapshot,
    task,
    trail,
)

REMEDIATIONS: Final[dict[str, Remediation]] = {
    item.name: item
    for item in (
        trail.REMEDIATION,
        security_group.REMEDIATION,
        bucket.REMEDIATION,
        snapshot.REMEDIATION,
        detector.REMEDIATION,
        key.REMEDIATION,
        instance.REMEDIATION,
        task.REMEDIATION,
        redeclared.REMEDIATION,
    )
}
"""Every remediation by its name."""
