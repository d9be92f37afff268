"""Makes the functions that components ship: their code, role, log group and dead letters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pulumi import Asset, AssetArchive, FileAsset, Input, Output
from pulumi_aws import cloudwatch, iam, lambda_, sqs

import fintech_infra
from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._policy import (
    ROLE_POLICY_LIMIT,
    Account,
    Statement,
    document,
    permit,
)
from fintech_infra.components._queue import make_dead_letter_queue
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site

RUNTIME: Final = "python3.13"
"""Supported until June 2029. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

_ROOT: Final = Path(fintech_infra.__file__).parent


@dataclass(frozen=True)
class FunctionPlan:
    """What one function is made of.

    `package` is the folder below `fintech_infra/functions` that holds its `handler.py`;
    `permissions` are the statements of its role beyond its own log, key and dead letters;
    `concurrency` is how many run at once, which bounds what a flood of events can do. `ships` are
    files that it needs beside its own package, by their names in its archive; `layers` are ARNs of
    layers with libraries that the runtime lacks.
    """

    package: str
    description: str
    permissions: Input[Sequence[Statement]]
    environment: Mapping[str, Input[str]] = field(default_factory=dict[str, Input[str]])
    timeout_seconds: int = 60
    memory_mb: int = 256
    concurrency: int = 1
    ships: Mapping[str, Asset] = field(default_factory=dict[str, Asset])
    layers: Sequence[Input[str]] = ()


@dataclass(frozen=True)
class Function:
    """A function with what belongs to it."""

    function: lambda_.Function
    role: iam.Role
    log_group: cloudwatch.LogGroup
    dead_letters: sqs.Queue


def make_function(
    site: Site, role: str, plan: FunctionPlan, *, key_arn: Input[str], account: Output[Account]
) -> Function:
    """Make the function of `plan` as the child `role`.

    The key encrypts its environment, code, log group and dead letters, so it has to let Lambda,
    SQS and CloudWatch Logs use it. The role can write to its own log group and queue, use the key
    through these services, and do what the plan permits, nothing else.
    """
    group = make_log_group(site, f"{role}-logs", key_arn=key_arn)
    queue = make_dead_letter_queue(
        site, f"{role}-dead-letters", key_arn=key_arn, account=account, senders={}
    )
    identity = make_service_role(site, role, "lambda.amazonaws.com", account, None)
    needs = Output.all(account, group.arn, queue.arn, key_arn).apply(lambda all_: _needs(*all_))
    policy = iam.RolePolicy(
        site.named(role),
        role=identity.id,
        policy=Output.all(needs, plan.permissions).apply(
            lambda both: document([*both[0], *both[1]], ROLE_POLICY_LIMIT)
        ),
        opts=site.child(),
    )
    function = lambda_.Function(
        site.named(role),
        description=plan.description,
        runtime=RUNTIME,
        architectures=["arm64"],
        handler=f"fintech_infra.functions.{plan.package}.handler.handle",
        code=packaged(plan.package, plan.ships),
        layers=list(plan.layers) or None,
        role=identity.arn,
        timeout=plan.timeout_seconds,
        memory_size=plan.memory_mb,
        reserved_concurrent_executions=plan.concurrency,
        kms_key_arn=key_arn,
        source_kms_key_arn=key_arn,
        environment=lambda_.FunctionEnvironmentArgs(variables=dict(plan.environment)),
        dead_letter_config=lambda_.FunctionDeadLetterConfigArgs(target_arn=queue.arn),
        logging_config=lambda_.FunctionLoggingConfigArgs(
            log_format="JSON", log_group=group.name, application_log_level="INFO"
        ),
        tracing_config=lambda_.FunctionTracingConfigArgs(mode="PassThrough"),
        region=site.region,
        tags=site.tagged(site.named(role)),
        # Without its policy the first events would be lost to a function that may not log.
        opts=site.child(depends_on=[policy]),
    )
    return Function(function, identity, group, queue)


def run_regularly(
    site: Site,
    role: str,
    function: lambda_.Function,
    *,
    rate: str,
    what: str,
    account: Output[Account],
) -> cloudwatch.EventRule:
    """Make the rule, its permission and its target that run `function` at `rate`."""
    name = site.named(role)
    clock = cloudwatch.EventRule(
        name,
        description=what,
        schedule_expression=f"rate({rate})",
        state="ENABLED",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    permission = lambda_.Permission(
        name,
        function=function.name,
        action="lambda:InvokeFunction",
        principal="events.amazonaws.com",
        source_arn=clock.arn,
        source_account=account.apply(lambda found: found.id),
        region=site.region,
        opts=site.child(),
    )
    cloudwatch.EventTarget(
        name,
        rule=clock.name,
        arn=function.arn,
        region=site.region,
        opts=site.child(depends_on=[permission]),
    )
    return clock


def packaged(package: str, ships: Mapping[str, Asset] | None = None) -> AssetArchive:
    """Return the code of `fintech_infra/functions/<package>`, what leads to it, and what it ships.

    Source files are in it under the names by which they import one another, so the archive is the
    same wherever it is made.
    """
    own = source(["__init__.py", "functions/__init__.py", f"functions/{package}"])
    return AssetArchive({**own, **(ships or {})})


def source(paths: Sequence[str]) -> dict[str, Asset]:
    """Return modules and whole packages of `fintech_infra` by their names in an archive."""
    found = [_ROOT / path for path in paths]
    files = [
        file
        for path in found
        for file in (sorted(path.rglob("*.py")) if path.suffix != ".py" else [path])
    ]
    return {file.relative_to(_ROOT.parent).as_posix(): FileAsset(str(file)) for file in files}


def _needs(account: Account, group: str, queue: str, key: str) -> list[Statement]:
    through = [f"{name}.{account.region}.{account.dns_suffix}" for name in ("lambda", "sqs")]
    return [
        permit("OwnLog", actions=["logs:CreateLogStream", "logs:PutLogEvents"], on=f"{group}:*"),
        permit("OwnDeadLetters", actions=["sqs:SendMessage"], on=queue),
        permit(
            "OwnKey",
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            on=key,
            when={"StringEquals": {"kms:ViaService": through}},
        ),
    ]
