"""Makes the key of a bucket's own, for what writes into it and what looks into it."""

from collections.abc import Mapping
from typing import Any

from pulumi import Output

from fintech_infra.components._bucket.deliveries import KEY_SERVICES, LogSource
from fintech_infra.components._bucket.discovery import macie_role
from fintech_infra.components._classification import DataClass
from fintech_infra.components._key.policy import KeyOperation
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._policy import Account
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs


def make_key(
    site: Site, args: Mapping[str, Any], data_class: DataClass, account: Output[Account]
) -> Output[str]:
    """Make the key that encrypts the bucket of `site`, whose arguments are `args`."""
    sources = sorted({LogSource(item) for item in args.get("receives", [])})
    own: EncryptionKeyArgs = {
        "description": f"Encrypts the bucket {site.name}",
        "data_class": data_class,
        "services": [KeyService.S3.value, *(KEY_SERVICES[source].value for source in sources)],
        "tags": args.get("tags", {}),
    }
    if args.get("macie_discovery"):
        own["users"] = [
            {
                "principal": account.apply(macie_role),
                "operations": [KeyOperation.DECRYPT.value],
                "via_service": "s3",
            }
        ]
    if "alarm_topic_arn" in args:
        own["alarm_topic_arn"] = args["alarm_topic_arn"]
    if site.region is not None:
        own["region"] = site.region
    return EncryptionKey(site.named("key"), own, site.child()).arn
