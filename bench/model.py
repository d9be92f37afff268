"""One logical infrastructure of any size, as a Pulumi program and as a Terraform plan.

A cell is twenty resources of a small service: key, buckets with their settings, network, security
group, database, role, queue, topic, log group, function. Every third cell has defects, so that
controls have something to find. Both forms declare the same resources with the same settings.
"""

from __future__ import annotations

import json
from typing import Any

CELL_SIZE = 20

_PROGRAM = """\
import json

import pulumi
from pulumi_aws import cloudwatch, dynamodb, ec2, iam, kms, rds, s3, sns, sqs, vpc


def cell(n: int) -> None:
    bad = n % 3 == 0
    tags = {{"owner": "payments", "cell": str(n)}}
    key = kms.Key(f"key-{{n}}", enable_key_rotation=not bad, deletion_window_in_days=30, tags=tags)
    kms.Alias(f"alias-{{n}}", name=f"alias/cell-{{n}}", target_key_id=key.key_id)
    bucket = s3.Bucket(f"data-{{n}}", tags=tags)
    s3.BucketPublicAccessBlock(
        f"data-{{n}}", bucket=bucket.id, block_public_acls=not bad, block_public_policy=True,
        ignore_public_acls=True, restrict_public_buckets=True)
    s3.BucketVersioning(
        f"data-{{n}}", bucket=bucket.id,
        versioning_configuration={{"status": "Suspended" if bad else "Enabled"}})
    s3.BucketServerSideEncryptionConfiguration(
        f"data-{{n}}", bucket=bucket.id, rules=[{{"apply_server_side_encryption_by_default": {{
            "sse_algorithm": "aws:kms", "kms_master_key_id": key.arn}}}}])
    s3.BucketPolicy(
        f"data-{{n}}", bucket=bucket.id, policy=bucket.arn.apply(lambda arn: json.dumps({{
            "Version": "2012-10-17", "Statement": [{{
                "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, arn + "/*"],
                "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}]}})))
    network = ec2.Vpc(f"vpc-{{n}}", cidr_block=f"10.{{n % 256}}.0.0/16", tags=tags)
    subnets = [
        ec2.Subnet(
            f"subnet-{{n}}-{{i}}", vpc_id=network.id,
            cidr_block=f"10.{{n % 256}}.{{i}}.0/24", map_public_ip_on_launch=bad)
        for i in range(2)]
    group = ec2.SecurityGroup(f"sg-{{n}}", vpc_id=network.id, description="service", tags=tags)
    vpc.SecurityGroupIngressRule(
        f"sg-{{n}}", security_group_id=group.id, ip_protocol="tcp", from_port=22 if bad else 443,
        to_port=22 if bad else 443, cidr_ipv4="0.0.0.0/0" if bad else "10.0.0.0/8")
    subnet_group = rds.SubnetGroup(f"db-{{n}}", subnet_ids=[subnet.id for subnet in subnets])
    rds.Instance(
        f"db-{{n}}", engine="postgres", engine_version="17.4", instance_class="db.t4g.medium",
        allocated_storage=20, db_subnet_group_name=subnet_group.name, storage_encrypted=not bad,
        kms_key_id=None if bad else key.arn, vpc_security_group_ids=[group.id], username="app",
        manage_master_user_password=True, backup_retention_period=1 if bad else 35,
        deletion_protection=not bad, iam_database_authentication_enabled=True, tags=tags)
    role = iam.Role(f"role-{{n}}", assume_role_policy=json.dumps({{
        "Version": "2012-10-17", "Statement": [{{
            "Effect": "Allow", "Principal": {{"Service": "lambda.amazonaws.com"}},
            "Action": "sts:AssumeRole"}}]}}), tags=tags)
    iam.RolePolicy(
        f"role-{{n}}", role=role.id, policy=bucket.arn.apply(lambda arn: json.dumps({{
            "Version": "2012-10-17", "Statement": [{{
                "Effect": "Allow", "Action": "*" if bad else "s3:GetObject",
                "Resource": "*" if bad else arn + "/*"}}]}})))
    sqs.Queue(f"queue-{{n}}", kms_master_key_id=None if bad else key.id, tags=tags)
    sns.Topic(f"topic-{{n}}", kms_master_key_id=None if bad else key.id, tags=tags)
    cloudwatch.LogGroup(f"logs-{{n}}", retention_in_days=0 if bad else 400, tags=tags)
    dynamodb.Table(
        f"table-{{n}}", hash_key="id", billing_mode="PAY_PER_REQUEST",
        attributes=[{{"name": "id", "type": "S"}}],
        point_in_time_recovery={{"enabled": not bad}}, tags=tags)


for number in range({cells}):
    cell(number)
"""


def program(cells: int) -> dict[str, str]:
    """The files of a Pulumi project with so many cells."""
    return {
        "Pulumi.yaml": "name: generated\nruntime: python\n",
        "Pulumi.dev.yaml": "config:\n  aws:region: eu-central-1\n",
        "__main__.py": _PROGRAM.format(cells=cells),
    }


def plan(cells: int) -> str:
    """The same resources as the JSON of a Terraform plan, which Checkov reads."""
    resources: list[dict[str, Any]] = []
    configuration: list[dict[str, Any]] = []
    for number in range(cells):
        for type_, name, values, references in _terraform_cell(number):
            address = f"{type_}.{name}"
            base = {"address": address, "mode": "managed", "type": type_, "name": name}
            resources.append(
                {**base, "provider_name": "aws", "schema_version": 0, "values": values}
            )
            expressions = {key: {"references": [to]} for key, to in references.items()}
            configuration.append({**base, "provider_config_key": "aws", "expressions": expressions})
    changes = [
        {**{k: r[k] for k in ("address", "mode", "type", "name", "provider_name")},
         "change": {"actions": ["create"], "before": None, "after": r["values"],
                    "after_unknown": {}}}
        for r in resources
    ]  # fmt: skip
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": resources}},
            "resource_changes": changes,
            "configuration": {"root_module": {"resources": configuration}},
        },
        indent=1,
    )


def _terraform_cell(n: int) -> list[tuple[str, str, dict[str, Any], dict[str, str]]]:
    bad = n % 3 == 0
    tags = {"owner": "payments", "cell": str(n)}
    key, bucket, network = f"aws_kms_key.key_{n}", f"aws_s3_bucket.data_{n}", f"aws_vpc.vpc_{n}"
    arn = f"arn:aws:s3:::data-{n}"
    to_bucket = {"bucket": f"{bucket}.id"}
    deny_plaintext = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]})  # fmt: skip
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole"}]})  # fmt: skip
    grant = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "*" if bad else "s3:GetObject",
        "Resource": "*" if bad else f"{arn}/*"}]})  # fmt: skip
    port = 22 if bad else 443
    subnets = [
        ("aws_subnet", f"subnet_{n}_{i}", {"cidr_block": f"10.{n % 256}.{i}.0/24",
         "map_public_ip_on_launch": bad}, {"vpc_id": f"{network}.id"})
        for i in range(2)
    ]  # fmt: skip
    return [
        ("aws_kms_key", f"key_{n}", {"enable_key_rotation": not bad,
         "deletion_window_in_days": 30, "tags": tags}, {}),
        ("aws_kms_alias", f"alias_{n}", {"name": f"alias/cell-{n}"},
         {"target_key_id": f"{key}.key_id"}),
        ("aws_s3_bucket", f"data_{n}", {"bucket": f"data-{n}", "tags": tags}, {}),
        ("aws_s3_bucket_public_access_block", f"data_{n}", {"block_public_acls": not bad,
         "block_public_policy": True, "ignore_public_acls": True,
         "restrict_public_buckets": True}, to_bucket),
        ("aws_s3_bucket_versioning", f"data_{n}", {"versioning_configuration": [
            {"status": "Suspended" if bad else "Enabled"}]}, to_bucket),
        ("aws_s3_bucket_server_side_encryption_configuration", f"data_{n}", {"rule": [
            {"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]},
         to_bucket),
        ("aws_s3_bucket_policy", f"data_{n}", {"policy": deny_plaintext}, to_bucket),
        ("aws_vpc", f"vpc_{n}", {"cidr_block": f"10.{n % 256}.0.0/16", "tags": tags}, {}),
        *subnets,
        ("aws_security_group", f"sg_{n}", {"description": "service", "tags": tags},
         {"vpc_id": f"{network}.id"}),
        ("aws_vpc_security_group_ingress_rule", f"sg_{n}", {"ip_protocol": "tcp",
         "from_port": port, "to_port": port, "cidr_ipv4": "0.0.0.0/0" if bad else "10.0.0.0/8"},
         {"security_group_id": f"aws_security_group.sg_{n}.id"}),
        ("aws_db_subnet_group", f"db_{n}", {},
         {"subnet_ids": f"aws_subnet.subnet_{n}_0.id"}),
        ("aws_db_instance", f"db_{n}", {"engine": "postgres", "engine_version": "17.4",
         "instance_class": "db.t4g.medium", "allocated_storage": 20, "storage_encrypted": not bad,
         "username": "app", "manage_master_user_password": True,
         "backup_retention_period": 1 if bad else 35, "deletion_protection": not bad,
         "iam_database_authentication_enabled": True, "tags": tags},
         {"kms_key_id": f"{key}.arn"}),
        ("aws_iam_role", f"role_{n}", {"assume_role_policy": trust, "tags": tags}, {}),
        ("aws_iam_role_policy", f"role_{n}", {"policy": grant},
         {"role": f"aws_iam_role.role_{n}.id"}),
        ("aws_sqs_queue", f"queue_{n}", {"tags": tags}, {"kms_master_key_id": f"{key}.id"}),
        ("aws_sns_topic", f"topic_{n}", {"tags": tags}, {"kms_master_key_id": f"{key}.id"}),
        ("aws_cloudwatch_log_group", f"logs_{n}",
         {"retention_in_days": 0 if bad else 400, "tags": tags}, {}),
        ("aws_dynamodb_table", f"table_{n}", {"hash_key": "id", "billing_mode": "PAY_PER_REQUEST",
         "attribute": [{"name": "id", "type": "S"}],
         "point_in_time_recovery": [{"enabled": not bad}], "tags": tags}, {}),
    ]  # fmt: skip
