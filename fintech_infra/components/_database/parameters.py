"""Parameters of an Aurora PostgreSQL cluster: a baseline that overrides may only strengthen.

It makes TLS compulsory (PCI DSS 4.0.1 4.2.1), passwords SCRAM, and records who did what
(10.2.1): connections, and through pgaudit every change of data, schema and roles. Statement logging
stays off, because it writes passwords of roles in clear, which pgaudit leaves out; and pgaudit
writes no bound values, which may be card numbers.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class _Rule:
    """Which values of a parameter are safe, and the one it has when nobody asks for another."""

    accepts: Callable[[str], bool]
    accepted: str
    default: str | None = None


def _only(value: str) -> _Rule:
    return _Rule(lambda given: given == value, f"only {value!r}", value)


def _one_of(*values: str, default: str | None = None) -> _Rule:
    return _Rule(lambda given: given in values, " or ".join(map(repr, values)), default)


def _at_least(*items: str, everything: str | None = None) -> _Rule:
    """A comma-separated list that holds these items, or the one that stands for everything."""

    def accepts(given: str) -> bool:
        found = {item.strip() for item in given.split(",")}
        complete = found.issuperset(items) or everything in found
        return complete and not any(item.startswith("-") for item in found)

    return _Rule(accepts, f"a list with at least {', '.join(items)}", ",".join(items))


_ANYTHING: Final = _Rule(lambda _: True, "anything")
_VERBOSE: Final = ("debug5", "debug4", "debug3", "debug2", "debug1", "info", "notice", "warning")

_RULES: Final[Mapping[str, _Rule]] = {
    "log_connections": _only("1"),
    "log_disconnections": _only("1"),
    "log_statement": _only("none"),
    "password_encryption": _only("scram-sha-256"),
    "pgaudit.log": _at_least("ddl", "role", "write", everything="all"),
    "pgaudit.log_parameter": _only("0"),
    "pgaudit.role": _only("rds_pgaudit"),
    "rds.accepted_password_auth_method": _only("scram"),
    "rds.force_ssl": _only("1"),
    "shared_preload_libraries": _at_least("pg_stat_statements", "pgaudit"),
    "ssl_min_protocol_version": _one_of("TLSv1.2", "TLSv1.3", default="TLSv1.2"),
    # No part of the baseline, but safe in some or all values.
    "log_autovacuum_min_duration": _ANYTHING,
    "log_lock_waits": _ANYTHING,
    "log_min_duration_statement": _ANYTHING,
    "log_min_error_statement": _one_of(*_VERBOSE, "error"),
    "log_min_messages": _one_of(*_VERBOSE),
    "log_temp_files": _ANYTHING,
    "rds.force_autovacuum_logging_level": _ANYTHING,
    "rds.logical_replication": _ANYTHING,
}

_GUARDED: Final = ("log_", "password_", "pgaudit.", "rds.", "session_preload", "ssl")
"""Families of parameters in which only those with a rule may be set."""

_STATIC: Final = frozenset(
    {
        "autovacuum_max_workers",
        "huge_pages",
        "max_connections",
        "max_locks_per_transaction",
        "max_logical_replication_workers",
        "max_prepared_transactions",
        "max_replication_slots",
        "max_wal_senders",
        "max_worker_processes",
        "rds.logical_replication",
        "shared_buffers",
        "shared_preload_libraries",
        "track_activity_query_size",
        "wal_buffers",
    }
)
"""Parameters that take effect at the next restart only; RDS refuses to apply them at once."""

_NAME: Final = re.compile(r"[a-z_][a-z0-9_.]*")


def family_of(major: int) -> str:
    """Return the parameter group family of a major version."""
    return f"aurora-postgresql{major}"


def cluster_parameters(overrides: Mapping[str, str]) -> list[Any]:
    """Return the parameters of the cluster, by name, as the provider takes them."""
    baseline = {name: rule.default for name, rule in _RULES.items() if rule.default is not None}
    return [
        {
            "name": name,
            "value": value,
            "apply_method": "pending-reboot" if name in _STATIC else "immediate",
        }
        for name, value in sorted((baseline | dict(overrides)).items())
    ]


def parameter_problems(overrides: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield `(parameter, what is wrong)` for every override that would weaken the baseline."""
    for name, value in overrides.items():
        rule = _RULES.get(name)
        if rule is not None and not rule.accepts(value):
            yield name, f"is {value!r}, which weakens the baseline; accepted is {rule.accepted}"
        elif rule is None and name.startswith(_GUARDED):
            safe = ", ".join(sorted(known for known in _RULES if known.startswith(_GUARDED)))
            yield name, f"governs security and cannot be set; of its kind only {safe} can"
        elif not _NAME.fullmatch(name):
            yield name, "is not a parameter's name, which is lower-case, such as 'work_mem'"
