"""Controls over certificates, case by case."""

from __future__ import annotations

from typing import Any

import pytest

CERTIFICATE = "aws:acm/certificate:Certificate"
ID = "acm-certificate-strong"
PREFERENCE = "options.certificateTransparencyLoggingPreference"
UNLOGGED = {"certificateTransparencyLoggingPreference": "DISABLED"}


def certificate(**inputs: Any) -> list[Any]:
    return [(CERTIFICATE, "c", {"domainName": "api.example.com"} | inputs)]


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (ID, "defaults", certificate(validationMethod="DNS"), []),
    (ID, "an elliptic curve", certificate(keyAlgorithm="EC_prime256v1"), []),
    (ID, "imported", [(CERTIFICATE, "c", {"certificateBody": "?", "privateKey": "?"})], []),
    (ID, "a short key", certificate(keyAlgorithm="RSA_1024"), ["violated c keyAlgorithm"]),
    (ID, "mail", certificate(validationMethod="EMAIL"), ["violated c validationMethod"]),
    (ID, "not in the logs", certificate(options=UNLOGGED), [f"violated c {PREFERENCE}"]),
    (ID, "of a private authority", certificate(options=UNLOGGED, certificateAuthorityArn="?"), []),
    (ID, "a wildcard", certificate(domainName="*.example.com"), ["violated c domainName"]),
    (
        ID,
        "a wildcard among others, one of them not known",
        certificate(subjectAlternativeNames=["*.example.com", "?"], keyAlgorithm="RSA_1024"),
        [
            "undecided c subjectAlternativeNames[1]",
            "violated c keyAlgorithm",
            "violated c subjectAlternativeNames[0]",
        ],
    ),
    (ID, "not known", certificate(domainName="?"), ["undecided c domainName"]),
]


def test_a_wildcard_can_be_accepted_by_name(judged: Any) -> None:
    table = certificate(domainName="*.a.example.com", subjectAlternativeNames=["*.b.example.com"])
    found = judged(ID, table, accepted_wildcards=("*.a.example.com",))

    assert found == ["violated c subjectAlternativeNames[0]"]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected
