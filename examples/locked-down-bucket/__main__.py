"""Three buckets: logs that land, statements of customers, and payment records under lock.

Macie looks into the statements every month, so it must be enabled in the account.
"""

import pulumi

from fintech_infra import AlarmTopic, BucketPurpose, DataClass, LockedDownBucket, LockMode

REGIONS = ["eu-west-1", "eu-central-1"]

alarms = AlarmTopic("alarms", {"emails": {"oncall": "oncall@example.com"}})
logs = LockedDownBucket(
    "logs", {"purpose": BucketPurpose.LANDING, "receives": ["s3-access-logs", "vended-logs"]}
)
statements = LockedDownBucket(
    "statements",
    {
        "data_class": DataClass.PII,
        "access_log_bucket": logs.name,
        "retention": {"expire_after_days": 400},
        "allowed_regions": REGIONS,
        "macie_discovery": True,
        "alarm_topic_arn": alarms.arn,
    },
)
records = LockedDownBucket(
    "records",
    {
        "purpose": BucketPurpose.ARCHIVE,
        "access_log_bucket": logs.name,
        "retention": {"lock_mode": LockMode.GOVERNANCE, "lock_days": 2555},
        "allowed_regions": REGIONS,
        "alarm_topic_arn": alarms.arn,
    },
)

pulumi.export("statements_bucket", statements.name)
pulumi.export("statements_read_policy", statements.read_policy)
pulumi.export("records_bucket", records.name)
