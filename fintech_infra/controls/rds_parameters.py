"""Controls over database parameter groups: transport encryption and audit logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.rds import CLUSTER, DOCDB_CLUSTER, INSTANCE, NEPTUNE_CLUSTER, PROXY
from fintech_infra.controls.remedies import setting
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.undecided import UndecidedError, reading

PARAMETER_GROUP: Final = "aws:rds/parameterGroup:ParameterGroup"
CLUSTER_PARAMETER_GROUP: Final = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
DOCDB_PARAMETER_GROUP: Final = "aws:docdb/clusterParameterGroup:ClusterParameterGroup"
NEPTUNE_PARAMETER_GROUP: Final = "aws:neptune/clusterParameterGroup:ClusterParameterGroup"

# Where each kind of database names its parameter group.
_GROUPS: Final = {
    INSTANCE: ("parameterGroupName", PARAMETER_GROUP),
    CLUSTER: ("dbClusterParameterGroupName", CLUSTER_PARAMETER_GROUP),
    DOCDB_CLUSTER: ("dbClusterParameterGroupName", DOCDB_PARAMETER_GROUP),
    NEPTUNE_CLUSTER: ("neptuneClusterParameterGroupName", NEPTUNE_PARAMETER_GROUP),
}
_ON: Final = ("1", "on", "true", "enabled")


@dataclass(frozen=True, slots=True)
class _Tls:
    """The parameter that refuses plain connections, and since which major version it is on."""

    parameter: str
    on_since: int | None = None


_TLS: Final[Mapping[str, _Tls]] = {
    "postgres": _Tls("rds.force_ssl", 15),
    "aurora-postgresql": _Tls("rds.force_ssl", 17),
    "mysql": _Tls("require_secure_transport"),
    "mariadb": _Tls("require_secure_transport"),
    "aurora-mysql": _Tls("require_secure_transport"),
    "sqlserver": _Tls("rds.force_ssl"),
    "docdb": _Tls("tls", 0),
}


@dataclass(frozen=True, slots=True)
class _Audit:
    """Which exported log holds audit records, and which parameters make an engine write them.

    One of the parameters is enough; none means that the engine needs no parameter for it. The
    values are those that do not audit.
    """

    log: str
    parameters: tuple[str, ...] = ()
    off: tuple[str, ...] = ("0", "off", "none", "disabled", "false", "")


_AUDIT: Final[Mapping[str, _Audit]] = {
    "postgres": _Audit("postgresql", ("pgaudit.log", "log_statement", "log_connections")),
    "aurora-postgresql": _Audit("postgresql", ("pgaudit.log", "log_statement", "log_connections")),
    "aurora-mysql": _Audit("audit", ("server_audit_logging",)),
    "mysql": _Audit("audit"),
    "mariadb": _Audit("audit"),
    "oracle": _Audit("audit"),
    "sqlserver": _Audit("error"),
    "db2": _Audit("diag.log"),
    "docdb": _Audit("audit", ("audit_logs",)),
    "neptune": _Audit("audit", ("neptune_enable_audit_log",)),
}


@control(
    on=[INSTANCE, CLUSTER, DOCDB_CLUSTER, PROXY],
    severity=Severity.HIGH,
    fix="Set rds.force_ssl (PostgreSQL, SQL Server) or require_secure_transport (MySQL, MariaDB) "
    "to 1 in the parameter group in use, and requireTls on a proxy; EncryptedDatabase does.",
    source="PCI DSS 4.0.1 4.2.1; AWS RDS user guide, Using SSL/TLS to encrypt a connection",
    properties=["parameterGroupName", "dbClusterParameterGroupName", "requireTls"],
    remedy=setting({"requireTls": True}, PROXY),
)
def rds_tls_enforced(database: Resource, environment: Environment) -> Iterator[Fault]:
    """Databases refuse connections without TLS.

    Clients fall back to plain text without saying so; only the server can rule it out. Oracle is
    not judged: it enforces TLS in an option group.
    """
    if database.type == PROXY:
        if database.value("requireTls") is not True:
            yield Fault("requireTls", "the proxy accepts connections without TLS")
        return
    tls = _TLS.get(_engine(database))
    if tls is None:
        return
    path, _ = _GROUPS[database.type]
    group = _group(database, environment)
    value = _parameters(group, path).get(tls.parameter)
    if value is None:
        yield from _default_faults(tls, path, database, group)
    elif value not in _ON and not value.startswith(("tls1.", "fips")):
        yield Fault(path, f"{tls.parameter} is {value}: plain connections work")


def _default_faults(
    tls: _Tls, path: str, database: Resource, group: Resource | None
) -> Iterator[Fault]:
    """What is wrong where the parameter is not set, so that the engine's default decides."""
    since = tls.on_since
    version = None if since is None else _version(path, database, group)
    if since and version is None:
        message = f"{tls.parameter} is on by default since version {since}; none is given here"
        yield Fault(path, message, undecided=True)
    elif since is None or (version or 0) < since:
        where = f"parameter group {group.name}" if group else "the default parameter group"
        yield Fault(path, f"{where} does not set {tls.parameter}: plain connections work")


def _version(path: str, database: Resource, group: Resource | None) -> int | None:
    """The major version, of the group's family, the default group's name or the engine itself."""
    family = group.value("family") if group else database.value(path)
    found = re.search(r"(\d+)", str(family or database.value("engineVersion") or ""))
    return int(found[1]) if found else None


@control(
    on=[INSTANCE, CLUSTER, DOCDB_CLUSTER, NEPTUNE_CLUSTER],
    severity=Severity.MEDIUM,
    fix="Export the engine's audit log to CloudWatch and turn auditing on in the parameter group "
    "in use; EncryptedDatabase does.",
    source="PCI DSS 4.0.1 10.2.1; FSBP RDS.9, RDS.34, RDS.36",
    properties=[
        "enabledCloudwatchLogsExports",
        "enableCloudwatchLogsExports",
        *(path for path, _ in _GROUPS.values()),
    ],
)
def rds_audit_logs_exported(database: Resource, environment: Environment) -> Iterator[Fault]:
    """Databases write audit records and export them.

    Logs that stay on the database host are lost with it, and are in the reach of whom they record.
    """
    audit = _AUDIT.get(_engine(database))
    if audit is None:
        return
    neptune = database.type == NEPTUNE_CLUSTER
    path = "enableCloudwatchLogsExports" if neptune else "enabledCloudwatchLogsExports"
    if audit.log not in [item for _, item in database.each(path)]:
        yield Fault(path, f"the {audit.log} log is not exported")
    at, _ = _GROUPS[database.type]
    if audit.parameters and not _audits(audit, _group(database, environment), at):
        needed = " or ".join(audit.parameters)
        yield Fault(at, f"the parameter group in use does not set {needed}")


def _audits(audit: _Audit, group: Resource | None, path: str) -> bool:
    given = _parameters(group, path)
    return any(given.get(name, "") not in audit.off for name in audit.parameters)


def _engine(database: Resource) -> str:
    """The engine's family: `sqlserver` of `sqlserver-ee`; nothing where a replica leaves it out."""
    if database.type == DOCDB_CLUSTER:
        return "docdb"
    if database.type == NEPTUNE_CLUSTER:
        return "neptune"
    engine = str(database.value("engine") or "")
    family = engine.partition("-")[0]
    return family if family in {"sqlserver", "oracle", "db2", "custom"} else engine


def _group(database: Resource, environment: Environment) -> Resource | None:
    """The parameter group a database names, None where it names none.

    Raises:
        UndecidedError: the group is not in the program, or only read by it.
    """
    path, type_ = _GROUPS[database.type]
    found = environment.references(database, path, type_)
    if found and not found[0].existing:
        return found[0]
    if found or not _is_default(database, path):
        raise UndecidedError(path, f"the parameter group at {path} is not in this program")
    return None


def _is_default(database: Resource, path: str) -> bool:
    return str(database.value(path) or "default.").startswith("default.")


def _parameters(group: Resource | None, path: str) -> dict[str, str]:
    """The parameters that the group named at `path` sets, values in lower case."""
    if group is None:
        return {}
    with reading(group.name, path):
        return {
            str(group.value(f"{at}.name")): str(group.value(f"{at}.value")).lower()
            for at, _ in group.each("parameters")
        }


CONTROLS: Final = (rds_tls_enforced, rds_audit_logs_exported)
