"""Services behind a load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.outside.calls import DROPPED
from tests.outside.cloud import Call, Rows, Subject

_BALANCER_ATTRIBUTES: Final = {
    "accessLogs.bucket": "access_logs.s3.bucket",
    "accessLogs.enabled": "access_logs.s3.enabled",
    "accessLogs.prefix": "access_logs.s3.prefix",
    "connectionLogs.bucket": "connection_logs.s3.bucket",
    "connectionLogs.enabled": "connection_logs.s3.enabled",
    "connectionLogs.prefix": "connection_logs.s3.prefix",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "enableZonalShift": "zonal_shift.config.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
}
_LISTENER_ATTRIBUTES: Final = {
    "routingHttpResponseServerEnabled": "routing.http.response.server.enabled",
    "routingHttpResponseStrictTransportSecurityHeaderValue": (
        "routing.http.response.strict_transport_security.header_value"
    ),
    "routingHttpResponseXContentTypeOptionsHeaderValue": (
        "routing.http.response.x_content_type_options.header_value"
    ),
    "routingHttpResponseXFrameOptionsHeaderValue": (
        "routing.http.response.x_frame_options.header_value"
    ),
}
_TARGET_ATTRIBUTES: Final = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "loadBalancingAnomalyMitigation": "load_balancing.algorithm.anomaly_mitigation",
}


def _attributes(service_operation: str, parameter: str, names: Mapping[str, str]) -> Call:
    """The call that sets attributes, which this API takes as names and texts."""

    def adds(subject: Subject) -> Mapping[str, Any]:
        values = {key: subject.value(path) for path, key in names.items()}
        return {
            "Attributes": [
                {"Key": key, "Value": _text(value)}
                for key, value in values.items()
                if value is not None
            ]
        }

    inputs = tuple(dict.fromkeys(path.partition(".")[0] for path in names))
    return Call(
        "elbv2",
        service_operation,
        names={"id": parameter},
        takes=inputs,
        also=("id",),
        by_hand=inputs,
        adds=adds,
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scheme(subject: Subject) -> Mapping[str, Any]:
    return {"Scheme": "internal" if subject.value("internal") else "internet-facing"}


def _health_check(subject: Subject) -> Mapping[str, Any]:
    check = subject.value("healthCheck")
    return {
        "HealthCheckEnabled": check["enabled"],
        "HealthCheckIntervalSeconds": int(check["interval"]),
        "HealthCheckPath": check["path"],
        "HealthCheckProtocol": check["protocol"],
        "HealthCheckTimeoutSeconds": int(check["timeout"]),
        "HealthyThresholdCount": int(check["healthyThreshold"]),
        "Matcher": {"HttpCode": check["matcher"]},
        "UnhealthyThresholdCount": int(check["unhealthyThreshold"]),
    }


def _conditions(subject: Subject) -> Mapping[str, Any]:
    fields = {
        "hostHeader": ("host-header", "HostHeaderConfig"),
        "pathPattern": ("path-pattern", "PathPatternConfig"),
    }
    return {
        "Conditions": [
            {"Field": field, parameter: {"Values": condition[name]["values"]}}
            for condition in subject.value("conditions")
            for name, (field, parameter) in fields.items()
            if condition.get(name)
        ]
    }


def _public_address(subject: Subject) -> Mapping[str, Any]:
    given = subject.value("networkConfiguration.assignPublicIp")
    setting = {"assignPublicIp": "ENABLED" if given else "DISABLED"}
    return {"networkConfiguration": {"awsvpcConfiguration": setting}}


_BALANCERS: Rows = {
    "aws:lb/listener:Listener": (
        Call(
            "elbv2",
            "create_listener",
            names={
                "certificateArn": "Certificates.CertificateArn",
                "defaultActions.fixedResponse": "FixedResponseConfig",
            },
            gives={"id": "Listeners.0.ListenerArn", "arn": "Listeners.0.ListenerArn"},
        ),
        _attributes("modify_listener_attributes", "ListenerArn", _LISTENER_ATTRIBUTES),
    ),
    "aws:lb/listenerRule:ListenerRule": (
        Call(
            "elbv2",
            "create_rule",
            names={
                "actions.forward": "ForwardConfig",
                "actions.forward.targetGroups.arn": "TargetGroupArn",
            },
            by_hand=("conditions",),
            adds=_conditions,
            gives={"id": "Rules.0.RuleArn", "arn": "Rules.0.RuleArn"},
        ),
    ),
    "aws:lb/loadBalancer:LoadBalancer": (
        Call(
            "elbv2",
            "create_load_balancer",
            names={"loadBalancerType": "Type"},
            also=("name",),
            by_hand=("internal",),
            adds=_scheme,
            gives={
                "id": "LoadBalancers.0.LoadBalancerArn",
                "arn": "LoadBalancers.0.LoadBalancerArn",
            },
        ),
        _attributes("modify_load_balancer_attributes", "LoadBalancerArn", _BALANCER_ATTRIBUTES),
    ),
    "aws:lb/targetGroup:TargetGroup": (
        Call(
            "elbv2",
            "create_target_group",
            names={"namePrefix": DROPPED},
            also=("name",),
            by_hand=("healthCheck",),
            adds=_health_check,
            gives={"id": "TargetGroups.0.TargetGroupArn", "arn": "TargetGroups.0.TargetGroupArn"},
        ),
        _attributes("modify_target_group_attributes", "TargetGroupArn", _TARGET_ATTRIBUTES),
    ),
}

SERVICE: Rows = {
    "aws:appautoscaling/policy:Policy": (
        Call(
            "application-autoscaling",
            "put_scaling_policy",
            names={"name": "PolicyName"},
            also=("name",),
        ),
    ),
    "aws:appautoscaling/target:Target": (
        Call("application-autoscaling", "register_scalable_target"),
    ),
    "aws:ecs/cluster:Cluster": (
        Call(
            "ecs",
            "create_cluster",
            names={"name": "clusterName"},
            also=("name",),
            gives={"arn": "cluster.clusterArn"},
        ),
    ),
    "aws:ecs/service:Service": (
        Call(
            "ecs",
            "create_service",
            names={
                "alarms": "deploymentConfiguration.alarms",
                "deploymentMaximumPercent": "deploymentConfiguration.maximumPercent",
                "deploymentMinimumHealthyPercent": "deploymentConfiguration.minimumHealthyPercent",
                "name": "serviceName",
                "networkConfiguration": "networkConfiguration.awsvpcConfiguration",
                "networkConfiguration.assignPublicIp": DROPPED,
                "sigintRollback": DROPPED,
            },
            also=("name",),
            adds=_public_address,
        ),
    ),
    "aws:ecs/taskDefinition:TaskDefinition": (
        Call(
            "ecs",
            "register_task_definition",
            gives={"arn": "taskDefinition.taskDefinitionArn"},
        ),
    ),
    **_BALANCERS,
}
