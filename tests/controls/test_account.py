"""Controls over settings of a whole account, case by case."""

from __future__ import annotations

from typing import Any

import pytest

STACK = "pulumi:pulumi:Stack"
ENCRYPTION = "aws:ebs/encryptionByDefault:EncryptionByDefault"
DEFAULT_KEY = "aws:ebs/defaultKmsKey:DefaultKmsKey"
BUCKETS = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
PASSWORDS = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"
CONTACT = "aws:account/alternativeContact:AlternativeContact"
CONSOLE = "aws:ec2/serialConsoleAccess:SerialConsoleAccess"
NETWORKS = "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions"
KEY = (DEFAULT_KEY, "k", {"keyArn": "?"})
SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
CLASSES = (
    "requireLowercaseCharacters",
    "requireNumbers",
    "requireSymbols",
    "requireUppercaseCharacters",
)


def encryption(**inputs: Any) -> Any:
    return (ENCRYPTION, "e", inputs)


def switches(**inputs: Any) -> Any:
    return (BUCKETS, "b", {**dict.fromkeys(SWITCHES, True), **inputs})


def passwords(**inputs: Any) -> Any:
    strong = {"minimumPasswordLength": 14, **dict.fromkeys(CLASSES, True)}
    lasting = {"passwordReusePrevention": 24, "maxPasswordAge": 90}
    return (PASSWORDS, "p", {**strong, **lasting, **inputs})


def contact(type_: str, name: str = "c") -> Any:
    return (CONTACT, name, {"alternateContactType": type_})


def console(enabled: Any) -> Any:
    return (CONSOLE, "c", {"enabled": enabled})


def networks(mode: Any) -> Any:
    return (NETWORKS, "n", {"internetGatewayBlockMode": mode})


VOLUMES: list[tuple[str, list[Any], list[str]]] = [
    ("with a key", [encryption(enabled=True), KEY], []),
    ("on by default", [encryption(), KEY], []),
    ("with the key of AWS", [encryption(enabled=True)], ["violated e"]),
    ("off", [encryption(enabled=False), KEY], ["violated e enabled"]),
    ("not known", [encryption(enabled="?"), KEY], ["undecided e enabled"]),
]

BLOCKS: list[tuple[str, list[Any], list[str]]] = [
    ("all four", [switches()], []),
    *(
        (f"without {name}", [switches(**{name: value})], [f"violated b {name}"])
        for name, value in zip(SWITCHES, (False, None, False, None), strict=True)
    ),
    ("not known", [switches(ignorePublicAcls="?")], ["undecided b ignorePublicAcls"]),
]

STRENGTH: list[tuple[str, list[Any], list[str]]] = [
    ("strong", [passwords()], []),
    (
        "short",
        [passwords(minimumPasswordLength=13)],
        ["violated p minimumPasswordLength"],
    ),
    (
        "of any length",
        [passwords(minimumPasswordLength=None)],
        ["violated p minimumPasswordLength"],
    ),
    *((f"without {name}", [passwords(**{name: None})], [f"violated p {name}"]) for name in CLASSES),
    ("not known", [passwords(requireSymbols="?")], ["undecided p requireSymbols"]),
]

AGE: list[tuple[str, list[Any], list[str]]] = [
    ("bounded", [passwords()], []),
    ("tighter", [passwords(maxPasswordAge=30)], []),
    ("old", [passwords(maxPasswordAge=91)], ["violated p maxPasswordAge"]),
    ("for ever", [passwords(maxPasswordAge=0)], ["violated p maxPasswordAge"]),
    ("used again", [passwords(passwordReusePrevention=23)], ["violated p passwordReusePrevention"]),
    ("not known", [passwords(maxPasswordAge="?")], ["undecided p maxPasswordAge"]),
]

CONTACTS: list[tuple[str, list[Any], list[str]]] = [
    ("security", [contact("SECURITY")], []),
    ("security and billing", [contact("SECURITY"), contact("BILLING", "b")], []),
    ("billing only", [contact("BILLING")], ["violated c alternateContactType"]),
    ("not known", [contact("?")], ["undecided c alternateContactType"]),
]

CONSOLES: list[tuple[str, list[Any], list[str]]] = [
    ("closed", [console(enabled=False)], []),
    ("open", [console(enabled=True)], ["violated c enabled"]),
    ("open by default", [console(enabled=None)], ["violated c enabled"]),
    ("not known", [console(enabled="?")], ["undecided c enabled"]),
]

INTERNET: list[tuple[str, list[Any], list[str]]] = [
    ("both ways", [networks("block-bidirectional")], []),
    ("from outside", [networks("block-ingress")], []),
    ("off", [networks("off")], ["violated n internetGatewayBlockMode"]),
    ("not known", [networks("?")], ["undecided n internetGatewayBlockMode"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("ebs-encryption-by-default", *case) for case in VOLUMES),
    *(("s3-account-public-access-blocked", *case) for case in BLOCKS),
    *(("iam-password-policy-strength", *case) for case in STRENGTH),
    *(("iam-password-policy-reuse-and-age", *case) for case in AGE),
    *(("account-security-contact-set", *case) for case in CONTACTS),
    *(("ec2-serial-console-disabled", *case) for case in CONSOLES),
    *(("vpc-account-public-access-blocked", *case) for case in INTERNET),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_setting_of_the_account_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


@pytest.mark.parametrize(
    "control",
    [
        "account-security-contact-set",
        "ebs-encryption-by-default",
        "iam-password-policy-strength",
        "s3-account-public-access-blocked",
    ],
)
def test_only_the_baseline_of_an_account_has_to_set_it(control: str, judged: Any) -> None:
    application = [(STACK, "s", {})]

    assert judged(control, application) == []
    assert judged(control, application, account_stacks=("project/*",)) == ["violated s"]


def test_bounds_of_passwords_can_be_set(judged: Any) -> None:
    policy = [passwords(minimumPasswordLength=16, maxPasswordAge=60)]

    assert judged("iam-password-policy-strength", policy, minimum_length=20) == [
        "violated p minimumPasswordLength"
    ]
    assert judged("iam-password-policy-reuse-and-age", policy, maximum_days=30) == [
        "violated p maxPasswordAge"
    ]
