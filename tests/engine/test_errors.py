"""Wrong programs: one clear message each, at the user's own line.

Wrong projects and configuration are in `test_project` and `test_config`, transforms that fail in
`test_transforms`, the network in `test_network`.
"""

from collections.abc import Callable

Refuse = Callable[..., list[tuple[str, str, str]]]


def test_every_wrong_input_of_a_program_is_reported_in_one_run(refuse: Refuse) -> None:
    problems = refuse(
        """
        import pulumi
        from pulumi_aws import s3, sqs

        bucket = s3.Bucket("ledger", versioning={"enable": True})
        other = s3.Bucket("other", versioning={"mfa_delete": "perhaps"}, tags=["a", "b"])
        queue = sqs.Queue("work", policy={"Version": "2012-10-17"}, delay_seconds="soon")
        files = s3.BucketObjectv2("page", bucket=bucket.id, source=pulumi.FileAsset("gone.html"))
        rules = s3.BucketServerSideEncryptionConfiguration("rules", bucket=bucket.id, rules=[
            {"apply_server_side_encryption_by_default": {"kms_key": "x"}},
        ])
        again = s3.Bucket("ledger", opts=pulumi.ResourceOptions(depends_on=[bucket]))
        """
    )
    bucket = "aws:s3/bucket:Bucket"
    encryption = (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    )
    assert sorted(problems) == sorted(
        [
            (
                "__main__.py:4",
                f"{bucket} 'ledger': versioning: has no input 'enable'",
                "did you mean `enabled`?",
            ),
        ]
    ), (encryption,)
