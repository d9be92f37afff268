"""A small shop with faults and secrets, previewed once, and its exports."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fintech_infra.engine import PreviewError, Problem, preview
from fintech_infra.engine.exported import read
from fintech_infra.environment import Environment

PROGRAM = """\
import json
import pulumi
from pulumi_aws import Provider, ec2, iam, lambda_, rds, s3

data = s3.Bucket("data", acl="public-read", opts=pulumi.ResourceOptions(
    protect=True, retain_on_delete=True, ignore_changes=["tags"],
    aliases=[pulumi.Alias(name="old-data")]))
vpc = ec2.Vpc("net", cidr_block="10.0.0.0/16")
admin = ec2.SecurityGroup("admin", vpc_id=vpc.id, ingress=[
    {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}])
books = rds.Instance("books", engine="postgres", instance_class="db.t4g.medium", username="app",
                     password=pulumi.Output.secret("hunter22-hunter22"))
wild = iam.Policy("wild", policy=pulumi.Output.secret(json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})))
role = iam.Role("settle", assume_role_policy=json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                   "Principal": {"Service": "lambda.amazonaws.com"}}]}))
lambda_.Function("settle", role=role.arn, runtime="python3.12", handler="app.main",
                 code=pulumi.AssetArchive({"app.py": pulumi.StringAsset("def main(): pass")}))
paris = Provider("paris", region="eu-west-3", default_tags={"tags": {"team": "ledger"}})
s3.Bucket("logs", opts=pulumi.ResourceOptions(provider=paris))
s3.Bucket.get("shared", "shared-bucket")
pulumi.export("bucket", data.bucket)
pulumi.export("password", pulumi.Output.secret("hunter22-hunter22"))
"""


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What the program declares, as the preview knows it: every value in the clear."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (folder / "__main__.py").write_text(PROGRAM)
    return preview(folder, "prod").environment


@pytest.fixture
def read_json() -> Callable[[Any], Environment]:
    """Read a document as a file of that content."""
    return lambda content: read(json.dumps(content).encode(), "file.json")


@pytest.fixture
def refused() -> Callable[[Any], list[str]]:
    """Read a document that is wrong; gives the messages."""

    def problems(content: Any) -> list[str]:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        with pytest.raises(PreviewError) as caught:
            read(data, "file.json")
        found: tuple[Problem, ...] = caught.value.problems
        assert {item.file for item in found} == {"file.json"}
        return [item.message for item in found]

    return problems
