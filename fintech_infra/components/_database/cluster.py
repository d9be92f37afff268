"""Makes an Aurora PostgreSQL cluster, its instances, and what they log, rotate and report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi import Output
from pulumi_aws import cloudwatch, ec2, iam, rds, secretsmanager

from fintech_infra.components._account import account_of
from fintech_infra.components._database.access import subnet_group_name
from fintech_infra.components._database.design import (
    BACKUP_WINDOW,
    DEFAULT_MAINTENANCE_WINDOW,
    DEFAULT_PORT,
    DEFAULT_ROTATION_DAYS,
    Version,
    identifier_of,
    recovery_of,
    scaling_of,
)
from fintech_infra.components._database.parameters import cluster_parameters, family_of
from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._retention import DEFAULT_DAYS
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site
from fintech_infra.components._zones import letter_of

LOG_EXPORTS: Final = ("iam-db-auth-error", "postgresql")
"""What Aurora PostgreSQL writes to CloudWatch Logs."""

CA_CERTIFICATE: Final = "rds-ca-rsa2048-g1"
"""Authority of the server certificates: the one RDS uses for new databases, valid until 2061."""

MASTER_USERNAME: Final = "cluster_admin"
"""Not a name that is tried first (AWS FSBP RDS.24)."""

INSIGHTS_DAYS: Final = 465
"""What the advanced mode of Database Insights asks for (pulumi/pulumi-aws#5286)."""

_ENGINE: Final = rds.EngineType.AURORA_POSTGRESQL
_SERVERLESS: Final = "db.serverless"
_MONITORING_SECONDS: Final = 15
_MONITORING_POLICY: Final = "iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
_FIRST_TO_TAKE_OVER: Final = 0


@dataclass(frozen=True)
class Database:
    """A cluster and the parts of it that others refer to."""

    cluster: rds.Cluster
    instances: list[rds.ClusterInstance]
    parameters: rds.ClusterParameterGroup
    log_groups: list[cloudwatch.LogGroup]
    rotation: secretsmanager.SecretRotation


def make_database(
    site: Site, args: Mapping[str, Any], key_arn: Output[str], access: ec2.SecurityGroup
) -> Database:
    """Make the cluster, encrypted with the key, reached through the security group `access`."""
    log_groups = _make_log_groups(site, args, key_arn)
    parameters = _make_parameter_group(site, args)
    cluster = rds.Cluster(
        site.name,
        **_engine(args),
        **_storage(args, key_arn),
        **_administration(key_arn),
        **_observation(key_arn),
        **_recovery(site, args, access),
        cluster_identifier=identifier_of(site.name, args),
        database_name=args.get("database_name"),
        port=int(args.get("port", DEFAULT_PORT)),
        db_subnet_group_name=subnet_group_name(site, args),
        vpc_security_group_ids=[access.id],
        network_type="IPV4",
        enable_http_endpoint=False,
        db_cluster_parameter_group_name=parameters.name,
        region=site.region,
        tags=site.tagged(site.name) | _objectives(args),
        opts=site.child(depends_on=log_groups, protect=True),
    )
    instances = _make_instances(site, args, cluster)
    rotation = _make_rotation(site, args, cluster, instances)
    return Database(cluster, instances, parameters, log_groups, rotation)


def _engine(args: Mapping[str, Any]) -> dict[str, Any]:
    version = Version(args["engine_version"])
    scaling = scaling_of(args)
    return {
        "engine": _ENGINE,
        "engine_mode": "provisioned",
        "engine_version": version.text,
        "engine_lifecycle_support": "open-source-rds-extended-support-disabled",
        "auto_minor_version_upgrade": not version.pinned,
        # Changing the major version in code is decision enough. The upgrade needs an instance
        # parameter group of the new family (terraform-aws-modules/terraform-aws-rds-aurora#353).
        "allow_major_version_upgrade": True,
        "db_instance_parameter_group_name": f"default.{family_of(version.major)}",
        "serverlessv2_scaling_configuration": scaling
        and {"min_capacity": scaling[0], "max_capacity": scaling[1]},
    }


def _storage(args: Mapping[str, Any], key_arn: Output[str]) -> dict[str, Any]:
    return {
        "storage_encrypted": True,
        "kms_key_id": key_arn,
        "storage_type": "aurora-iopt1" if args.get("io_optimized") else None,
    }


def _administration(key_arn: Output[str]) -> dict[str, Any]:
    return {
        "master_username": MASTER_USERNAME,
        "manage_master_user_password": True,
        "master_user_secret_kms_key_id": key_arn,
        "iam_database_authentication_enabled": True,
    }


def _observation(key_arn: Output[str]) -> dict[str, Any]:
    return {
        "enabled_cloudwatch_logs_exports": list(LOG_EXPORTS),
        "database_insights_mode": "advanced",
        "performance_insights_enabled": True,
        "performance_insights_kms_key_id": key_arn,
        "performance_insights_retention_period": INSIGHTS_DAYS,
    }


def _recovery(site: Site, args: Mapping[str, Any], access: ec2.SecurityGroup) -> dict[str, Any]:
    # The name of the last snapshot ends like the security group's id: it stays the same while
    # the cluster lives, and is another one when a cluster of this name is made again, whose last
    # snapshot would else collide with it.
    snapshot = f"{identifier_of(site.name, args)}-final"
    return {
        "backup_retention_period": recovery_of(args)["backup_retention_days"],
        "preferred_backup_window": BACKUP_WINDOW,
        "preferred_maintenance_window": args.get("maintenance_window", DEFAULT_MAINTENANCE_WINDOW),
        "copy_tags_to_snapshot": True,
        "deletion_protection": True,
        "skip_final_snapshot": False,
        "final_snapshot_identifier": access.id.apply(
            lambda group: f"{snapshot}-{group.rpartition('-')[2]}"
        ),
        "delete_automated_backups": False,
    }


def _objectives(args: Mapping[str, Any]) -> dict[str, str]:
    recovery = recovery_of(args)
    return {
        "rpo-minutes": str(recovery["rpo_minutes"]),
        "rto-minutes": str(recovery["rto_minutes"]),
    }


def _make_log_groups(
    site: Site, args: Mapping[str, Any], key_arn: Output[str]
) -> list[cloudwatch.LogGroup]:
    """Make the log groups under the names that RDS uses, before RDS makes them itself.

    Those that it makes are not encrypted with our key and never expire
    (terraform-aws-modules/terraform-aws-rds-aurora#244).
    """
    days = int(args.get("log_retention_days", DEFAULT_DAYS))
    path = f"/aws/rds/cluster/{identifier_of(site.name, args)}"
    return [
        make_log_group(site, export, key_arn=key_arn, days=days, name=f"{path}/{export}")
        for export in LOG_EXPORTS
    ]


def _make_parameter_group(site: Site, args: Mapping[str, Any]) -> rds.ClusterParameterGroup:
    """Make the parameter group of the major version, which its logical name holds.

    A major upgrade so makes a second group while the first is in use
    (terraform-aws-modules/terraform-aws-rds-aurora#353).
    """
    major = Version(args["engine_version"]).major
    name = site.named(f"pg{major}")
    return rds.ClusterParameterGroup(
        name,
        family=family_of(major),
        description=f"TLS, SCRAM and audit for {site.name}",
        parameters=cluster_parameters(args.get("parameters", {})),
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )


def _make_instances(
    site: Site, args: Mapping[str, Any], cluster: rds.Cluster
) -> list[rds.ClusterInstance]:
    """Make an instance in each zone. They take their engine version from the cluster."""
    role, permission = _make_monitoring_role(site)
    return [
        rds.ClusterInstance(
            site.named(letter_of(zone)),
            cluster_identifier=cluster.id,
            engine=_ENGINE,
            instance_class=args.get("instance_class", _SERVERLESS),
            availability_zone=zone,
            promotion_tier=_FIRST_TO_TAKE_OVER,
            publicly_accessible=False,
            ca_cert_identifier=CA_CERTIFICATE,
            auto_minor_version_upgrade=not Version(args["engine_version"]).pinned,
            copy_tags_to_snapshot=True,
            monitoring_interval=_MONITORING_SECONDS,
            monitoring_role_arn=role.arn,
            region=site.region,
            tags=site.tagged(site.named(letter_of(zone))),
            opts=site.child(depends_on=[permission]),
        )
        for zone in sorted(args["zones"])
    ]


def _make_monitoring_role(site: Site) -> tuple[iam.Role, iam.RolePolicyAttachment]:
    """Make the role of Enhanced Monitoring, and what lets it do its work."""
    account = account_of(site.component, site.region)
    databases = account.apply(lambda found: found.arn("rds", "*"))
    role = make_service_role(site, "monitoring", "monitoring.rds.amazonaws.com", account, databases)
    permission = iam.RolePolicyAttachment(
        site.named("monitoring"),
        role=role.name,
        policy_arn=account.apply(lambda found: f"arn:{found.partition}:{_MONITORING_POLICY}"),
        opts=site.child(),
    )
    return role, permission


def _make_rotation(
    site: Site,
    args: Mapping[str, Any],
    cluster: rds.Cluster,
    instances: list[rds.ClusterInstance],
) -> secretsmanager.SecretRotation:
    """Rotate the administrator's password on a schedule; RDS made it and rotates it itself.

    Rotation needs an instance to talk to (hashicorp/terraform-provider-aws#37779).
    """
    days = int(args.get("master_rotation_days", DEFAULT_ROTATION_DAYS))
    return secretsmanager.SecretRotation(
        site.named("master"),
        secret_id=cluster.master_user_secrets.apply(lambda secrets: secrets[0].secret_arn),
        rotation_rules={"automatically_after_days": days},
        rotate_immediately=False,
        region=site.region,
        opts=site.child(depends_on=instances),
    )
