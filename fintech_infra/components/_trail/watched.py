"""What an account is watched for: the events of the CIS benchmark, as patterns over the trail.

CIS AWS Foundations Benchmark 5.0, section 4; the pattern syntax is in
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from dataclasses import dataclass
from typing import Final

PATTERN_LIMIT: Final = 1024
"""Characters of a filter pattern.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html"""


@dataclass(frozen=True)
class Watched:
    """One kind of event: the key that names its resources, what happened, and how to tell."""

    key: str
    description: str
    pattern: str

    @property
    def metric(self) -> str:
        """Name of the metric that counts it."""
        return "".join(word.capitalize() for word in self.key.split("-"))


def _calls(*names: str, source: str = "") -> str:
    """The pattern of a successful or failed call of any of these names."""
    called = " || ".join(f"($.eventName = {name})" for name in names)
    if not source:
        return f"{{ {called} }}"
    return f"{{ ($.eventSource = {source}.amazonaws.com) && ({called}) }}"


WATCHED: Final = (
    Watched(
        "unauthorized-calls",
        "CIS 4.1: a call was denied",
        '{ (($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) && '
        '($.sourceIPAddress != "delivery.logs.amazonaws.com") && ($.eventName != "HeadBucket") }',
    ),
    Watched(
        "sign-in-without-mfa",
        "CIS 4.2: somebody signed in to the console without a second factor",
        '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
        '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    ),
    Watched(
        "root-use",
        "CIS 4.3: the root user did something",
        '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && '
        '($.eventType != "AwsServiceEvent") }',
    ),
    Watched(
        "iam-policy-changes",
        "CIS 4.4: an IAM policy was changed",
        _calls(
            "AttachGroupPolicy",
            "AttachRolePolicy",
            "AttachUserPolicy",
            "CreatePolicy",
            "CreatePolicyVersion",
            "DeleteGroupPolicy",
            "DeletePolicy",
            "DeletePolicyVersion",
            "DeleteRolePolicy",
            "DeleteUserPolicy",
            "DetachGroupPolicy",
            "DetachRolePolicy",
            "DetachUserPolicy",
            "PutGroupPolicy",
            "PutRolePolicy",
            "PutUserPolicy",
            source="iam",
        ),
    ),
    Watched(
        "trail-changes",
        "CIS 4.5: a trail was changed",
        _calls("CreateTrail", "DeleteTrail", "StartLogging", "StopLogging", "UpdateTrail"),
    ),
    Watched(
        "sign-in-failures",
        "CIS 4.6: somebody failed to sign in to the console",
        '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    ),
    Watched(
        "key-deletion",
        "CIS 4.7: a key was disabled or scheduled for deletion",
        _calls("DisableKey", "ScheduleKeyDeletion", source="kms"),
    ),
    Watched(
        "bucket-policy-changes",
        "CIS 4.8: a bucket's policy or rules were changed",
        _calls(
            "DeleteBucketCors",
            "DeleteBucketLifecycle",
            "DeleteBucketPolicy",
            "DeleteBucketReplication",
            "PutBucketAcl",
            "PutBucketCors",
            "PutBucketLifecycle",
            "PutBucketPolicy",
            "PutBucketReplication",
            source="s3",
        ),
    ),
    Watched(
        "config-changes",
        "CIS 4.9: AWS Config was changed",
        _calls(
            "DeleteDeliveryChannel",
            "PutConfigurationRecorder",
            "PutDeliveryChannel",
            "StopConfigurationRecorder",
            source="config",
        ),
    ),
    Watched(
        "security-group-changes",
        "CIS 4.10: a security group was changed",
        _calls(
            "AuthorizeSecurityGroupEgress",
            "AuthorizeSecurityGroupIngress",
            "CreateSecurityGroup",
            "DeleteSecurityGroup",
            "ModifySecurityGroupRules",
            "RevokeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
        ),
    ),
    Watched(
        "network-acl-changes",
        "CIS 4.11: a network ACL was changed",
        _calls(
            "CreateNetworkAcl",
            "CreateNetworkAclEntry",
            "DeleteNetworkAcl",
            "DeleteNetworkAclEntry",
            "ReplaceNetworkAclAssociation",
            "ReplaceNetworkAclEntry",
        ),
    ),
    Watched(
        "gateway-changes",
        "CIS 4.12: a network gateway was changed",
        _calls(
            "AttachInternetGateway",
            "CreateCustomerGateway",
            "CreateInternetGateway",
            "DeleteCustomerGateway",
            "DeleteInternetGateway",
            "DetachInternetGateway",
        ),
    ),
    Watched(
        "route-changes",
        "CIS 4.13: a route table was changed",
        _calls(
            "CreateRoute",
            "CreateRouteTable",
            "DeleteRoute",
            "DeleteRouteTable",
            "DisassociateRouteTable",
            "ReplaceRoute",
            "ReplaceRouteTableAssociation",
            source="ec2",
        ),
    ),
    Watched(
        "vpc-changes",
        "CIS 4.14: a VPC was changed",
        _calls(
            "AcceptVpcPeeringConnection",
            "AttachClassicLinkVpc",
            "CreateVpc",
            "CreateVpcPeeringConnection",
            "DeleteVpc",
            "DeleteVpcPeeringConnection",
            "DetachClassicLinkVpc",
            "DisableVpcClassicLink",
            "EnableVpcClassicLink",
            "ModifyVpcAttribute",
            "RejectVpcPeeringConnection",
        ),
    ),
    Watched(
        "organization-changes",
        "CIS 4.15: the organization was changed",
        _calls(
            "AcceptHandshake",
            "AttachPolicy",
            "CreateAccount",
            "CreateOrganizationalUnit",
            "CreatePolicy",
            "DeclineHandshake",
            "DeleteOrganization",
            "DeleteOrganizationalUnit",
            "DeletePolicy",
            "DetachPolicy",
            "DisablePolicyType",
            "EnablePolicyType",
            "InviteAccountToOrganization",
            "LeaveOrganization",
            "MoveAccount",
            "RemoveAccountFromOrganization",
            "UpdateOrganizationalUnit",
            "UpdatePolicy",
            source="organizations",
        ),
    ),
)
"""What the benchmark asks to be told of; the order is its own."""
