from typing import Sequence

import pulumi
from pulumi_aws import appautoscaling, dynamodb, iam


class ScalingTable(pulumi.ComponentResource):
    """A provisioned table with target tracking on reads and writes."""

    table: pulumi.Output[dynamodb.Table]

    def __init__(self, name: str, *, keys: Sequence[str], maximum: int, opts=None, **table_args):
        super().__init__("shop:data:ScalingTable", name, None, opts)
        parented = pulumi.ResourceOptions(parent=self)
        hash_key, *range_key = keys
        self.table = dynamodb.Table(
            name,
            attributes=[{"name": key, "type": "S"} for key in keys],
            hash_key=hash_key,
            range_key=range_key[0] if range_key else None,
            read_capacity=5,
            write_capacity=5,
            opts=pulumi.ResourceOptions.merge(
                parented,
                pulumi.ResourceOptions(ignore_changes=["read_capacity", "write_capacity"]),
            ),
            **table_args,
        )
        for kind in ("Read", "Write"):
            dimension = f"dynamodb:table:{kind}CapacityUnits"
            target = appautoscaling.Target(
                f"{name}-{kind.lower()}",
                min_capacity=5,
                max_capacity=maximum,
                resource_id=self.table.name.apply(lambda n: f"table/{n}"),
                scalable_dimension=dimension,
                service_namespace="dynamodb",
                opts=parented,
            )
            appautoscaling.Policy(
                f"{name}-{kind.lower()}",
                policy_type="TargetTrackingScaling",
                resource_id=target.resource_id,
                scalable_dimension=target.scalable_dimension,
                service_namespace=target.service_namespace,
                target_tracking_scaling_policy_configuration={
                    "predefined_metric_specification": {
                        "predefined_metric_type": f"DynamoDB{kind}CapacityUtilization"
                    },
                    "target_value": 70,
                },
                opts=pulumi.ResourceOptions(parent=target),
            )
        self.register_outputs({"table": self.table.name})


orders = ScalingTable(
    "orders",
    keys=["customer", "placed"],
    maximum=100,
    stream_enabled=True,
    stream_view_type="NEW_AND_OLD_IMAGES",
    server_side_encryption={"enabled": True},
    point_in_time_recovery={"enabled": True},
    global_secondary_indexes=[
        {
            "name": "by-placed",
            "hash_key": "placed",
            "projection_type": "ALL",
            "read_capacity": 1,
            "write_capacity": 1,
        }
    ],
)
on_demand = dynamodb.Table(
    "sessions",
    billing_mode="PAY_PER_REQUEST",
    attributes=[dynamodb.TableAttributeArgs(name="id", type="S")],
    hash_key="id",
    ttl=dynamodb.TableTtlArgs(attribute_name="expires", enabled=True),
    replicas=[dynamodb.TableReplicaArgs(region_name="us-east-1")],
)
item = dynamodb.TableItem(
    "root",
    table_name=on_demand.name,
    hash_key=on_demand.hash_key,
    item='{"id": {"S": "root"}}',
)
reader = iam.Policy(
    "reader",
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["dynamodb:GetItem", "dynamodb:Query"],
                    "Resource": [
                        orders.table.arn,
                        pulumi.Output.concat(orders.table.arn, "/index/*"),
                    ],
                }
            ],
        }
    ),
)
pulumi.export("stream", orders.table.stream_arn)
pulumi.export("index", orders.table.global_secondary_indexes[0].name)
