"""Controls over container image repositories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Scope, Severity, control, expects
from fintech_infra.controls.policies import hold_statements, strangers
from fintech_infra.controls.remedies import setting
from fintech_infra.environment import Environment, Resource, UnknownValueError
from fintech_infra.environment.documents import matches
from fintech_infra.environment.undecided import decided_first, reading

REPOSITORY: Final = "aws:ecr/repository:Repository"
REPOSITORY_POLICY: Final = "aws:ecr/repositoryPolicy:RepositoryPolicy"
REGISTRY_POLICY: Final = "aws:ecr/registryPolicy:RegistryPolicy"
REGISTRY_SCANNING: Final = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"

_KMS: Final = ("KMS", "KMS_DSSE")
_UNASKED: Final = ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")


def _immutable(repository: Resource) -> Mapping[str, Any]:
    # Which tags may move is somebody's choice, where the program has made one.
    if repository.is_set("imageTagMutabilityExclusionFilters"):
        return {}
    return {"imageTagMutability": "IMMUTABLE"}


@control(
    on=[REPOSITORY],
    severity=Severity.MEDIUM,
    fix="Set imageTagMutability to IMMUTABLE; ImageRepository does, without exceptions.",
    source="Amazon ECR user guide, Image tag mutability; FSBP ECR.2",
    properties=["imageTagMutability", "imageTagMutabilityExclusionFilters"],
    remedy=_immutable,
)
def ecr_tag_immutable(
    repository: Resource, *, mutable_tags: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Image tags cannot be overwritten.

    What runs under a tag that can move is not what was tested and approved. An organization may
    accept filters of tags that nobody deploys, such as those of a build cache.
    """
    setting = repository.value("imageTagMutability")
    if setting == "IMMUTABLE_WITH_EXCLUSION":
        for path, _ in repository.each("imageTagMutabilityExclusionFilters"):
            pattern = repository.value(f"{path}.filter")
            if pattern not in mutable_tags:
                yield Fault(f"{path}.filter", f"tags like {pattern} can be overwritten")
    elif setting != "IMMUTABLE":
        yield Fault("imageTagMutability", f"tags are {setting or 'MUTABLE, which is the default'}")


@control(
    on=[REPOSITORY],
    severity=Severity.MEDIUM,
    fix="Set imageScanningConfiguration.scanOnPush, or scan the whole registry; ImageRepository "
    "scans on push.",
    source="Amazon ECR user guide, Scan images for software vulnerabilities; FSBP ECR.1",
    properties=["imageScanningConfiguration"],
    remedy=setting({"imageScanningConfiguration.scanOnPush": True}),
)
def ecr_image_scanning(repository: Resource, environment: Environment) -> Iterator[Fault]:
    """Images are scanned when they are pushed, or all the time by the registry.

    A known vulnerability that nobody looked for is deployed with the image.
    """
    if any(_registry_scans(item, repository) for item in environment.of_type(REGISTRY_SCANNING)):
        return
    path = "imageScanningConfiguration.scanOnPush"
    if repository.value(path) is not True:
        yield Fault(path, "images are not scanned on push, and no registry setting covers them")


def _registry_scans(registry: Resource, repository: Resource) -> bool:
    name = repository.outputs.get("name") or repository.inputs.get("name")
    with reading(registry.name, "imageScanningConfiguration"):
        return any(
            registry.value(f"{rule}.scanFrequency") in _UNASKED
            and any(
                _covers(str(registry.value(f"{at}.filter")), name)
                for at, _ in registry.each(f"{rule}.repositoryFilters")
            )
            for rule, _ in registry.each("rules")
        )


def _covers(pattern: str, name: object) -> bool:
    # A filter without a wildcard matches every name that contains it.
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
    whole = pattern if "*" in pattern else f"*{pattern}*"
    return set(pattern) == {"*"} or (isinstance(name, str) and matches(whole, name))


@control(
    on=[REPOSITORY_POLICY, REGISTRY_POLICY],
    severity=Severity.CRITICAL,
    fix="Name the accounts or roles that pull, or confine them with aws:PrincipalOrgID; "
    "ImageRepository admits the accounts given.",
    source="Amazon ECR user guide, Private repository policies",
    properties=["policy"],
)
def ecr_policy_not_public(
    policy: Resource, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """No repository or registry policy admits anyone, or an account outside the trusted set.

    An image holds the code of the business; who can push one can run code in its place.
    """
    yield from hold_statements(policy, ["policy"], strangers(trusted_accounts, "the repository"))


@control(
    on=[REPOSITORY],
    severity=Severity.LOW,
    fix="Set encryptionConfigurations to KMS with a customer-managed key when the repository is "
    "made; ImageRepository takes an EncryptionKey's ARN or makes a key.",
    source="Amazon ECR user guide, Encryption at rest; FSBP ECR.5",
    properties=["encryptionConfigurations"],
)
def ecr_encryption_cmk(repository: Resource) -> Iterator[Fault]:
    """Repositories encrypt images with a customer-managed key.

    It is decided when a repository is made. With a key of one's own, use of the images is logged a
    second time, and they can be made unreadable.
    """
    paths = [path for path, _ in repository.each("encryptionConfigurations")]
    if not paths:
        yield Fault("encryptionConfigurations", "images are encrypted with keys that S3 manages")
    yield from decided_first(_encryption_faults(repository, path) for path in paths)


def _encryption_faults(repository: Resource, path: str) -> Iterator[Fault]:
    kind = repository.value(f"{path}.encryptionType")
    if kind not in _KMS:
        yield Fault(f"{path}.encryptionType", f"encrypts with {kind or 'AES256'}, not a KMS key")
    elif _is_aws_managed(repository, f"{path}.kmsKey"):
        yield Fault(f"{path}.kmsKey", "encrypts with the key that AWS manages")


def _is_aws_managed(repository: Resource, path: str) -> bool:
    """Whether the key at `path` is AWS's own; one that is not known yet is made by somebody."""
    try:
        key = repository.value(path)
    except UnknownValueError:
        return False
    return not key or str(key).endswith("alias/aws/ecr")


ecr_force_delete_disabled = expects(
    "ecr-force-delete-disabled",
    on=[REPOSITORY],
    path="forceDelete",
    equals=False,
    absent_is=True,
    title="Production repositories cannot be deleted with the images in them.",
    why="With forceDelete a repository that is removed from the program, or replaced, takes along "
    "the images that run, and nothing can start or be rolled back.",
    fault="forceDelete is on: a destroy deletes the images",
    severity=Severity.MEDIUM,
    fix="Remove forceDelete; ImageRepository never sets it.",
    source="Pulumi registry, aws.ecr.Repository forceDelete",
    scope=Scope.PROD,
    remediable=True,
)

CONTROLS: Final = (
    ecr_tag_immutable,
    ecr_image_scanning,
    ecr_policy_not_public,
    ecr_encryption_cmk,
    ecr_force_delete_disabled,
)
