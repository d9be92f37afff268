"""What must hold: the catalogue of controls, and the model they are written in."""

from typing import Final

from fintech_infra.controls import (
    ec2,
    iam,
    kms,
    protection,
    rds,
    rds_parameters,
    s3,
    s3_data,
    vpc,
)
from fintech_infra.controls.control import Control, Fault, Parameter, Scope, Severity
from fintech_infra.controls.evaluate import Evaluation, Finding, Verdict, evaluate, judge, select

CONTROLS: Final[tuple[Control, ...]] = (
    *kms.CONTROLS,
    *s3.CONTROLS,
    *s3_data.CONTROLS,
    *ec2.CONTROLS,
    *vpc.CONTROLS,
    *rds.CONTROLS,
    *rds_parameters.CONTROLS,
    *iam.CONTROLS,
    *protection.CONTROLS,
)
"""Every control of the library; order is that of the documentation."""

__all__ = [
    "CONTROLS",
    "Control",
    "Evaluation",
    "Fault",
    "Finding",
    "Parameter",
    "Scope",
    "Severity",
    "Verdict",
    "evaluate",
    "judge",
    "select",
]
