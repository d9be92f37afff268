"""What differs between environments: one row of facts per stack, in `Pulumi.<stack>.yaml`."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import Input

from fintech_infra import DataClass
from reading import Reader


@dataclass(frozen=True, slots=True)
class Repository:
    """The GitHub repository whose pipeline deploys, by name and by number."""

    owner: str
    owner_id: int
    name: str
    id: int


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom AWS tells of abuse."""

    name: str
    title: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The facts of one environment. Capacities are in Aurora capacity units, money in US dollars.

    `environment` is the name of the stack, and of the GitHub environment whose reviewers approve a
    deployment to it.
    """

    environment: str
    region: str
    copy_region: str
    zones: list[str]
    cidr: str
    allowed_domains: list[str]
    data_class: DataClass
    database_version: str
    database_min_capacity: float
    database_max_capacity: float
    backup_days: int
    record_years: int
    hosts: list[str]
    certificate_arn: str
    api_digest: str
    api_least_tasks: int
    api_most_tasks: int
    simulation_digest: str
    simulation_vcpus: int
    healing_dry_run: bool
    monthly_limit_usd: int
    alarm_emails: dict[str, Input[str]]
    contact: Contact
    repository: Repository
    deploy_policy_arn: str


def read_settings(config: pulumi.Config, stack: str) -> Settings:
    """Read the settings of a stack.

    Raises:
        pulumi.RunError: settings are missing or wrong; the message lists each with its file and
            what is accepted.
    """
    read = Reader(config, stack)
    settings = Settings(
        environment=stack,
        region=pulumi.Config("aws").require("region"),
        copy_region=read.text("copyRegion", "another region of the same jurisdiction"),
        zones=read.texts("zones", "zone names, such as [eu-central-1a, ...]"),
        cidr=read.text("cidr", "an IPv4 range such as 10.48.0.0/16"),
        allowed_domains=read.texts("allowedDomains", "domains, such as [api.partner.example]"),
        data_class=read.choose("dataClass", DataClass),
        database_version=read.text("databaseVersion", 'a version such as "17.4"'),
        database_min_capacity=read.number("databaseMinCapacity"),
        database_max_capacity=read.number("databaseMaxCapacity"),
        backup_days=read.whole("backupDays", "a whole number of days", default=35),
        record_years=read.whole("recordYears", "a whole number of years"),
        hosts=read.texts("hosts", "host names, such as [pay.example.com]"),
        certificate_arn=read.text("certificateArn", "the ARN of a certificate for the hosts"),
        api_digest=read.digest("apiDigest"),
        api_least_tasks=read.whole("apiLeastTasks", "a number of tasks"),
        api_most_tasks=read.whole("apiMostTasks", "a number of tasks"),
        simulation_digest=read.digest("simulationDigest"),
        simulation_vcpus=read.whole("simulationVcpus", "a number of vCPUs"),
        healing_dry_run=read.truth("healingDryRun", default=True),
        monthly_limit_usd=read.whole("monthlyLimitUsd", "a whole number of US dollars"),
        alarm_emails=read.addresses("alarmEmails"),
        contact=Contact(
            name=read.text("contactName", "a name"),
            title=read.text("contactTitle", "what the contact is responsible for"),
            email=read.text("contactEmail", "an address"),
            phone=read.text("contactPhone", "a number such as +44 20 7946 0000"),
        ),
        repository=Repository(
            owner=read.text("owner", "the owner of the GitHub repository"),
            owner_id=read.whole("ownerId", "the number of the owner: gh api users/OWNER"),
            name=read.text("repository", "the name of the GitHub repository"),
            id=read.whole("repositoryId", "the number of the repository: gh api repos/OWNER/NAME"),
        ),
        deploy_policy_arn=read.text("deployPolicyArn", "the ARN of a managed policy"),
    )
    read.raise_if_wrong()
    return settings
