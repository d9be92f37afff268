"""What must be true of a remedy, held against every case of a control that finds a violation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fintech_infra.controls import CONTROLS, Control
from fintech_infra.controls.evaluate import Evaluation, Finding, Verdict, judge, subjects
from fintech_infra.controls.remedies import changes, mended, mends, remedy_of
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.model import ANY_TYPE

_POLICY = "networkfirewall-default-drop FirewallPolicy firewallPolicy"

REASONS: Mapping[str, tuple[str, ...]] = {
    "a key has to be chosen": (
        "cloudwatch-log-group-protected LogGroup kmsKeyId",
        "eks-secrets-and-logs Cluster encryptionConfig",
        "eks-secrets-and-logs Cluster encryptionConfig.resources",
        "redshift-private-encrypted Namespace kmsKeyId",
        "sfn-logging-without-payload StateMachine encryptionConfiguration.type",
        "sqs-queue-encrypted Queue kmsMasterKeyId",
    ),
    "a key shuts out who reads the stream and may not use it": (
        "kinesis-stream-encrypted Stream encryptionType",
        "kinesis-stream-encrypted Stream kmsKeyId",
    ),
    "a change of it replaces the resource": (
        "acm-certificate-strong Certificate keyAlgorithm",
        "acm-certificate-strong Certificate validationMethod",
        "ec2-ami-not-public AmiLaunchPermission accountId",
        "ec2-ami-not-public AmiLaunchPermission group",
        "ec2-imdsv2-required LaunchConfiguration metadataOptions.httpTokens",
        "efs-access-restricted AccessPoint posixUser",
        "efs-access-restricted AccessPoint posixUser.uid",
        "efs-access-restricted AccessPoint rootDirectory",
        "efs-access-restricted TaskDefinition volumes[].efsVolumeConfiguration.transitEncryption",
    ),
    "it interrupts the resource": (
        "rds-backup-retention Instance backupRetentionPeriod",
        "redshift-private-encrypted Cluster encrypted",
    ),
    "it deletes what was kept": ("cloudwatch-log-group-retention LogGroup retentionInDays",),
    "another resource is at fault, or missing": (
        "efs-access-restricted FileSystem",
        "guardduty-enabled Stack",
        "iam-password-policy-strength Stack",
        "networkfirewall-default-drop Firewall",
        "rds-tls-enforced Cluster dbClusterParameterGroupName",
        "rds-tls-enforced Instance parameterGroupName",
        "s3-policy-tls-only Bucket policy",
        "sns-sqs-policy-tls-only Queue policy",
        "sns-sqs-policy-tls-only Topic policy",
    ),
    "somebody or something else would be shut out": (
        "acm-certificate-strong Certificate domainName",
        "acm-certificate-strong Certificate subjectAlternativeNames[]",
        "codebuild-isolated Project artifacts.encryptionDisabled",
        "codebuild-isolated Project environment.privilegedMode",
        "codebuild-isolated Project logsConfig.s3Logs.encryptionDisabled",
        "codebuild-isolated Project secondaryArtifacts[].encryptionDisabled",
        "codebuild-isolated Project source.insecureSsl",
        "cognito-client-hardened ManagedUserPoolClient accessTokenValidity",
        "cognito-client-hardened ManagedUserPoolClient refreshTokenValidity",
        "cognito-client-hardened UserPoolClient allowedOauthFlows[]",
        "cognito-client-hardened UserPoolClient explicitAuthFlows[]",
        "cognito-client-hardened UserPoolClient refreshTokenValidity",
        "cognito-no-guest-access IdentityPool allowClassicFlow",
        "cognito-user-pool-strong-auth UserPool mfaConfiguration",
        f"{_POLICY}.statefulDefaultActions",
        f"{_POLICY}.statefulEngineOptions.streamExceptionPolicy",
        f"{_POLICY}.statelessDefaultActions[]",
        f"{_POLICY}.statelessFragmentDefaultActions[]",
        "rds-iam-authentication Cluster iamDatabaseAuthenticationEnabled",
        "rds-iam-authentication Proxy auths[].iamAuth",
        "rds-iam-authentication Proxy defaultAuthScheme",
        "redshift-private-encrypted Cluster enhancedVpcRouting",
    ),
    "it is paid for by use": (
        "cognito-user-pool-strong-auth UserPool userPoolAddOns.advancedSecurityMode",
        "elasticache-resilient ReplicationGroup automaticFailoverEnabled",
        "elasticache-resilient ReplicationGroup multiAzEnabled",
    ),
    "what it should be is somebody's decision": (
        "apigateway-partner-mtls DomainName mutualTlsAuthentication",
        "cloudfront-viewer-tls Distribution viewerCertificate",
        "cloudtrail-complete Trail advancedEventSelectors",
        "cloudtrail-complete Trail eventSelectors",
        "codebuild-isolated Project logsConfig",
        "codebuild-isolated Webhook filterGroups",
        "codebuild-isolated Webhook filterGroups[]",
        "codebuild-isolated Webhook filterGroups[].filters[].pattern",
        "ecr-tag-immutable Repository imageTagMutabilityExclusionFilters[].filter",
        "ecs-deployment-rollback DeploymentGroup deploymentConfigName",
        "ecs-deployment-rollback Service alarms",
        "ecs-exec-controlled Service enableExecuteCommand",
        "efs-access-restricted FileSystemPolicy policy.Statement[].Principal",
        "elasticache-resilient ReplicationGroup autoMinorVersionUpgrade",
        "guardduty-enabled OrganizationConfiguration autoEnableOrganizationMembers",
        "lb-deletion-protection LoadBalancer subnetMappings",
        "lb-listener-modern-policy Listener sslPolicy",
        f"{_POLICY}.statefulEngineOptions.ruleOrder",
        "rds-final-snapshot-kept Instance skipFinalSnapshot",
        "rds-snapshot-not-public Snapshot sharedAccounts[]",
        "redshift-recoverable Cluster skipFinalSnapshot",
        "s3-acl-not-public Bucket grants[].uri",
        "s3-acl-not-public BucketAcl accessControlPolicy.grants[].grantee.uri",
        "secretsmanager-policy-not-public Secret policy.Statement[].Principal",
        "secretsmanager-policy-not-public SecretPolicy blockPublicPolicy",
        "secretsmanager-policy-not-public SecretPolicy policy.Statement[].Principal",
        "sfn-logging-without-payload StateMachine loggingConfiguration.level",
        "sfn-logging-without-payload StateMachine loggingConfiguration.logDestination",
    ),
}
"""The faults that a remedy leaves, by the reason: control, type, property path."""
LEFT = frozenset(row for rows in REASONS.values() for row in rows)


def hold_to_remedies(
    evaluation: Evaluation, environment: Environment, parameters: Mapping[str, Any]
) -> None:
    """Assert that what a remedy returns for each violation mends it and makes nothing worse."""
    found = {
        (finding.control.id, finding.resource.urn): finding
        for finding in evaluation.findings
        if finding.verdict is Verdict.VIOLATED and finding.control.remedy is not None
    }
    for finding in found.values():
        _hold(finding, environment, parameters)


def _hold(finding: Finding, environment: Environment, parameters: Mapping[str, Any]) -> None:
    control, resource = finding.control, finding.resource
    values = remedy_of(control, resource, parameters)
    after = mended(resource, values)
    later = replace(
        environment,
        resources=tuple(after if item is resource else item for item in environment.resources),
    )

    assert [item.path for item in changes(resource, values)] == list(values)
    assert changes(after, remedy_of(control, after, parameters)) == []
    faults = _faults(control, resource, environment, parameters)
    gone = faults - _faults(control, after, later, parameters)
    assert gone == {fault for fault in faults if mends(values, fault[0])}
    left = violations(control, after, later, parameters)
    assert left <= violations(control, resource, environment, parameters)
    assert left - LEFT == set()
    before = _every_finding(resource, environment, parameters)
    assert _every_finding(after, later, parameters) - before == set()


def violations(
    control: Control, resource: Resource, environment: Environment, parameters: Mapping[str, Any]
) -> set[str]:
    """Control, type and path of each violation, in the form of `REASONS`."""
    lead = f"{control.id} {resource.type.rpartition(':')[2]}"
    return {
        f"{lead} {re.sub(r'[0-9]+(?=])', '', finding.path)}".rstrip()
        for finding in judge(control, resource, environment, parameters)
        if finding.verdict is Verdict.VIOLATED
    }


def _faults(
    control: Control, resource: Resource, environment: Environment, parameters: Mapping[str, Any]
) -> set[tuple[str, str]]:
    return {
        (finding.path, finding.message)
        for finding in judge(control, resource, environment, parameters)
        if finding.verdict is Verdict.VIOLATED
    }


def _every_finding(
    resource: Resource, environment: Environment, parameters: Mapping[str, Any]
) -> set[tuple[str, Verdict, str]]:
    """What every control says about the resource; the parameters are of the control in question."""
    return {
        (control.id, finding.verdict, finding.path)
        for control in CONTROLS
        if {resource.type, ANY_TYPE} & set(control.on)
        and resource in subjects(control, environment)
        for finding in judge(control, resource, environment, _taken(control, parameters))
    }


def _taken(control: Control, parameters: Mapping[str, Any]) -> dict[str, Any]:
    names = {parameter.name for parameter in control.parameters}
    return {name: value for name, value in parameters.items() if name in names}
