"""What remedies set can be changed on a live resource: the SDK's text and AWS's API models say so.

The SDK tells of some inputs only that a change of them replaces the resource. So for each input
that a remedy sets there is also the call by which AWS changes it, or that heeds it when the
resource is deleted, and the parameter of that call: whether there are such is for botocore to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, Final

import pytest

from fintech_infra.controls import CONTROLS, Control, evaluate
from fintech_infra.controls.evaluate import Verdict
from fintech_infra.controls.remedies import remedy_of
from fintech_infra.environment import STACK_TYPE, Environment, Resource
from tests.controls.test_catalogue import TESTS, sdk
from tests.outside.cloud import operation_model

Build = Callable[..., Environment]

REMEDIED = [control for control in CONTROLS if control.remedy is not None]
REPLACES = re.compile(
    r"forc(e|es|ing) (a |an |the )?(new|re-?creation|replacement|resource)|re-?create|"
    r"will (be replaced|replace|force)|can(not|'t) be (changed|modified|updated)|on creation only",
    re.IGNORECASE,
)
GETTER = re.compile(
    r'@pulumi\.getter(?:\(name="(\w+)"\))?\n.*?def (\w+)\(self\) -> (.*?):\n(?:\s+"""(.*?)"""\n)?',
    re.DOTALL,
)
# Empties what is deleted, by the provider itself.
OF_THE_PROVIDER: Final = {
    "s3/bucket:Bucket forceDestroy",
    "s3/bucketV2:BucketV2 forceDestroy",
}
# Type and input; service, call and parameter.
CALLS: Final = """
acm/certificate:Certificate options.certificateTransparencyLoggingPreference
    acm update_certificate_options Options.CertificateTransparencyLoggingPreference
alb/listener:Listener sslPolicy elbv2 modify_listener SslPolicy
alb/loadBalancer:LoadBalancer desyncMitigationMode elbv2 modify_load_balancer_attributes Attributes
alb/loadBalancer:LoadBalancer dropInvalidHeaderFields
    elbv2 modify_load_balancer_attributes Attributes
alb/loadBalancer:LoadBalancer enableDeletionProtection
    elbv2 modify_load_balancer_attributes Attributes
apigateway/domainName:DomainName securityPolicy apigateway update_domain_name patchOperations
apigateway/methodSettings:MethodSettings settings.dataTraceEnabled
    apigateway update_stage patchOperations
apigateway/restApi:RestApi disableExecuteApiEndpoint apigateway update_rest_api patchOperations
apigatewayv2/api:Api disableExecuteApiEndpoint apigatewayv2 update_api DisableExecuteApiEndpoint
apigatewayv2/domainName:DomainName domainNameConfiguration.securityPolicy
    apigatewayv2 update_domain_name DomainNameConfigurations.SecurityPolicy
apigatewayv2/stage:Stage defaultRouteSettings.dataTraceEnabled
    apigatewayv2 update_stage DefaultRouteSettings.DataTraceEnabled
apigatewayv2/stage:Stage routeSettings[].dataTraceEnabled
    apigatewayv2 update_stage RouteSettings.DataTraceEnabled
cloudfront/distribution:Distribution defaultCacheBehavior.viewerProtocolPolicy
    cloudfront update_distribution DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy
cloudfront/distribution:Distribution orderedCacheBehaviors[].viewerProtocolPolicy
    cloudfront update_distribution DistributionConfig.CacheBehaviors.Items.ViewerProtocolPolicy
cloudfront/distribution:Distribution viewerCertificate.minimumProtocolVersion
    cloudfront update_distribution DistributionConfig.ViewerCertificate.MinimumProtocolVersion
cloudtrail/trail:Trail enableLogFileValidation cloudtrail update_trail EnableLogFileValidation
cloudtrail/trail:Trail enableLogging cloudtrail start_logging Name
cloudtrail/trail:Trail includeGlobalServiceEvents
    cloudtrail update_trail IncludeGlobalServiceEvents
cloudtrail/trail:Trail isMultiRegionTrail cloudtrail update_trail IsMultiRegionTrail
cloudwatch/logGroup:LogGroup deletionProtectionEnabled
    logs put_log_group_deletion_protection deletionProtectionEnabled
cloudwatch/logGroup:LogGroup retentionInDays logs put_retention_policy retentionInDays
codebuild/project:Project projectVisibility codebuild update_project_visibility projectVisibility
codedeploy/deploymentGroup:DeploymentGroup autoRollbackConfiguration.enabled
    codedeploy update_deployment_group autoRollbackConfiguration.enabled
codedeploy/deploymentGroup:DeploymentGroup autoRollbackConfiguration.events
    codedeploy update_deployment_group autoRollbackConfiguration.events
cognito/identityPool:IdentityPool allowUnauthenticatedIdentities
    cognito-identity update_identity_pool AllowUnauthenticatedIdentities
cognito/managedUserPoolClient:ManagedUserPoolClient enableTokenRevocation
    cognito-idp update_user_pool_client EnableTokenRevocation
cognito/managedUserPoolClient:ManagedUserPoolClient preventUserExistenceErrors
    cognito-idp update_user_pool_client PreventUserExistenceErrors
cognito/userPoolClient:UserPoolClient enableTokenRevocation
    cognito-idp update_user_pool_client EnableTokenRevocation
cognito/userPoolClient:UserPoolClient preventUserExistenceErrors
    cognito-idp update_user_pool_client PreventUserExistenceErrors
cognito/userPool:UserPool deletionProtection cognito-idp update_user_pool DeletionProtection
cognito/userPool:UserPool passwordPolicy.minimumLength
    cognito-idp update_user_pool Policies.PasswordPolicy.MinimumLength
cognito/userPool:UserPool passwordPolicy.requireLowercase
    cognito-idp update_user_pool Policies.PasswordPolicy.RequireLowercase
cognito/userPool:UserPool passwordPolicy.requireNumbers
    cognito-idp update_user_pool Policies.PasswordPolicy.RequireNumbers
cognito/userPool:UserPool passwordPolicy.requireSymbols
    cognito-idp update_user_pool Policies.PasswordPolicy.RequireSymbols
cognito/userPool:UserPool passwordPolicy.requireUppercase
    cognito-idp update_user_pool Policies.PasswordPolicy.RequireUppercase
docdb/cluster:Cluster backupRetentionPeriod docdb modify_db_cluster BackupRetentionPeriod
docdb/cluster:Cluster deletionProtection docdb modify_db_cluster DeletionProtection
docdb/cluster:Cluster skipFinalSnapshot docdb delete_db_cluster SkipFinalSnapshot
dsql/cluster:Cluster deletionProtectionEnabled dsql update_cluster deletionProtectionEnabled
dynamodb/table:Table deletionProtectionEnabled dynamodb update_table DeletionProtectionEnabled
dynamodb/table:Table pointInTimeRecovery.enabled dynamodb
    update_continuous_backups PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled
ec2/imageBlockPublicAccess:ImageBlockPublicAccess state
    ec2 enable_image_block_public_access ImageBlockPublicAccessState
ec2/instance:Instance metadataOptions.httpPutResponseHopLimit
    ec2 modify_instance_metadata_options HttpPutResponseHopLimit
ec2/instance:Instance metadataOptions.httpTokens
    ec2 modify_instance_metadata_options HttpTokens
ec2/instanceMetadataDefaults:InstanceMetadataDefaults httpPutResponseHopLimit
    ec2 modify_instance_metadata_defaults HttpPutResponseHopLimit
ec2/instanceMetadataDefaults:InstanceMetadataDefaults httpTokens
    ec2 modify_instance_metadata_defaults HttpTokens
ec2/launchTemplate:LaunchTemplate metadataOptions.httpPutResponseHopLimit ec2
    create_launch_template_version LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit
ec2/launchTemplate:LaunchTemplate metadataOptions.httpTokens
    ec2 create_launch_template_version LaunchTemplateData.MetadataOptions.HttpTokens
ec2/serialConsoleAccess:SerialConsoleAccess enabled ec2 disable_serial_console_access DryRun
ec2transitgateway/transitGateway:TransitGateway autoAcceptSharedAttachments
    ec2 modify_transit_gateway Options.AutoAcceptSharedAttachments
ecr/repository:Repository forceDelete ecr delete_repository force
ecr/repository:Repository imageScanningConfiguration.scanOnPush
    ecr put_image_scanning_configuration imageScanningConfiguration.scanOnPush
ecr/repository:Repository imageTagMutability ecr put_image_tag_mutability imageTagMutability
ecs/service:Service deploymentCircuitBreaker.enable
    ecs update_service deploymentConfiguration.deploymentCircuitBreaker.enable
ecs/service:Service deploymentCircuitBreaker.rollback
    ecs update_service deploymentConfiguration.deploymentCircuitBreaker.rollback
ecs/service:Service enableExecuteCommand ecs update_service enableExecuteCommand
efs/fileSystemPolicy:FileSystemPolicy policy efs put_file_system_policy Policy
eks/cluster:Cluster enabledClusterLogTypes eks update_cluster_config logging.clusterLogging.types
elasticache/replicationGroup:ReplicationGroup snapshotRetentionLimit
    elasticache modify_replication_group SnapshotRetentionLimit
elasticsearch/domain:Domain domainEndpointOptions.enforceHttps
    es update_elasticsearch_domain_config DomainEndpointOptions.EnforceHTTPS
elasticsearch/domain:Domain domainEndpointOptions.tlsSecurityPolicy
    es update_elasticsearch_domain_config DomainEndpointOptions.TLSSecurityPolicy
guardduty/detector:Detector enable guardduty update_detector Enable
iam/accountPasswordPolicy:AccountPasswordPolicy maxPasswordAge
    iam update_account_password_policy MaxPasswordAge
iam/accountPasswordPolicy:AccountPasswordPolicy minimumPasswordLength
    iam update_account_password_policy MinimumPasswordLength
iam/accountPasswordPolicy:AccountPasswordPolicy passwordReusePrevention
    iam update_account_password_policy PasswordReusePrevention
iam/accountPasswordPolicy:AccountPasswordPolicy requireLowercaseCharacters
    iam update_account_password_policy RequireLowercaseCharacters
iam/accountPasswordPolicy:AccountPasswordPolicy requireNumbers
    iam update_account_password_policy RequireNumbers
iam/accountPasswordPolicy:AccountPasswordPolicy requireSymbols
    iam update_account_password_policy RequireSymbols
iam/accountPasswordPolicy:AccountPasswordPolicy requireUppercaseCharacters
    iam update_account_password_policy RequireUppercaseCharacters
iam/role:Role maxSessionDuration iam update_role MaxSessionDuration
kinesis/firehoseDeliveryStream:FirehoseDeliveryStream serverSideEncryption.enabled
    firehose start_delivery_stream_encryption DeliveryStreamEncryptionConfigurationInput
kms/externalKey:ExternalKey bypassPolicyLockoutSafetyCheck
    kms put_key_policy BypassPolicyLockoutSafetyCheck
kms/externalKey:ExternalKey deletionWindowInDays kms schedule_key_deletion PendingWindowInDays
kms/key:Key bypassPolicyLockoutSafetyCheck kms put_key_policy BypassPolicyLockoutSafetyCheck
kms/key:Key deletionWindowInDays kms schedule_key_deletion PendingWindowInDays
kms/key:Key enableKeyRotation kms enable_key_rotation KeyId
kms/key:Key rotationPeriodInDays kms enable_key_rotation RotationPeriodInDays
kms/keyPolicy:KeyPolicy bypassPolicyLockoutSafetyCheck
    kms put_key_policy BypassPolicyLockoutSafetyCheck
kms/replicaExternalKey:ReplicaExternalKey bypassPolicyLockoutSafetyCheck
    kms put_key_policy BypassPolicyLockoutSafetyCheck
kms/replicaExternalKey:ReplicaExternalKey deletionWindowInDays
    kms schedule_key_deletion PendingWindowInDays
kms/replicaKey:ReplicaKey bypassPolicyLockoutSafetyCheck
    kms put_key_policy BypassPolicyLockoutSafetyCheck
kms/replicaKey:ReplicaKey deletionWindowInDays kms schedule_key_deletion PendingWindowInDays
lb/listener:Listener sslPolicy elbv2 modify_listener SslPolicy
lb/loadBalancer:LoadBalancer desyncMitigationMode elbv2 modify_load_balancer_attributes Attributes
lb/loadBalancer:LoadBalancer dropInvalidHeaderFields
    elbv2 modify_load_balancer_attributes Attributes
lb/loadBalancer:LoadBalancer enableDeletionProtection
    elbv2 modify_load_balancer_attributes Attributes
neptune/cluster:Cluster backupRetentionPeriod neptune modify_db_cluster BackupRetentionPeriod
neptune/cluster:Cluster deletionProtection neptune modify_db_cluster DeletionProtection
neptune/cluster:Cluster skipFinalSnapshot neptune delete_db_cluster SkipFinalSnapshot
networkfirewall/firewall:Firewall deleteProtection
    network-firewall update_firewall_delete_protection DeleteProtection
opensearch/domain:Domain domainEndpointOptions.enforceHttps
    opensearch update_domain_config DomainEndpointOptions.EnforceHTTPS
opensearch/domain:Domain domainEndpointOptions.tlsSecurityPolicy
    opensearch update_domain_config DomainEndpointOptions.TLSSecurityPolicy
ram/resourceShare:ResourceShare allowExternalPrincipals
    ram update_resource_share allowExternalPrincipals
rds/cluster:Cluster backupRetentionPeriod rds modify_db_cluster BackupRetentionPeriod
rds/cluster:Cluster deleteAutomatedBackups rds delete_db_cluster DeleteAutomatedBackups
rds/cluster:Cluster deletionProtection rds modify_db_cluster DeletionProtection
rds/cluster:Cluster iamDatabaseAuthenticationEnabled
    rds modify_db_cluster EnableIAMDatabaseAuthentication
rds/cluster:Cluster skipFinalSnapshot rds delete_db_cluster SkipFinalSnapshot
rds/clusterInstance:ClusterInstance publiclyAccessible rds modify_db_instance PubliclyAccessible
rds/clusterSnapshot:ClusterSnapshot sharedAccounts
    rds modify_db_cluster_snapshot_attribute ValuesToRemove
rds/clusterSnapshotCopy:ClusterSnapshotCopy sharedAccounts
    rds modify_db_cluster_snapshot_attribute ValuesToRemove
rds/globalCluster:GlobalCluster deletionProtection rds modify_global_cluster DeletionProtection
rds/instance:Instance backupRetentionPeriod rds modify_db_instance BackupRetentionPeriod
rds/instance:Instance deleteAutomatedBackups rds delete_db_instance DeleteAutomatedBackups
rds/instance:Instance deletionProtection rds modify_db_instance DeletionProtection
rds/instance:Instance iamDatabaseAuthenticationEnabled
    rds modify_db_instance EnableIAMDatabaseAuthentication
rds/instance:Instance publiclyAccessible rds modify_db_instance PubliclyAccessible
rds/instance:Instance skipFinalSnapshot rds delete_db_instance SkipFinalSnapshot
rds/proxy:Proxy requireTls rds modify_db_proxy RequireTLS
rds/snapshot:Snapshot sharedAccounts rds modify_db_snapshot_attribute ValuesToRemove
rds/snapshotCopy:SnapshotCopy sharedAccounts rds modify_db_snapshot_attribute ValuesToRemove
redshift/cluster:Cluster allowVersionUpgrade redshift modify_cluster AllowVersionUpgrade
redshift/cluster:Cluster automatedSnapshotRetentionPeriod
    redshift modify_cluster AutomatedSnapshotRetentionPeriod
redshift/cluster:Cluster publiclyAccessible redshift modify_cluster PubliclyAccessible
redshift/cluster:Cluster skipFinalSnapshot redshift delete_cluster SkipFinalClusterSnapshot
redshiftserverless/workgroup:Workgroup publiclyAccessible
    redshift-serverless update_workgroup publiclyAccessible
s3/bucket:Bucket acl s3 put_bucket_acl ACL
s3/bucket:Bucket policy s3 put_bucket_policy Policy
s3/bucketAcl:BucketAcl acl s3 put_bucket_acl ACL
s3/bucketAclV2:BucketAclV2 acl s3 put_bucket_acl ACL
s3/bucketPolicy:BucketPolicy policy s3 put_bucket_policy Policy
s3/bucketPublicAccessBlock:BucketPublicAccessBlock blockPublicAcls
    s3 put_public_access_block PublicAccessBlockConfiguration.BlockPublicAcls
s3/bucketPublicAccessBlock:BucketPublicAccessBlock blockPublicPolicy
    s3 put_public_access_block PublicAccessBlockConfiguration.BlockPublicPolicy
s3/bucketPublicAccessBlock:BucketPublicAccessBlock ignorePublicAcls
    s3 put_public_access_block PublicAccessBlockConfiguration.IgnorePublicAcls
s3/bucketPublicAccessBlock:BucketPublicAccessBlock restrictPublicBuckets
    s3 put_public_access_block PublicAccessBlockConfiguration.RestrictPublicBuckets
s3/bucketV2:BucketV2 acl s3 put_bucket_acl ACL
s3/bucketV2:BucketV2 policy s3 put_bucket_policy Policy
secretsmanager/secret:Secret recoveryWindowInDays
    secretsmanager delete_secret RecoveryWindowInDays
secretsmanager/secretPolicy:SecretPolicy blockPublicPolicy
    secretsmanager put_resource_policy BlockPublicPolicy
sfn/stateMachine:StateMachine loggingConfiguration.includeExecutionData
    stepfunctions update_state_machine loggingConfiguration.includeExecutionData
sns/topic:Topic policy sns set_topic_attributes AttributeValue
sns/topicPolicy:TopicPolicy policy sns set_topic_attributes AttributeValue
sqs/queue:Queue policy sqs set_queue_attributes Attributes
sqs/queue:Queue sqsManagedSseEnabled sqs set_queue_attributes Attributes
sqs/queuePolicy:QueuePolicy policy sqs set_queue_attributes Attributes
ssoadmin/permissionSet:PermissionSet sessionDuration sso-admin update_permission_set SessionDuration
"""
ROWS: Final = [
    tuple(words[at : at + 5]) for words in [CALLS.split()] for at in range(0, len(words), 5)
]


def cases(control: Control) -> list[list[Any]]:
    """The tables of resources in which a control's own cases find a violation."""
    rows = [case for module in TESTS for case in module.CASES if case[0] == control.id]
    return [row[-2] for row in rows if any(line.startswith("violated") for line in row[-1])]


def violating(control: Control, environment: Build) -> Iterator[tuple[Resource, Environment]]:
    for rows in cases(control):
        subject = environment(rows)
        found = evaluate(subject, [control]).of(Verdict.VIOLATED)
        for resource in {finding.resource.urn: finding.resource for finding in found}.values():
            yield resource, subject


def set_by(control: Control, environment: Build) -> set[tuple[str, str]]:
    """Type and path of what the remedy sets, on whichever of the control's types it is tried."""
    return {
        (type_, re.sub(r"[0-9]+(?=])", "", path))
        for resource, _ in violating(control, environment)
        for type_ in control.on
        if type_ != STACK_TYPE
        for path in remedy_of(control, replace(resource, type=type_))
    }


@cache
def arguments(type_: str) -> tuple[str, str]:
    """The folder of a resource type in the SDK, and the text of the class of its arguments."""
    module, _, name = type_.removeprefix("aws:").partition("/")
    folder, name = {"lambda": "lambda_"}.get(module, module), name.partition(":")[2]
    for path in sorted((sdk() / folder).glob("*.py")):
        text = path.read_text()
        if f"class {name}(pulumi.CustomResource)" in text:
            start = next(re.finditer(rf"class {name}(?:Init)?Args:", text)).end()
            return folder, text[start:].partition("\nclass ")[0]
    raise AssertionError(f"no class for {type_}")


@cache
def nested(folder: str) -> str:
    return (sdk() / folder / "_inputs.py").read_text()


def said(type_: str, path: str) -> list[str]:
    """What the SDK says of each step of an input's path."""
    folder, block = arguments(type_)
    found: list[str] = []
    for name in path.replace("[]", "").split("."):
        getters = {wire or plain: (hint, doc) for wire, plain, hint, doc in GETTER.findall(block)}
        assert name in getters, f"{path} is no input of {type_}"
        hint, doc = getters[name]
        found.append(" ".join(doc.split()))
        if inner := re.search(r"'(\w+Args)'", hint):
            block = nested(folder).partition(f"\nclass {inner[1]}:")[2].partition("\n@pulumi.in")[0]
    return found


@pytest.mark.parametrize("control", REMEDIED, ids=lambda control: control.id)
def test_a_remedy_sets_inputs_that_can_be_changed_in_place(
    control: Control, environment: Build
) -> None:
    found = set_by(control, environment)
    texts = [(type_, path, text) for type_, path in found for text in said(type_, path)]

    assert found != set()
    assert [row for row in texts if REPLACES.search(row[2])] == []


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        ("aws:eks/cluster:Cluster", "bootstrapSelfManagedAddons"),
        ("aws:eks/cluster:Cluster", "computeConfig.nodeRoleArn"),
    ],
)
def test_the_sdk_says_what_replaces_a_resource(type_: str, path: str) -> None:
    assert any(REPLACES.search(text) for text in said(type_, path))


def test_for_every_input_that_a_remedy_sets_there_is_a_call(environment: Build) -> None:
    found = {item for control in REMEDIED for item in set_by(control, environment)}

    assert {f"{type_.removeprefix('aws:')} {path}" for type_, path in found} == {
        *(f"{type_} {path}" for type_, path, *_ in ROWS),
        *OF_THE_PROVIDER,
    }


@pytest.mark.parametrize(
    ("service", "operation", "parameter"), sorted({row[2:] for row in ROWS}), ids=str
)
def test_aws_changes_it_with_that_call(service: str, operation: str, parameter: str) -> None:
    shape: Any = operation_model(service, operation).input_shape
    for name in parameter.split("."):
        while shape.type_name in {"list", "map"}:
            shape = shape.member if shape.type_name == "list" else shape.value
        shape = shape.members[name]
