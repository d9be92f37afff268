"""A trail of the account whose records stay for a year, and the team that hears of tampering.

Nobody can delete the records of this archive before a year has passed.
"""

import pulumi

from fintech_infra import AlarmTopic, AuditTrail

alarms = AlarmTopic("security", {"emails": {"team": "security@example.com"}})
trail = AuditTrail("audit", {"regimes": ["pci-dss"], "alarm_topic_arn": alarms.arn})

pulumi.export("trail_arn", trail.trail_arn)
pulumi.export("workgroup_name", trail.workgroup_name)
pulumi.export("query_policy", trail.query_policy)
