"""Who reaches a service, what it reaches, and how it grows: closed sets and nested arguments."""

from enum import StrEnum
from typing import NotRequired, TypedDict

from pulumi import Input


class ServiceExposure(StrEnum):
    """From where a service is reached."""

    INTERNAL = "internal"
    """From named security groups of the network."""
    INTERNET = "internet"
    """From the internet, behind a web ACL."""


class Architecture(StrEnum):
    """What an image is built for."""

    X86_64 = "x86_64"
    """Intel and AMD."""
    ARM64 = "arm64"
    """Graviton, which costs less."""


class ServiceDestinationArgs(TypedDict):
    """Something that tasks open connections to, by reference: exactly one of the two ids."""

    port: int
    """TCP port, 1 to 65535."""
    security_group_id: NotRequired[Input[str]]
    """Id of the security group of what is reached, such as an EncryptedDatabase's."""
    prefix_list_id: NotRequired[Input[str]]
    """Id of the prefix list of what is reached, such as that of S3's gateway endpoint."""


class ServiceSecretArgs(TypedDict):
    """A secret that tasks are started with."""

    arn: Input[str]
    """ARN of a secret in Secrets Manager, of a key in its JSON value (`<arn>:<key>::`), or of a
    parameter of Systems Manager."""
    kms_key_arn: Input[str]
    """ARN of the customer-managed key that encrypts it."""


class ServiceScalingArgs(TypedDict):
    """How many tasks run. Deployments leave the number alone."""

    least_tasks: NotRequired[int]
    """Fewest tasks, 2 to 1000, spread over the subnets' zones. Default: 2."""
    most_tasks: NotRequired[int]
    """Most tasks, up to 1000. Default: 10, or `least_tasks` where that is more."""
    cpu_percent: NotRequired[int]
    """Mean CPU utilisation that is aimed at, 20 to 80 percent. Default: 60."""


class ServiceLedgerArgs(TypedDict):
    """An existing archive for the records of deployments."""

    bucket: Input[str]
    """Name of the bucket, such as that of a LockedDownBucket with the purpose `archive`."""
    write_policy: Input[str]
    """JSON policy that lets a role write to it, such as that bucket's `write_policy`."""
