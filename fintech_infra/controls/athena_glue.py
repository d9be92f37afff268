"""Controls over Athena and Glue: what queries and jobs leave behind is encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Resource

WORKGROUP: Final = "aws:athena/workgroup:Workgroup"
SECURITY_CONFIGURATION: Final = "aws:glue/securityConfiguration:SecurityConfiguration"
JOB: Final = "aws:glue/job:Job"
CATALOG_SETTINGS: Final = "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings"

_RESULTS: Final = "configuration.resultConfiguration.encryptionConfiguration"
_MANAGED: Final = "configuration.managedQueryResultsConfiguration.enabled"
_CATALOG: Final = "dataCatalogEncryptionSettings"
_MODES: Final = {
    "encryptionConfiguration.s3Encryption.s3EncryptionMode": "what jobs write to S3",
    "encryptionConfiguration.cloudwatchEncryption.cloudwatchEncryptionMode": "their logs",
    "encryptionConfiguration.jobBookmarksEncryption.jobBookmarksEncryptionMode": "their bookmarks",
}


@control(
    on=[WORKGROUP, SECURITY_CONFIGURATION, JOB, CATALOG_SETTINGS],
    severity=Severity.MEDIUM,
    fix="Encrypt the results of a workgroup and leave enforceWorkgroupConfiguration on, as the "
    "query layer of AuditTrail does; give Glue jobs a security configuration without DISABLED.",
    source="Amazon Athena user guide, Encryption at rest; AWS Glue user guide, Data protection",
    properties=[
        "configuration",
        "encryptionConfiguration",
        "securityConfiguration",
        "dataCatalogEncryptionSettings",
    ],
)
def athena_glue_emr_encrypted(resource: Resource) -> Iterator[Fault]:
    """Query results, Glue jobs and catalogs are encrypted, and clients cannot choose otherwise.

    The result of a query is a copy of the data it read, in a place that nobody thinks of. EMR is
    not judged.
    """
    if resource.type == WORKGROUP:
        yield from _workgroup_faults(resource)
    elif resource.type == SECURITY_CONFIGURATION:
        for path, what in _MODES.items():
            if resource.value(path) in (None, "DISABLED"):
                yield Fault(path, f"{what} are not encrypted")
    elif resource.type == JOB:
        if not resource.is_set("securityConfiguration"):
            yield Fault("securityConfiguration", "the job has none, so nothing is encrypted")
    else:
        yield from _catalog_faults(resource)


def _workgroup_faults(workgroup: Resource) -> Iterator[Fault]:
    enforced = "configuration.enforceWorkgroupConfiguration"
    if workgroup.value(enforced) is False:
        yield Fault(enforced, "clients choose where results go and whether they are encrypted")
    if workgroup.value(_MANAGED) is True:
        return
    if not workgroup.is_set(f"{_RESULTS}.encryptionOption"):
        yield Fault(_RESULTS, "results are not encrypted")


def _catalog_faults(settings: Resource) -> Iterator[Fault]:
    mode = f"{_CATALOG}.encryptionAtRest.catalogEncryptionMode"
    passwords = f"{_CATALOG}.connectionPasswordEncryption.returnConnectionPasswordEncrypted"
    if settings.value(mode) in (None, "DISABLED"):
        yield Fault(mode, "the catalog is not encrypted")
    if settings.value(passwords) is not True:
        yield Fault(passwords, "passwords of connections are returned in the clear")


CONTROLS: Final = (athena_glue_emr_encrypted,)
