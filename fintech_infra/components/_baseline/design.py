"""The choices of a baseline, and the facts that the services which it switches on go by."""

from enum import StrEnum
from typing import Final


class BaselineScope(StrEnum):
    """How much of an account a baseline covers."""

    ACCOUNT = "account"
    """One region, and the settings that an account has once: those of S3, passwords, the security
    contact and the role of AWS Config. The default, for the first region."""
    REGION = "region"
    """One further region of an account whose first region has a baseline."""


class InternetBlock(StrEnum):
    """What VPC Block Public Access blocks in every network of the region without an exclusion."""

    BOTH_WAYS = "block-bidirectional"
    """All traffic with the internet. The default."""
    INGRESS = "block-ingress"
    """What comes from the internet; NAT gateways and egress-only gateways work."""


class SecurityStandard(StrEnum):
    """Standards of Security Hub CSPM beyond those that every baseline has."""

    NIST_800_53 = "nist-800-53/v/5.0.0"
    NIST_800_171 = "nist-800-171/v/2.0.0"
    RESOURCE_TAGGING = "aws-resource-tagging-standard/v/1.0.0"


STANDARDS: Final = (
    "aws-foundational-security-best-practices/v/1.0.0",
    "cis-aws-foundations-benchmark/v/5.0.0",
    "pci-dss/v/4.0.1",
)
"""Standards that every account is held to.
https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html"""

FEATURES: Final = (
    "EBS_MALWARE_PROTECTION",
    "EKS_AUDIT_LOGS",
    "LAMBDA_NETWORK_LOGS",
    "RDS_LOGIN_EVENTS",
    "RUNTIME_MONITORING",
    "S3_DATA_EVENTS",
)
"""Protections of GuardDuty.
https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfiguration.html"""

RUNTIME: Final = "RUNTIME_MONITORING"

AGENTS: Final = ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT")
"""Where GuardDuty installs its agent for runtime monitoring by itself."""

SCANS: Final = ("EC2", "ECR", "LAMBDA", "LAMBDA_CODE")
"""What Inspector scans for vulnerabilities (PCI DSS 4.0.1 6.3.1, 11.3.1)."""

CRITICAL_TYPES: Final = (
    "AWS::DynamoDB::Stream",
    "AWS::DynamoDB::Table",
    "AWS::RDS::DBClusterSnapshot",
    "AWS::RDS::DBSnapshot",
    "AWS::S3::Bucket",
    "AWS::S3Express::DirectoryBucket",
)
"""Resources of which an analyzer can say who in the account reaches them.
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_InternalAccessAnalysisRuleCriteria.html"""

UNUSED_DAYS: Final = range(1, 91)
"""After how many days access counts as unused; PCI DSS 4.0.1 8.2.6 allows 90."""
