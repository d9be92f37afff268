"""IAM."""

from __future__ import annotations

from tests.outside.cloud import Call, Rows

IDENTITY: Rows = {
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": (
        Call("iam", "update_account_password_policy"),
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (
        Call("iam", "create_open_id_connect_provider", gives={"arn": "OpenIDConnectProviderArn"}),
    ),
    "aws:iam/policy:Policy": (
        Call(
            "iam",
            "create_policy",
            names={"name": "PolicyName", "policy": "PolicyDocument"},
            also=("name",),
            gives={"arn": "Policy.Arn", "id": "Policy.Arn"},
        ),
    ),
    "aws:iam/role:Role": (
        Call(
            "iam",
            "create_role",
            names={"assumeRolePolicy": "AssumeRolePolicyDocument", "name": "RoleName"},
            also=("name",),
            gives={"arn": "Role.Arn"},
        ),
    ),
    "aws:iam/rolePolicy:RolePolicy": (
        Call(
            "iam",
            "put_role_policy",
            names={"name": "PolicyName", "policy": "PolicyDocument", "role": "RoleName"},
            also=("name",),
        ),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        Call("iam", "attach_role_policy", names={"role": "RoleName"}),
    ),
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": (
        Call(
            "iam",
            "create_service_linked_role",
            names={"awsServiceName": "AWSServiceName"},
            gives={"arn": "Role.Arn"},
        ),
    ),
}
