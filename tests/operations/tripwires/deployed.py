"""A stack with a door of every kind: groups, buckets, a key and a role, in an account of moto's."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fintech_infra.environment import Resource
from fintech_infra.operations.aws import Access
from fintech_infra.operations.drift import Captured
from tests.operations.tripwires.looking import ACCOUNT, REGION, account, captured, made, previewed

GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ACCOUNT_BLOCK = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
ROLE = "aws:iam/role:Role"
INLINE = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
POLICY = "aws:iam/policy:Policy"

FLAGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
CLOSED = dict.fromkeys(FLAGS, True)
DECLARED = {flag[0].lower() + flag[1:]: True for flag in FLAGS}


def policy(*statements: dict[str, Any]) -> str:
    """A policy as programs write it."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


TLS_ONLY = {
    "Sid": "Tls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::shop-orders", "arn:aws:s3:::shop-orders/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
OWNED = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop-orders/*"}
PUTS = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:*:{ACCOUNT}:jobs"}


@dataclass
class Site:
    """The account, what was made in it, and how to get at it."""

    access: Access
    ids: dict[str, str] = field(default_factory=dict[str, str])
    resources: list[Resource] = field(default_factory=list[Resource])

    def client(self, service: str) -> Any:
        """A client of the account."""
        return self.access.client(service)

    @property
    def state(self) -> Captured:
        """The stack as its state has it."""
        return captured(*self.resources)

    def of(self, *types: str) -> Captured:
        """The state of a stack that has resources of these types only."""
        return captured(*(it for it in self.resources if it.type in types))

    def preview(self, *types: str) -> Captured:
        """The same as a preview has it: what AWS numbers is made up."""
        taken = [it for it in self.resources if not types or it.type in types]
        return previewed(*(_simulated(it, self.ids) for it in taken))


def _simulated(resource: Resource, ids: dict[str, str]) -> Resource:
    text = json.dumps([resource.id, dict(resource.inputs), dict(resource.outputs)])
    for name, real in ids.items():
        text = text if real.startswith("arn:") else text.replace(real, f"{name}-simulated")
    id_, inputs, outputs = json.loads(text)
    kept = {key: it for key, it in outputs.items() if key in (*inputs, "arn", "keyId", "name")}
    return Resource(resource.urn, resource.type, resource.name, inputs, kept, id=id_)


@contextmanager
def built() -> Generator[Site]:
    """The stack, deployed."""
    with account() as access:
        site = Site(access)
        _network(site)
        _storage(site)
        _key(site)
        _identity(site)
        yield site


def _network(site: Site) -> None:
    ec2 = site.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for name in ("web", "db", "cache"):
        made_ = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)
        site.ids[name] = made_["GroupId"]
        anywhere = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ec2.revoke_security_group_egress(GroupId=made_["GroupId"], IpPermissions=anywhere)
    web, db, cache = (site.ids[name] for name in ("web", "db", "cache"))
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    single = ec2.authorize_security_group_ingress(
        GroupId=web, IpPermissions=[{**https, "IpRanges": [{"CidrIp": "10.1.0.0/16"}]}]
    )
    site.ids["rule"] = single["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    postgres = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
    ranges = [{"CidrIp": "10.2.0.0/16"}, {"CidrIp": "10.3.0.0/16"}]
    ec2.authorize_security_group_ingress(
        GroupId=db, IpPermissions=[{**postgres, "IpRanges": ranges}]
    )
    redis = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379}
    pairs = [{"GroupId": web, "Description": "web"}, {"GroupId": cache, "Description": "web"}]
    ec2.authorize_security_group_ingress(
        GroupId=cache, IpPermissions=[{**redis, "UserIdGroupPairs": pairs}]
    )
    inline = {
        "protocol": "tcp",
        "fromPort": 6379,
        "toPort": 6379,
        "securityGroups": [web],
        "self": True,
        "description": "web",
    }
    listed = {
        "type": "ingress",
        "securityGroupId": db,
        "protocol": "tcp",
        "fromPort": 5432,
        "toPort": 5432,
        "cidrBlocks": ["10.2.0.0/16", "10.3.0.0/16"],
    }
    rule = {
        "securityGroupId": web,
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrIpv4": "10.1.0.0/16",
    }
    site.resources += [
        _group("web", web, vpc),
        _group("db", db, vpc),
        _group("cache", cache, vpc, ingress=[inline]),
        made(RULE, "db-ranges", listed, id="sgrule-1"),
        made(INGRESS, "web-https", rule, id=site.ids["rule"]),
    ]


def _group(name: str, id_: str, vpc: str, **inputs: Any) -> Resource:
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{id_}"
    given = {"name": name, "description": name, "vpcId": vpc, **inputs}
    return made(GROUP, name, given, arn, **{"id": id_, "ingress": [], "egress": [], **inputs})


def _storage(site: Site) -> None:
    s3 = site.client("s3")
    where = {"LocationConstraint": REGION}
    for bucket in ("shop-orders", "shop-logs"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    s3.put_public_access_block(Bucket="shop-orders", PublicAccessBlockConfiguration=CLOSED)
    s3.put_bucket_policy(Bucket="shop-orders", Policy=policy(TLS_ONLY))
    site.client("s3control").put_public_access_block(
        AccountId=ACCOUNT, PublicAccessBlockConfiguration=CLOSED
    )
    named = {"bucket": "shop-orders"}
    site.resources += [
        made(BUCKET, "orders", named, "arn:aws:s3:::shop-orders", id="shop-orders"),
        made(BUCKET, "logs", {"bucket": "shop-logs"}, "arn:aws:s3:::shop-logs", id="shop-logs"),
        made(BUCKET_POLICY, "orders", {**named, "policy": policy(TLS_ONLY)}, id="shop-orders"),
        made(BLOCK, "orders", {**named, **DECLARED}, id="shop-orders"),
        made(ACCOUNT_BLOCK, "all", DECLARED, id=ACCOUNT),
    ]


def _key(site: Site) -> None:
    kms = site.client("kms")
    key = kms.create_key(Policy=policy(OWNED))["KeyMetadata"]
    site.ids["key"] = key["KeyId"]
    kms.enable_key_rotation(KeyId=key["KeyId"])
    kms.create_alias(AliasName="alias/orders", TargetKeyId=key["KeyId"])
    given = {"enableKeyRotation": True, "policy": policy(OWNED), "deletionWindowInDays": 30}
    alias = {"name": "alias/orders", "targetKeyId": key["KeyId"]}
    told = {"id": key["KeyId"], "keyId": key["KeyId"], "isEnabled": True}
    site.resources += [
        made(KEY, "orders", given, key["Arn"], **told),
        made(ALIAS, "orders", alias, id="alias/orders"),
    ]


def _identity(site: Site) -> None:
    iam = site.client("iam")
    role = iam.create_role(RoleName="api", AssumeRolePolicyDocument=policy(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="api", PolicyName="puts", PolicyDocument=policy(PUTS))
    arn = iam.create_policy(PolicyName="reads", PolicyDocument=policy(READS))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="api", PolicyArn=arn)
    site.ids["reads"] = arn
    trust = {"name": "api", "assumeRolePolicy": policy(TRUST)}
    none: dict[str, Any] = {"managedPolicyArns": [], "inlinePolicies": [], "id": "api"}
    puts = {"name": "puts", "role": "api", "policy": policy(PUTS)}
    attached = {"role": "api", "policyArn": arn}
    site.resources += [
        made(ROLE, "api", trust, role, **none),
        made(INLINE, "api-puts", puts, id="api:puts"),
        made(POLICY, "reads", {"name": "reads", "policy": policy(READS)}, arn, id=arn),
        made(ATTACHMENT, "api-reads", attached, id="api-1"),
    ]
