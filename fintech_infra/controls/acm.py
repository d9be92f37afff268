"""Controls over certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Resource
from fintech_infra.environment.undecided import decided_first

CERTIFICATE: Final = "aws:acm/certificate:Certificate"

_TRANSPARENCY: Final = "options.certificateTransparencyLoggingPreference"


def _logged(certificate: Resource) -> Mapping[str, Any]:
    return {fault.path: "ENABLED" for fault in _logging(certificate)}


@control(
    on=[CERTIFICATE],
    severity=Severity.MEDIUM,
    fix="Leave keyAlgorithm at RSA_2048 or name an elliptic curve, set validationMethod to DNS, "
    "leave transparency logging on, and name each host in subjectAlternativeNames.",
    source="PCI DSS 4.0.1 4.2.1; FSBP ACM.2; AWS Certificate Manager user guide, Best practices",
    properties=[
        "keyAlgorithm", "validationMethod", "options", "domainName", "subjectAlternativeNames",
    ],
    remedy=_logged,
)  # fmt: skip
def acm_certificate_strong(
    certificate: Resource, *, accepted_wildcards: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Certificates have strong keys, DNS validation, transparency logging and no wildcard.

    A wildcard's key, taken from the least of the hosts that use it, speaks for all of them.
    Validation by mail lapses when nobody reads the mail, and a certificate that is in no public
    log can be forged unseen. Certificates of a private authority are in no log and need none.
    """
    yield from decided_first(
        (
            _key(certificate),
            _validation(certificate),
            _logging(certificate),
            _names(certificate, "domainName", accepted_wildcards),
            _names(certificate, "subjectAlternativeNames", accepted_wildcards),
        )
    )


def _key(certificate: Resource) -> Iterator[Fault]:
    if certificate.value("keyAlgorithm") == "RSA_1024":
        yield Fault("keyAlgorithm", "a key of 1024 bits can be broken")


def _validation(certificate: Resource) -> Iterator[Fault]:
    if certificate.value("validationMethod") == "EMAIL":
        yield Fault("validationMethod", "somebody must answer a mail at each renewal")


def _logging(certificate: Resource) -> Iterator[Fault]:
    private = certificate.is_set("certificateAuthorityArn")
    if not private and certificate.value(_TRANSPARENCY) == "DISABLED":
        yield Fault(_TRANSPARENCY, "the certificate is not in the public logs")


def _names(certificate: Resource, path: str, accepted: tuple[str, ...]) -> Iterator[Fault]:
    for at, name in certificate.each(path):
        if str(name).startswith("*.") and name not in accepted:
            yield Fault(at, f"{name} stands for every host of the domain")


CONTROLS: Final = (acm_certificate_strong,)
