"""Makes what records are queried with: a table over the archive, a workgroup, its results."""

from dataclasses import dataclass
from typing import Any, Final

import pulumi_aws as aws
from pulumi import Input, InvokeOutputOptions, Output
from pulumi_aws import athena, glue

from fintech_infra.components._policy import (
    MANAGED_POLICY_LIMIT,
    Account,
    Condition,
    document,
    permit,
)
from fintech_infra.components._site import Site
from fintech_infra.components._trail import table
from fintech_infra.components.locked_down_bucket import LockedDownBucket, LockedDownBucketArgs

RESULTS_DAYS: Final = 30
"""How long results stay. The records themselves stay in the archive."""

SCAN_LIMIT: Final = 100 * 1024**3
"""Bytes that one query may read; one that forgets the day is stopped before it costs much."""

TABLE: Final = "events"

_ASK: Final = (
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetWorkGroup",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)
_UNDERSTAND: Final = ("glue:GetDatabase", "glue:GetPartitions", "glue:GetTable")
_KEYS: Final = ("kms:Decrypt", "kms:GenerateDataKey")


@dataclass(frozen=True)
class Archive:
    """What is queried: a bucket, the key of its objects (empty if unknown), whose files, how far.

    `organization` is empty for the trail of one account.
    """

    bucket: Output[str]
    key_arn: Input[str]
    organization: str
    years: int


@dataclass(frozen=True)
class QueryLayer:
    """What queries name, and the policy of those who may ask."""

    workgroup: athena.Workgroup
    database: glue.CatalogDatabase
    policy: Output[str]


def make_query_layer(
    site: Site,
    archive: Archive,
    account: Output[Account],
    *,
    key_arn: Input[str],
    access_logs: Input[str] | None,
) -> QueryLayer:
    """Make the database, the table and the workgroup, whose results `key_arn` encrypts."""
    results = _make_results(site, key_arn, access_logs)
    # Athena accepts no '-' in names, which Pulumi's own would have.
    # https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
    database = glue.CatalogDatabase(
        site.name,
        name=f"{site.name.lower().replace('-', '_')}_trail",
        description=f"Records of {site.name}",
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )
    _make_table(site, database, archive, account)
    workgroup = _make_workgroup(site, results, account, key_arn)
    policy = Output.all(
        account,
        database.name,
        workgroup.arn,
        archive.bucket,
        results.arn,
        [archive.key_arn, key_arn],
    ).apply(_querying)
    return QueryLayer(workgroup, database, policy)


def _make_results(
    site: Site, key_arn: Input[str], access_logs: Input[str] | None
) -> LockedDownBucket:
    wanted: LockedDownBucketArgs = {
        "kms_key_arn": key_arn,
        "retention": {"expire_after_days": RESULTS_DAYS, "noncurrent_days": RESULTS_DAYS},
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    if access_logs is not None:
        wanted["access_log_bucket"] = access_logs
    return LockedDownBucket(site.named("results"), wanted, site.child())


def _make_table(
    site: Site, database: glue.CatalogDatabase, archive: Archive, account: Output[Account]
) -> None:
    regions = aws.get_regions_output(
        all_regions=True, opts=InvokeOutputOptions(parent=site.component)
    ).names
    found = Output.all(archive.bucket, account, regions).apply(
        lambda all_: table.layout(all_[0], all_[1].id, archive.organization, all_[2], archive.years)
    )
    glue.CatalogTable(
        site.name,
        name=TABLE,
        database_name=database.name,
        description=f"One row per event that {site.name} recorded",
        table_type="EXTERNAL_TABLE",
        parameters=found.apply(lambda layout: layout.parameters),
        partition_keys=[
            glue.CatalogTablePartitionKeyArgs(name=name, type="string")
            for name in table.partitions(archive.organization)
        ],
        storage_descriptor=glue.CatalogTableStorageDescriptorArgs(
            location=found.apply(lambda layout: layout.location),
            input_format=table.INPUT_FORMAT,
            output_format=table.OUTPUT_FORMAT,
            ser_de_info=glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                serialization_library=table.SERDE
            ),
            columns=[
                glue.CatalogTableStorageDescriptorColumnArgs(name=name, type=type_)
                for name, type_ in table.COLUMNS
            ],
        ),
        region=site.region,
        opts=site.child(),
    )


def _make_workgroup(
    site: Site, results: LockedDownBucket, account: Output[Account], key_arn: Input[str]
) -> athena.Workgroup:
    return athena.Workgroup(
        site.name,
        description=f"Queries over the records of {site.name}",
        state="ENABLED",
        force_destroy=False,
        configuration=athena.WorkgroupConfigurationArgs(
            enforce_workgroup_configuration=True,
            publish_cloudwatch_metrics_enabled=True,
            requester_pays_enabled=False,
            bytes_scanned_cutoff_per_query=SCAN_LIMIT,
            engine_version=athena.WorkgroupConfigurationEngineVersionArgs(
                selected_engine_version="Athena engine version 3"
            ),
            result_configuration=athena.WorkgroupConfigurationResultConfigurationArgs(
                output_location=results.name.apply(lambda name: f"s3://{name}/"),
                expected_bucket_owner=account.apply(lambda found: found.id),
                encryption_configuration=(
                    athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs(
                        encryption_option="SSE_KMS", kms_key_arn=key_arn
                    )
                ),
            ),
        ),
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )


def _querying(found: list[Any]) -> str:
    """Return the policy of a role that queries the records: nothing else, and no other records."""
    account, database, workgroup, bucket, results, keys = found
    archive = f"arn:{account.partition}:s3:::{bucket}"
    names = ("catalog", f"database/{database}", f"table/{database}/{TABLE}")
    through: Condition = {
        "StringEquals": {"kms:ViaService": f"s3.{account.region}.{account.dns_suffix}"}
    }
    look = ["s3:GetBucketLocation", "s3:ListBucket"]
    statements = [
        permit("Ask", actions=_ASK, on=workgroup),
        permit("Understand", actions=_UNDERSTAND, on=[account.arn("glue", name) for name in names]),
        permit("Look", actions=look, on=[archive, results]),
        permit("ReadRecords", actions=["s3:GetObject"], on=f"{archive}/AWSLogs/*"),
        permit("Results", actions=["s3:GetObject", "s3:PutObject"], on=f"{results}/*"),
        permit("Keys", actions=_KEYS, on=sorted({key for key in keys if key}), when=through),
    ]
    return document(statements, MANAGED_POLICY_LIMIT)
