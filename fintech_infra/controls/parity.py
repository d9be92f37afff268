"""The control over environments that are to be alike.

A control sees one environment, so its subjects are not resources of a program but the differences
between two environments, which `fintech_infra.operations.parity` finds and hands to it, as far as
no rule of the project allows them. A preview of one environment judges none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Resource

DIFFERENCE_TYPE: Final = "fintech_infra:controls:Difference"
"""A difference between two environments as the subject of the control over parity."""


@control(
    on=[DIFFERENCE_TYPE],
    severity=Severity.MEDIUM,
    fix="Give the environments the same, or declare under rules in parity.yaml what may differ.",
    source="PCI DSS 4.0.1 6.5.1; SOC 2 CC8.1; NIST SP 800-53 CM-4(1); ISO 27001 A.8.31",
    properties=["message", "path"],
)
def pulumi_environment_parity(difference: Resource) -> Iterator[Fault]:
    """Environments differ only in what their project declares.

    What was tried in one environment says nothing of another one that is built differently: a
    defence that is missing there was never missed in a test. Judged by `fintech-infra parity`,
    which sees several environments; a preview of one has nothing to compare.
    """
    if difference.value("differs"):
        message = difference.text("message") or ""
        is_open = bool(difference.value("undecided"))
        yield Fault(difference.text("path") or "", message, undecided=is_open)


CONTROLS: Final = (pulumi_environment_parity,)
