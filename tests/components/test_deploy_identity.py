"""DeployIdentity: whom its roles trust, what they may do, and what they can never do.

What these tests do not prove: that GitHub writes the claims as it documents them, or how IAM weighs
the policies together.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._identity.boundary import statements
from fintech_infra.components._policy import MANAGED_POLICY_LIMIT, Account, document
from fintech_infra.components.deploy_identity import DeployIdentity
from fintech_infra.environment.documents import Document, Statement, matches, parse

Deploy = Callable[..., Any]
HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{HOST}"
BOUNDARY = "arn:aws:iam::111122223333:policy/delivery/payments-boundary"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": "arn:aws:x"}],
    }
)
MINIMAL: dict[str, Any] = {
    "owner": "acme",
    "owner_id": 9919,
    "repository": "payments",
    "repository_id": 4211,
    "environment": "prod",
    "deploy_policy": POLICY,
}
ACCOUNT = Account(
    id="111122223333", partition="aws", region="eu-west-1", dns_suffix="amazonaws.com"
)
LONG_PARTITION = Account(
    id="111122223333", partition="aws-us-gov", region="us-gov-west-1", dns_suffix="amazonaws.com"
)


@pytest.fixture
def identity(deploy: Deploy) -> Callable[..., Any]:
    """Return `identity(**args)`, which deploys an identity named payments; None removes a key."""

    def run(**args: Any) -> Any:
        given: Any = {key: value for key, value in {**MINIMAL, **args}.items() if value is not None}
        return deploy(lambda: DeployIdentity("payments", given))

    return run


def trust(found: Any, role: str) -> list[dict[str, Any]]:
    policy = found.one("aws:iam/role:Role", f"payments-{role}").inputs["assumeRolePolicy"]
    return json.loads(policy)["Statement"]


def claims(statement: dict[str, Any]) -> dict[str, Any]:
    """The claims that a statement compares, all of them with StringEquals."""
    assert list(statement["Condition"]) == ["StringEquals"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    compared = statement["Condition"]["StringEquals"]
    return {key.removeprefix(f"{HOST}:"): value for key, value in compared.items()}


def reasons(name: str = "payments", **args: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path; None removes a key."""
    given: Any = {key: value for key, value in {**MINIMAL, **args}.items() if value is not None}
    with pytest.raises(pulumi.InputPropertiesError) as error:
        DeployIdentity(name, given)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


IDENTITIES = [
    ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "payments-github"),
    ("aws:iam/policy:Policy", "payments-boundary"),
    ("aws:iam/role:Role", "payments-deploy"),
    ("aws:iam/role:Role", "payments-preview"),
    ("aws:iam/rolePoliciesExclusive:RolePoliciesExclusive", "payments-deploy"),
    ("aws:iam/rolePoliciesExclusive:RolePoliciesExclusive", "payments-preview"),
    ("aws:iam/rolePolicy:RolePolicy", "payments-deploy-policy"),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "payments-preview-audit"),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "payments-preview-view"),
    (
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
        "payments-deploy",
    ),
    (
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
        "payments-preview",
    ),
    ("fintech_infra:index:DeployIdentity", "payments"),
]


def test_it_is_a_provider_a_boundary_and_two_roles(identity: Any) -> None:
    found = identity()

    assert found.identities == IDENTITIES
    assert found.snake_case_keys() == []


def test_what_is_given_is_not_made(identity: Any) -> None:
    found = identity(provider_arn=PROVIDER, boundary_arn=BOUNDARY)

    made = set(IDENTITIES) - set(found.identities)
    assert made == {IDENTITIES[0], IDENTITIES[1]}
    assert trust(found, "deploy")[0]["Principal"] == {"Federated": PROVIDER}
    roles = found.of_type("aws:iam/role:Role")
    assert {role.inputs["permissionsBoundary"] for role in roles} == {BOUNDARY}


def test_another_policy_branch_or_alarm_leaves_the_rest_untouched(identity: Any) -> None:
    before = {item.urn: item.inputs for item in identity(deploy_policy_arns={"ecs": "arn:a"})}
    after = {
        item.urn: item.inputs
        for item in identity(
            deploy_policy_arns={"backup": "arn:b", "ecs": "arn:a"}, alarm_topic_arn=TOPIC
        )
    }

    changed = {urn for urn in before if before[urn] != after[urn]}
    assert {urn.rpartition("::")[2] for urn in changed} == {"payments-deploy"}
    added = sorted(urn.rpartition("::")[2] for urn in after.keys() - before.keys())
    assert added == ["payments-assumed", "payments-assumed", "payments-deploy-backup"]


def test_the_deploy_role_trusts_one_environment_of_one_repository(identity: Any) -> None:
    (statement,) = trust(identity(), "deploy")

    assert claims(statement) == {
        "aud": "sts.amazonaws.com",
        "sub": "repo:acme@9919/payments@4211:environment:prod",
    }


def test_the_preview_role_trusts_pull_requests_and_the_branches_named(identity: Any) -> None:
    (alone,) = trust(identity(), "preview")
    (more,) = trust(identity(branches=["release/2", "main"]), "preview")

    assert claims(alone)["sub"] == "repo:acme@9919/payments@4211:pull_request"
    assert claims(more)["sub"] == [
        "repo:acme@9919/payments@4211:pull_request",
        "repo:acme@9919/payments@4211:ref:refs/heads/main",
        "repo:acme@9919/payments@4211:ref:refs/heads/release/2",
    ]


def test_a_subject_without_ids_is_held_to_the_id_of_the_repository(identity: Any) -> None:
    exact, named = trust(identity(legacy_sub=True), "deploy")

    assert claims(exact)["sub"] == "repo:acme@9919/payments@4211:environment:prod"
    assert claims(named) == {
        "aud": "sts.amazonaws.com",
        "repository_id": "4211",
        "sub": "repo:acme/payments:environment:prod",
    }


def test_a_workflow_is_pinned_for_deployments_in_both_forms_of_the_subject(identity: Any) -> None:
    workflow = "acme/delivery/.github/workflows/deploy.yml@refs/heads/main"
    found = identity(workflow_ref=workflow, legacy_sub=True)

    pins = [claims(item).get("job_workflow_ref") for item in trust(found, "deploy")]
    assert pins == [workflow, workflow]
    assert [claims(item).get("job_workflow_ref") for item in trust(found, "preview")] == [None] * 2


def test_sessions_are_short_and_both_roles_are_bounded(identity: Any) -> None:
    for role in identity().of_type("aws:iam/role:Role"):
        assert role.inputs["maxSessionDuration"] == 3600
        assert role.inputs["path"] == "/delivery/"
        assert role.inputs["permissionsBoundary"].endswith("policy/payments-boundary")


def test_previews_can_read_configuration_and_change_nothing(identity: Any) -> None:
    found = identity(state_bucket_arn="arn:aws:s3:::state", state_key_arn="arn:aws:kms:key")

    attached = {
        item.inputs["policyArn"]
        for item in found.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    }
    assert attached == {
        "arn:aws:iam::aws:policy/SecurityAudit",
        "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
    }
    inline = found.one("aws:iam/rolePolicy:RolePolicy", "payments-preview-state")
    allowed = {
        action
        for item in json.loads(inline.inputs["policy"])["Statement"]
        for action in ([item["Action"]] if isinstance(item["Action"], str) else item["Action"])
    }
    assert allowed == {"kms:Decrypt", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"}


def test_policies_attached_by_hand_are_removed(identity: Any) -> None:
    found = identity(deploy_policy_arns={"ecs": "arn:a"}, state_bucket_arn="arn:aws:s3:::state")

    inline = "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive"
    attached = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
    own = [item.state["name"] for item in found.of_type("aws:iam/rolePolicy:RolePolicy")]
    names = [
        found.one(inline, f"payments-{it}").inputs["policyNames"] for it in ("deploy", "preview")
    ]
    assert sorted(names[0] + names[1]) == sorted(own)
    assert [name.rpartition("-")[0] for name in names[0]] == [
        "payments-deploy-policy",
        "payments-deploy-state",
    ]
    assert found.one(attached, "payments-deploy").inputs["policyArns"] == ["arn:a"]
    assert len(found.one(attached, "payments-preview").inputs["policyArns"]) == 2


def test_the_provider_outlives_the_stack_and_the_boundary_is_protected(identity: Any) -> None:
    found = identity()

    provider = found.one("aws:iam/openIdConnectProvider:OpenIdConnectProvider")
    assert provider.retain_on_delete
    assert provider.inputs["clientIdLists"] == ["sts.amazonaws.com"]
    assert provider.inputs["url"] == f"https://{HOST}"
    assert found.one("aws:iam/policy:Policy").protect


def test_the_tripwire_sees_what_cloudtrail_calls_reading(identity: Any) -> None:
    found = identity(alarm_topic_arn=TOPIC, region="eu-central-1")

    rule = found.one("aws:cloudwatch/eventRule:EventRule")
    role = found.one("aws:iam/role:Role", "payments-deploy")
    assert rule.inputs["state"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    assert json.loads(rule.inputs["eventPattern"]) == {
        "source": ["aws.sts"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["sts.amazonaws.com"],
            "eventName": [{"prefix": "AssumeRole"}],
            "requestParameters": {"roleArn": [role.state["arn"]]},
        },
    }
    target = found.one("aws:cloudwatch/eventTarget:EventTarget")
    assert target.inputs["arn"] == TOPIC
    assert {rule.inputs["region"], target.inputs["region"]} == {"eu-central-1"}


def test_the_boundary_limits_regions_to_the_given_or_the_own(identity: Any) -> None:
    for args, regions in (
        ({}, ["eu-west-1"]),
        ({"region": "eu-central-1"}, ["eu-central-1"]),
        ({"allowed_regions": ["us-east-1", "eu-west-1"]}, ["eu-west-1", "us-east-1"]),
    ):
        policy = json.loads(identity(**args).one("aws:iam/policy:Policy").inputs["policy"])
        elsewhere = policy["Statement"][-1]
        assert elsewhere["Effect"] == "Deny"
        assert elsewhere["Condition"] == {"StringNotEquals": {"aws:RequestedRegion": regions}}
        assert "iam:*" in elsewhere["NotAction"]


def compiled(protected: list[str] | None = None) -> Document:
    return parse(document(statements(ACCOUNT, BOUNDARY, ["eu-west-1"], protected or []), 6144))


def refuses(found: Document, action: str, resource: str) -> list[Statement]:
    return [
        item
        for item in found.denying
        if item.actions
        and item.covers_action(action)
        and any(matches(pattern, resource) for pattern in item.resources)
    ]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreatePolicyVersion", BOUNDARY),
        ("iam:SetDefaultPolicyVersion", BOUNDARY),
        ("iam:DeletePolicy", BOUNDARY),
        ("iam:DeleteRolePermissionsBoundary", "arn:aws:iam::111122223333:role/app"),
        ("iam:PutRolePolicy", "arn:aws:iam::111122223333:role/delivery/payments-deploy-1"),
        ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::111122223333:role/delivery/payments-deploy-1"),
        ("iam:PassRole", "arn:aws:iam::111122223333:role/OrganizationAccountAccessRole"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/admin"),
        ("iam:AddClientIDToOpenIDConnectProvider", f"{PROVIDER}"),
        ("iam:CreateUser", "arn:aws:iam::111122223333:user/mallory"),
        ("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/mallory"),
        ("cloudtrail:StopLogging", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"),
        ("guardduty:DeleteDetector", "arn:aws:guardduty:eu-west-1:111122223333:detector/d"),
        ("logs:DeleteLogGroup", "arn:aws:logs:eu-west-1:111122223333:log-group:audit"),
        ("kms:ScheduleKeyDeletion", "arn:aws:kms:eu-west-1:111122223333:key/k"),
    ],
)
def test_the_boundary_always_refuses(action: str, resource: str) -> None:
    assert [item.sid for item in refuses(compiled(), action, resource) if not item.conditions] != []


def test_roles_are_made_and_changed_only_with_the_boundary() -> None:
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"):
        (found,) = refuses(compiled(), action, "arn:aws:iam::111122223333:role/app")
        (condition,) = found.conditions
        assert (condition.operator, condition.key, condition.values) == (
            "StringNotEquals",
            "iam:PermissionsBoundary",
            (BOUNDARY,),
        )


def test_the_boundary_lets_a_pipeline_work() -> None:
    for action, resource in (
        ("iam:GetRole", "arn:aws:iam::111122223333:role/delivery/payments-deploy-1"),
        ("iam:PassRole", "arn:aws:iam::111122223333:role/app"),
        ("ecs:UpdateService", "arn:aws:ecs:eu-west-1:111122223333:service/a/b"),
        ("logs:CreateLogGroup", "arn:aws:logs:eu-west-1:111122223333:log-group:app"),
        ("kms:CreateKey", "*"),
    ):
        assert refuses(compiled(), action, resource) == []


def test_further_roles_are_protected_by_pattern() -> None:
    glass = "arn:aws:iam::111122223333:role/break-glass-*"
    assert refuses(compiled(), "sts:AssumeRole", glass.replace("*", "1")) == []
    assert refuses(compiled([glass]), "sts:AssumeRole", glass.replace("*", "1")) != []


def test_the_boundary_fits_into_a_managed_policy() -> None:
    name = "n" * (48 + len("-boundary"))
    own = f"arn:aws-us-gov:iam::111122223333:policy/delivery/{name}"
    regions = [f"ap-southeast-{number}" for number in range(1, 31)]
    text = document(statements(LONG_PARTITION, own, regions, []), MANAGED_POLICY_LIMIT)

    assert len(text) < 4096


def test_a_boundary_that_does_not_fit_is_refused(identity: Any) -> None:
    with pytest.raises(ValueError, match="bytes and AWS accepts 6144"):
        identity(
            protected_role_arns=[
                f"arn:aws:iam::111122223333:role/break-glass/{number:040}" for number in range(50)
            ]
        )


def test_a_given_boundary_is_kept_by_a_policy_of_the_deploy_role(identity: Any) -> None:
    found = identity(boundary_arn=BOUNDARY)

    inline = found.one("aws:iam/rolePolicy:RolePolicy", "payments-deploy-boundary")
    guard = parse(inline.inputs["policy"])
    assert [item.allows for item in guard.statements] == [False] * 3
    assert refuses(guard, "iam:CreatePolicyVersion", BOUNDARY) != []


def test_it_tells_what_satisfies_which_control(identity: Any) -> None:
    outputs = identity().outputs("payments")

    assert set(outputs) == {
        "boundary_arn",
        "deploy_role_arn",
        "evidence",
        "preview_role_arn",
        "provider_arn",
    }
    satisfied = json.loads(outputs["evidence"])
    assert {control: item["property"] for control, item in satisfied.items()} == {
        "iam-role-permissions-boundary": "permissionsBoundary",
        "iam-role-session-bounded": "maxSessionDuration",
        "iam-role-trust-not-public": "assumeRolePolicy",
        "iam-role-trust-oidc-scoped": "assumeRolePolicy",
    }
    assert {item["resource"].rpartition("::")[2] for item in satisfied.values()} == {
        "payments-deploy"
    }


@pytest.mark.parametrize(
    ("args", "path"),
    [
        ({"owner": "acme@9919"}, "owner"),
        ({"owner": "*"}, "owner"),
        ({"owner": "-acme"}, "owner"),
        ({"owner": "a" * 40}, "owner"),
        ({"owner_id": 0}, "owner_id"),
        ({"repository": "acme/payments"}, "repository"),
        ({"repository": "pay*"}, "repository"),
        ({"repository_id": -1}, "repository_id"),
        ({"environment": "prod*"}, "environment"),
        ({"environment": "prod:ref"}, "environment"),
        ({"environment": "e" * 256}, "environment"),
        ({"branches": ["release/*"]}, "branches[0]"),
        ({"branches": ["main", "a b"]}, "branches[1]"),
        ({"workflow_ref": "acme/delivery/.github/workflows/deploy.yml@*"}, "workflow_ref"),
        ({"workflow_ref": "acme/delivery/.github/workflows/*@refs/heads/main"}, "workflow_ref"),
        ({"workflow_ref": ".github/workflows/deploy.yml@refs/heads/main"}, "workflow_ref"),
        ({"allowed_regions": []}, "allowed_regions"),
        ({"allowed_regions": ["europe"]}, "allowed_regions[0]"),
        ({"protected_role_arns": ["break-glass"]}, "protected_role_arns[0]"),
        ({"deploy_policy": None}, "deploy_policy"),
        ({"deploy_policy": "{"}, "deploy_policy"),
        ({"deploy_policy": "[]"}, "deploy_policy"),
        ({"deploy_policy": json.dumps({"Statement": {"Principal": "*"}})}, "deploy_policy"),
        (
            {"deploy_policy": json.dumps({"Statement": [], "Id": "x" * 10_240})},
            "deploy_policy",
        ),
        (
            {"deploy_policy_arns": {f"p{number}": "arn:a" for number in range(11)}},
            "deploy_policy_arns",
        ),
        ({"deploy_policy_arns": {"a b": "arn:a"}}, "deploy_policy_arns"),
        ({"state_key_arn": "arn:aws:kms:key"}, "state_key_arn"),
        ({"max_session_minutes": 720}, "max_session_minutes"),
    ],
)
def test_what_cannot_be_is_refused(args: dict[str, Any], path: str) -> None:
    assert list(reasons(**args)) == [path]


def test_a_name_that_no_role_can_have_is_refused() -> None:
    assert "accepted are up to 48" in reasons(name="n" * 49)["name"]
    assert "accepted are up to 48" in reasons(name="pay ments")["name"]


def test_all_mistakes_are_told_at_once_before_anything_is_made(deploy: Deploy) -> None:
    wrong: Any = {**MINIMAL, "owner": "*", "environment": "*", "branches": ["*"], "sub": "*"}
    with pytest.raises(pulumi.InputPropertiesError) as error:
        deploy(lambda: DeployIdentity("payments", wrong))

    paths = [item["property_path"] for item in error.value.errors or []]
    assert paths == ["sub", "owner", "environment", "branches[0]"]


def test_workflows_are_pinned_by_branch_tag_or_commit(identity: Any) -> None:
    for end in ("refs/heads/main", "refs/tags/v1.2", "0123456789abcdef0123456789abcdef01234567"):
        workflow = f"acme/delivery/.github/workflows/deploy.yaml@{end}"
        (statement,) = trust(identity(workflow_ref=workflow), "deploy")
        assert claims(statement)["job_workflow_ref"] == workflow


def test_every_argument_reaches_the_plugin_with_a_description() -> None:
    component = Analyzer("fintech_infra").analyze_component(DeployIdentity)

    assert [name for name, item in component.inputs.items() if not item.description] == []
    assert {name for name, item in component.inputs.items() if not item.optional} == {
        "environment",
        "owner",
        "ownerId",
        "repository",
        "repositoryId",
    }


ARGS = f"""
POLICY = {POLICY!r}
ARGS = {{key: value for key, value in {MINIMAL!r}.items()}}
"""


def test_it_is_clean_under_every_control(judged: Any) -> None:
    program = (
        ARGS
        + f"""
DeployIdentity("minimal", ARGS)
DeployIdentity("full", {{**ARGS, "provider_arn": {PROVIDER!r}, "branches": ["main"],
    "legacy_sub": True, "alarm_topic_arn": {TOPIC!r}, "state_bucket_arn": "arn:aws:s3:::state",
    "state_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/1",
    "workflow_ref": "acme/delivery/.github/workflows/deploy.yml@refs/heads/main",
    "protected_role_arns": ["arn:aws:iam::111122223333:role/break-glass"]}})
DeployIdentity("bounded", {{**ARGS, "provider_arn": {PROVIDER!r}, "boundary_arn": {BOUNDARY!r}}})
"""
    )
    assert judged(program) == []


BROKEN = """
import json

def breaking(change):
    return pulumi.ResourceOptions(transforms=[lambda given: pulumi.ResourceTransformResult(
        {**given.props, **change(given.type_, given.props)}, given.opts)])

def of(type_, **changed):
    return breaking(lambda found, _: changed if found == type_ else {})

def loosened(found, props):
    if found != "aws:iam/role:Role":
        return {}
    def rewrite(text):
        policy = json.loads(text)
        for statement in policy["Statement"]:
            equals = statement["Condition"].pop("StringEquals")
            subject = {key: "repo:acme/*" for key in equals if key.endswith(":sub")}
            statement["Condition"] = {"StringLike": {**equals, **subject}}
        return json.dumps(policy)
    return {"assumeRolePolicy": pulumi.Output.from_input(props["assumeRolePolicy"]).apply(rewrite)}

DeployIdentity("subject", {**ARGS, "provider_arn": PROVIDER}, breaking(loosened))
DeployIdentity("long", {**ARGS, "provider_arn": PROVIDER},
               of("aws:iam/role:Role", maxSessionDuration=43200))
DeployIdentity("unbounded", {**ARGS, "provider_arn": PROVIDER},
               of("aws:iam/role:Role", permissionsBoundary=None))
DeployIdentity("hollow", {**ARGS, "provider_arn": PROVIDER}, of("aws:iam/policy:Policy",
    policy='{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'))
DeployIdentity("anyone", ARGS, of("aws:iam/openIdConnectProvider:OpenIdConnectProvider",
                                  clientIdLists=["*"]))
DeployIdentity("blind", {**ARGS, "provider_arn": PROVIDER, "deploy_policy": json.dumps(
    {"Statement": [{"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"}]})},
    of("aws:iam/role:Role", permissionsBoundary=None))
"""


def test_what_a_transform_breaks_is_caught(judged: Any) -> None:
    found = judged(f"{ARGS}\nPROVIDER = {PROVIDER!r}\n{BROKEN}")

    assert {(control, resource) for control, _, resource, _ in found} == {
        # A policy that is the boundary of no role grants what it says.
        ("iam-policy-kms-decrypt-scoped", "blind-boundary"),
        ("iam-policy-kms-decrypt-scoped", "unbounded-boundary"),
        ("iam-policy-no-admin-star", "blind-boundary"),
        ("iam-policy-no-admin-star", "unbounded-boundary"),
        ("iam-policy-no-audit-tamper", "blind-deploy-policy"),
        ("iam-policy-no-service-wildcard", "blind-deploy-policy"),
        ("iam-role-permissions-boundary", "blind-deploy"),
        ("iam-role-permissions-boundary", "blind-preview"),
        ("iam-role-permissions-boundary", "hollow-deploy"),
        ("iam-role-permissions-boundary", "hollow-preview"),
        ("iam-role-permissions-boundary", "unbounded-deploy"),
        ("iam-role-permissions-boundary", "unbounded-preview"),
        ("iam-role-session-bounded", "long-deploy"),
        ("iam-role-session-bounded", "long-preview"),
        ("iam-role-trust-oidc-scoped", "anyone-github"),
        ("iam-role-trust-oidc-scoped", "subject-deploy"),
        ("iam-role-trust-oidc-scoped", "subject-preview"),
    }
    assert {verdict for _, verdict, _, _ in found} == {"violated"}
