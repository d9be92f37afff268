"""What an account has already and of which AWS allows one: it is referred to, not made again."""

from typing import NotRequired, TypedDict


class BaselineAdoptionArgs(TypedDict):
    """What exists in the account and region already, and stays with whoever manages it.

    Nothing named here is made or changed; it is read when the stack is deployed, and the deployment
    fails if it is not there. What depends on it (features, standards, findings, heartbeat) is made
    all the same.
    """

    detector_id: NotRequired[str]
    """Id of the GuardDuty detector, 32 hexadecimal digits, as in an account whose organization
    enrols it. Its features are switched on nevertheless. Default: a detector is made."""
    security_hub: NotRequired[bool]
    """Whether Security Hub CSPM is on. Standards are subscribed to nevertheless. Default: false."""
    macie: NotRequired[bool]
    """Whether Macie is on. Default: false."""
    recorder_name: NotRequired[str]
    """Name of the AWS Config recorder, such as `aws-controltower-BaselineConfigRecorder`. Its
    channel and bucket are that manager's, too. Default: recorder, channel and bucket are made."""
    config_role: NotRequired[bool]
    """Whether the account has the service-linked role of AWS Config, as it has where AWS Config was
    ever set up in the console. Default: false; the role is made."""
    external_access_analyzer: NotRequired[str]
    """Name of the analyzer of type ACCOUNT. Default: one is made."""
    unused_access_analyzer: NotRequired[str]
    """Name of the analyzer of type ACCOUNT_UNUSED_ACCESS. Default: one is made."""
    internal_access_analyzer: NotRequired[str]
    """Name of the analyzer of type ACCOUNT_INTERNAL_ACCESS. Default: one is made."""
    rds_os_metrics: NotRequired[bool]
    """Whether there is a log group `RDSOSMetrics`, which RDS makes for the first database with
    enhanced monitoring, without an end. Give it a retention of a year or more by hand. Default:
    false; the group is made."""
