"""What a simulated deployment gives back. Not shown: that AWS would accept the inputs."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
import pulumi_docker as docker
import pulumi_kubernetes as kubernetes
import pulumi_random
import pytest

from fintech_infra.engine.sdk.schema import Schemas
from fintech_infra.engine.simulation.answers import Answers, ResourceAnswer
from fintech_infra.engine.simulation.simulator import Simulator, World
from fintech_infra.environment import UNKNOWN, Asset

BUCKET = "aws:s3/bucket:Bucket"
ROLE = "aws:iam/role:Role"
QUEUE = "aws:sqs/queue:Queue"
ACCOUNT = "123456789012"
Simulate = Callable[..., tuple[Any, dict[str, Any]]]


def _world(**facts: Any) -> World:
    return World("organization", "payments", "dev", region="eu-west-1", **facts)


def _simulating(world: World) -> Simulate:
    simulator = Simulator(world, Schemas())

    def simulate(token: str, name: str = "it", inputs: Any = None, **more: Any) -> Any:
        package, module, type_ = token.split(":")
        if package == "aws":
            module = module.partition("/")[0]
            service = getattr(aws, "lambda_" if module == "lambda" else module)
            assert getattr(service, type_)  # loads the module of the class
        urn = f"urn:pulumi:dev::payments::{token}::{name}"
        return simulator.resource(token, name, urn, inputs or {}, **more)

    assert kubernetes.core.v1.Service
    assert kubernetes.core.v1.Namespace
    assert pulumi_random.RandomPassword
    assert docker.Image
    return simulate


@pytest.fixture(scope="session")
def simulate() -> Simulate:
    return _simulating(_world())


# Names and identities ---------------------------------------------------------------------------


def test_a_name_that_is_not_given_is_the_logical_one_and_seven_characters(
    simulate: Simulate,
) -> None:
    identity, outputs = simulate(ROLE, "reader", {"assumeRolePolicy": "{}"})
    stem, _, suffix = outputs["name"].rpartition("-")
    assert stem == "reader"
    assert len(suffix) == 7
    assert set(suffix) <= set("0123456789abcdef")
    assert identity == outputs["name"]


def test_a_name_that_is_given_is_kept(simulate: Simulate) -> None:
    identity, outputs = simulate(ROLE, "reader", {"name": "auditor", "path": "/team/"})
    assert identity == "auditor"
    assert outputs["arn"] == f"arn:aws:iam::{ACCOUNT}:role/team/auditor"


def test_a_prefix_is_honoured(simulate: Simulate) -> None:
    identity, outputs = simulate(BUCKET, "logs", {"bucketPrefix": "acme-"})
    assert identity == outputs["bucket"]
    assert outputs["bucket"].startswith("acme-")
    assert outputs["bucket"].removeprefix("acme-").isdigit()
    assert len(outputs["bucket"]) == len("acme-") + 26


@pytest.mark.parametrize(
    ("token", "inputs", "output", "name"),
    [
        (BUCKET, {}, "bucket", r"it-thing-[0-9a-f]{7}"),
        (QUEUE, {"fifoQueue": True}, "name", r"It-Thing-[0-9a-f]{7}\.fifo"),
        ("aws:sns/topic:Topic", {"fifoTopic": True}, "name", r"It-Thing-[0-9a-f]{7}\.fifo"),
        ("aws:kms/alias:Alias", {"targetKeyId": "k"}, "name", r"alias/It-Thing-[0-9a-f]{7}"),
        ("aws:rds/instance:Instance", {}, "identifier", r"It-Thing[0-9a-f]{7}"),
        ("aws:glue/catalogDatabase:CatalogDatabase", {}, "name", r"it-thing_[a-z]{8}"),
        ("aws:s3/bucketObjectv2:BucketObjectv2", {"bucket": "b"}, "key", r"It-Thing"),
    ],
)
def test_names_follow_what_the_provider_does_with_the_type(
    simulate: Simulate, token: str, inputs: dict[str, Any], output: str, name: str
) -> None:
    assert re.fullmatch(name, simulate(token, "It-Thing", inputs)[1][output])


@pytest.mark.parametrize(
    ("token", "inputs", "identity"),
    [
        ("aws:s3/bucketVersioning:BucketVersioning", {"bucket": "b"}, "b"),
        ("aws:sns/topic:Topic", {"name": "n"}, f"arn:aws:sns:eu-west-1:{ACCOUNT}:n"),
        (QUEUE, {"name": "n"}, f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/n"),
        ("aws:iam/policy:Policy", {"name": "n"}, f"arn:aws:iam::{ACCOUNT}:policy/n"),
        ("aws:cloudwatch/logGroup:LogGroup", {"name": "/a/b"}, "/a/b"),
        ("aws:lambda/function:Function", {"name": "f"}, "f"),
        ("aws:eks/cluster:Cluster", {"name": "c"}, "c"),
        ("aws:rds/cluster:Cluster", {"clusterIdentifier": "c"}, "c"),
        ("aws:ecs/taskDefinition:TaskDefinition", {"family": "f"}, "f"),
        (
            "aws:sfn/stateMachine:StateMachine",
            {"name": "s"},
            f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:s",
        ),
    ],
)
def test_the_id_is_what_the_provider_uses(
    simulate: Simulate, token: str, inputs: dict[str, Any], identity: str
) -> None:
    assert simulate(token, "it", inputs)[0] == identity


@pytest.mark.parametrize(
    ("token", "prefix"),
    [
        ("aws:ec2/vpc:Vpc", "vpc-0"),
        ("aws:ec2/subnet:Subnet", "subnet-0"),
        ("aws:ec2/securityGroup:SecurityGroup", "sg-0"),
        ("aws:ec2/eip:Eip", "eipalloc-0"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "sgr-0"),
        ("aws:ebs/volume:Volume", "vol-0"),
    ],
)
def test_ids_of_ec2_have_their_prefix_and_seventeen_characters(
    simulate: Simulate, token: str, prefix: str
) -> None:
    identity, outputs = simulate(token)
    assert identity.startswith(prefix)
    assert len(identity) == len(prefix) + 16
    assert outputs["arn"].endswith(f"/{identity}")


# Consistency ------------------------------------------------------------------------------------


def test_outputs_of_one_resource_agree(simulate: Simulate) -> None:
    _, bucket = simulate(BUCKET, "logs", {"bucket": "acme-logs"})
    assert bucket["arn"] == "arn:aws:s3:::acme-logs"
    assert bucket["bucketDomainName"] == "acme-logs.s3.amazonaws.com"
    assert bucket["bucketRegionalDomainName"] == "acme-logs.s3.eu-west-1.amazonaws.com"
    assert bucket["region"] == bucket["bucketRegion"] == "eu-west-1"


def test_a_function_names_its_own_arn_in_what_others_invoke(simulate: Simulate) -> None:
    _, function = simulate("aws:lambda/function:Function", "pay", {"publish": True})
    assert function["qualifiedArn"] == f"{function['arn']}:1"
    assert function["invokeArn"] == (
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
        f"{function['arn']}/invocations"
    )


def test_the_hash_of_code_is_that_of_the_asset(simulate: Simulate) -> None:
    code = Asset("archive", digest="00" * 32)
    _, function = simulate("aws:lambda/function:Function", "pay", {"code": code})
    assert base64.b64decode(function["sourceCodeHash"]) == bytes(32)


def test_a_certificate_has_one_validation_for_each_domain(simulate: Simulate) -> None:
    names = {"domainName": "a.example", "subjectAlternativeNames": ["*.a.example", "a.example"]}
    _, certificate = simulate("aws:acm/certificate:Certificate", "web", names)
    options = certificate["domainValidationOptions"]
    assert [option["domainName"] for option in options] == ["a.example", "*.a.example"]
    assert options[0]["resourceRecordName"] == options[1]["resourceRecordName"]
    assert options[0]["resourceRecordName"].endswith(".a.example.")


def test_a_cluster_has_a_decodable_certificate_an_issuer_and_a_security_group(
    simulate: Simulate,
) -> None:
    inputs = {"roleArn": "r", "vpcConfig": {"subnetIds": ["s"], "endpointPublicAccess": False}}
    _, cluster = simulate("aws:eks/cluster:Cluster", "k", inputs)
    certificate = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
    assert certificate.startswith("-----BEGIN CERTIFICATE-----\n")
    issuer = cluster["identities"][0]["oidcs"][0]["issuer"]
    assert issuer.startswith("https://oidc.eks.eu-west-1.amazonaws.com/id/")
    assert cluster["vpcConfig"]["clusterSecurityGroupId"].startswith("sg-0")
    assert cluster["vpcConfig"]["endpointPublicAccess"] is False
    assert cluster["vpcConfig"]["subnetIds"] == ["s"]


def test_a_zone_has_four_name_servers(simulate: Simulate) -> None:
    _, zone = simulate("aws:route53/zone:Zone", "z", {"name": "example.com"})
    assert [server.rpartition("awsdns-")[2][3:] for server in zone["nameServers"]] == [
        "com",
        "net",
        "org",
        "co.uk",
    ]


@pytest.mark.parametrize(
    ("engine", "port"),
    [("postgres", 5432), ("mysql", 3306), ("sqlserver-ex", 1433), ("aurora-postgresql", 5432)],
)
def test_a_database_listens_where_its_engine_does(
    simulate: Simulate, engine: str, port: int
) -> None:
    _, database = simulate("aws:rds/instance:Instance", "db", {"engine": engine})
    assert database["port"] == port
    assert database["endpoint"] == f"{database['address']}:{port}"


def test_a_database_that_keeps_its_own_password_names_the_secret(simulate: Simulate) -> None:
    inputs = {"engine": "postgres", "manageMasterUserPassword": True}
    (secret,) = simulate("aws:rds/instance:Instance", "db", inputs)[1]["masterUserSecrets"]
    assert secret["secretArn"].startswith(f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:rds!")
    assert simulate("aws:rds/instance:Instance", "db", {})[1]["masterUserSecrets"] == []


def test_a_listener_lies_under_its_load_balancer(simulate: Simulate) -> None:
    balancer, _ = simulate("aws:lb/loadBalancer:LoadBalancer", "web", {"name": "web"})
    listener, _ = simulate("aws:lb/listener:Listener", "https", {"loadBalancerArn": balancer})
    assert listener.startswith(balancer.replace(":loadbalancer/", ":listener/") + "/")


# Where things live ------------------------------------------------------------------------------


def test_the_region_is_the_resources_then_the_providers_then_the_worlds(
    simulate: Simulate,
) -> None:
    def arn(inputs: dict[str, Any], region: str) -> str:
        return simulate(QUEUE, "q", {"name": "q", **inputs}, region=region)[1]["arn"]

    assert arn({}, "") == f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
    assert arn({}, "us-west-2") == f"arn:aws:sqs:us-west-2:{ACCOUNT}:q"
    assert arn({"region": "sa-east-1"}, "us-west-2") == f"arn:aws:sqs:sa-east-1:{ACCOUNT}:q"


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
    ],
)
def test_the_partition_follows_from_the_region(
    simulate: Simulate, region: str, partition: str, suffix: str
) -> None:
    identity, outputs = simulate(QUEUE, "q", {"name": "q"}, region=region)
    assert outputs["arn"] == f"arn:{partition}:sqs:{region}:{ACCOUNT}:q"
    assert identity == f"https://sqs.{region}.{suffix}/{ACCOUNT}/q"


def test_the_account_is_the_worlds() -> None:
    simulate = _simulating(_world(account="000000000007"))
    assert simulate(ROLE, "r", {"name": "r"})[1]["arn"] == "arn:aws:iam::000000000007:role/r"


# Inputs -----------------------------------------------------------------------------------------


def test_inputs_come_back_as_they_are(simulate: Simulate) -> None:
    rules = [{"enabled": True, "expiration": {"days": 3}}]
    _, bucket = simulate(BUCKET, "logs", {"lifecycleRules": rules, "tags": {"a": "b"}})
    assert bucket["lifecycleRules"] is rules
    assert bucket["tags"] == bucket["tagsAll"] == {"a": "b"}


def test_what_the_program_leaves_out_is_not_decided_for_it(simulate: Simulate) -> None:
    _, bucket = simulate(BUCKET, "logs")
    assert bucket["forceDestroy"] is None
    assert bucket["lifecycleRules"] == []
    assert bucket["versioning"] == {}
    _, database = simulate("aws:rds/instance:Instance", "db", {"engine": "mysql"})
    assert database["kmsKeyId"] == database["monitoringRoleArn"] == ""


def test_what_depends_on_something_unknown_is_unknown(simulate: Simulate) -> None:
    identity, bucket = simulate(BUCKET, "logs", {"bucket": UNKNOWN, "tags": {"a": UNKNOWN}})
    assert identity is UNKNOWN
    assert bucket["arn"] is UNKNOWN
    assert bucket["bucketDomainName"] is UNKNOWN
    assert bucket["tags"]["a"] is UNKNOWN
    assert bucket["region"] == "eu-west-1"


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        ("aws:rds/instance:Instance", {"engine": UNKNOWN, "identifierPrefix": UNKNOWN}),
        ("aws:elasticache/cluster:Cluster", {"numCacheNodes": UNKNOWN, "clusterId": UNKNOWN}),
        ("aws:acm/certificate:Certificate", {"domainName": UNKNOWN}),
        ("aws:kms/alias:Alias", {"targetKeyId": UNKNOWN}),
        ("aws:ecs/service:Service", {"cluster": UNKNOWN}),
        ("aws:cloudwatch/eventRule:EventRule", {"eventBusName": UNKNOWN}),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", {"serviceName": UNKNOWN, "subnetIds": UNKNOWN}),
        ("aws:eks/cluster:Cluster", {"vpcConfig": UNKNOWN, "name": UNKNOWN}),
        ("random:index/randomPassword:RandomPassword", {"length": UNKNOWN}),
        ("random:index/randomShuffle:RandomShuffle", {"inputs": [UNKNOWN]}),
        ("kubernetes:core/v1:Service", {"metadata": UNKNOWN}),
    ],
)
def test_an_unknown_input_never_breaks_the_simulation(
    simulate: Simulate, token: str, inputs: dict[str, Any]
) -> None:
    _, outputs = simulate(token, "it", inputs)
    assert all(outputs[name] is value for name, value in inputs.items() if value is UNKNOWN)


# Existing resources -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "identity", "output", "value"),
    [
        (BUCKET, "old-logs", "arn", "arn:aws:s3:::old-logs"),
        ("aws:ec2/vpc:Vpc", "vpc-1", "arn", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/vpc-1"),
        ("aws:sns/topic:Topic", "arn:aws:sns:us-east-1:1:alerts", "name", "alerts"),
        (QUEUE, "https://sqs.us-east-1.amazonaws.com/1/jobs", "name", "jobs"),
        (
            "aws:iam/policy:Policy",
            "arn:aws:iam::1:policy/reader",
            "arn",
            "arn:aws:iam::1:policy/reader",
        ),
    ],
)
def test_the_id_of_an_existing_resource_tells_its_outputs(
    simulate: Simulate, token: str, identity: str, output: str, value: str
) -> None:
    found, outputs = simulate(token, "old", resource_id=identity)
    assert found == identity
    assert outputs[output] == value


def test_the_inputs_of_an_imported_resource_go_before_what_its_id_tells(
    simulate: Simulate,
) -> None:
    inputs = {"name": "chosen"}
    _, topic = simulate("aws:sns/topic:Topic", "t", inputs, resource_id="arn:aws:sns:x:1:other")
    assert topic["name"] == "chosen"


# Other packages ---------------------------------------------------------------------------------


def test_a_kubernetes_service_has_an_address_to_read(simulate: Simulate) -> None:
    inputs = {"kind": "Service", "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}
    identity, service = simulate("kubernetes:core/v1:Service", "web", inputs)
    assert identity == f"default/{service['metadata']['name']}"
    assert service["metadata"]["name"].startswith("web-")
    assert service["status"]["loadBalancer"]["ingress"][0]["hostname"].endswith(".example.com")
    assert service["spec"]["clusterIP"].startswith("10.100.0.")


def test_a_kubernetes_namespace_lies_in_none(simulate: Simulate) -> None:
    inputs = {"kind": "Namespace", "metadata": {"name": "payments"}}
    identity, namespace = simulate("kubernetes:core/v1:Namespace", "n", inputs)
    assert identity == "payments"
    assert namespace["metadata"]["namespace"] is None


def test_a_random_password_has_the_length_and_the_characters_asked_for(
    simulate: Simulate,
) -> None:
    inputs = {"length": 24, "special": False, "minNumeric": 5, "lower": False}
    result = simulate("random:index/randomPassword:RandomPassword", "p", inputs)[1]["result"]
    assert len(result) == 24
    assert result.isalnum()
    assert result.upper() == result
    assert sum(character.isdigit() for character in result) >= 5


def test_the_forms_of_a_random_id_are_of_the_same_bytes(simulate: Simulate) -> None:
    inputs = {"byteLength": 6, "prefix": "p-"}
    _, outputs = simulate("random:index/randomId:RandomId", "i", inputs)
    raw = bytes.fromhex(outputs["hex"].removeprefix("p-"))
    assert len(raw) == 6
    assert outputs["b64Std"] == "p-" + base64.b64encode(raw).decode()
    assert outputs["dec"] == f"p-{int.from_bytes(raw, 'big')}"


def test_a_random_integer_lies_in_its_range(simulate: Simulate) -> None:
    found = [
        simulate("random:index/randomInteger:RandomInteger", f"n{n}", {"min": 3, "max": 5})[1]
        for n in range(30)
    ]
    assert {outputs["result"] for outputs in found} == {3, 4, 5}


def test_a_random_shuffle_permutes_its_input(simulate: Simulate) -> None:
    inputs = {"inputs": ["a", "b", "c", "d"]}
    _, outputs = simulate("random:index/randomShuffle:RandomShuffle", "s", inputs)
    assert sorted(outputs["results"]) == ["a", "b", "c", "d"]


def test_an_image_names_its_digest(simulate: Simulate) -> None:
    _, image = simulate("docker:index/image:Image", "i", {"imageName": "registry/app:1"})
    assert image["repoDigest"].startswith("registry/app:1@sha256:")


def test_a_stash_keeps_what_it_was_given_first(simulate: Simulate) -> None:
    assert simulate("pulumi:index:Stash", "s", {"input": ["a"]})[1]["output"] == ["a"]


def test_a_type_without_a_class_gives_back_its_inputs(simulate: Simulate) -> None:
    identity, outputs = simulate("made-up:index:Thing", "t", {"a": 1})
    assert identity.startswith("t-")
    assert outputs == {"a": 1}


# Answers, determinism, completeness -------------------------------------------------------------


def test_answers_go_before_the_simulation_and_decide_what_follows_from_them() -> None:
    answer = ResourceAnswer(BUCKET, {"bucket": "theirs", "id": "other"}, "log*")
    simulate = _simulating(_world(answers=Answers(resources=(answer,))))
    identity, bucket = simulate(BUCKET, "logs")
    assert (identity, bucket["bucket"], bucket["arn"]) == ("other", "theirs", "arn:aws:s3:::theirs")
    assert simulate(BUCKET, "data")[1]["bucket"].startswith("data-")


_PRINT = """
import json, pulumi_aws as aws
from fintech_infra.engine.sdk.schema import Schemas
from fintech_infra.engine.simulation.simulator import Simulator, World
assert aws.rds.Instance and aws.eks.Cluster
simulator = Simulator(World("o", "p", "s"), Schemas())
for token in ("aws:rds/instance:Instance", "aws:eks/cluster:Cluster"):
    print(json.dumps(simulator.resource(token, "a", "urn:" + token, {})))
"""


def test_two_runs_give_the_same_bytes() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", _PRINT],
            capture_output=True,
            check=True,
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0].splitlines()) == 2


def test_another_urn_gives_other_characters(simulate: Simulate) -> None:
    assert simulate("aws:ec2/vpc:Vpc", "a")[0] != simulate("aws:ec2/vpc:Vpc", "b")[0]
