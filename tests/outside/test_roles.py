"""What IAM would tell of the roles that components make."""

from __future__ import annotations

from typing import Any

from tests.outside.cloud import ACCOUNT, Cloud, client
from tests.outside.documents import listed, statements, trusted_services
from tests.outside.programs import of

_WITH_ROLES = of(
    "audit-trail",
    "backup-vault",
    "cost-guard",
    "encrypted-database",
    "ephemeral-compute",
    "hardened-vpc",
    "immutable-service",
    "managed-secret",
    "platform",
    "security-baseline",
    "self-healing",
)
_NO_SOURCE_SENT = {
    "cloudtrail.amazonaws.com",
    "ecs.amazonaws.com",
    "lambda.amazonaws.com",
    "rds.amazonaws.com",
}
"""Services whose documents name no source that they send when they assume the role in question."""
_GITHUB = "token.actions.githubusercontent.com"


def _roles(cloud: Cloud) -> list[dict[str, Any]]:
    iam = client("iam", "eu-west-1")
    names = [role.output("name") for role in cloud.of("aws:iam/role:Role")]
    assert names
    return [iam.get_role(RoleName=name)["Role"] for name in names]


def _inline(name: str) -> list[Any]:
    iam = client("iam", "eu-west-1")
    return [
        iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]


@_WITH_ROLES
def test_a_role_of_a_service_is_assumed_by_it_alone_and_for_this_account(
    cloud: Cloud,
) -> None:
    for role in _roles(cloud):
        (trust,) = statements(role["AssumeRolePolicyDocument"])
        services = trusted_services(role["AssumeRolePolicyDocument"])
        if "Federated" in trust["Principal"]:
            continue
        assert trust["Action"] == "sts:AssumeRole"
        assert len(services) == 1 or "AWS" in trust["Principal"]
        assert services <= _NO_SOURCE_SENT or ACCOUNT in str(trust["Condition"])


@_WITH_ROLES
def test_no_role_may_do_everything_of_a_service_anywhere(cloud: Cloud) -> None:
    for role in _roles(cloud):
        for document in _inline(role["RoleName"]):
            for item in statements(document):
                wide = [action for action in listed(item["Action"]) if action.endswith("*")]
                assert item["Effect"] == "Deny" or not wide or item["Resource"] != "*"
                assert "*" not in listed(item["Action"])


@of("deploy-identity")
def test_github_is_trusted_for_one_repository_and_one_audience(cloud: Cloud) -> None:
    iam = client("iam", "eu-west-1")
    (provider,) = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert provider["Arn"].endswith(f"oidc-provider/{_GITHUB}")
    known = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"])
    assert known["ClientIDList"] == ["sts.amazonaws.com"]

    subjects: set[str] = set()
    for role in _roles(cloud):
        (trust,) = statements(role["AssumeRolePolicyDocument"])
        equal = trust["Condition"]["StringEquals"]
        assert trust["Principal"] == {"Federated": provider["Arn"]}
        assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert equal[f"{_GITHUB}:aud"] == "sts.amazonaws.com"
        subjects.add(equal[f"{_GITHUB}:sub"])
    assert subjects == {
        "repo:acme@9919/payments@421183337:pull_request",
        "repo:acme@9919/payments@421183337:environment:dev",
    }


@of("deploy-identity")
def test_the_pipeline_has_a_boundary_that_it_cannot_leave(cloud: Cloud) -> None:
    iam = client("iam", "eu-west-1")
    (boundary,) = cloud.of("aws:iam/policy:Policy")
    arn = boundary.output("arn")
    for role in _roles(cloud):
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    denied = {
        action
        for item in statements(document)
        if item["Effect"] == "Deny" and not item.get("Condition")
        if {arn, "*"} & set(listed(item["Resource"]))
        for action in listed(item.get("Action", []))
    }
    assert {"iam:DeleteRolePermissionsBoundary", "iam:Create*", "iam:Delete*", "iam:Set*"} <= denied


@of("deploy-identity")
def test_a_preview_reads_and_has_no_policy_of_its_own(cloud: Cloud) -> None:
    iam = client("iam", "eu-west-1")
    (name,) = [role["RoleName"] for role in _roles(cloud) if "-preview-" in role["RoleName"]]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert {item["PolicyName"] for item in attached} == {"SecurityAudit", "ViewOnlyAccess"}
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == []


@of("security-baseline")
def test_passwords_are_long_and_change(cloud: Cloud) -> None:
    assert cloud.of("aws:iam/accountPasswordPolicy:AccountPasswordPolicy")
    policy = client("iam", "eu-west-1").get_account_password_policy()["PasswordPolicy"]
    assert policy == {
        "AllowUsersToChangePassword": True,
        "ExpirePasswords": True,
        "HardExpiry": False,
        "MaxPasswordAge": 90,
        "MinimumPasswordLength": 14,
        "PasswordReusePrevention": 24,
        "RequireLowercaseCharacters": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "RequireUppercaseCharacters": True,
    }
