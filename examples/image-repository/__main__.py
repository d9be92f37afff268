"""The images of an API, built in this account and pulled by another one of the organization."""

import pulumi

from fintech_infra import AlarmTopic, ImageRepository

alarms = AlarmTopic("alarms", {"emails": {"oncall": "oncall@example.com"}})
images = ImageRepository(
    "api",
    {
        "repository_name": "payments/api",
        "pull_accounts": ["444455556666"],
        "org_id": "o-a1b2c3d4e5",
        "alarm_topic_arn": alarms.arn,
    },
)

pulumi.export("repository_url", images.repository_url)
pulumi.export("push_policy", images.push_policy)
pulumi.export("signing_profile_arn", images.signing_profile_arn)
