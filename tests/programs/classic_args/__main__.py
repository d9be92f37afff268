from pulumi import Output, export
from pulumi_aws import iam

import config
from bucket import LoggedBucket, LoggedBucketArgs

reports = LoggedBucket(
    "reports", LoggedBucketArgs(name=f"acme-reports-{config.environment}", versioned=True)
)
users = [
    iam.User(f"user-{i}", iam.UserArgs(path="/people/", tags=config.base_tags)) for i in range(2)
]
group = iam.Group("readers")
membership = iam.GroupMembership(
    "readers", iam.GroupMembershipArgs(group=group.name, users=[user.name for user in users])
)
names = Output.all(*[user.name for user in users]).apply(", ".join)
grants = Output.all(reports.bucket.arn, {"users": [user.arn for user in users]})

export("summary", reports.summary)
export("names", Output.concat("users: ", names, "!"))
export("formatted", Output.format("{0}/{1}/{env}", reports.bucket.id, "x", env=config.environment))
export("first_user", grants[1]["users"][0])
export("rule_days", reports.bucket.lifecycle_rules[0].expiration.days)
