"""Controls over Systems Manager, case by case."""

from __future__ import annotations

from typing import Any

import pytest

PARAMETER = "aws:ssm/parameter:Parameter"
DOCUMENT = "aws:ssm/document:Document"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (
        "ssm-parameter-secure-string",
        "credentials that are encrypted, and what is none",
        [
            (PARAMETER, "a", {"name": "/db/password", "type": "SecureString", "keyId": KEY}),
            (PARAMETER, "b", {"name": "/db/secret-arn", "type": "String"}),
            (PARAMETER, "c", {"name": "/tokenizer/size", "type": "String"}),
            (PARAMETER, "kill-switch", {"type": "String"}),
        ],
        [],
    ),
    (
        "ssm-parameter-secure-string",
        "credentials that are not",
        [
            (PARAMETER, "a", {"name": "/db/password", "type": "String"}),
            (PARAMETER, "b", {"name": "/pay/api_key", "type": "SecureString"}),
            (PARAMETER, "api-token", {"type": "String"}),
        ],
        ["violated a type", "violated api-token type", "violated b keyId"],
    ),
    (
        "ssm-parameter-secure-string",
        "not known",
        [(PARAMETER, "a", {"name": "?"})],
        ["undecided a name"],
    ),
    (
        "ssm-document-not-public",
        "shared with an account, or not at all",
        [
            (DOCUMENT, "d", {}),
            (DOCUMENT, "e", {"permissions": {"type": "Share", "account_ids": "111122223333"}}),
        ],
        [],
    ),
    (
        "ssm-document-not-public",
        "shared with everyone",
        [(DOCUMENT, "d", {"permissions": {"type": "Share", "accountIds": "All"}})],
        ["violated d permissions.accountIds"],
    ),
    (
        "ssm-document-not-public",
        "not known",
        [(DOCUMENT, "d", {"permissions": "?"})],
        ["undecided d permissions"],
    ),
]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected
