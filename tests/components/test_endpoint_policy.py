import json
from typing import Any

import pytest

from fintech_infra.components._network.endpoint_policy import (
    DEFAULT_INTERFACES,
    GATEWAYS,
    GUARDDUTY,
    endpoint_policy,
    endpoint_problems,
    organization_problems,
    service_name,
)
from fintech_infra.components._policy import Account

ACCOUNT = Account("111122223333", "aws-cn", "cn-north-1", "amazonaws.com.cn")
ORGANIZATION = "o-a1b2c3d4e5"
EVERY_SERVICE = (*GATEWAYS, *DEFAULT_INTERFACES, GUARDDUTY)


def statements(service: str, organization: str | None = ORGANIZATION) -> list[dict[str, Any]]:
    return json.loads(endpoint_policy(service, ACCOUNT, organization))["Statement"]


@pytest.mark.parametrize("service", sorted({*EVERY_SERVICE} - {GUARDDUTY}))
def test_principals_and_resources_of_the_organization_are_both_asked_for(service: str):
    assert statements(service)[0] == {
        "Sid": "OwnPrincipalsToOwnResources",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION, "aws:ResourceOrgID": ORGANIZATION}
        },
    }


def test_without_an_organization_the_account_is_the_perimeter():
    assert statements("kms", None) == [
        {
            "Sid": "OwnPrincipalsToOwnResources",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "*",
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "aws:PrincipalAccount": "111122223333",
                    "aws:ResourceAccount": "111122223333",
                }
            },
        }
    ]


def test_the_guardduty_endpoint_asks_for_the_sender_only():
    (only,) = statements(GUARDDUTY)
    assert only["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}


@pytest.mark.parametrize(
    ("service", "actions", "resource"),
    [
        ("s3", "s3:GetObject", "arn:aws-cn:s3:::prod-cn-north-1-starport-layer-bucket/*"),
        (
            "ecr.dkr",
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "arn:aws-cn:ecr:cn-north-1:*:repository/aws-guardduty-agent-fargate",
        ),
        (
            "ssm",
            ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
            "arn:aws-cn:ssm:cn-north-1::parameter/aws/service/*",
        ),
    ],
)
def test_what_aws_owns_is_named_and_read_only(
    service: str, actions: str | list[str], resource: str
):
    _, exception = statements(service)
    assert (exception["Action"], exception["Resource"]) == (actions, resource)


@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_every_statement_names_a_condition_or_a_resource(service: str):
    for statement in statements(service):
        assert statement["Resource"] != "*" or "Condition" in statement


def test_services_are_named_in_full():
    assert service_name("ecr.api", "eu-west-1") == "com.amazonaws.eu-west-1.ecr.api"


def test_endpoints_that_cannot_be_are_explained():
    assert list(endpoint_problems(["ecr.api", "sqs", "vpc-lattice"])) == []
    assert list(endpoint_problems(["s3", "guardduty-data", "com amazonaws", "kms", "kms"])) == [
        "'s3' has a gateway endpoint already; leave it out",
        "'guardduty-data' is always there; leave it out",
        "'com amazonaws' is not a service's short name; accepted are such as 'ecr.api'",
        "'kms' is repeated; name each service once",
    ]


def test_the_id_of_an_organization_is_checked():
    assert list(organization_problems(None)) == []
    assert list(organization_problems(ORGANIZATION)) == []
    assert list(organization_problems("111122223333")) == [
        "is '111122223333'; accepted is the id of an AWS Organization: 'o-a1b2c3d4e5'"
    ]
