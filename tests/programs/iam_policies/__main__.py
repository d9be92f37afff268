import json

import pulumi
import pulumi_aws as aws
from pulumi import Output

bucket = aws.s3.Bucket("data")
queue = aws.sqs.Queue("work")
key = aws.kms.Key("key", description="data")
caller = aws.get_caller_identity()
partition = aws.get_partition().partition

# 1. json.dumps inside apply
aws.s3.BucketPolicy(
    "in-apply",
    bucket=bucket.id,
    policy=bucket.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": [arn, f"{arn}/*"],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            }
        )
    ),
)

# 2. Output.json_dumps over outputs
json_policy = aws.iam.Policy(
    "json-dumps",
    policy=Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": queue.arn},
                {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": [key.arn]},
            ],
        }
    ),
)

# 3. the data source, with plain values
assume = aws.iam.get_policy_document(
    statements=[
        aws.iam.GetPolicyDocumentStatementArgs(
            effect="Allow",
            actions=["sts:AssumeRole"],
            principals=[
                aws.iam.GetPolicyDocumentStatementPrincipalArgs(
                    type="Service", identifiers=["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
                )
            ],
        ),
        {
            "actions": ["sts:AssumeRole"],
            "principals": [
                {"type": "AWS", "identifiers": [f"arn:{partition}:iam::{caller.account_id}:root"]}
            ],
            "conditions": [
                {"test": "StringEquals", "variable": "sts:ExternalId", "values": ["orders"]}
            ],
        },
    ]
)
role = aws.iam.Role("role", assume_role_policy=assume.json)

# 4. the data source over outputs, one document built on another
base = aws.iam.get_policy_document_output(
    statements=[
        {"sid": "Read", "actions": ["s3:GetObject"], "resources": [bucket.arn.apply("{}/*".format)]}
    ]
)
extended = aws.iam.get_policy_document_output(
    source_policy_documents=[base.json],
    statements=[
        {
            "sid": "List",
            "actions": ["s3:ListBucket"],
            "resources": [bucket.arn],
            "conditions": [{"test": "StringLike", "variable": "s3:prefix", "values": ["in/*"]}],
        }
    ],
)
aws.iam.RolePolicy("from-data-source", role=role.id, policy=extended.json)

# 5. a dictionary in place of a document, outputs inside
aws.iam.RolePolicy(
    "dictionary",
    role=role.name,
    policy={
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": queue.arn}],
    },
)

# 6. text with a hole in it
aws.sqs.QueuePolicy(
    "text",
    queue_url=queue.url,
    policy=pulumi.Output.concat(
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"',
        caller.account_id,
        '"},"Action":"sqs:SendMessage","Resource":"',
        queue.arn,
        '"}]}',
    ),
)


# 7. statements collected by a function, serialised at the end
def statement(actions, *resources):
    return aws.iam.GetPolicyDocumentStatementArgs(actions=actions, resources=list(resources))


collected = [statement(["kms:Encrypt"], key.arn), statement(["s3:PutObject"], bucket.arn)]
aws.iam.UserPolicy(
    "collected",
    user=aws.iam.User("ci", path="/system/").name,
    policy=aws.iam.get_policy_document_output(statements=collected).apply(lambda d: d.json),
)

pulumi.export("policy", json_policy.arn)
pulumi.export("extended", extended.json)
