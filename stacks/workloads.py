"""What runs: the payment API, and the simulation at the end of the day.

An image is named by the digest that its build printed. Before the first deployment of a workload
its repository has to exist and the image to be pushed: see `docs/platform.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import Output, ResourceOptions

from data import Data
from fintech_infra import (
    EphemeralCompute,
    ImageRepository,
    ImmutableService,
    RolloutStrategy,
    ServiceExposure,
)
from foundation import Foundation
from network import Network
from settings import Settings


@dataclass(frozen=True, slots=True)
class Workloads:
    """The programs of the platform, and where their images are kept."""

    api_images: ImageRepository
    api: ImmutableService
    simulation_images: ImageRepository
    simulation: EphemeralCompute


def make_workloads(
    settings: Settings, foundation: Foundation, network: Network, data: Data
) -> Workloads:
    """Make repositories, service and batch queue."""
    bounded = foundation.bounded()
    api_images = _images("payments-api", foundation, bounded)
    simulation_images = _images("end-of-day", foundation, bounded)
    api = _make_api(settings, foundation, network, data, api_images)
    simulation = EphemeralCompute(
        "end-of-day",
        {
            "vpc_id": network.vpc.vpc_id,
            "subnet_ids": network.vpc.app_subnet_ids,
            "security_group_ids": [network.vpc.app_security_group_id],
            "image": _image(simulation_images, settings.simulation_digest),
            "environment": {"RESULTS": data.statements.name},
            "vcpus": 4,
            "memory_mb": 16384,
            "job_ttl_minutes": 120,
            "max_vcpus": settings.simulation_vcpus,
            "schedules": {
                "weekdays": {"expression": "cron(0 19 ? * MON-FRI *)", "timezone": "Europe/Berlin"}
            },
            "data_class": settings.data_class,
            "alarm_topic_arn": foundation.alarms.arn,
        },
        bounded,
    )
    return Workloads(api_images, api, simulation_images, simulation)


def _make_api(
    settings: Settings,
    foundation: Foundation,
    network: Network,
    data: Data,
    images: ImageRepository,
) -> ImmutableService:
    return ImmutableService(
        "payments-api",
        {
            "vpc_id": network.vpc.vpc_id,
            "subnet_ids": network.vpc.app_subnet_ids,
            "load_balancer_subnet_ids": network.vpc.public_subnet_ids,
            "security_group_ids": [network.vpc.app_security_group_id],
            "exposure": ServiceExposure.INTERNET,
            "web_acl_arn": network.edge.web_acl_arn,
            "image": _image(images, settings.api_digest),
            "signing_profile_arn": images.signing_profile_arn,
            "certificate_arn": settings.certificate_arn,
            "hosts": settings.hosts,
            "environment": {
                "LEDGER_HOST": data.ledger.proxy_endpoint,
                "STATEMENTS": data.statements.name,
                "PAYMENT_RECORDS": data.payments.name,
            },
            "secrets": {
                "CLEARING_CREDENTIALS": {
                    "arn": data.partner.arn,
                    "kms_key_arn": data.partner.kms_key_arn,
                }
            },
            "task_policies": {
                "statements": data.statements.read_policy,
                "payment-records": data.payments.write_policy,
            },
            "rollout": {"strategy": RolloutStrategy.CANARY, "percent": 5, "step_minutes": 15},
            "scaling": {
                "least_tasks": settings.api_least_tasks,
                "most_tasks": settings.api_most_tasks,
            },
            "access_log_bucket": foundation.logs.name,
            "data_class": settings.data_class,
            "alarm_topic_arn": foundation.alarms.arn,
        },
        foundation.bounded(),
    )


def _images(name: str, foundation: Foundation, options: ResourceOptions) -> ImageRepository:
    return ImageRepository(name, {"alarm_topic_arn": foundation.alarms.arn}, options)


def _image(repository: ImageRepository, digest: str) -> Output[str]:
    return Output.concat(repository.repository_url, "@", digest)
