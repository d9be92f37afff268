"""Controls over file transfer: Transfer Family servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Resource
from fintech_infra.environment.undecided import decided_first

SERVER: Final = "aws:transfer/server:Server"

_BY_DEFAULT: Final = "TransferSecurityPolicy-2018-11"
_DATED: Final = re.compile(r"TransferSecurityPolicy-.*?(?P<year>\d{4})-\d{2}")


@control(
    on=[SERVER],
    severity=Severity.HIGH,
    fix="Leave FTP out of protocols, set securityPolicyName to one of 2024 or later, "
    "endpointType to VPC, and structuredLogDestinations.",
    source="AWS Transfer Family user guide, Security policies; FSBP Transfer.2",
    properties=[
        "protocols",
        "securityPolicyName",
        "endpointType",
        "loggingRole",
        "structuredLogDestinations",
    ],
)
def transfer_secure_protocols(server: Resource, *, oldest_year: int = 2022) -> Iterator[Fault]:
    """File transfer servers speak no FTP, use current ciphers, sit in a VPC and log.

    Banks exchange payment files over such servers. FTP sends passwords in the clear, and the
    policy that servers get by default still agrees to broken ciphers. Experimental policies are
    not current ones.
    """
    yield from decided_first(
        (
            _protocol_faults(server),
            _policy_faults(server, oldest_year),
            _place_faults(server),
            _log_faults(server),
        )
    )


def _protocol_faults(server: Resource) -> Iterator[Fault]:
    for path, protocol in server.each("protocols"):
        if protocol == "FTP":
            yield Fault(path, "FTP sends passwords and files in the clear")


def _policy_faults(server: Resource, oldest_year: int) -> Iterator[Fault]:
    name = str(server.value("securityPolicyName") or _BY_DEFAULT)
    found = _DATED.fullmatch(name)
    if found is None or "Experimental" in name or int(found["year"]) < oldest_year:
        yield Fault("securityPolicyName", f"the security policy is {name}, which is not current")


def _place_faults(server: Resource) -> Iterator[Fault]:
    if server.value("endpointType") in (None, "PUBLIC"):
        yield Fault("endpointType", "the endpoint is on the internet, outside any VPC")


def _log_faults(server: Resource) -> Iterator[Fault]:
    if server.is_set("loggingRole"):
        return
    if not any(True for _ in server.each("structuredLogDestinations")):
        yield Fault("structuredLogDestinations", "nothing records who transferred what")


CONTROLS: Final = (transfer_secure_protocols,)
