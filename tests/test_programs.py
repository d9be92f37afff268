"""Programs in the styles and for the services that teams write: each previews, and rightly.

`tests/programs` holds one project per folder. Every one is previewed twice, once as users preview
it and once as `warm` does, held to all controls, and looked at by the function below that has its
name. Not shown: that a deployment gives the same
values; only that the preview computes with them as the deployment would.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS
from fintech_infra.controls.evaluate import Verdict, evaluate
from fintech_infra.engine import preview
from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.environment.codec import dumps
from tests import warm

_PROGRAMS = Path(__file__).parent / "programs"
_NEEDS = {
    "awsx_network": ("pulumi_awsx",),
    "eks_cluster": ("pulumi_eks", "pulumi_kubernetes"),
    "image_pipeline": ("pulumi_docker",),
    "kubernetes_app": ("pulumi_kubernetes",),
    "random_tls_command": ("pulumi_random", "pulumi_tls", "pulumi_command"),
}
"""Provider packages beyond pulumi-aws; a program is skipped, and says so, without them."""

_OPTIONS: dict[str, dict[str, Any]] = {
    "platform_service": {"organization": "acme", "projects": [_PROGRAMS / "platform_network"]}
}
_ACCOUNT = "123456789012"


def _one(environment: Environment, type_: str, name: str) -> Resource:
    (found,) = (
        resource
        for resource in environment.resources
        if resource.type.rpartition(":")[2] == type_ and resource.name == name
    )
    return found


def _statements(resource: Resource, path: str = "policy") -> list[Any]:
    return json.loads(resource.value(path))["Statement"]


def _provider(environment: Environment, resource: Resource) -> Resource:
    return environment.by_urn[resource.provider]


def quickstart(environment: Environment) -> None:
    bucket = _one(environment, "Bucket", "my-bucket")
    assert bucket.id.startswith("my-bucket-")
    assert environment.outputs == {"bucket_name": bucket.id}
    assert str(bucket.source) == "__main__.py:7"


def serverless_api(environment: Environment) -> None:
    function = _one(environment, "Function", "api")
    assert function.inputs["memorySize"] == 512
    code = function.inputs["code"]
    assert (code.kind, code.members) == ("archive", ("handler.py", "settings.json", "vendor"))
    api = _one(environment, "Api", "http")
    arn = f"arn:aws:execute-api:eu-west-1:{_ACCOUNT}:{api.id}/*/*"
    assert _one(environment, "Permission", "invoke").inputs["sourceArn"] == arn
    integration = _one(environment, "Integration", "proxy")
    assert integration.inputs["integrationUri"] == (
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
        f"{function.outputs['arn']}/invocations"
    )
    assert _one(environment, "Route", "get-orders").inputs["target"] == (
        f"integrations/{integration.id}"
    )
    assert _one(environment, "LogGroup", "apiLogs").id == f"/aws/lambda/{function.id}"
    assert _one(environment, "RolePolicy", "lambdaRolePolicy").urn in function.dependencies
    assert environment.outputs["url"] == f"https://{api.id}.execute-api.eu-west-1.amazonaws.com"


def fargate_service(environment: Environment) -> None:
    task = _one(environment, "TaskDefinition", "app-task")
    (container,) = json.loads(task.inputs["containerDefinitions"])
    balancer = _one(environment, "LoadBalancer", "app-lb")
    assert container["image"] == "nginx:1.27"
    assert container["environment"] == [
        {"name": "PUBLIC_HOST", "value": balancer.outputs["dnsName"]}
    ]
    assert container["logConfiguration"]["options"] == {
        "awslogs-group": _one(environment, "LogGroup", "app-logs").id,
        "awslogs-region": "eu-central-1",
        "awslogs-stream-prefix": "app",
    }
    cluster = _one(environment, "Cluster", "cluster")
    service = _one(environment, "Service", "app-svc")
    assert _one(environment, "Target", "app-scaling").inputs["resourceId"] == (
        f"service/{cluster.outputs['name']}/{service.outputs['name']}"
    )
    assert balancer.inputs["subnets"] == service.value("networkConfiguration.subnets")
    assert environment.outputs["url"] == f"http://{balancer.outputs['dnsName']}"


def eks_cluster(environment: Environment) -> None:
    cluster = _one(environment, "Cluster", "eks-cluster-cluster")
    assert cluster.opaque
    assert cluster.inputs["instanceRoles"] == [_one(environment, "Role", "node-role").id]
    provider = _one(environment, "kubernetes", "eks-provider")
    assert provider.inputs == {"enableServerSideApply": True, "kubeconfig": UNKNOWN}
    assert provider.property_dependencies["kubeconfig"] == (cluster.urn,)
    worker = _one(environment, "ServiceAccount", "worker")
    assert worker.provider == provider.urn
    assert worker.value("metadata.namespace") == "apps"
    assert (
        worker.value('metadata.annotations["eks.amazonaws.com/role-arn"]')
        == (environment.outputs["node_role"])
    )
    assert environment.outputs["kubeconfig"] is UNKNOWN
    assert environment.outputs["admin"] is UNKNOWN
    (note,) = environment.diagnostics
    assert note.message == (
        "eks:index:Cluster/getKubeconfig runs in a remote component and was not called"
    )


def kubernetes_app(environment: Environment) -> None:
    settings = _one(environment, "ConfigMap", "settings")
    deployment = _one(environment, "Deployment", "nginx")
    (container,) = deployment.value("spec.template.spec.containers")
    name = settings.outputs["metadata"]["name"]
    assert container["envFrom"] == [{"configMapRef": {"name": name}}]
    service = _one(environment, "Service", "nginx")
    assert service.urn == (
        "urn:pulumi:dev::kubernetes-app::kubernetes:apps/v1:Deployment$kubernetes:core/v1:Service"
        "::nginx"
    )
    assert service.value("metadata.labels") == {"app": "nginx"}
    assert service.value("spec.ports[0].targetPort") == 80
    assert _provider(environment, service).inputs["context"] == "minikube"
    address = service.outputs["status"]["loadBalancer"]["ingress"][0]
    assert environment.outputs["ip"] in {address.get("ip"), address.get("hostname")}
    assert environment.outputs["selector"] == {"app": "nginx"}


def static_site(environment: Environment) -> None:
    certificate = _one(environment, "Certificate", "certificate")
    assert certificate.outputs["arn"].startswith(f"arn:aws:acm:us-east-1:{_ACCOUNT}:certificate/")
    options = certificate.outputs["domainValidationOptions"]
    records = [_one(environment, "Record", f"validation-{index}") for index in range(2)]
    assert [record.inputs["records"] for record in records] == [
        [option["resourceRecordValue"]] for option in options
    ]
    validation = _one(environment, "CertificateValidation", "certificateValidation")
    assert validation.inputs["validationRecordFqdns"] == [
        record.outputs["fqdn"] for record in records
    ]
    objects = [r.name for r in environment.of_type("aws:s3/bucketObjectv2:BucketObjectv2")]
    assert objects == ["css/site.css", "index.html"]
    page = _one(environment, "BucketObjectv2", "index.html").inputs["source"]
    assert page.location == "www/index.html"
    cdn = _one(environment, "Distribution", "cdn")
    by_service, by_identity = _statements(_one(environment, "BucketPolicy", "contentPolicy"))
    assert by_service["Condition"] == {
        "StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::{_ACCOUNT}:distribution/{cdn.id}"}
    }
    identity = _one(environment, "OriginAccessIdentity", "legacy")
    assert by_identity["Principal"]["AWS"].endswith(f"Origin Access Identity {identity.id}")
    assert cdn.value("viewerCertificate.acmCertificateArn") == certificate.outputs["arn"]


def data_lake(environment: Environment) -> None:
    raw = _one(environment, "BucketV2", "raw")
    assert json.loads(_one(environment, "Role", "firehose").inputs["assumeRolePolicy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "firehose.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    table = _one(environment, "CatalogTable", "payments")
    assert table.value("storageDescriptor.location") == f"s3://{raw.id}/payments/"
    assert table.value("storageDescriptor.columns[0]") == {
        "name": "amount",
        "type": "decimal(18,2)",
    }
    stream = _one(environment, "FirehoseDeliveryStream", "refunds")
    assert stream.value("extendedS3Configuration.bucketArn") == f"arn:aws:s3:::{raw.id}"
    assert environment.outputs["streams"]["refunds"] == stream.outputs["arn"]
    assert _one(environment, "BucketV2", "results").inputs["forceDestroy"] is True


def vpc_by_loops(environment: Environment) -> None:
    subnets = list(environment.of_type("aws:ec2/subnet:Subnet"))
    plan = {s.name: (s.inputs["cidrBlock"], s.inputs["availabilityZone"]) for s in subnets}
    assert plan == {
        "public-a": ("10.20.0.0/20", "eu-west-1a"),
        "public-b": ("10.20.16.0/20", "eu-west-1b"),
        "public-c": ("10.20.32.0/20", "eu-west-1c"),
        "private-a": ("10.20.48.0/20", "eu-west-1a"),
        "private-b": ("10.20.64.0/20", "eu-west-1b"),
        "private-c": ("10.20.80.0/20", "eu-west-1c"),
    }
    assert len({subnet.id for subnet in subnets}) == 6
    nat = _one(environment, "NatGateway", "nat-b")
    assert _one(environment, "Route", "private-b").inputs["natGatewayId"] == nat.id
    assert nat.inputs["subnetId"] == _one(environment, "Subnet", "public-b").id
    endpoint = _one(environment, "VpcEndpoint", "s3")
    assert endpoint.inputs["serviceName"] == "com.amazonaws.eu-west-1.s3"
    assert _one(environment, "Instance", "bastion").inputs["ami"].startswith("ami-")


def awsx_network(environment: Environment) -> None:
    vpc = _one(environment, "Vpc", "vpc")
    assert vpc.opaque
    assert vpc.inputs["subnetSpecs"] == [
        {"type": "Public", "cidrMask": 24},
        {"type": "Private", "cidrMask": 22},
    ]
    group = _one(environment, "SecurityGroup", "database")
    assert group.inputs["vpcId"] is UNKNOWN
    assert group.property_dependencies["vpcId"] == (vpc.urn,)
    assert _one(environment, "SubnetGroup", "database").inputs["subnetIds"] is UNKNOWN
    assert environment.outputs["firstSubnet"] is UNKNOWN


def iam_policies(environment: Environment) -> None:
    bucket = _one(environment, "Bucket", "data").outputs["arn"]
    queue = _one(environment, "Queue", "work").outputs["arn"]
    key = _one(environment, "Key", "key").outputs["arn"]
    assert _statements(_one(environment, "BucketPolicy", "in-apply"))[0]["Resource"] == [
        bucket,
        f"{bucket}/*",
    ]
    assert _statements(_one(environment, "Policy", "json-dumps")) == [
        {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": queue},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": [key]},
    ]
    trust = _statements(_one(environment, "Role", "role"), "assumeRolePolicy")
    assert trust[1] == {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{_ACCOUNT}:root"},
        "Condition": {"StringEquals": {"sts:ExternalId": "orders"}},
    }
    assert _statements(_one(environment, "RolePolicy", "from-data-source")) == [
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{bucket}/*"},
        {
            "Sid": "List",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringLike": {"s3:prefix": "in/*"}},
        },
    ]
    assert _statements(_one(environment, "RolePolicy", "dictionary")) == [
        {"Effect": "Allow", "Action": "sqs:*", "Resource": queue}
    ]
    assert _statements(_one(environment, "QueuePolicy", "text"))[0]["Principal"] == {
        "AWS": _ACCOUNT
    }
    collected = _statements(_one(environment, "UserPolicy", "collected"))
    assert [statement["Resource"] for statement in collected] == [key, bucket]


def platform_network(environment: Environment) -> None:
    vpc = _one(environment, "Vpc", "vpc").id
    assert environment.outputs["vpc_id"] == vpc
    assert [subnet.inputs["vpcId"] for subnet in environment.of_type("aws:ec2/subnet:Subnet")] == [
        vpc,
        vpc,
    ]
    assert environment.outputs["token"] == "simulated-secret-value"
    assert environment.secret_outputs == ("token",)


def platform_service(environment: Environment) -> None:
    network = preview(_PROGRAMS / "platform_network", "dev").environment.outputs
    assert _one(environment, "SecurityGroup", "service").inputs["vpcId"] == network["vpc_id"]
    assert _one(environment, "SubnetGroup", "service").inputs["subnetIds"] == network["subnet_ids"]
    interface = _one(environment, "NetworkInterface", "service")
    assert interface.inputs["subnetId"] == network["subnet_ids"][0]
    assert _one(environment, "Parameter", "token").secrets[0] == "inputs.value"
    (alarms,) = _one(environment, "MetricAlarm", "errors").inputs["alarmActions"]
    assert alarms == environment.outputs["alarms"]
    assert alarms.startswith(f"arn:aws:sns:eu-west-1:{_ACCOUNT}:alarms-")
    assert environment.outputs["details"] == "True True"
    assert "missing" not in environment.outputs


def dynamic_provider(environment: Environment) -> None:
    guest = _one(environment, "Row", "guest")
    assert guest.urn == (
        "urn:pulumi:dev::dynamic-provider::pulumi-python:dynamic/database:Row"
        "$pulumi-python:dynamic/database:Row::guest"
    )
    assert guest.inputs == {"table": "users", "columns": {"name": "guest"}}
    assert guest.options.protect
    assert _one(environment, "Row", "admin").inputs["columns"]["salt"] is UNKNOWN
    assert environment.outputs == {"value": UNKNOWN, "row": UNKNOWN, "table": "users"}


def nested_components(environment: Environment) -> None:
    chain = "urn:pulumi:dev::nested-components::acme:ledger:Ledger$acme:storage:Vault"
    bucket = _one(environment, "Bucket", "main-vault-bucket")
    assert bucket.urn == f"{chain}$aws:s3/bucket:Bucket::main-vault-bucket"
    assert bucket.inputs == {
        "forceDestroy": False,
        "tags": {"owner": "ledger", "vault": "main-vault"},
    }
    assert bucket.options.protect
    assert {
        f"{chain}$aws:s3/bucket:Bucket::main-vault-store",
        "urn:pulumi:dev::nested-components::aws:s3/bucket:Bucket::main-vault-bucket",
        f"{chain.replace('Ledger$', 'Books$')}$aws:s3/bucket:Bucket::main-vault-bucket",
        f"{chain}$aws:s3/bucket:Bucket::books-vault-bucket",
    } <= set(bucket.options.aliases)
    spare = _one(environment, "Bucket", "spare-vault-bucket")
    assert spare.inputs == {"forceDestroy": True, "tags": {"vault": "spare-vault"}}
    assert spare.options.protect
    assert _one(environment, "Ledger", "main").outputs["bucket"] == bucket.id


def tagging_transforms(environment: Environment) -> None:
    tags = {"user:Project": "tagging-transforms", "user:Stack": "dev", "stamped-by": "transform"}
    assert _one(environment, "Bucket", "plain").inputs["tags"] == tags
    assert _one(environment, "Queue", "tagged").inputs["tags"] == {**tags, "Name": "tagged"}
    assert _one(environment, "Topic", "inside").inputs["tags"] == tags
    assert "tags" not in _one(environment, "BucketVersioning", "untagged").inputs
    assert environment.outputs["region"] == "us-east-1"


def many_regions(environment: Environment) -> None:
    served = {
        name: _provider(environment, _one(environment, "Queue", name)).name
        for name in ("replica-us-east-1", "replica-ap-southeast-2", "listed", "single")
    }
    assert served == {
        "replica-us-east-1": "us-east-1",
        "replica-ap-southeast-2": "ap-southeast-2",
        "listed": "us-east-1",
        "single": "ap-southeast-2",
    }
    assert [arn.split(":")[3] for arn in environment.outputs["queues"]] == [
        "us-east-1",
        "ap-southeast-2",
    ]
    home = _one(environment, "Bucket", "home")
    assert home.outputs["tagsAll"] == {"team": "ledger", "tier": "gold"}
    assert _one(environment, "Bucket", "listed").outputs["tagsAll"] == {"region": "us-east-1"}
    seen = {key: environment.outputs[key] for key in ("where", "account", "zone")}
    assert seen == {"where": "eu-central-1", "account": "210987654321", "zone": "us-east-1a"}
    assert environment.outputs["overridden"].startswith(f"arn:aws:sqs:sa-east-1:{_ACCOUNT}:")


def random_tls_command(environment: Environment) -> None:
    bucket = _one(environment, "Bucket", "artifacts")
    suffix = _one(environment, "RandomId", "suffix").outputs["hex"]
    assert len(bytes.fromhex(suffix)) == 4
    assert bucket.id == f"artifacts-{suffix}"
    command = _one(environment, "Command", "build")
    assert command.inputs["triggers"] == [suffix]
    assert "inputs.environment.SECRET" in command.secrets
    version = _one(environment, "SecretVersion", "password")
    assert len(version.inputs["secretString"]) == 24
    assert "inputs.secretString" in version.secrets
    assert environment.secret_outputs == ("password",)
    assert set(environment.outputs["order"]) < {"a", "b", "c"}
    assert len(environment.outputs["order"]) == 2


def adopted_resources(environment: Environment) -> None:
    shared = _one(environment, "Vpc", "shared")
    assert (shared.id, shared.existing) == ("vpc-0123456789abcdef0", True)
    assert _one(environment, "SecurityGroup", "app").inputs["vpcId"] == shared.id
    data = _one(environment, "Bucket", "data")
    assert (data.id, data.existing, data.options.import_id) == ("acme-data", False, "acme-data")
    assert (data.options.protect, data.options.retain_on_delete) == (True, True)
    cluster = _one(environment, "Cluster", "cluster")
    assert cluster.options.ignore_changes == ("masterPassword", "tags['cost']")
    assert cluster.options.custom_timeouts == (("create", "60m"), ("delete", "2h"))
    assert {"inputs.masterPassword", "outputs.endpoint"} <= set(cluster.secrets)
    writer = _one(environment, "ClusterInstance", "writer")
    assert writer.options.deleted_with == cluster.urn
    assert environment.secret_outputs == ("endpoint",)


def secrets_and_config(environment: Environment) -> None:
    outputs = dict(environment.outputs)
    assert outputs == {
        "region": "eu-north-1",
        "replicas": 4,
        "ratio": 1.5,
        "enabled": True,
        "port": "0443",
        "answer": "yes",
        "owners": ["payments"],
        "size": 100,
        "url": "postgres://admin:simulated-secret-value@db/ledger",
        "made": {"token": "abc"},
        "shown": True,
    }
    assert set(environment.secret_outputs) == {"made", "url"}
    assert _one(environment, "Parameter", "url").secrets[0] == "inputs.value"
    assert "outputs.value" in _one(environment, "Parameter", "rules").secrets
    topic = _one(environment, "Topic", "alerts")
    assert topic.inputs["tags"] == {"account": "012345678901", "since": "2024-01-31"}


def classic_args(environment: Environment) -> None:
    bucket = _one(environment, "Bucket", "reports")
    assert bucket.value("logging.targetBucket") == _one(environment, "Bucket", "reports-logs").id
    rule = bucket.value("serverSideEncryptionConfiguration.rule")
    assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    assert str(bucket.source) == "bucket.py:17"
    users = [_one(environment, "User", f"user-{index}").id for index in range(2)]
    assert _one(environment, "GroupMembership", "readers").inputs["users"] == users
    assert environment.outputs["names"] == f"users: {', '.join(users)}!"
    assert environment.outputs["formatted"] == "acme-reports-qa/x/qa"
    assert environment.outputs["first_user"] == f"arn:aws:iam::{_ACCOUNT}:user/people/{users[0]}"
    assert environment.outputs["rule_days"] == 30


def applies(environment: Environment) -> None:
    topic = _one(environment, "Topic", "events").outputs["arn"]
    mails = [_one(environment, "TopicSubscription", f"mail-{index}") for index in range(2)]
    assert [mail.inputs["topic"] for mail in mails] == [topic, topic]
    name = _one(environment, "Queue", "mirror").inputs["name"]
    assert name == f"{topic.rpartition(':')[2]}-mirror"
    assert _one(environment, "Parameter", "limit").inputs["value"] == "3"
    assert environment.outputs["endpoints"] == ["ops0@example.com", "ops1@example.com"]
    assert environment.outputs["chain"] == "start-a-b-c"
    assert environment.outputs["branch"] == "preview"
    assert environment.outputs["flattened"].split("|")[0] == topic


def async_entry(environment: Environment) -> None:
    dead = _one(environment, "Queue", "dead").outputs["arn"]
    assert dead.endswith(".fifo")
    policy = _one(environment, "RedrivePolicy", "orders").inputs["redrivePolicy"]
    assert json.loads(policy) == {"deadLetterTargetArn": dead, "maxReceiveCount": 4}
    queues = [_one(environment, "Queue", name) for name in ("orders", "refunds")]
    assert environment.outputs == {
        "orders": queues[0].id,
        "names": [queue.outputs["name"] for queue in queues],
    }
    assert str(queues[0].source) == "__main__.py:9"


def package_of_modules(environment: Environment) -> None:
    bucket = _one(environment, "Bucket", "estate")
    assert str(bucket.source) == "src/estate/storage.py:7"
    assert bucket.inputs["tags"] == {
        "project": "package-of-modules",
        "organization": "organization",
    }
    said = [(note.severity, note.message, note.urn) for note in environment.diagnostics]
    assert sorted(said) == [
        ("info", "2 queues", ""),
        ("warning", "old naming", bucket.urn),
        ("warning", "the reports bucket will be removed", ""),
    ]
    assert _one(environment, "Queue", "orders").inputs["delaySeconds"] == 5
    assert environment.outputs["readme"] is True


def event_fan_out(environment: Environment) -> None:
    topic = _one(environment, "Topic", "orders").outputs["arn"]
    queue = _one(environment, "Queue", "billing").outputs["arn"]
    assert _statements(_one(environment, "QueuePolicy", "billing")) == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
    ]
    target = _one(environment, "EventTarget", "placed-to-queue")
    dead = _one(environment, "Queue", "dead").outputs["arn"]
    assert target.value("deadLetterConfig.arn") == dead
    assert environment.outputs["rule"].startswith(
        f"arn:aws:events:eu-west-1:{_ACCOUNT}:rule/shop/placed-"
    )


def order_workflow(environment: Environment) -> None:
    arns = {
        step: _one(environment, "Function", step).outputs["arn"]
        for step in ("validate", "charge", "ship")
    }
    definition = json.loads(_one(environment, "StateMachine", "orders").inputs["definition"])
    assert definition == {
        "StartAt": "validate",
        "States": {
            "validate": {"Type": "Task", "Resource": arns["validate"], "Next": "charge"},
            "charge": {"Type": "Task", "Resource": arns["charge"], "Next": "ship"},
            "ship": {"Type": "Task", "Resource": arns["ship"], "End": True},
        },
    }
    (trust,) = _statements(_one(environment, "Role", "states"), "assumeRolePolicy")
    assert trust["Principal"] == {"Service": "states.eu-west-1.amazonaws.com"}
    (invoke,) = _statements(_one(environment, "RolePolicy", "states-invoke"))
    assert sorted(invoke["Resource"]) == sorted(arns.values())


def table_autoscaling(environment: Environment) -> None:
    table = _one(environment, "Table", "orders")
    assert table.urn.endswith("::shop:data:ScalingTable$aws:dynamodb/table:Table::orders")
    assert table.options.ignore_changes == ("readCapacity", "writeCapacity")
    target = _one(environment, "Target", "orders-read")
    assert target.inputs["resourceId"] == f"table/{table.id}"
    policy = _one(environment, "Policy", "orders-read")
    assert policy.parent == target.urn
    assert policy.inputs["resourceId"] == target.inputs["resourceId"]
    (statement,) = _statements(_one(environment, "Policy", "reader"))
    assert statement["Resource"] == [table.outputs["arn"], f"{table.outputs['arn']}/index/*"]
    assert environment.outputs["stream"].startswith(f"{table.outputs['arn']}/stream/")


def search_and_cache(environment: Environment) -> None:
    domain = _one(environment, "Domain", "search")
    (statement,) = _statements(domain, "accessPolicies")
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{_ACCOUNT}:root"}
    assert statement["Resource"] == f"{domain.outputs['arn']}/*"
    cache = _one(environment, "ReplicationGroup", "cache")
    assert cache.inputs["subnetGroupName"] == _one(environment, "SubnetGroup", "cache").id
    assert "inputs.authToken" in cache.secrets
    address = cache.outputs["primaryEndpointAddress"]
    assert environment.outputs["redis"] == f"rediss://{address}:6379"


def warehouse(environment: Environment) -> None:
    cluster = _one(environment, "Cluster", "warehouse")
    assert {"inputs.masterPassword", "outputs.masterPassword"} <= set(cluster.secrets)
    assert environment.outputs["jdbc"] == f"jdbc:redshift://{cluster.outputs['endpoint']}/dwh"
    assert environment.secret_outputs == ("dsn",)
    aurora = next(environment.of_type("aws:rds/cluster:Cluster"))
    (statement,) = _statements(_one(environment, "Policy", "reads-password"))
    assert statement["Resource"] == aurora.outputs["masterUserSecrets"][0]["secretArn"]
    assert statement["Resource"].startswith(f"arn:aws:secretsmanager:eu-west-1:{_ACCOUNT}:secret:")
    assert environment.outputs["port"] == 5432


def audit_trail(environment: Environment) -> None:
    bucket = _one(environment, "Bucket", "trail").outputs["arn"]
    trail = _one(environment, "Trail", "audit")
    reads, writes = _statements(_one(environment, "BucketPolicy", "trail"))
    assert reads["Resource"] == bucket
    assert reads["Condition"] == {"StringEquals": {"aws:SourceArn": trail.outputs["arn"]}}
    assert writes["Resource"] == f"{bucket}/AWSLogs/{_ACCOUNT}/*"
    assert _one(environment, "BucketPolicy", "trail").urn in trail.dependencies
    recorder = _one(environment, "Recorder", "recorder")
    assert _one(environment, "RecorderStatus", "recorder").inputs["name"] == recorder.id


def edge_firewall(environment: Environment) -> None:
    acl = _one(environment, "WebAcl", "edge")
    names = [rule["name"] for rule in acl.inputs["rules"]]
    assert names == [
        "blocked",
        "rate",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    ]
    blocked = _one(environment, "IpSet", "blocked").outputs["arn"]
    assert acl.value("rules[0].statement.ipSetReferenceStatement.arn") == blocked
    api = _one(environment, "RestApi", "api")
    association = _one(environment, "WebAclAssociation", "edge").inputs
    assert association == {
        "resourceArn": f"arn:aws:apigateway:us-east-1::/restapis/{api.id}/stages/live",
        "webAclArn": environment.outputs["acl"],
    }
    (prefix,) = _one(environment, "SecurityGroup", "origin").value("ingress[0].prefixListIds")
    assert prefix.startswith("pl-")


def image_pipeline(environment: Environment) -> None:
    repository = _one(environment, "Repository", "app").outputs["repositoryUrl"]
    image = _one(environment, "Image", "app")
    assert image.inputs["imageName"] == f"{repository}:v1"
    assert "inputs.registry.password" in image.secrets
    assert environment.outputs["image"].startswith(f"{repository}:v1@sha256:")
    build = _one(environment, "Project", "build")
    assert build.value("environment.environmentVariables[0].value") == repository
    stages = _one(environment, "Pipeline", "pipeline").inputs["stages"]
    assert stages[1]["actions"][0]["configuration"] == {"ProjectName": build.outputs["name"]}


def step_by_dict(environment: Environment) -> None:
    versioned = [r.name for r in environment.of_type("aws:s3/bucketVersioning:BucketVersioning")]
    assert versioned == ["raw"]
    topics = list(environment.of_type("aws:sns/topic:Topic"))
    assert len(topics) == 1
    raw = _one(environment, "Bucket", "raw")
    assert raw.inputs["lifecycleRules"] == [{"enabled": True, "expiration": {"days": 30}}]
    notification = _one(environment, "BucketNotification", "curated")
    assert notification.value("topics[0].topicArn") == topics[0].outputs["arn"]
    assert environment.outputs["raw_domain"] == f"{raw.id}.s3.amazonaws.com"


_CHECKS: dict[str, Callable[[Environment], None]] = {
    check.__name__: check
    for check in (
        adopted_resources,
        applies,
        async_entry,
        audit_trail,
        awsx_network,
        classic_args,
        data_lake,
        dynamic_provider,
        edge_firewall,
        eks_cluster,
        event_fan_out,
        fargate_service,
        iam_policies,
        image_pipeline,
        kubernetes_app,
        many_regions,
        nested_components,
        order_workflow,
        package_of_modules,
        platform_network,
        platform_service,
        quickstart,
        random_tls_command,
        search_and_cache,
        secrets_and_config,
        serverless_api,
        static_site,
        step_by_dict,
        table_autoscaling,
        tagging_transforms,
        vpc_by_loops,
        warehouse,
    )
}


_CONCURRENT = {"async_entry"}
"""Programs in which several coroutines wait for a clock: which registers first is chance."""


def test_every_program_is_looked_at() -> None:
    assert sorted(path.name for path in _PROGRAMS.iterdir() if path.is_dir()) == sorted(_CHECKS)


def _bytes(name: str, environment: Environment) -> str:
    if name in _CONCURRENT:
        resources = sorted(environment.resources, key=lambda it: it.urn)
        environment = replace(environment, resources=tuple(resources))
    return dumps(environment)


@pytest.mark.parametrize("name", sorted(_CHECKS))
def test_a_program_previews_rightly_and_twice_the_same_and_breaks_no_control(name: str) -> None:
    missing = [package for package in _NEEDS.get(name, ()) if find_spec(package) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}, not installed here")
    first, second = (
        make(_PROGRAMS / name, "dev", **_OPTIONS.get(name, {})).environment
        for make in (preview, warm.preview)
    )
    assert _bytes(name, first) == _bytes(name, second)
    assert evaluate(first, CONTROLS).of(Verdict.BROKEN) == ()
    _CHECKS[name](first)
