"""EncryptedDatabase: an Aurora PostgreSQL cluster that is encrypted, audited and recoverable."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi import Input, Output, ResourceOptions

from fintech_infra.components._classification import DataClass
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._database.access import make_access
from fintech_infra.components._database.cluster import Database, make_database
from fintech_infra.components._database.design import database_problems, recovery_of
from fintech_infra.components._database.proxy import (
    DatabaseProxyArgs,
    make_proxy,
    proxy_problems,
)
from fintech_infra.components._database.watch import make_watch
from fintech_infra.components._evidence import evidence
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._site import Site
from fintech_infra.components._zones import region_of
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs


class EncryptedDatabaseArgs(TypedDict):
    """What an EncryptedDatabase needs to know."""

    vpc_id: Input[str]
    """Id of the VPC. Changing it replaces the cluster, which `protect` refuses."""
    zones: list[str]
    """Names of 2 or 3 availability zones of one region, such as `eu-west-1a`, one instance in each;
    subnets must be there in each. Adding a zone adds a reader; removing one deletes its instance,
    after a failover if that was the writer."""
    engine_version: str
    """PostgreSQL version, from 14 on: pinned to a minor one, such as `17.5`, which only a change
    here upgrades, or a major one, such as `17`, of which AWS installs minor ones in the
    maintenance window. Changing it causes an outage; going back is not possible."""
    db_subnet_group_name: NotRequired[Input[str]]
    """Name of the subnet group, such as a HardenedVpc's `db_subnet_group_name`. Changing it
    replaces the cluster. Either this or `subnet_ids` is required."""
    subnet_ids: NotRequired[Input[list[str]]]
    """Ids of isolated subnets in every one of the zones, of which a subnet group is made."""
    client_security_group_ids: NotRequired[dict[str, Input[str]]]
    """Ids of the security groups that may connect, keyed by a short name of the client, such as
    `payments-api`, which names the rule. Default: nobody may connect."""
    proxy: NotRequired[DatabaseProxyArgs]
    """A proxy that pools the connections of its own clients, which sign in with IAM. Default: none,
    because it is charged by the hour, a driver's pool serves a few long-lived clients as well, and
    its database roles have to be named. It can be added and removed later; those who connect
    through it lose their connections."""
    port: NotRequired[int]
    """TCP port, 1150 to 65535. Default: 5432. Changing it interrupts every connection."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of a customer-managed key whose policy lets RDS, Secrets Manager and CloudWatch Logs of
    the region use it. Default: an EncryptionKey of its own. Changing it replaces the cluster,
    which `protect` refuses."""
    cluster_identifier: NotRequired[str]
    """Identifier of the cluster, unique in account and region, fixed because its log groups must
    exist, under a name that holds it, before the cluster does. Default: the component's name.
    Changing it replaces the log groups, which `protect` refuses."""
    database_name: NotRequired[str]
    """Name of the database made at the beginning. Default: only PostgreSQL's own `postgres`.
    Changing it replaces the cluster."""
    instance_class: NotRequired[str]
    """Class of provisioned instances, such as `db.r8g.large`. Default: serverless ones. Changing it
    restarts one instance after the other."""
    min_capacity: NotRequired[float]
    """Fewest Aurora capacity units (2 GiB each) of a serverless instance, from 0.5. Default: 0.5,
    with which at most 2,000 connections are possible."""
    max_capacity: NotRequired[float]
    """Most capacity units of a serverless instance, up to 256. Default: 16."""
    io_optimized: NotRequired[bool]
    """Whether I/O is included in the price of storage. Default: false. Can be switched on once in
    30 days, without downtime."""
    parameters: NotRequired[dict[str, str]]
    """Cluster parameters beside or above the baseline, which can only be strengthened: with
    `pgaudit.log` at `all`, reads are recorded, too. Default: the baseline alone."""
    backup_retention_days: NotRequired[int]
    """Days to which the cluster can be restored, 30 to 35. Default: 35."""
    log_retention_days: NotRequired[int]
    """Days that logs are kept: 365 or a longer period of CloudWatch Logs. Default: 400. Shortening
    it deletes what is older."""
    master_rotation_days: NotRequired[int]
    """Days between rotations of the administrator's password, 1 to 90. Default: 30."""
    maintenance_window: NotRequired[str]
    """Weekly window in UTC for changes that may interrupt service, of one day and outside of the
    backup window 01:00 to 02:00. Default: `sun:03:00-sun:04:00`."""
    rpo_minutes: NotRequired[int]
    """Recovery point objective: minutes of data that may be lost, at least 5, which is what Aurora
    offers within the region (DORA Art. 12). Default: 5. Recorded in `recovery` and as a tag."""
    rto_minutes: NotRequired[int]
    """Recovery time objective: minutes until service is back. Default: 60. Recorded likewise."""
    data_class: NotRequired[DataClass]
    """How sensitive the data is; becomes the tag `data-class`. Default: confidential."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears alarms, events of the cluster, every snapshot that is shared,
    copied or exported in the account and region, and tampering with the key made here. Its policy
    must let `cloudwatch`, `events` and `events.rds` (`.amazonaws.com`) publish. Default: nobody is
    told."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class EncryptedDatabase(Component):
    """An Aurora PostgreSQL cluster with an instance in each of 2 or 3 zones.

    Storage, backups, logs, insights and the administrator's secret are encrypted with one
    customer-managed key (PCI DSS 4.0.1 3.5.1). Clients connect with TLS only (4.2.1), from named
    security groups only (1.3.1), and with IAM or SCRAM. The administrator's password is made,
    kept and rotated by RDS, and is never known to Pulumi (8.6.2). pgaudit records changes of data,
    schema and roles (10.2.1), to log groups made beforehand; for its object-level records run
    `CREATE EXTENSION pgaudit` once in every database. A `proxy` takes TLS and IAM only, too, and
    signs in to the cluster with IAM: no application has a database password.

    Cluster, key and log groups are protected: Pulumi refuses to delete or replace them until
    `pulumi state unprotect`, and AWS refuses to delete the cluster until its own protection is
    turned off. What remains of it then are a final snapshot and its automated backups.

    Deliberately absent: passwords as arguments; restoring from a snapshot, which takes two steps
    that a declaration cannot tell apart; blue/green upgrades, which the provider offers for single
    instances only; copies in other regions and restore tests, which a BackupVault makes; activity
    streams.
    """

    cluster_arn: Output[str]
    """ARN of the cluster."""
    cluster_identifier: Output[str]
    """Identifier of the cluster."""
    resource_id: Output[str]
    """Immutable id of the cluster, for policies that allow `rds-db:connect`."""
    writer_endpoint: Output[str]
    """DNS name of the instance that accepts writes."""
    reader_endpoint: Output[str]
    """DNS name of the readers."""
    proxy_endpoint: Output[str]
    """DNS name of the proxy, which leads to the writer; empty without one."""
    proxy_resource_id: Output[str]
    """Immutable id of the proxy, as in `prx-0a1b2c3d`, for policies of its clients that allow
    `rds-db:connect`; empty without one."""
    port: Output[int]
    """TCP port of all endpoints."""
    security_group_id: Output[str]
    """Id of the cluster's security group. Its rules are exclusive: others are removed."""
    proxy_security_group_id: Output[str]
    """Id of the proxy's security group, for rules that let clients out to it; empty without one."""
    master_secret_arn: Output[str]
    """ARN of the secret with the administrator's password."""
    kms_key_arn: Output[str]
    """ARN of the key that encrypts everything."""
    log_group_names: Output[list[str]]
    """Names of the log groups."""
    recovery: Output[str]
    """JSON of what recovery is planned for: `rpo_minutes`, `rto_minutes`, `backup_retention_days`
    and `zones`, from which backup plans and restore tests can be derived."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: EncryptedDatabaseArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the database.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed.
        """
        super().__init__(name, args, opts)
        data_class = DataClass(args.get("data_class", DataClass.CONFIDENTIAL))
        tags = {"data-class": data_class.value, **args.get("tags", {})}
        site = Site(self, name, region_of(args["zones"]), tags)

        key_arn = _key_arn(site, args, data_class)
        access = make_access(site, args)
        database = make_database(site, args, key_arn, access.cluster)
        proxy = None
        if access.proxy is not None:
            proxy = make_proxy(site, args, database, access.proxy, key_arn)
        if (topic := args.get("alarm_topic_arn")) is not None:
            make_watch(site, database, topic, serverless=args.get("instance_class") is None)

        cluster = database.cluster
        self.publish(
            cluster_arn=cluster.arn,
            cluster_identifier=cluster.cluster_identifier,
            resource_id=cluster.cluster_resource_id,
            writer_endpoint=cluster.endpoint,
            reader_endpoint=cluster.reader_endpoint,
            proxy_endpoint=proxy.endpoint if proxy else Output.from_input(""),
            proxy_resource_id=proxy.arn.apply(_last_part) if proxy else Output.from_input(""),
            port=cluster.port,
            security_group_id=access.cluster.id,
            proxy_security_group_id=access.proxy.id if access.proxy else Output.from_input(""),
            master_secret_arn=database.rotation.secret_id,
            kms_key_arn=key_arn,
            log_group_names=Output.all(*(group.name for group in database.log_groups)),
            recovery=Output.json_dumps(recovery_of(args)),
            evidence=evidence(_satisfied(database)),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note zones, versions, capacity, windows, periods and parameters that cannot be."""
        for path, reason in database_problems(problems.name, args):
            problems.add(path, reason)
        for path, reason in proxy_problems(problems.name, args):
            problems.add(path, reason)


def _last_part(arn: str) -> str:
    return arn.rpartition(":")[2]


def _key_arn(site: Site, args: EncryptedDatabaseArgs, data_class: DataClass) -> Output[str]:
    """Return the ARN of the key that is given, or of one made for this database."""
    if (given := args.get("kms_key_arn")) is not None:
        return Output.from_input(given)
    services = (KeyService.LOGS, KeyService.RDS, KeyService.SECRETS_MANAGER)
    wanted: EncryptionKeyArgs = {
        "description": f"Database {site.name}: storage, backups, logs and secret",
        "services": [service.value for service in services],
        "data_class": data_class,
        "region": region_of(args["zones"]),
        "tags": dict(site.tags),
    }
    if (topic := args.get("alarm_topic_arn")) is not None:
        wanted["alarm_topic_arn"] = topic
    return EncryptionKey(site.named("key"), wanted, opts=site.child()).arn


def _satisfied(database: Database) -> dict[str, tuple[pulumi.Resource, str]]:
    """Return which property of which resource satisfies which control."""
    cluster, instance, group = database.cluster, database.instances[0], database.log_groups[0]
    return {
        "cloudwatch-log-group-retention": (group, "retentionInDays"),
        "rds-audit-logs-exported": (cluster, "enabledCloudwatchLogsExports"),
        "rds-backup-retention": (cluster, "backupRetentionPeriod"),
        "rds-deletion-protection": (cluster, "deletionProtection"),
        "rds-engine-supported": (cluster, "engineLifecycleSupport"),
        "rds-final-snapshot-kept": (cluster, "skipFinalSnapshot"),
        "rds-iam-authentication": (cluster, "iamDatabaseAuthenticationEnabled"),
        "rds-master-password-managed": (cluster, "manageMasterUserPassword"),
        "rds-multi-az": (instance, "availabilityZone"),
        "rds-not-publicly-accessible": (instance, "publiclyAccessible"),
        "rds-storage-encrypted": (cluster, "storageEncrypted"),
        "rds-tls-enforced": (database.parameters, "parameters"),
        "secretsmanager-rotation-enabled": (database.rotation, "rotationRules"),
    }
