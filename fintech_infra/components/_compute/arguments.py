"""The records within the arguments of EphemeralCompute."""

from typing import NotRequired, TypedDict

from pulumi import Input


class JobPermissionArgs(TypedDict):
    """Something that a job may do."""

    actions: list[str]
    """IAM actions, such as `s3:GetObject` or `kms:GenerateDataKey*`. A wildcard can only end a
    name of several letters."""
    resources: list[Input[str]]
    """ARNs that it may do so with. `*` is refused."""


class JobSecretArgs(TypedDict):
    """A secret that a job is started with."""

    arn: Input[str]
    """ARN of the secret in Secrets Manager."""
    kms_key_arn: Input[str]
    """ARN of the customer-managed key that encrypts it."""


class JobScheduleArgs(TypedDict):
    """When a job is submitted, and what it is asked to do."""

    expression: str
    """When, as EventBridge Scheduler writes it: `cron(0 19 ? * MON-FRI *)`, `rate(1 day)` or
    `at(2026-12-31T19:00:00)`."""
    timezone: NotRequired[str]
    """IANA name of the time zone of `cron` and `at`, such as `Europe/Berlin`; daylight saving is
    taken into account. Default: UTC."""
    command: NotRequired[list[str]]
    """Command to run. Default: that of the job."""
    share: NotRequired[str]
    """Share that the run counts towards; required where there are `shares`."""
