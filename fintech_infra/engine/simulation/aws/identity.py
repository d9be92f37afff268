"""What AWS makes of identities, keys and secrets: IAM, KMS, Secrets Manager, ACM, Cognito."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.aws.arn import everywhere, regional
from fintech_infra.engine.simulation.draft import Draft
from fintech_infra.environment import UNKNOWN


def _key_id(draft: Draft) -> str:
    prefix = "mrk-" if draft.get("multiRegion") is True else ""
    unique = format(draft.seed, "uuid")
    return prefix + unique.replace("-", "") if prefix else unique


def _default_key_policy(draft: Draft) -> str:
    """The policy that KMS gives a key without one: the account decides through IAM."""
    root = f"arn:{draft.facts.PARTITION}:iam::{draft.facts.ACCOUNT}:root"
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "kms:*",
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}
    return json.dumps(document, separators=(",", ":"))


def _alias_target(draft: Draft) -> Any:
    """The ARN of the key that an alias points to, which the program may name by id or ARN."""
    target = draft["targetKeyId"]
    if target is UNKNOWN or target.startswith("arn:"):
        return target
    return regional("kms", f"key/{target}").format_map(draft)


def _validations(draft: Draft) -> list[dict[str, str]]:
    """One DNS record for each domain; a wildcard shares the record of the domain below it."""
    options: list[dict[str, str]] = []
    for domain in [draft["domainName"], *(draft.get("subjectAlternativeNames") or ())]:
        if any(option["domainName"] == domain for option in options):
            continue
        plain = domain.removeprefix("*.")
        digest = draft.seed.digest(plain)
        options.append(
            {
                "domainName": domain,
                "resourceRecordName": f"_{digest[:32]}.{plain}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{digest[32:]}.acm-validations.aws.",
            }
        )
    return options


def _certificate_names(draft: Draft) -> Any:
    return [draft["domainName"]]


def _provider_url(draft: Draft) -> Any:
    return draft["url"].removeprefix("https://")


def _oidc_arn(draft: Draft) -> str:
    return everywhere("iam", "oidc-provider/" + _provider_url(draft)).format_map(draft)


ROWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:iam/role:Role": {
        "id": "{name}",
        "arn": everywhere("iam", "role{path}{name}"),
        "path": "/",
        "maxSessionDuration": 3600,
        "uniqueId": "AROA{SEED:U17}",
    },
    "aws:iam/user:User": {
        "id": "{name}",
        "arn": everywhere("iam", "user{path}{name}"),
        "path": "/",
        "uniqueId": "AIDA{SEED:U17}",
    },
    "aws:iam/group:Group": {
        "id": "{name}",
        "arn": everywhere("iam", "group{path}{name}"),
        "path": "/",
        "uniqueId": "AGPA{SEED:U17}",
    },
    "aws:iam/policy:Policy": {
        "id": "{arn}",
        "arn": everywhere("iam", "policy{path}{name}"),
        "path": "/",
        "policyId": "ANPA{SEED:U17}",
    },
    "aws:iam/instanceProfile:InstanceProfile": {
        "id": "{name}",
        "arn": everywhere("iam", "instance-profile{path}{name}"),
        "path": "/",
        "uniqueId": "AIPA{SEED:U17}",
    },
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {"id": "{arn}", "arn": _oidc_arn},
    "aws:iam/samlProvider:SamlProvider": {
        "id": "{arn}",
        "arn": everywhere("iam", "saml-provider/{name}"),
    },
    "aws:iam/serverCertificate:ServerCertificate": {
        "id": "ASCA{SEED:U17}",
        "arn": everywhere("iam", "server-certificate{path}{name}"),
        "path": "/",
    },
    "aws:iam/accessKey:AccessKey": {
        "id": "AKIA{SEED:U16}",
        "secret": "{SEED:a40/secret}",
        "sesSmtpPasswordV4": "{SEED:a44/smtp}",
        "status": "Active",
    },
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": {
        "id": "{arn}",
        "name": "AWSServiceRoleFor-{NAME}",
        "path": "/aws-service-role/{awsServiceName}/",
        "arn": everywhere("iam", "role{path}{name}"),
        "uniqueId": "AROA{SEED:U17}",
    },
    "aws:iam/rolePolicy:RolePolicy": {"id": "{role}:{name}"},
    "aws:iam/userPolicy:UserPolicy": {"id": "{user}:{name}"},
    "aws:iam/groupPolicy:GroupPolicy": {"id": "{group}:{name}"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"id": "{role}-{SEED:d26}"},
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": {"id": "{user}-{SEED:d26}"},
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": {"id": "{group}-{SEED:d26}"},
    "aws:iam/policyAttachment:PolicyAttachment": {"id": "{name}"},
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": {"id": "iam-account-password-policy"},
    "aws:iam/accountAlias:AccountAlias": {"id": "{accountAlias}"},
    "aws:kms/key:Key": {
        "id": "{keyId}",
        "keyId": _key_id,
        "arn": regional("kms", "key/{keyId}"),
        "policy": _default_key_policy,
        "description": "",
        "keyUsage": "ENCRYPT_DECRYPT",
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "isEnabled": True,
        "rotationPeriodInDays": 365,
    },
    "aws:kms/replicaKey:ReplicaKey": {
        "id": "{keyId}",
        "keyId": lambda draft: draft["primaryKeyArn"].rpartition("/")[2],
        "arn": regional("kms", "key/{keyId}"),
        "policy": _default_key_policy,
        "keyUsage": "ENCRYPT_DECRYPT",
    },
    "aws:kms/alias:Alias": {
        "id": "{name}",
        "arn": regional("kms", "{name}"),
        "targetKeyArn": _alias_target,
        "targetKeyId": "{SEED:uuid/target}",
    },
    "aws:kms/grant:Grant": {"id": "{keyId}:{grantId}", "grantId": "{SEED:x64}"},
    "aws:secretsmanager/secret:Secret": {
        "id": "{arn}",
        "arn": regional("secretsmanager", "secret:{name}-{SEED:a6}"),
        "description": "",
    },
    "aws:secretsmanager/secretVersion:SecretVersion": {
        "id": "{secretId}|{versionId}",
        "arn": "{secretId}",
        "versionId": "terraform-{SEED:d26}",
        "versionStages": lambda _: ["AWSCURRENT"],
    },
    "aws:secretsmanager/secretRotation:SecretRotation": {"id": "{secretId}"},
    "aws:secretsmanager/secretPolicy:SecretPolicy": {"id": "{secretArn}"},
    "aws:acm/certificate:Certificate": {
        "id": "{arn}",
        "arn": regional("acm", "certificate/{SEED:uuid}"),
        "domainValidationOptions": _validations,
        "subjectAlternativeNames": _certificate_names,
        "keyAlgorithm": "RSA_2048",
        "status": "ISSUED",
        "type": "AMAZON_ISSUED",
        "validationMethod": "DNS",
        "validationEmails": lambda _: [],
    },
    "aws:acm/certificateValidation:CertificateValidation": {"id": "2024-01-01 00:00:00 +0000 UTC"},
    "aws:acmpca/certificateAuthority:CertificateAuthority": {
        "id": "{arn}",
        "arn": regional("acm-pca", "certificate-authority/{SEED:uuid}"),
    },
    "aws:cognito/userPool:UserPool": {
        "id": "{REGION}_{SEED:a9}",
        "arn": regional("cognito-idp", "userpool/{id}"),
        "endpoint": "cognito-idp.{REGION}.{DNS}/{id}",
    },
    "aws:cognito/userPoolClient:UserPoolClient": {
        "id": "{SEED:a26}",
        "clientSecret": "{SEED:a50/secret}",
    },
    "aws:cognito/userPoolDomain:UserPoolDomain": {
        "id": "{domain}",
        "cloudfrontDistribution": "d{SEED:a13/domain}.cloudfront.net",
        "cloudfrontDistributionZoneId": "Z2FDTNDATAQYW2",
    },
    "aws:cognito/identityPool:IdentityPool": {
        "id": "{REGION}:{SEED:uuid}",
        "arn": regional("cognito-identity", "identitypool/{id}"),
    },
    "aws:organizations/account:Account": {
        "id": "{SEED:d12}",
        "arn": everywhere("organizations", "account/o-{SEED:a10}/{id}"),
        "status": "ACTIVE",
    },
    "aws:organizations/organization:Organization": {
        "id": "o-{SEED:a10}",
        "arn": everywhere("organizations", "organization/{id}"),
        "masterAccountId": "{ACCOUNT}",
    },
    "aws:organizations/organizationalUnit:OrganizationalUnit": {
        "id": "ou-{SEED:a4}-{SEED:a8/unit}",
        "arn": everywhere("organizations", "ou/o-{SEED:a10}/{id}"),
    },
    "aws:organizations/policy:Policy": {
        "id": "p-{SEED:a8}",
        "arn": everywhere("organizations", "policy/o-{SEED:a10}/service_control_policy/{id}"),
    },
}
