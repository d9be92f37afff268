from typing import Any

import pytest

from fintech_infra.components._database.design import (
    Version,
    database_problems,
    identifier_of,
    recovery_of,
    scaling_of,
)

VALID: dict[str, Any] = {
    "vpc_id": "vpc-1",
    "zones": ["eu-west-1a", "eu-west-1b"],
    "engine_version": "17.5",
    "db_subnet_group_name": "data",
}
WINDOW = (
    "accepted is 'ddd:hh:mm-ddd:hh:mm' in UTC, at least 30 minutes of one day and outside of the "
    "backup window 01:00-02:00, such as 'sun:03:00-sun:04:00'"
)
KEY = (
    "accepted is the ARN of a customer-managed key, 'arn:aws:kms:REGION:ACCOUNT:key/ID', never an "
    "alias nor the key that AWS manages"
)
VERSION = "accepted is a version such as '17.5' or '17', from 14 on"
CAPACITY = "accepted are steps of 0.5 from 0.5 to 256, the smaller first"


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"engine_version": "14"},
        {"engine_version": "17"},
        {"instance_class": "db.r8g.2xlarge"},
        {"min_capacity": 1, "max_capacity": 256.0},
        {"kms_key_arn": "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-12ab"},
        {"maintenance_window": "sat:23:00-sat:23:30"},
        {"backup_retention_days": 30.0, "rpo_minutes": 15, "rto_minutes": 240, "port": 6432},
        {"log_retention_days": 2557, "master_rotation_days": 1},
        {"client_security_group_ids": {"payments-api": "sg-1"}},
        {"parameters": {"pgaudit.log": "all"}},
    ],
)
def test_what_can_be_has_no_problem(more: dict[str, Any]):
    assert list(database_problems("ledger", VALID | more)) == []


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            {"zones": ["eu-west-1a"]},
            (
                "zones",
                "1 given; accepted are 2 to 3 zones of one region, such as 'eu-west-1a'",
            ),
        ),
        ({"engine_version": "17.x"}, ("engine_version", f"is '17.x'; {VERSION}")),
        ({"engine_version": "aurora-17"}, ("engine_version", f"is 'aurora-17'; {VERSION}")),
        (
            {"engine_version": "13.9"},
            (
                "engine_version",
                f"is '13.9', which AWS supports at a surcharge or not at all; {VERSION}",
            ),
        ),
        (
            {"instance_class": "r8g.large"},
            (
                "instance_class",
                "is 'r8g.large'; accepted are an instance class such as 'db.r8g.large'",
            ),
        ),
        (
            {"instance_class": "db.r8g.large", "max_capacity": 4},
            (
                "min_capacity, max_capacity",
                "are for serverless instances, but instance_class is given; leave one out",
            ),
        ),
        (
            {"min_capacity": 0},
            ("min_capacity, max_capacity", f"are 0 and 16; {CAPACITY}"),
        ),
        (
            {"min_capacity": 0.7},
            ("min_capacity, max_capacity", f"are 0.7 and 16; {CAPACITY}"),
        ),
        (
            {"min_capacity": 8, "max_capacity": 4},
            ("min_capacity, max_capacity", f"are 8 and 4; {CAPACITY}"),
        ),
        (
            {"subnet_ids": ["subnet-1", "subnet-2"]},
            (
                "db_subnet_group_name, subnet_ids",
                "both given; give exactly one of the two",
            ),
        ),
        ({"kms_key_arn": "alias/aws/rds"}, ("kms_key_arn", f"is 'alias/aws/rds'; {KEY}")),
        (
            {"client_security_group_ids": {"Payments API": "sg-1"}},
            (
                "client_security_group_ids",
                "is 'Payments API'; accepted are names such as 'payments-api'",
            ),
        ),
        (
            {"backup_retention_days": 7},
            ("backup_retention_days", "is 7; accepted are 30 to 35 days"),
        ),
        (
            {"master_rotation_days": 365},
            ("master_rotation_days", "is 365; accepted are 1 to 90 days"),
        ),
        ({"port": 1024}, ("port", "is 1024; accepted are 1150 to 65535")),
        ({"rpo_minutes": 1}, ("rpo_minutes", "is 1; accepted are 5 to 525599 minutes")),
        (
            {"log_retention_days": 90},
            (
                "log_retention_days",
                (
                    "is 90 days; accepted are 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, "
                    "3288, 3653 (PCI DSS 4.0.1 10.5.1 asks for 12 months)"
                ),
            ),
        ),
        (
            {"parameters": {"rds.force_ssl": "0"}},
            (
                "parameters.rds.force_ssl",
                "is '0', which weakens the baseline; accepted is only '1'",
            ),
        ),
        *(
            ({"maintenance_window": window}, ("maintenance_window", f"is {window!r}; {WINDOW}"))
            for window in (
                "sunday",
                "sun:03:00-mon:04:00",
                "sun:03:00-sun:03:20",
                "sun:01:30-sun:02:30",
                "sun:00:30-sun:01:05",
                "sun:24:00-sun:24:30",
            )
        ),
    ],
)
def test_what_cannot_be_is_explained(more: dict[str, Any], problem: tuple[str, str]):
    assert list(database_problems("ledger", VALID | more)) == [problem]


def test_subnets_are_needed_one_way_or_the_other():
    without = {key: value for key, value in VALID.items() if key != "db_subnet_group_name"}
    argument = "db_subnet_group_name, subnet_ids"
    assert list(database_problems("ledger", without)) == [
        (argument, "neither given; give exactly one of the two")
    ]
    assert list(database_problems("ledger", without | {"subnet_ids": ["subnet-1"]})) == [
        (argument, "1 subnets; accepted are those of at least 2 zones")
    ]


@pytest.mark.parametrize("name", ["Ledger", "1ledger", "ledger-", "led--ger", "l" * 64, "led_ger"])
def test_a_name_that_cannot_identify_a_cluster_needs_an_identifier(name: str):
    accepted = "accepted are 2 to 63 lower-case letters, digits and single hyphens"
    assert list(database_problems(name, VALID)) == [
        ("cluster_identifier", f"is {name!r}; {accepted}")
    ]
    assert list(database_problems(name, VALID | {"cluster_identifier": "ledger"})) == []


def test_a_version_with_a_minor_part_is_pinned():
    assert (Version("17.5").major, Version("17.5").pinned) == (17, True)
    assert (Version("17").major, Version("17").pinned) == (17, False)


def test_instances_are_serverless_unless_a_class_is_named():
    assert scaling_of({}) == (0.5, 16.0)
    assert scaling_of({"min_capacity": 2, "max_capacity": 8}) == (2.0, 8.0)
    assert scaling_of({"instance_class": "db.r8g.large"}) is None


def test_the_identifier_is_the_components_name_unless_given():
    assert identifier_of("ledger", {}) == "ledger"
    assert identifier_of("ledger", {"cluster_identifier": "books"}) == "books"


def test_recovery_is_what_was_declared_or_the_best_that_is_offered():
    zones = ["eu-west-1b", "eu-west-1a"]
    assert recovery_of({"zones": zones}) == {
        "rpo_minutes": 5,
        "rto_minutes": 60,
        "backup_retention_days": 35,
        "zones": ["eu-west-1a", "eu-west-1b"],
    }
    declared = {"rpo_minutes": 15.0, "rto_minutes": 240, "backup_retention_days": 30}
    assert recovery_of({"zones": ["eu-west-1a"], **declared}) == {
        "rpo_minutes": 15,
        "rto_minutes": 240,
        "backup_retention_days": 30,
        "zones": ["eu-west-1a"],
    }
