"""The control over Athena and Glue, case by case."""

from __future__ import annotations

from typing import Any

import pytest

WORKGROUP = "aws:athena/workgroup:Workgroup"
SECURITY = "aws:glue/securityConfiguration:SecurityConfiguration"
JOB = "aws:glue/job:Job"
CATALOG = "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings"
ID = "athena-glue-emr-encrypted"
SETTINGS = "dataCatalogEncryptionSettings"
RESULTS = "configuration.resultConfiguration.encryptionConfiguration"


def workgroup(**configuration: Any) -> Any:
    return (WORKGROUP, "w", {"configuration": configuration})


def results(option: str) -> dict[str, Any]:
    return {"encryptionConfiguration": {"encryptionOption": option}}


def modes(bookmarks: str) -> dict[str, Any]:
    return {
        "encryptionConfiguration": {
            "s3Encryption": {"s3EncryptionMode": "SSE-KMS"},
            "cloudwatchEncryption": {"cloudwatchEncryptionMode": "SSE-KMS"},
            "jobBookmarksEncryption": {"jobBookmarksEncryptionMode": bookmarks},
        }
    }


def catalog(mode: str, *, passwords: bool) -> dict[str, Any]:
    return {
        "dataCatalogEncryptionSettings": {
            "encryptionAtRest": {"catalogEncryptionMode": mode},
            "connectionPasswordEncryption": {"returnConnectionPasswordEncrypted": passwords},
        }
    }


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (ID, "encrypted results", [workgroup(resultConfiguration=results("SSE_KMS"))], []),
    (
        ID,
        "results that Athena keeps itself",
        [workgroup(managedQueryResultsConfiguration={"enabled": True})],
        [],
    ),
    (
        ID,
        "nothing said",
        [(WORKGROUP, "w", {})],
        [f"violated w {RESULTS}"],
    ),
    (
        ID,
        "clients choose",
        [workgroup(enforceWorkgroupConfiguration=False, resultConfiguration=results("SSE_KMS"))],
        ["violated w configuration.enforceWorkgroupConfiguration"],
    ),
    (
        ID,
        "not known",
        [workgroup(enforceWorkgroupConfiguration="?", resultConfiguration=results("SSE_S3"))],
        ["undecided w configuration.enforceWorkgroupConfiguration"],
    ),
    (ID, "jobs encrypt all they write", [(SECURITY, "s", modes("CSE-KMS"))], []),
    (
        ID,
        "bookmarks in the clear",
        [(SECURITY, "s", modes("DISABLED"))],
        [
            "violated s encryptionConfiguration.jobBookmarksEncryption.jobBookmarksEncryptionMode",
        ],
    ),
    (ID, "a job with a configuration", [(JOB, "j", {"securityConfiguration": "?"})], []),
    (ID, "a job without", [(JOB, "j", {})], ["violated j securityConfiguration"]),
    (ID, "an encrypted catalog", [(CATALOG, "c", catalog("SSE-KMS", passwords=True))], []),
    (
        ID,
        "a catalog in the clear",
        [(CATALOG, "c", catalog("DISABLED", passwords=False))],
        [
            f"violated c {SETTINGS}.connectionPasswordEncryption.returnConnectionPasswordEncrypted",
            f"violated c {SETTINGS}.encryptionAtRest.catalogEncryptionMode",
        ],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_queries_and_jobs_are_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)
