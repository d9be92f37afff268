import pytest

from fintech_infra.components._database.parameters import (
    cluster_parameters,
    family_of,
    parameter_problems,
)

BASELINE = {
    "log_connections": "1",
    "log_disconnections": "1",
    "log_statement": "none",
    "password_encryption": "scram-sha-256",
    "pgaudit.log": "ddl,role,write",
    "pgaudit.log_parameter": "0",
    "pgaudit.role": "rds_pgaudit",
    "rds.accepted_password_auth_method": "scram",
    "rds.force_ssl": "1",
    "shared_preload_libraries": "pg_stat_statements,pgaudit",
    "ssl_min_protocol_version": "TLSv1.2",
}


def test_the_baseline_is_pinned():
    found = cluster_parameters({})
    assert {entry["name"]: entry["value"] for entry in found} == BASELINE
    assert [entry["name"] for entry in found] == sorted(BASELINE)


def test_the_baseline_is_acceptable_to_itself():
    assert list(parameter_problems(BASELINE)) == []


def test_overrides_replace_and_extend_the_baseline():
    overrides = {"pgaudit.log": "all", "work_mem": "65536"}
    found = {entry["name"]: entry["value"] for entry in cluster_parameters(overrides)}
    assert found == BASELINE | overrides


def test_parameters_that_need_a_restart_wait_for_it():
    found = cluster_parameters({"max_connections": "500", "work_mem": "65536"})
    waiting = {entry["name"] for entry in found if entry["apply_method"] == "pending-reboot"}
    assert waiting == {"max_connections", "shared_preload_libraries"}
    assert {entry["apply_method"] for entry in found} == {"immediate", "pending-reboot"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pgaudit.log", "all"),
        ("pgaudit.log", "read, write, role, ddl"),
        ("shared_preload_libraries", "pgaudit,pg_stat_statements,pg_cron"),
        ("ssl_min_protocol_version", "TLSv1.3"),
        ("log_min_messages", "notice"),
        ("log_min_duration_statement", "1000"),
        ("rds.logical_replication", "1"),
        ("work_mem", "65536"),
    ],
)
def test_values_as_strong_as_the_baseline_are_accepted(name: str, value: str):
    assert list(parameter_problems({name: value})) == []


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("rds.force_ssl", "0", "only '1'"),
        ("ssl_min_protocol_version", "TLSv1.1", "'TLSv1.2' or 'TLSv1.3'"),
        ("password_encryption", "md5", "only 'scram-sha-256'"),
        ("log_connections", "0", "only '1'"),
        ("log_statement", "all", "only 'none'"),
        ("pgaudit.log", "ddl", "a list with at least ddl, role, write"),
        ("pgaudit.log", "all,-role", "a list with at least ddl, role, write"),
        ("pgaudit.log", "none", "a list with at least ddl, role, write"),
        ("pgaudit.log_parameter", "1", "only '0'"),
        (
            "shared_preload_libraries",
            "pg_stat_statements",
            "a list with at least pg_stat_statements, pgaudit",
        ),
        (
            "log_min_messages",
            "panic",
            (
                "'debug5' or 'debug4' or 'debug3' or 'debug2' or 'debug1' or 'info' or 'notice' or "
                "'warning'"
            ),
        ),
    ],
)
def test_weaker_values_are_refused(name: str, value: str, accepted: str):
    assert list(parameter_problems({name: value})) == [
        (name, f"is {value!r}, which weakens the baseline; accepted is {accepted}")
    ]


@pytest.mark.parametrize("name", ["pgaudit.log_level", "log_hostname", "rds.babelfish", "ssl"])
def test_other_parameters_that_govern_security_are_refused(name: str):
    ((found, reason),) = parameter_problems({name: "on"})
    assert found == name
    assert reason.startswith("governs security and cannot be set; of its kind only log_auto")


def test_what_is_no_parameter_is_refused():
    assert list(parameter_problems({"workMem": "1"})) == [
        ("workMem", "is not a parameter's name, which is lower-case, such as 'work_mem'")
    ]


def test_the_family_follows_the_major_version():
    assert family_of(17) == "aurora-postgresql17"
