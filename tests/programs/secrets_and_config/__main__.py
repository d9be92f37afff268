from dataclasses import dataclass
from typing import TypedDict

import pulumi
from pulumi_aws import sns, ssm


class Rule(TypedDict):
    port: int
    cidr: str


@dataclass
class Database:
    name: str
    size: int
    multi_az: bool
    credentials: dict


config = pulumi.Config()
rules: list[Rule] = config.require_object("rules")
database = Database(**config.require_object("database"))
password = config.require_secret("dbPassword")
credentials = config.require_secret_object("database").apply(lambda d: d["credentials"])

url = pulumi.Output.format(
    "postgres://{user}:{password}@db/{name}",
    user=credentials.apply(lambda c: c["user"]),
    password=password,
    name=database.name,
)
parameter = ssm.Parameter("url", type="SecureString", value=url)
plain = ssm.Parameter(
    "rules",
    type="String",
    value=pulumi.Output.json_dumps(rules),
    opts=pulumi.ResourceOptions(additional_secret_outputs=["value"]),
)
topic = sns.Topic(
    "alerts",
    display_name=config.get("display") or "alerts",
    tags={"account": config.require("account"), "since": config.require("since")},
)

aws_config = pulumi.Config("aws")
pulumi.export("region", aws_config.require("region"))
pulumi.export("replicas", config.require_int("replicas") + len(rules))
pulumi.export("ratio", config.require_float("ratio") * 2)
pulumi.export("enabled", config.require_bool("enabled"))
pulumi.export("port", config.require("port"))
pulumi.export("answer", config.require("answer"))
pulumi.export("owners", config.require_object("owners"))
pulumi.export("size", database.size)
pulumi.export("url", url)
pulumi.export("made", pulumi.Output.secret({"token": "abc"}))
pulumi.export("shown", pulumi.Output.unsecret(password).apply(lambda p: len(p) > 0))
pulumi.export("is_secret", pulumi.is_secret(password) if hasattr(pulumi, "is_secret") else None)
