"""ImageRepository: its resources, its policies, image references and what it refuses.

What these tests do not prove: that ECR accepts the policies, that a scan reports, or that a
signature verifies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import ResourceOptions
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._policy import Account
from fintech_infra.components._repository.policy import pulling, pushing, repository_policy
from fintech_infra.components._repository.reference import digest_reference
from fintech_infra.components.image_repository import ImageRepository

ACCOUNT = Account(
    id="111122223333", partition="aws-cn", region="cn-north-1", dns_suffix="amazonaws.com.cn"
)
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
URL = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/api"
DIGEST = "sha256:" + 64 * "a"

COMPONENT = ("fintech_infra:index:ImageRepository", "api")
REPOSITORY = "aws:ecr/repository:Repository"
POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
PROFILE = "aws:signer/signingProfile:SigningProfile"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
GIVEN = [
    (LIFECYCLE, "api"),
    (REPOSITORY, "api"),
    (POLICY, "api"),
    (PROFILE, "api-signing"),
    COMPONENT,
]
OUTPUTS = {REPOSITORY: {"repositoryUrl": URL}}


def reasons(args: Any, name: str = "api") -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    with pytest.raises(pulumi.InputPropertiesError) as error:
        ImageRepository(name, args)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def test_without_options_it_is_a_repository_with_a_profile_and_a_key(
    deploy: Callable[..., Any],
) -> None:
    found = deploy(lambda: ImageRepository("api", {}))
    assert found.identities == sorted(
        [
            *GIVEN,
            ("aws:kms/alias:Alias", "api-key"),
            ("aws:kms/key:Key", "api-key"),
            ("fintech_infra:index:EncryptionKey", "api-key"),
        ]
    )
    assert found.snake_case_keys() == []
    key = json.loads(found.one("aws:kms/key:Key").inputs["policy"])["Statement"]
    assert key[1]["Condition"]["StringEquals"]["kms:ViaService"] == "ecr.eu-west-1.amazonaws.com"


def test_every_child_is_hardened(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: ImageRepository("api", {"kms_key_arn": KEY, "tags": {"team": "pay"}}))
    assert found.identities == sorted(GIVEN)
    assert found.one(REPOSITORY).inputs == {
        "imageTagMutability": "IMMUTABLE",
        "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": KEY}],
        "imageScanningConfiguration": {"scanOnPush": True},
        "forceDelete": False,
        "tags": {"team": "pay"},
    }
    assert found.one(PROFILE).inputs == {
        "namePrefix": "api_",
        "platformId": "Notation-OCI-SHA384-ECDSA",
        "signatureValidityPeriod": {"type": "MONTHS", "value": 135},
        "tags": {"team": "pay", "Name": "api-signing"},
    }
    assert json.loads(found.one(LIFECYCLE).inputs["policy"]) == {
        "rules": [
            {
                "rulePriority": 1,
                "description": "Keep the newest 50 tagged images",
                "selection": {
                    "tagStatus": "tagged",
                    "tagPatternList": ["*"],
                    "countType": "imageCountMoreThan",
                    "countNumber": 50,
                },
                "action": {"type": "expire"},
            }
        ]
    }


def test_nobody_deletes_an_image_or_lets_tags_move(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: ImageRepository("api", {"kms_key_arn": KEY}))
    assert json.loads(found.one(POLICY).inputs["policy"])["Statement"] == [
        {
            "Sid": "DenyDeletion",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "ecr:BatchDeleteImage",
        },
        {
            "Sid": "DenyMutableTags",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "ecr:PutImageTagMutability",
        },
    ]


def test_other_accounts_pull_and_do_nothing_else() -> None:
    text = repository_policy(ACCOUNT, ["444455556666"], "o-a1b2c3d4e5")
    assert json.loads(text)["Statement"][2:] == [
        {
            "Sid": "PullByAccounts",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws-cn:iam::444455556666:root"},
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        }
    ]
    assert "Resource" not in text


def test_an_account_changes_the_policy_and_nothing_else(deploy: Callable[..., Any]) -> None:
    def inputs(*accounts: str) -> dict[tuple[str, str], Any]:
        args: Any = {"pull_accounts": list(accounts)}
        found = deploy(lambda: ImageRepository("api", args))
        return {item.identity: item.inputs for item in found if item.custom}

    before, after = inputs("444455556666"), inputs("444455556666", "777788889999")
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    assert changed == {(POLICY, "api")}


def test_roles_pull_or_push_and_sign() -> None:
    repository, profile = "arn:aws:ecr:r:1:repository/api", "arn:aws:signer:r:1:/signing-profiles/a"
    pull = {item["Sid"]: (item["Action"], item["Resource"]) for item in pulling(repository)}
    push = {
        item["Sid"]: (item["Action"], item["Resource"]) for item in pushing(repository, profile)
    }
    assert pull.keys() == {"Login", "Pull"}
    assert push.keys() == {"Login", "Push", "Sign"}
    assert pull["Login"] == push["Login"] == ("ecr:GetAuthorizationToken", "*")
    assert pull["Pull"][1] == push["Push"][1] == repository
    assert push["Sign"] == ("signer:SignPayload", profile)
    assert "ecr:PutImage" not in pull["Pull"][0]
    assert "ecr:BatchDeleteImage" not in push["Push"][0]


def test_an_image_is_named_by_its_digest(deploy: Callable[..., Any]) -> None:
    def program() -> None:
        reference = ImageRepository("api", {"kms_key_arn": KEY}).image(DIGEST)
        aws.ssm.Parameter("image", type="String", value=reference)

    found = deploy(program, OUTPUTS)
    assert found.one("aws:ssm/parameter:Parameter").inputs["value"] == f"{URL}@{DIGEST}"


@pytest.mark.parametrize("digest", ["latest", "1.4.2", "sha256:abc", f"{DIGEST}a", DIGEST.upper()])
def test_what_is_no_digest_names_no_image(digest: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{digest!r} is no digest")):
        digest_reference(URL, digest)


def test_an_alarm_topic_hears_of_findings_and_tampering(deploy: Callable[..., Any]) -> None:
    args: Any = {"kms_key_arn": KEY, "alarm_topic_arn": TOPIC}
    found = deploy(lambda: ImageRepository("api", args))
    watch = [
        (type_, f"api-{role}") for type_ in (RULE, TARGET) for role in ("findings", "tampering")
    ]
    assert found.identities == sorted([*GIVEN, *watch])
    repository = found.one(REPOSITORY).state
    findings = json.loads(found.one(RULE, "api-findings").inputs["eventPattern"])
    assert findings == {
        "source": ["aws.ecr", "aws.inspector2"],
        "detail-type": ["ECR Image Scan", "Inspector2 Scan"],
        "detail": {
            "repository-name": [repository["name"], repository["arn"]],
            "finding-severity-counts": {"CRITICAL": [{"numeric": [">", 0]}]},
        },
    }
    tampering = json.loads(found.one(RULE, "api-tampering").inputs["eventPattern"])["detail"]
    assert tampering["requestParameters"] == {"repositoryName": [repository["name"]]}
    assert {"BatchDeleteImage", "PutImageTagMutability"} <= set(tampering["eventName"])
    assert [item.inputs["arn"] for item in found.of_type(TARGET)] == [TOPIC, TOPIC]


def test_a_long_name_fits_the_profile(deploy: Callable[..., Any]) -> None:
    name = "payments.api-" + 60 * "x"
    found = deploy(lambda: ImageRepository(name, {"kms_key_arn": KEY}))
    prefix = found.one(PROFILE).inputs["namePrefix"]
    assert len(prefix) + 26 == 64
    assert re.fullmatch(r"[a-zA-Z0-9_]+", prefix)


def test_a_region_reaches_every_child(deploy: Callable[..., Any]) -> None:
    args: Any = {"region": "eu-south-2", "alarm_topic_arn": TOPIC}
    found = deploy(lambda: ImageRepository("api", args))
    regions = {item.inputs.get("region") for item in found if item.type.startswith("aws:")}
    assert regions == {"eu-south-2"}


def test_options_reach_children_through_the_parent_only(deploy: Callable[..., Any]) -> None:
    def program() -> None:
        provider = aws.Provider("elsewhere", region="us-east-2")
        options = ResourceOptions(providers=[provider], protect=False)
        ImageRepository("api", {"alarm_topic_arn": TOPIC}, options)

    found = deploy(program)
    custom = [item for item in found if item.type.startswith("aws:")]
    assert all("::elsewhere::" in item.provider for item in custom)
    assert all("::elsewhere::" in provider for _, _, provider in found.invokes)
    assert sorted(item.identity for item in custom if item.protect) == [
        (REPOSITORY, "api"),
        ("aws:kms/key:Key", "api-key"),
        (PROFILE, "api-signing"),
    ]
    components = {item.urn for item in found if item.type.startswith("fintech_infra:")}
    assert {item.parent for item in custom} == components


def test_the_outputs_are_those_of_the_resources(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: ImageRepository("api", {"kms_key_arn": KEY}), OUTPUTS)
    outputs, repository = found.outputs("api"), found.one(REPOSITORY).state
    profile = found.one(PROFILE).state["arn"]
    evidence = json.loads(outputs.pop("evidence"))
    documents = {
        "pull_policy": pulling(repository["arn"]),
        "push_policy": pushing(repository["arn"], profile),
    }
    for name, expected in documents.items():
        assert json.loads(outputs.pop(name))["Statement"] == expected
    assert outputs == {
        "arn": repository["arn"],
        "name": repository["name"],
        "repository_url": URL,
        "kms_key_arn": KEY,
        "signing_profile_arn": profile,
    }
    by_urn = {item.urn: item for item in found}
    assert {
        control: (by_urn[item["resource"]].type, item["property"])
        for control, item in evidence.items()
    } == {
        "ecr-encryption-cmk": (REPOSITORY, "encryptionConfigurations"),
        "ecr-force-delete-disabled": (REPOSITORY, "forceDelete"),
        "ecr-image-scanning": (REPOSITORY, "imageScanningConfiguration.scanOnPush"),
        "ecr-policy-not-public": (POLICY, "policy"),
        "ecr-tag-immutable": (REPOSITORY, "imageTagMutability"),
    }


def test_no_argument_makes_a_tag_mutable() -> None:
    for key in ("image_tag_mutability", "immutable_exceptions", "force_delete"):
        assert list(reasons({key: True})) == [key]


def test_every_mistake_is_reported_at_once() -> None:
    found = reasons(
        {
            "repository_name": "Pay/API",
            "keep": 9,
            "pull_accounts": ["444455556666", "4444", "444455556666"],
            "org_id": "acme",
        }
    )
    assert {path: reason.partition(";")[0].partition(",")[0] for path, reason in found.items()} == {
        "repository_name": "is 'Pay/API'",
        "keep": "is 9",
        "pull_accounts[1]": "is '4444'",
        "pull_accounts[2]": "is '444455556666'",
        "org_id": "is 'acme'",
    }


@pytest.mark.parametrize("name", ["API", "pay--api", "pay__api", "pay/api.v2", "0"])
def test_a_given_name_frees_the_components_own(deploy: Callable[..., Any], name: str) -> None:
    found = deploy(lambda: ImageRepository(name, {"repository_name": "api", "kms_key_arn": KEY}))
    assert found.one(REPOSITORY).inputs["name"] == "api"


@pytest.mark.parametrize("name", ["Api", "-api", "api-", "pay//api", "a___b", "a", 249 * "a"])
def test_a_name_that_ecr_would_refuse_is_refused(name: str) -> None:
    assert list(reasons({}, name)) == ["name"]


def test_it_is_clean_under_every_control(judged: Callable[..., Any]) -> None:
    program = f"""
ImageRepository('minimal', {{}})
ImageRepository('shared', {{
    'repository_name': 'pay/api', 'keep': 10, 'pull_accounts': ['444455556666'],
    'org_id': 'o-a1b2c3d4e5', 'alarm_topic_arn': {TOPIC!r}}})
"""
    assert judged(program) == []


def test_what_a_transform_weakens_is_found(judged: Callable[..., Any]) -> None:
    anyone = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}})
    program = f"""
def weakened(name, type_, **changes):
    def change(args):
        if args.type_ == type_:
            return pulumi.ResourceTransformResult({{**args.props, **changes}}, args.opts)
    ImageRepository(name, {{}}, pulumi.ResourceOptions(transforms=[change]))

weakened('mutable', {REPOSITORY!r}, imageTagMutability='MUTABLE')
caches = [{{'filter': 'buildcache-*', 'filterType': 'WILDCARD'}}]
weakened('cache', {REPOSITORY!r}, imageTagMutability='IMMUTABLE_WITH_EXCLUSION',
         imageTagMutabilityExclusionFilters=caches)
weakened('unscanned', {REPOSITORY!r}, imageScanningConfiguration={{'scanOnPush': False}})
weakened('plain', {REPOSITORY!r}, encryptionConfigurations=[{{'encryptionType': 'AES256'}}])
weakened('emptied', {REPOSITORY!r}, forceDelete=True)
weakened('public', {POLICY!r}, policy={anyone!r})
"""
    assert judged(program) == [
        (
            "ecr-encryption-cmk",
            "violated",
            "plain",
            "encryptionConfigurations[0].encryptionType",
        ),
        ("ecr-force-delete-disabled", "violated", "emptied", "forceDelete"),
        ("ecr-image-scanning", "violated", "unscanned", "imageScanningConfiguration.scanOnPush"),
        ("ecr-policy-not-public", "violated", "public", "policy.Statement.Principal"),
        (
            "ecr-tag-immutable",
            "violated",
            "cache",
            "imageTagMutabilityExclusionFilters[0].filter",
        ),
        ("ecr-tag-immutable", "violated", "mutable", "imageTagMutability"),
    ]


def test_its_schema_can_be_inferred_and_describes_everything() -> None:
    definition = Analyzer("fintech_infra").analyze([ImageRepository])["component_definitions"][
        "ImageRepository"
    ]
    described = {**definition.inputs, **definition.outputs}
    assert [name for name, item in described.items() if not item.description] == []
    assert {name for name, item in definition.inputs.items() if not item.optional} == set()
    assert set(definition.outputs) == {
        "arn",
        "evidence",
        "kmsKeyArn",
        "name",
        "pullPolicy",
        "pushPolicy",
        "repositoryUrl",
        "signingProfileArn",
    }
