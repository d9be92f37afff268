import json

import pulumi
from pulumi import Output
from pulumi_aws import athena, cloudwatch, glue, iam, kinesis, s3

config = pulumi.Config()
tables = config.require_object("tables")

raw = s3.BucketV2("raw")
results = s3.BucketV2("results", force_destroy=not pulumi.get_stack().startswith("prod"))

database = glue.CatalogDatabase("lake", name="lake_" + pulumi.get_stack())

firehose_role = iam.Role(
    "firehose",
    assume_role_policy={
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "firehose.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    },
)
iam.RolePolicy(
    "firehose-writes",
    role=firehose_role.id,
    policy=raw.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"{arn}/*"},
                    {"Effect": "Allow", "Action": "glue:GetTable*", "Resource": "*"},
                ],
            }
        )
    ),
)

group = cloudwatch.LogGroup("firehose", retention_in_days=14)
streams = {}
for table in tables:
    name = table["name"]
    catalogued = glue.CatalogTable(
        name,
        name=name,
        database_name=database.name,
        table_type="EXTERNAL_TABLE",
        parameters={"classification": "parquet", "EXTERNAL": "TRUE"},
        storage_descriptor=glue.CatalogTableStorageDescriptorArgs(
            location=Output.format("s3://{0}/{name}/", raw.bucket, name=name),
            input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            columns=[
                glue.CatalogTableStorageDescriptorColumnArgs(name=column, type=kind)
                for column, kind in sorted(table["columns"].items())
            ],
        ),
    )
    errors = cloudwatch.LogStream(f"{name}-errors", log_group_name=group.name)
    streams[name] = kinesis.FirehoseDeliveryStream(
        name,
        destination="extended_s3",
        extended_s3_configuration=kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgs(
            role_arn=firehose_role.arn,
            bucket_arn=raw.arn,
            prefix=f"{name}/",
            buffering_size=128,
            data_format_conversion_configuration={
                "input_format_configuration": {"deserializer": {"open_x_json_ser_de": {}}},
                "output_format_configuration": {"serializer": {"parquet_ser_de": {}}},
                "schema_configuration": {
                    "database_name": database.name,
                    "table_name": catalogued.name,
                    "role_arn": firehose_role.arn,
                },
            },
            cloudwatch_logging_options={
                "enabled": True,
                "log_group_name": group.name,
                "log_stream_name": errors.name,
            },
        ),
    )

workgroup = athena.Workgroup(
    "analysts",
    configuration={
        "enforce_workgroup_configuration": True,
        "result_configuration": {
            "output_location": Output.concat("s3://", results.bucket, "/athena/"),
            "encryption_configuration": {"encryption_option": "SSE_S3"},
        },
    },
)
athena.NamedQuery(
    "daily-totals",
    database=database.name,
    workgroup=workgroup.id,
    query="select date(at), sum(amount) from payments group by 1",
)
crawler = glue.Crawler(
    "nightly",
    database_name=database.name,
    role=firehose_role.arn,
    schedule="cron(0 2 * * ? *)",
    s3_targets=[{"path": raw.bucket.apply(lambda b: f"s3://{b}/landing/")}],
)

pulumi.export("streams", {name: stream.arn for name, stream in streams.items()})
pulumi.export("workgroup", workgroup.name)
