"""Scalars of another spelling become what the provider makes of them.

What a provider refuses, such as text where a number is wanted, is shown in `test_schema`.
"""

from __future__ import annotations

from collections.abc import Callable

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.controls.evaluate import select
from fintech_infra.environment import Environment

_PROGRAM = """
    import pulumi
    from pulumi_aws import ec2, lambda_, rds

    config = pulumi.Config()
    database = rds.Instance(
        "db", instance_class="db.t4g.micro", engine_version=17, allocated_storage="20",
        publicly_accessible=config.get("public"), storage_encrypted=config.get_secret("encrypted"))
    ec2.SecurityGroup("group", tags={"level": 3}, ingress=[{
        "protocol": -1, "from_port": "0", "to_port": pulumi.Output.secret("0"),
        "cidr_blocks": ["0.0.0.0/0"]}])
    pulumi.export("public", database.publicly_accessible)
    pulumi.export("encrypted", database.storage_encrypted)
"""
_STACK = """
    config:
      shop:public: "true"
      shop:encrypted: "false"
"""


def test_configuration_is_taken_as_what_it_says(run: Callable[..., Environment]) -> None:
    environment = run({"__main__.py": _PROGRAM, "Pulumi.dev.yaml": _STACK})
    found = {resource.name: resource for resource in environment.resources}

    assert found["db"].inputs == {
        "instanceClass": "db.t4g.micro",
        "engineVersion": "17",
        "allocatedStorage": 20,
        "publiclyAccessible": True,
        "storageEncrypted": False,
    }
    assert "inputs.storageEncrypted" in found["db"].secrets
    assert environment.outputs == {"public": True, "encrypted": False}
    assert environment.secret_outputs == ("encrypted",)
    assert found["group"].inputs["tags"] == {"level": "3"}
    assert found["group"].inputs["ingress"][0] == {
        "protocol": "-1",
        "fromPort": 0,
        "toPort": 0,
        "cidrBlocks": ["0.0.0.0/0"],
    }


def test_a_control_sees_what_configuration_switches_on(run: Callable[..., Environment]) -> None:
    environment = run({"__main__.py": _PROGRAM, "Pulumi.dev.yaml": _STACK})
    controls = select(CONTROLS, ["rds-not-publicly-accessible"])

    assert [item.path for item in evaluate(environment, controls).findings] == [
        "publiclyAccessible"
    ]
