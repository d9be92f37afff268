"""A trail and a bucket that are put right when somebody stops or opens them.

It rehearses: set `dry_run` to False once its messages were right for some weeks.
"""

import pulumi

from fintech_infra import AlarmTopic, AuditTrail, LockedDownBucket, Remediation, SelfHealing

alarms = AlarmTopic("alarms", {"emails": {"oncall": "oncall@example.com"}})
trail = AuditTrail("audit", {"alarm_topic_arn": alarms.arn})
statements = LockedDownBucket("statements", {})
healing = SelfHealing(
    "heal",
    {
        "alarm_topic_arn": alarms.arn,
        "alarm_topic_key_arn": alarms.kms_key_arn,
        "dry_run": True,
        "declared": [
            {
                "remediation": Remediation.RESTART_TRAIL,
                "id": trail.trail_arn,
                "urn": trail.urn,
            },
            {
                "remediation": Remediation.BLOCK_BUCKET,
                "id": statements.name,
                "urn": statements.urn,
            },
            {
                "remediation": Remediation.ASK_FOR_REAPPLY,
                "id": statements.name,
                "urn": statements.urn,
            },
            {"remediation": Remediation.UNSHARE_SNAPSHOT, "id": "*"},
        ],
    },
)

pulumi.export("kill_switch_name", healing.kill_switch_name)
pulumi.export("approval_policy", healing.approval_policy)
pulumi.export("ledger_bucket", healing.ledger_bucket)
