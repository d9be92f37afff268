"""The causes of incidents: what each does to metrics and logs, written down by hand."""

from __future__ import annotations

from dataclasses import dataclass

from diagnosis_world import UNRELATED, Effect
from fintech_infra.operations.diagnosis import ChangeKind, Condition

K, C = ChangeKind, Condition


@dataclass(frozen=True)
class Recipe:
    """How an incident is made: a change (kind, resource, words, minutes ahead) or a condition."""

    effects: dict[str, Effect]
    lines: dict[str, float]
    change: tuple[ChangeKind, str, str] | None = None
    ahead: tuple[float, float] = (0.0, 6.0)
    condition: Condition | None = None
    place: str = ""
    failed: bool = False


TIMEOUT = "ERROR timed out after {m} ms connecting to ledger-proxy"
RECIPES: dict[str, Recipe] = {
    "new version raises errors": Recipe(
        {"errors": Effect(adds=40)},
        {"ERROR Traceback: KeyError 'settlement_date' in payment {h}": 4},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
    ),
    "new version is slow": Recipe(
        {"latency": Effect(times=2.5), "cpu": Effect(times=1.6)},
        {},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
    ),
    "new version leaks memory": Recipe(
        {"memory": Effect(adds=45, climb=60, delay=-70), "errors": Effect(adds=25)},
        {"ERROR worker {d} killed: out of memory": 1},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
        (70, 80),
    ),
    "new version queries slowly": Recipe(
        {
            "database cpu": Effect(times=2.4),
            "commit": Effect(times=3),
            "latency": Effect(times=2.2),
        },
        {"WARN slow query of {m} ms: select settlements": 2},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
    ),
    "database parameter": Recipe(
        {"commit": Effect(times=4), "latency": Effect(times=2), "connections": Effect(times=1.5)},
        {TIMEOUT: 1},
        (K.CONFIGURATION, "parameters", "work_mem and max_connections lowered"),
    ),
    "setting of the task": Recipe(
        {"errors": Effect(adds=20), "latency": Effect(times=1.5)},
        {"ERROR invalid value of LEDGER_TIMEOUT: '{d}'": 3},
        (K.CONFIGURATION, "task", "LEDGER_TIMEOUT changed"),
    ),
    "security group": Recipe(
        {"refused": Effect(adds=60), "unhealthy": Effect(adds=6), "requests": Effect(times=0.5)},
        {},
        (K.NETWORK, "tasks rule", "ingress from the balancer revoked"),
        (0, 2),
    ),
    "egress firewall": Recipe(
        {"errors": Effect(adds=30), "dropped": Effect(adds=80)},
        {"ERROR timed out after {m} ms connecting to api.clearing.example": 3},
        (K.NETWORK, "firewall rules", "domain list replaced"),
        (0, 2),
    ),
    "web firewall": Recipe(
        {"requests": Effect(times=0.55), "blocked": Effect(adds=400)},
        {},
        (K.NETWORK, "edge", "rule of addresses added"),
        (0, 2),
    ),
    "permission": Recipe(
        {"errors": Effect(adds=22)},
        {"ERROR AccessDenied: not authorized to perform s3:PutObject on statements": 3},
        (K.PERMISSION, "task role", "inline policy narrowed"),
        (0, 15),
    ),
    "key policy": Recipe(
        {"errors": Effect(adds=35), "recorder errors": Effect(adds=3)},
        {"ERROR AccessDenied: not authorized to perform kms:Decrypt": 3},
        (K.PERMISSION, "ledger key", "key policy replaced"),
        (0, 5),
    ),
    "secret rotation": Recipe(
        {"errors": Effect(adds=28)},
        {"ERROR clearing answered 401: invalid credentials": 3},
        (K.SECRET, "secret", "the secret clearing was rotated"),
        (0, 45),
    ),
    "scaled down": Recipe(
        {"tasks": Effect(adds=-3), "cpu": Effect(times=1.9), "latency": Effect(times=1.8)},
        {},
        (K.SCALING, "scaling", "least tasks 6 to 2"),
        (1, 20),
    ),
    "failover": Recipe(
        {
            "commit": Effect(times=5, lasts=12),
            "errors": Effect(adds=50, lasts=8),
            "connections": Effect(times=0.3, lasts=8),
        },
        {"ERROR cannot execute INSERT in a read-only transaction": 2},
        (K.FAILOVER, "database", "writer ledger-a to ledger-b"),
        (0, 1),
    ),
    "certificate expires, recorded": Recipe(
        {"refused": Effect(adds=45), "requests": Effect(times=0.4)},
        {"ERROR certificate has expired": 1},
        (K.EXPIRY, "listener", "the certificate of the listener expired"),
        (0, 1),
    ),
    "growth of traffic": Recipe(
        {
            "requests": Effect(times=2.6, climb=15, delay=-10),
            "cpu": Effect(times=2.2, climb=15, delay=-8),
            "latency": Effect(times=2.0),
        },
        {},
        condition=C.TRAFFIC,
    ),
    "clearing house is down": Recipe(
        {"errors": Effect(adds=30), "latency": Effect(times=1.6)},
        {"ERROR api.clearing.example answered 503 service unavailable": 4},
        condition=C.DEPENDENCY,
    ),
    "database is slow by itself": Recipe(
        {
            "commit": Effect(times=4, delay=-3),
            "database cpu": Effect(times=2, delay=-3),
            "latency": Effect(times=2),
        },
        {TIMEOUT: 1},
        condition=C.DEPENDENCY,
        place="database",
    ),
    "one zone": Recipe(
        {"zone a": Effect(adds=12), "slow a": Effect(times=3), "errors": Effect(adds=12)},
        {TIMEOUT: 0.5},
        condition=C.ZONE,
        place="a",
    ),
    "credential expires, unrecorded": Recipe(
        {"errors": Effect(adds=35)},
        {"ERROR the client certificate of clearing has expired": 3},
        condition=C.EXPIRED,
    ),
    "quota": Recipe(
        {"errors": Effect(adds=18)},
        {"ERROR ThrottlingException: Rate exceeded calling kms:Decrypt": 4},
        condition=C.QUOTA,
    ),
    "connections run out": Recipe(
        {"connections": Effect(adds=110, climb=80, delay=-80), "errors": Effect(adds=26)},
        {"ERROR remaining connection slots are reserved": 3},
        condition=C.EXHAUSTION,
    ),
    "nothing tells": Recipe(
        {"errors": Effect(adds=20)},
        {"ERROR unexpected answer {n}": 2},
        condition=C.UNRECORDED,
    ),
    "failed: image has findings": Recipe(
        {},
        {"FAILED payments-api: has {d} open CRITICAL findings": 0.2},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
        (1, 4),
        failed=True,
    ),
    "failed: image is not signed": Recipe(
        {},
        {"FAILED payments-api: its signature is FAILED": 0.2},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
        (1, 4),
        failed=True,
    ),
    "failed: an alarm rings": Recipe(
        {"errors": Effect(adds=15, lasts=15)},
        {"FAILED payments-api-errors: the alarm rings": 0.2},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
        (1, 8),
        failed=True,
    ),
    "failed: tasks exit": Recipe(
        {"unhealthy": Effect(adds=2)},
        {"ERROR essential container in task exited with {d}": 0.5},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
        (1, 6),
        failed=True,
    ),
    "failed: image cannot be pulled": Recipe(
        {},
        {"ERROR CannotPullContainerError: not authorized to perform ecr:BatchGetImage": 0.5},
        (K.PERMISSION, "image", "repository policy replaced"),
        (2, 40),
        failed=True,
    ),
    "failed: secret cannot be read": Recipe(
        {},
        {"ERROR ResourceInitializationError: AccessDenied secretsmanager:GetSecretValue": 0.5},
        (K.PERMISSION, "task role", "inline policy narrowed"),
        (2, 40),
        failed=True,
    ),
}
OTHERS: tuple[tuple[ChangeKind, str, str], ...] = (
    *((kind, key, says) for key in UNRELATED for kind, says in (
        (K.CONFIGURATION, "a setting was changed"), (K.CALL, "tags were changed"),
        (K.PERMISSION, "a policy was changed"))),
    (K.DEPLOYMENT, "healing", "code replaced"),
    (K.DEPLOYMENT, "recorder", "code replaced"),
    (K.SCALING, "batch", "more capacity"),
)  # fmt: skip
NEAR: tuple[tuple[ChangeKind, str, str], ...] = (
    (K.DEPLOYMENT, "service", "task definition 40 to 41"),
    (K.CONFIGURATION, "task", "log level changed"),
    (K.SCALING, "scaling", "most tasks 12 to 20"),
    (K.PERMISSION, "task role", "a statement was added"),
    (K.SECRET, "secret", "the secret clearing was rotated"),
    (K.NETWORK, "edge", "a rule was added"),
    (K.CONFIGURATION, "proxy", "idle time of clients changed"),
    (K.CONFIGURATION, "parameters", "log_min_duration changed"),
)
