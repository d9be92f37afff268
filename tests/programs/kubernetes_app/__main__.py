"""A guestbook in three spellings: argument classes, dictionaries and a YAML file."""

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment, DeploymentSpecArgs
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ContainerArgs,
    ContainerPortArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    Secret,
    Service,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.yaml import ConfigFile

config = pulumi.Config()
app_labels = {"app": "nginx"}

settings = ConfigMap(
    "settings",
    metadata={"labels": app_labels},
    data={"nginx.conf": "server { listen 80; }", "replicas": str(config.require_int("replicas"))},
)

credentials = Secret(
    "credentials", string_data={"password": config.get_secret("password") or "change-me"}
)

deployment = Deployment(
    "nginx",
    spec=DeploymentSpecArgs(
        selector=LabelSelectorArgs(match_labels=app_labels),
        replicas=config.require_int("replicas"),
        template=PodTemplateSpecArgs(
            metadata=ObjectMetaArgs(labels=app_labels),
            spec=PodSpecArgs(
                containers=[
                    ContainerArgs(
                        name="nginx",
                        image="nginx",
                        ports=[ContainerPortArgs(container_port=80)],
                        env_from=[{"config_map_ref": {"name": settings.metadata["name"]}}],
                    )
                ]
            ),
        ),
    ),
)

frontend = Service(
    "nginx",
    metadata={"labels": deployment.spec["template"]["metadata"]["labels"]},
    spec={
        "type": "LoadBalancer",
        "ports": [{"port": 80, "target_port": 80, "protocol": "TCP"}],
        "selector": app_labels,
    },
    opts=pulumi.ResourceOptions(parent=deployment),
)

ingress = frontend.status.load_balancer.ingress[0]
pulumi.export("ip", ingress.apply(lambda i: i.ip if i.ip is not None else i.hostname))
pulumi.export("name", deployment.metadata["name"])
pulumi.export("selector", frontend.spec.apply(lambda spec: spec.selector))

if config.get_bool("quotas"):
    ConfigFile("quotas", file="manifests/quota.yaml")
