"""What watches an account in its first region and in a further one, and who hears of it.

The detector of the further region is the organization's: it is referred to, and not made again.
"""

import pulumi

from fintech_infra import AlarmTopic, BaselineScope, SecurityBaseline

FURTHER = "eu-central-1"

alarms = AlarmTopic("security", {"emails": {"team": "security@example.com"}})
baseline = SecurityBaseline(
    "baseline",
    {
        "alarm_topic_arn": alarms.arn,
        "security_contact": {
            "name": "Security operations",
            "title": "Team on call",
            "email": "security@example.com",
            "phone": "+44 20 7946 0000",
        },
    },
)

further_alarms = AlarmTopic(
    "further-security", {"emails": {"team": "security@example.com"}, "region": FURTHER}
)
SecurityBaseline(
    "further",
    {
        "alarm_topic_arn": further_alarms.arn,
        "scope": BaselineScope.REGION,
        "region": FURTHER,
        "adopt": {"detector_id": "12abc34d567e8fa901bc2d34e56789f0"},
    },
)

pulumi.export("detector_id", baseline.detector_id)
pulumi.export("config_bucket_name", baseline.config_bucket_name)
pulumi.export("heartbeat_alarm_names", baseline.heartbeat_alarm_names)
