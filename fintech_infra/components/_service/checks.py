"""What makes the arguments of an immutable service wrong. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._container.image import parse_image
from fintech_infra.components._container.plaintext import secret_name, secret_value
from fintech_infra.components._container.sizes import size_problems
from fintech_infra.components._container.user import DEFAULT_UID, UIDS
from fintech_infra.components._retention import DEFAULT_DAYS, retention_problems
from fintech_infra.components._service.canary import canary_problems
from fintech_infra.components._service.exposure import ServiceExposure
from fintech_infra.components._service.gate import gate_problems
from fintech_infra.components._service.rollout import RolloutStrategy, rollout_problems

DEFAULT_PORT: Final = 8443
DEFAULT_HEALTH_PATH: Final = "/health"
DEFAULT_VCPUS: Final = 0.5
DEFAULT_MEMORY_MB: Final = 1024
DEFAULT_LEAST_TASKS: Final = 2
DEFAULT_MOST_TASKS: Final = 10
DEFAULT_CPU_PERCENT: Final = 60

# A load balancer's name has 32 characters, of which Pulumi adds 8, and cannot start as the DNS
# names of internal ones do.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
_NAME: Final = re.compile(r"(?!internal-)[A-Za-z][A-Za-z0-9-]{0,23}")
_UNPRIVILEGED: Final = (1024, 65_535)
_TASKS: Final = (2, 1000)
_CPU: Final = (20, 80)
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
_MOST_HOSTS: Final = 5
_HOST: Final = re.compile(r"(?=.{1,128}$)(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9-]+)+")
_HEALTH_PATH: Final = re.compile(r"/[!-~]{0,1023}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_PATH: Final = re.compile(r"(/[A-Za-z0-9._-]+)+")
_SECRET: Final = re.compile(
    r"arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:\d{12}:secret|ssm:.+:parameter)[:/].+"
)
# An interface wears five groups, one of which is made here.
# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
_MOST_GROUPS: Final = 4

Problem = tuple[str, str]


def service_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of the service called `name`."""
    if not _NAME.fullmatch(name):
        accepted = "up to 24 letters, digits and '-', starting with a letter, not with 'internal-'"
        yield (
            "name",
            f"is {name!r}; the load balancer's name starts with it: accepted are {accepted}",
        )
    yield from _image_problems(args)
    yield from size_problems(
        float(args.get("vcpus", DEFAULT_VCPUS)), int(args.get("memory_mb", DEFAULT_MEMORY_MB))
    )
    yield from _range_problems(args)
    yield from _variable_problems(args)
    yield from _path_problems(args)
    yield from _host_problems(args.get("hosts"))
    yield from _entrance_problems(args)
    yield from _exit_problems(args)
    yield from _key_problems(args)
    for path, found in (
        ("rollout", rollout_problems(args.get("rollout", {}))),
        ("gate", gate_problems(args.get("gate", {}))),
        ("gate", canary_problems(args.get("gate", {}), args.get("rollout", {}))),
        ("scaling", _scaling_problems(args.get("scaling", {}))),
    ):
        yield from ((f"{path}.{argument}", reason) for argument, reason in found)
    yield from _hook_problems(args)


def _image_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    image = args.get("image")
    if isinstance(image, str):
        try:
            parse_image(image)
        except ValueError as error:
            yield "image", str(error)


def _range_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    for argument, default, (least, most), what in (
        ("port", DEFAULT_PORT, _UNPRIVILEGED, "TCP ports that need no privilege"),
        ("uid", DEFAULT_UID, UIDS, "user ids other than root's"),
    ):
        value = int(args.get(argument, default))
        if not least <= value <= most:
            yield argument, f"is {value}; accepted are {what}: {least} to {most}"
    for reason in retention_problems(int(args.get("log_retention_days", DEFAULT_DAYS))):
        yield "log_retention_days", reason


def _variable_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    plain, secret = args.get("environment", {}), args.get("secrets", {})
    for argument, given in (("environment", plain), ("secrets", secret)):
        for name in given:
            if not _VARIABLE.fullmatch(name):
                yield f"{argument}.{name}", "is not the name of an environment variable"
    for name in sorted(plain.keys() & secret.keys()):
        yield f"environment.{name}", "is among `secrets`, too; remove one of them"
    for name, value in plain.items():
        yield from ((f"environment.{name}", reason) for reason in _plain_problems(name, value))
    for name, item in secret.items():
        # It may be the secret itself, so it is not repeated.
        if isinstance(arn := item["arn"], str) and not _SECRET.fullmatch(arn):
            accepted = "the ARN of a secret of Secrets Manager or of a parameter of Systems Manager"
            yield f"secrets.{name}.arn", f"is no such ARN; accepted is {accepted}"


def _plain_problems(name: str, value: Any) -> Iterator[str]:
    if secret_name(name):
        yield "is named like a secret; pass its ARN in `secrets` instead"
    elif isinstance(value, str) and (kind := secret_value(value)):
        yield f"looks like {kind}; pass its ARN in `secrets` instead"


def _path_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    paths = args.get("writable_paths", [])
    for index, path in enumerate(paths):
        if not _PATH.fullmatch(path):
            yield f"writable_paths[{index}]", f"is {path!r}; accepted is one such as '/tmp/cache'"
    for path in sorted({path for path in paths if list(paths).count(path) > 1}):
        yield "writable_paths", f"names {path!r} twice"
    if not _HEALTH_PATH.fullmatch(health := args.get("health_path", DEFAULT_HEALTH_PATH)):
        yield "health_path", f"is {health!r}; accepted is one such as '/health'"


def _host_problems(hosts: list[str] | None) -> Iterator[Problem]:
    if hosts is None:
        return
    if not 1 <= len(hosts) <= _MOST_HOSTS:
        yield "hosts", f"has {len(hosts)} names; accepted are 1 to {_MOST_HOSTS}"
    for index, host in enumerate(hosts):
        if not _HOST.fullmatch(host):
            accepted = "a name in lower case, such as 'pay.example.com' or '*.example.com'"
            yield f"hosts[{index}]", f"is {host!r}; accepted is {accepted}"


def _entrance_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    internet = args.get("exposure", ServiceExposure.INTERNAL) == ServiceExposure.INTERNET
    if internet:
        for argument, what in (
            ("web_acl_arn", "a web ACL, such as an EdgeShield's"),
            ("load_balancer_subnet_ids", "public subnets, such as a HardenedVpc's"),
        ):
            if args.get(argument) is None:
                yield argument, f"is required with exposure 'internet': {what}"
        if args.get("client_security_group_ids"):
            yield "client_security_group_ids", "is for exposure 'internal'; everybody is admitted"
    for argument, accepted in (("certificate_arn", ":acm:"), ("web_acl_arn", ":wafv2:")):
        given = args.get(argument)
        if isinstance(given, str) and accepted not in given:
            yield argument, f"is {given!r}; accepted is an ARN with {accepted!r} in it"


def _exit_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    groups, destinations = args.get("security_group_ids", []), args.get("destinations", {})
    if not groups and not destinations:
        yield (
            "security_group_ids, destinations",
            (
                "are both absent, so tasks could not even pull their image; name a group that "
                "leads to endpoints, such as a HardenedVpc's `app_security_group_id`"
            ),
        )
    if len(groups) > _MOST_GROUPS:
        yield "security_group_ids", f"has {len(groups)} groups; accepted are up to {_MOST_GROUPS}"
    for name, destination in destinations.items():
        if not 1 <= int(destination["port"]) <= _UNPRIVILEGED[1]:
            yield (
                f"destinations.{name}.port",
                f"is {destination['port']:g}; accepted are 1 to 65535",
            )
        ids = [destination.get(key) for key in ("security_group_id", "prefix_list_id")]
        if sum(item is not None for item in ids) != 1:
            yield f"destinations.{name}", "needs either `security_group_id` or `prefix_list_id`"


def _key_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    for argument in ("client_security_group_ids", "destinations", "task_policies"):
        for name in args.get(argument, {}):
            if not _KEY.fullmatch(name):
                accepted = "up to 32 lower-case letters, digits and '-'"
                yield f"{argument}.{name}", f"is named {name!r}; accepted are {accepted}"


def _scaling_problems(given: Mapping[str, Any]) -> Iterator[Problem]:
    least = int(given.get("least_tasks", DEFAULT_LEAST_TASKS))
    most = int(given.get("most_tasks", max(DEFAULT_MOST_TASKS, least)))
    cpu = int(given.get("cpu_percent", DEFAULT_CPU_PERCENT))
    if not _TASKS[0] <= least <= _TASKS[1]:
        yield "least_tasks", f"is {least}; accepted are {_TASKS[0]} to {_TASKS[1]}"
    elif not least <= most <= _TASKS[1]:
        yield "most_tasks", f"is {most}; accepted are {least} to {_TASKS[1]}"
    if not _CPU[0] <= cpu <= _CPU[1]:
        yield "cpu_percent", f"is {cpu}; accepted are {_CPU[0]} to {_CPU[1]}"


def _hook_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    strategy = args.get("rollout", {}).get("strategy")
    if strategy == RolloutStrategy.ROLLING and args.get("signing_profile_arn") is not None:
        yield "signing_profile_arn", "is checked by a hook, which the strategy 'rolling' has not"
