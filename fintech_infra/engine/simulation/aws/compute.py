"""What AWS makes of compute: functions, containers, clusters, scaling groups, APIs."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.aws.arn import regional
from fintech_infra.engine.simulation.draft import Draft
from fintech_infra.environment import UNKNOWN, Asset

_INVOKE: Final = "arn:{PARTITION}:apigateway:{REGION}:lambda:path/2015-03-31/functions/"


def _code_hash(draft: Draft) -> str:
    code = draft.get("code")
    digest = code.digest if isinstance(code, Asset) and code.digest else draft.seed.digest("code")
    return base64.b64encode(bytes.fromhex(digest)).decode()


def _version(draft: Draft) -> str:
    return "1" if draft.get("publish") is True else "$LATEST"


def _log_config(draft: Draft) -> dict[str, str]:
    return {"logFormat": "Text", "logGroup": f"/aws/lambda/{draft['name']}"}


def _certificate(draft: Draft) -> dict[str, str]:
    """Base64 of a PEM envelope around made-up bytes: what reads it as text or base64 can."""
    body = base64.b64encode(bytes.fromhex(draft.seed.digest("certificate") * 8)).decode()
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    pem = "\n".join(("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""))
    return {"data": base64.b64encode(pem.encode()).decode()}


def _issuer(draft: Draft) -> list[dict[str, Any]]:
    region = draft.facts.REGION
    identity = format(draft.seed, "x32/oidc").upper()
    issuer = f"https://oidc.eks.{region}.{draft.facts.DNS}/id/{identity}"
    return [{"oidcs": [{"issuer": issuer}]}]


def _group_resources(draft: Draft) -> list[dict[str, Any]]:
    name = f"eks-{draft['nodeGroupName']}-{draft.seed:uuid/group}"
    return [{"autoscalingGroups": [{"name": name}], "remoteAccessSecurityGroupId": ""}]


def _task_definition_arn(draft: Draft) -> str:
    return regional("ecs", "task-definition/{family}:{revision}").format_map(draft)


def _service_arn(draft: Draft) -> Any:
    cluster = draft.get("cluster")
    if cluster is UNKNOWN:
        return UNKNOWN
    name = cluster.rpartition("/")[2] if cluster else "default"
    return regional("ecs", f"service/{name}/{{name}}").format_map(draft)


def _stage_url(draft: Draft) -> str:
    host = f"{draft['apiId']}.execute-api.{draft.facts.REGION}.{draft.facts.DNS}"
    stage = draft["name"]
    return (
        f"wss://{host}/{stage}"
        if draft.get("protocol") == "WEBSOCKET"
        else (f"https://{host}/" + ("" if stage == "$default" else stage))
    )


def _endpoint(draft: Draft) -> str:
    scheme = "wss" if draft.get("protocolType") == "WEBSOCKET" else "https"
    return f"{scheme}://{draft['id']}.execute-api.{draft.facts.REGION}.{draft.facts.DNS}"


def _invoke_url(draft: Draft) -> Any:
    stage = draft.get("stageName")
    if stage is None or stage is UNKNOWN:
        return stage or ""
    host = f"{draft['restApi']}.execute-api.{draft.facts.REGION}.{draft.facts.DNS}"
    return f"https://{host}/{stage}"


_EXECUTE: Final = "execute-api"
ROWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:lambda/function:Function": {
        "id": "{name}",
        "arn": regional("lambda", "function:{name}"),
        "invokeArn": _INVOKE + "{arn}/invocations",
        "responseStreamingInvokeArn": _INVOKE.replace("2015-03-31", "2021-11-15")
        + "{arn}/response-streaming-invocations",
        "qualifiedArn": "{arn}:{version}",
        "qualifiedInvokeArn": _INVOKE + "{qualifiedArn}/invocations",
        "version": _version,
        "sourceCodeHash": _code_hash,
        "codeSha256": _code_hash,
        "architectures": lambda _: ["x86_64"],
        "loggingConfig": _log_config,
        "memorySize": 128,
        "packageType": "Zip",
        "signingJobArn": "",
        "signingProfileVersionArn": "",
        "reservedConcurrentExecutions": -1,
        "timeout": 3,
    },
    "aws:lambda/alias:Alias": {
        "id": "{arn}",
        "arn": lambda draft: f"{_function_arn(draft)}:{draft['name']}",
        "invokeArn": _INVOKE + "{arn}/invocations",
    },
    "aws:lambda/layerVersion:LayerVersion": {
        "id": "{arn}",
        "arn": "{layerArn}:{version}",
        "layerArn": regional("lambda", "layer:{layerName}"),
        "version": "1",
        "codeSha256": _code_hash,
        "sourceCodeHash": _code_hash,
    },
    "aws:lambda/permission:Permission": {"id": "{statementId}"},
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        "id": "{uuid}",
        "uuid": "{SEED:uuid}",
        "arn": regional("lambda", "event-source-mapping:{uuid}"),
        "functionArn": lambda draft: _function_arn(draft, "functionName"),
        "state": "Enabled",
    },
    "aws:lambda/functionUrl:FunctionUrl": {
        "id": "{functionName}",
        "urlId": "{SEED:a32}",
        "functionUrl": "https://{urlId}.lambda-url.{REGION}.on.aws/",
        "functionArn": lambda draft: _function_arn(draft, "functionName"),
    },
    "aws:ecs/cluster:Cluster": {"id": "{arn}", "arn": regional("ecs", "cluster/{name}")},
    "aws:ecs/service:Service": {"id": "{arn}", "arn": _service_arn, "launchType": "EC2"},
    "aws:ecs/taskDefinition:TaskDefinition": {
        "id": "{family}",
        "arn": _task_definition_arn,
        "arnWithoutRevision": regional("ecs", "task-definition/{family}"),
        "revision": 1,
        "networkMode": "bridge",
    },
    "aws:ecs/capacityProvider:CapacityProvider": {
        "id": "{arn}",
        "arn": regional("ecs", "capacity-provider/{name}"),
    },
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {"id": "{clusterName}"},
    "aws:ecr/repository:Repository": {
        "id": "{name}",
        "arn": regional("ecr", "repository/{name}"),
        "registryId": "{ACCOUNT}",
        "repositoryUrl": "{ACCOUNT}.dkr.ecr.{REGION}.{DNS}/{name}",
        "imageTagMutability": "MUTABLE",
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {"id": "{repository}", "registryId": "{ACCOUNT}"},
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {
        "id": "{repository}",
        "registryId": "{ACCOUNT}",
    },
    "aws:eks/cluster:Cluster": {
        "id": "{name}",
        "arn": regional("eks", "cluster/{name}"),
        "endpoint": "https://{SEED:x32/oidc}.gr7.{REGION}.eks.{DNS}",
        "certificateAuthority": _certificate,
        "certificateAuthorities": lambda draft: [_certificate(draft)],
        "identities": _issuer,
        "platformVersion": "eks.1",
        "status": "ACTIVE",
        "clusterId": "",
        "version": "1.33",
        "vpcConfig.clusterSecurityGroupId": "sg-0{SEED:x16/clusterSecurityGroup}",
        "vpcConfig.vpcId": "vpc-0{SEED:x16/vpc}",
        "vpcConfig.endpointPublicAccess": True,
        "vpcConfig.endpointPrivateAccess": False,
        "vpcConfig.publicAccessCidrs": lambda _: ["0.0.0.0/0"],
        "kubernetesNetworkConfig.serviceIpv4Cidr": "10.100.0.0/16",
    },
    "aws:eks/nodeGroup:NodeGroup": {
        "id": "{clusterName}:{nodeGroupName}",
        "arn": regional("eks", "nodegroup/{clusterName}/{nodeGroupName}/{SEED:uuid}"),
        "resources": _group_resources,
        "capacityType": "ON_DEMAND",
        "diskSize": 20,
        "instanceTypes": lambda _: ["t3.medium"],
        "status": "ACTIVE",
    },
    "aws:eks/addon:Addon": {
        "id": "{clusterName}:{addonName}",
        "arn": regional("eks", "addon/{clusterName}/{addonName}/{SEED:uuid}"),
    },
    "aws:eks/fargateProfile:FargateProfile": {
        "id": "{clusterName}:{fargateProfileName}",
        "arn": regional("eks", "fargateprofile/{clusterName}/{fargateProfileName}/{SEED:uuid}"),
        "status": "ACTIVE",
    },
    "aws:autoscaling/group:Group": {
        "id": "{name}",
        "arn": regional("autoscaling", "autoScalingGroup:{SEED:uuid}:autoScalingGroupName/{name}"),
        "defaultCooldown": 300,
        "healthCheckType": "EC2",
    },
    "aws:autoscaling/policy:Policy": {
        "id": "{name}",
        "arn": regional("autoscaling", "scalingPolicy:{SEED:uuid}:policyName/{name}"),
    },
    "aws:appautoscaling/target:Target": {"id": "{resourceId}"},
    "aws:batch/computeEnvironment:ComputeEnvironment": {
        "id": "{name}",
        "arn": regional("batch", "compute-environment/{name}"),
    },
    "aws:batch/jobDefinition:JobDefinition": {
        "id": "{arn}",
        "arn": regional("batch", "job-definition/{name}:{revision}"),
        "arnPrefix": regional("batch", "job-definition/{name}"),
        "revision": 1,
    },
    "aws:batch/jobQueue:JobQueue": {"id": "{arn}", "arn": regional("batch", "job-queue/{name}")},
    "aws:apprunner/service:Service": {
        "id": "{arn}",
        "arn": regional("apprunner", "service/{serviceName}/{serviceId}"),
        "serviceId": "{SEED:x32}",
        "serviceUrl": "{SEED:a10/url}.{REGION}.awsapprunner.com",
        "status": "RUNNING",
    },
    "aws:apigateway/restApi:RestApi": {
        "id": "{SEED:a10}",
        "arn": "arn:{PARTITION}:apigateway:{REGION}::/restapis/{id}",
        "executionArn": regional(_EXECUTE, "{id}"),
        "rootResourceId": "{SEED:a10/root}",
    },
    "aws:apigateway/resource:Resource": {"id": "{SEED:a6}", "path": "/{pathPart}"},
    "aws:apigateway/deployment:Deployment": {
        "id": "{SEED:a6}",
        "executionArn": regional(_EXECUTE, "{restApi}/"),
        "invokeUrl": _invoke_url,
    },
    "aws:apigateway/stage:Stage": {
        "id": "ags-{restApi}-{stageName}",
        "arn": "arn:{PARTITION}:apigateway:{REGION}::/restapis/{restApi}/stages/{stageName}",
        "executionArn": regional(_EXECUTE, "{restApi}/{stageName}"),
        "invokeUrl": _invoke_url,
    },
    "aws:apigateway/apiKey:ApiKey": {
        "id": "{SEED:a10}",
        "arn": "arn:{PARTITION}:apigateway:{REGION}::/apikeys/{id}",
        "value": "{SEED:a40/value}",
    },
    "aws:apigateway/usagePlan:UsagePlan": {
        "id": "{SEED:a6}",
        "arn": "arn:{PARTITION}:apigateway:{REGION}::/usageplans/{id}",
    },
    "aws:apigateway/domainName:DomainName": {
        "id": "{domainName}",
        "arn": "arn:{PARTITION}:apigateway:{REGION}::/domainnames/{domainName}",
        "cloudfrontDomainName": "d{SEED:a13/domain}.cloudfront.net",
        "cloudfrontZoneId": "Z2FDTNDATAQYW2",
        "regionalDomainName": "d-{SEED:a10/domain}.execute-api.{REGION}.{DNS}",
        "regionalZoneId": "Z{SEED:U13/zone}",
    },
    "aws:apigatewayv2/api:Api": {
        "id": "{SEED:a10}",
        "arn": "arn:{PARTITION}:apigateway:{REGION}::/apis/{id}",
        "apiEndpoint": _endpoint,
        "executionArn": regional(_EXECUTE, "{id}"),
        "apiKeySelectionExpression": "$request.header.x-api-key",
        "routeSelectionExpression": "$request.method $request.path",
    },
    "aws:apigatewayv2/stage:Stage": {
        "id": "{name}",
        "arn": "arn:{PARTITION}:apigateway:{REGION}::/apis/{apiId}/stages/{name}",
        "executionArn": regional(_EXECUTE, "{apiId}/{name}"),
        "invokeUrl": _stage_url,
    },
    "aws:apigatewayv2/integration:Integration": {"id": "{SEED:a7}"},
    "aws:apigatewayv2/route:Route": {"id": "{SEED:a7}"},
    "aws:apigatewayv2/authorizer:Authorizer": {"id": "{SEED:a6}"},
    "aws:apigatewayv2/vpcLink:VpcLink": {
        "id": "{SEED:a6}",
        "arn": "arn:{PARTITION}:apigateway:{REGION}::/vpclinks/{id}",
    },
}


def _function_arn(draft: Draft, key: str = "functionName") -> Any:
    """The ARN of a function that is named by its name or its ARN."""
    function = draft[key]
    if function is UNKNOWN or function.startswith("arn:"):
        return function
    return regional("lambda", f"function:{function}").format_map(draft)
