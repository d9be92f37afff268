"""ImageRepository: container images whose tags never move, scanned, signed and encrypted."""

import re
from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_aws import ecr, signer

from fintech_infra.components._account import account_of
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._policy import MANAGED_POLICY_LIMIT, document
from fintech_infra.components._repository.checks import repository_problems
from fintech_infra.components._repository.policy import (
    lifecycle_policy,
    pulling,
    pushing,
    repository_policy,
)
from fintech_infra.components._repository.reference import digest_reference
from fintech_infra.components._repository.watch import watch
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs

DEFAULT_KEEP: Final = 50

SIGNING_PLATFORM: Final = "Notation-OCI-SHA384-ECDSA"
"""https://docs.aws.amazon.com/signer/latest/developerguide/container-workflow.html"""

SIGNATURE_MONTHS: Final = 135
"""As long as AWS Signer offers, and longer than images are kept: one that runs must verify."""

_PREFIX_LENGTH: Final = 38
"""Of the 64 characters of a profile's name, the provider takes 26 to make it unique."""


class ImageRepositoryArgs(TypedDict):
    """What an ImageRepository needs to know: nothing."""

    repository_name: NotRequired[str]
    """Name of the repository, for pipelines that cannot be given its URL: 2 to 256 lower-case
    letters, digits and `. _ - /` between them. Changing it replaces the repository, which `protect`
    refuses. Default: a unique one that starts with the component's name."""
    keep: NotRequired[int]
    """How many of the newest tagged images stay, 10 to 1000; older ones expire, also those that
    still run. Default: 50. Lowering it expires images within a day."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of the customer-managed key that encrypts images, in the same region. It must let `ecr`
    use it. Default: a key of the repository's own. Changing it replaces the repository, which
    `protect` refuses."""
    pull_accounts: NotRequired[list[str]]
    """Ids of other accounts whose roles may pull, as far as their own IAM lets them. Default: only
    this account."""
    org_id: NotRequired[str]
    """Id of the organization, such as `o-a1b2c3d4e5`, that the principals of `pull_accounts` must
    belong to. Default: no further limit."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears when a scan finds something critical in an image, and when
    calls weaken the repository or its key. Needs a trail that records management events in the
    region, and a topic whose policy lets `events.amazonaws.com` publish. Default: nobody is
    told."""
    region: NotRequired[Input[str]]
    """Region of the repository and everything with it. Default: the provider's. Changing it
    replaces the repository, which `protect` refuses."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class ImageRepository(Component):
    """An ECR repository with immutable tags, scanning on push, and a profile to sign images with.

    It makes the repository with its policy and lifecycle, an EncryptionKey unless a key is given,
    an AWS Signer profile for Notation and, with `alarm_topic_arn`, two rules for critical findings
    and tampering. Whether scanning is basic or by Inspector is a setting of the whole registry.

    Nobody deletes an image, because a tag that was deleted could be pushed again with other
    content: the policy denies it to all, and the lifecycle removes what is too old. To remove an
    image at once, after a leak say, take its policy away first; that call is reported. Images that
    run must be among those that are kept.

    The repository and the profile are protected: Pulumi refuses to delete or replace them until
    `pulumi state unprotect`, and AWS refuses while the repository holds images. A profile that was
    deleted cannot be made again, and what it signed is not trusted any more.

    Deliberately absent: mutable tags, also for build caches, by which whoever pushes a cache could
    change what others build; pushing from other accounts; replication and managed signing, which
    are settings of the registry.
    """

    arn: Output[str]
    """ARN of the repository, known once its policy is in place."""
    name: Output[str]
    """Name of the repository."""
    repository_url: Output[str]
    """What images are pushed to, without a tag. Add `@` and the digest to name an image, in Python
    with `image`."""
    kms_key_arn: Output[str]
    """ARN of the key that encrypts images."""
    signing_profile_arn: Output[str]
    """ARN of the profile that images are signed with; a trust policy names it."""
    pull_policy: Output[str]
    """JSON policy for a role that pulls images."""
    push_policy: Output[str]
    """JSON policy for a role that pushes and signs images."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: ImageRepositoryArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the repository.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown or wrong; all mistakes are listed.
        """
        super().__init__(name, args, opts)
        site = Site(self, name, args.get("region"), args.get("tags", {}))
        key_arn = args["kms_key_arn"] if "kms_key_arn" in args else _make_key(site, args)

        repository = _make_repository(site, args.get("repository_name"), key_arn)
        pull_accounts, org_id = args.get("pull_accounts", []), args.get("org_id", "")
        policy = ecr.RepositoryPolicy(
            name,
            repository=repository.name,
            policy=account_of(self, site.region).apply(
                lambda account: repository_policy(account, pull_accounts, org_id)
            ),
            region=site.region,
            opts=self.child(),
        )
        ecr.LifecyclePolicy(
            name,
            repository=repository.name,
            policy=lifecycle_policy(int(args.get("keep", DEFAULT_KEEP))),
            region=site.region,
            opts=self.child(),
        )
        profile = _make_profile(site)
        if "alarm_topic_arn" in args:
            watch(site, repository, args["alarm_topic_arn"])

        satisfied: dict[str, tuple[Resource, str]] = {
            "ecr-encryption-cmk": (repository, "encryptionConfigurations"),
            "ecr-force-delete-disabled": (repository, "forceDelete"),
            "ecr-image-scanning": (repository, "imageScanningConfiguration.scanOnPush"),
            "ecr-policy-not-public": (policy, "policy"),
            "ecr-tag-immutable": (repository, "imageTagMutability"),
        }
        # Known once the policy is in place, so that nothing is pushed before.
        arn = Output.all(repository.arn, policy.id).apply(lambda both: both[0])
        signed = Output.all(repository.arn, profile.arn)
        self.publish(
            arn=arn,
            name=repository.name,
            repository_url=repository.repository_url,
            kms_key_arn=Output.from_input(key_arn),
            signing_profile_arn=profile.arn,
            pull_policy=repository.arn.apply(
                lambda found: document(pulling(found), MANAGED_POLICY_LIMIT)
            ),
            push_policy=signed.apply(
                lambda both: document(pushing(both[0], both[1]), MANAGED_POLICY_LIMIT)
            ),
            evidence=evidence(satisfied),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note names that ECR refuses, malformed accounts, and too few images to keep."""
        for path, reason in repository_problems(problems.name, args):
            problems.add(path, reason)

    def image(self, digest: Input[str]) -> Output[str]:
        """Return the reference of the image with this digest, such as `sha256:` and 64 digits.

        The output raises ValueError where it is no digest.
        """
        return Output.all(self.repository_url, digest).apply(
            lambda both: digest_reference(both[0], both[1])
        )


def _make_key(site: Site, args: ImageRepositoryArgs) -> Output[str]:
    own: EncryptionKeyArgs = {
        "description": f"Encrypts the images of {site.name}",
        "services": [KeyService.ECR.value],
        "tags": args.get("tags", {}),
    }
    if "alarm_topic_arn" in args:
        own["alarm_topic_arn"] = args["alarm_topic_arn"]
    if site.region is not None:
        own["region"] = site.region
    return EncryptionKey(site.named("key"), own, site.child()).arn


def _make_repository(site: Site, name: str | None, key_arn: Input[str]) -> ecr.Repository:
    return ecr.Repository(
        site.name,
        name=name,
        image_tag_mutability="IMMUTABLE",
        encryption_configurations=[
            ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=key_arn)
        ],
        image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(
            scan_on_push=True
        ),
        force_delete=False,
        region=site.region,
        tags=site.tags,
        opts=site.child(protect=True),
    )


def _make_profile(site: Site) -> signer.SigningProfile:
    name = site.named("signing")
    # Names of profiles are letters, digits and '_', and are never free again.
    prefix = re.sub(r"\W", "_", site.name)[: _PREFIX_LENGTH - 1] + "_"
    return signer.SigningProfile(
        name,
        name_prefix=prefix,
        platform_id=SIGNING_PLATFORM,
        signature_validity_period=signer.SigningProfileSignatureValidityPeriodArgs(
            type="MONTHS", value=SIGNATURE_MONTHS
        ),
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(protect=True),
    )
