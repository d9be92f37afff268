"""Makes the settings that an account, or a region of it, gives to whatever forgets its own.

Each is kept when the stack is destroyed: most would fall back to off.
"""

from typing import Any

from pulumi import Input
from pulumi_aws import account, ebs, ec2, iam, s3

from fintech_infra.components._baseline.design import InternetBlock
from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._site import Site

RDS_LOG_GROUP = "RDSOSMetrics"
"""Where RDS writes what its enhanced monitoring finds, for all databases of a region.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.overview.html"""


def make_encryption(site: Site, key_arn: Input[str]) -> ebs.EncryptionByDefault:
    """Have every new volume of the region encrypted with the key."""
    name = site.named("volumes")
    opts = site.child(retain_on_delete=True)
    key = ebs.DefaultKmsKey(name, key_arn=key_arn, region=site.region, opts=opts)
    return ebs.EncryptionByDefault(
        name,
        enabled=True,
        region=site.region,
        opts=site.child(retain_on_delete=True, depends_on=[key]),
    )


def make_instance_defaults(site: Site) -> ec2.InstanceMetadataDefaults:
    """Require session tokens for metadata, and close the serial console (PCI DSS 4.0.1 2.2)."""
    ec2.SerialConsoleAccess(
        site.named("serial-console"),
        enabled=False,
        region=site.region,
        opts=site.child(retain_on_delete=True),
    )
    return ec2.InstanceMetadataDefaults(
        site.named("metadata"),
        http_tokens="required",
        http_put_response_hop_limit=1,
        instance_metadata_tags="disabled",
        region=site.region,
        opts=site.child(retain_on_delete=True),
    )


def block_publicity(site: Site, block: InternetBlock) -> None:
    """Refuse public images, public snapshots, and the internet to networks without an exclusion."""
    ec2.ImageBlockPublicAccess(
        site.named("images"),
        state="block-new-sharing",
        region=site.region,
        opts=site.child(retain_on_delete=True),
    )
    ebs.SnapshotBlockPublicAccess(
        site.named("snapshots"),
        state="block-all-sharing",
        region=site.region,
        opts=site.child(retain_on_delete=True),
    )
    ec2.VpcBlockPublicAccessOptions(
        site.named("networks"),
        internet_gateway_block_mode=block.value,
        region=site.region,
        opts=site.child(retain_on_delete=True),
    )


def make_rds_log_group(site: Site, key_arn: Input[str]) -> None:
    """Make the group before RDS does, which would keep the metrics unencrypted and for ever."""
    make_log_group(site, "rds-os-metrics", key_arn=key_arn, name=RDS_LOG_GROUP)


def block_public_buckets(site: Site) -> s3.AccountPublicAccessBlock:
    """Refuse public buckets in the whole account, whatever their own settings say."""
    return s3.AccountPublicAccessBlock(
        site.named("buckets"),
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=site.child(retain_on_delete=True),
    )


def make_password_policy(site: Site) -> iam.AccountPasswordPolicy:
    """Set what passwords of the account's users must be, should it ever have users."""
    return iam.AccountPasswordPolicy(
        site.named("passwords"),
        minimum_password_length=14,
        require_lowercase_characters=True,
        require_uppercase_characters=True,
        require_numbers=True,
        require_symbols=True,
        password_reuse_prevention=24,
        max_password_age=90,
        allow_users_to_change_password=True,
        opts=site.child(retain_on_delete=True),
    )


def make_contact(site: Site, contact: Any) -> account.AlternativeContact:
    """Tell AWS whom to write to when the account is abused."""
    return account.AlternativeContact(
        site.named("security"),
        alternate_contact_type="SECURITY",
        name=contact["name"],
        title=contact["title"],
        email_address=contact["email"],
        phone_number=contact["phone"],
        opts=site.child(retain_on_delete=True),
    )
