from pulumi_aws import s3

from . import tags


def make_bucket(name):
    bucket = s3.Bucket(name, tags=tags.tags())
    s3.BucketPublicAccessBlock(name, bucket=bucket.id, block_public_acls=True)
    return bucket
