"""What the arguments of a database amount to, before anything is made of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.components._database.parameters import parameter_problems
from fintech_infra.components._retention import DEFAULT_DAYS, retention_problems
from fintech_infra.components._zones import zone_problems

FEWEST_ZONES: Final = 2
MOST_ZONES: Final = 3
"""Aurora keeps a volume in three zones; an instance elsewhere would add none."""

OLDEST_MAJOR: Final = 14
"""The oldest major version that Aurora supports without a surcharge until 2027."""

BACKUP_DAYS: Final = range(30, 36)
"""From a month of point-in-time recovery to the most that Aurora offers."""

ROTATION_DAYS: Final = range(1, 91)
"""PCI DSS 4.0.1 8.3.9 asks for a change every 90 days."""

CAPACITY: Final = (0.5, 256.0)
PORTS: Final = range(1150, 65536)
FEWEST_RPO_MINUTES: Final = 5
"""Aurora can be restored to any moment but the last five minutes."""

DEFAULT_PORT: Final = 5432
DEFAULT_CAPACITY: Final = (0.5, 16.0)
DEFAULT_ROTATION_DAYS: Final = 30
DEFAULT_RTO_MINUTES: Final = 60
BACKUP_WINDOW: Final = "01:00-02:00"
DEFAULT_MAINTENANCE_WINDOW: Final = "sun:03:00-sun:04:00"

_VERSION: Final = re.compile(r"(?P<major>\d{2})(?P<minor>\.\d{1,2})?")
CLIENT: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
"""The short name of a client, which becomes part of the name of its rule."""

_IDENTIFIER: Final = re.compile(r"(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]")
_DATABASE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_INSTANCE_CLASS: Final = re.compile(r"db\.[a-z][a-z0-9]*\.[a-z0-9]+")
_KEY: Final = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+")
_WINDOW: Final = re.compile(
    r"(?P<from_day>{0}):(?P<from>{1})-(?P<to_day>{0}):(?P<to>{1})".format(
        "mon|tue|wed|thu|fri|sat|sun", r"(?:[01]\d|2[0-3]):[0-5]\d"
    )
)


@dataclass(frozen=True, slots=True)
class Version:
    """An engine version: a major one, of which AWS picks the minor, or a pinned one."""

    text: str

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.text.partition(".")[0])

    @property
    def pinned(self) -> bool:
        """Whether the minor version is named, so that only a change of code upgrades it."""
        return "." in self.text


def recovery_of(args: Mapping[str, Any]) -> dict[str, Any]:
    """Return what recovery of a database with these checked arguments is planned for."""
    return {
        "rpo_minutes": int(args.get("rpo_minutes", FEWEST_RPO_MINUTES)),
        "rto_minutes": int(args.get("rto_minutes", DEFAULT_RTO_MINUTES)),
        "backup_retention_days": int(args.get("backup_retention_days", BACKUP_DAYS[-1])),
        "zones": sorted(args["zones"]),
    }


def scaling_of(args: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the fewest and most capacity units of serverless instances, or `None`."""
    if args.get("instance_class") is not None:
        return None
    fewest, most = DEFAULT_CAPACITY
    return float(args.get("min_capacity", fewest)), float(args.get("max_capacity", most))


def identifier_of(name: str, args: Mapping[str, Any]) -> str:
    """Return the identifier of the cluster of a component of this name."""
    return args.get("cluster_identifier", name)


def database_problems(name: str, args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(argument, what is wrong with it)` for a database of this component name."""
    for argument, reasons in {
        "zones": _zone_problems(args),
        "engine_version": _version_problems(args.get("engine_version")),
        "cluster_identifier": _pattern_problems(
            identifier_of(name, args),
            _IDENTIFIER,
            "2 to 63 lower-case letters, digits and single hyphens",
        ),
        "database_name": _pattern_problems(
            args.get("database_name"), _DATABASE, "up to 63 letters, digits and underscores"
        ),
        "instance_class": _pattern_problems(
            args.get("instance_class"), _INSTANCE_CLASS, "an instance class such as 'db.r8g.large'"
        ),
        "min_capacity, max_capacity": _capacity_problems(args),
        "db_subnet_group_name, subnet_ids": _subnet_problems(args),
        "kms_key_arn": _key_problems(args.get("kms_key_arn")),
        "client_security_group_ids": _client_problems(args),
        "log_retention_days": retention_problems(int(args.get("log_retention_days", DEFAULT_DAYS))),
        "maintenance_window": _window_problems(
            args.get("maintenance_window", DEFAULT_MAINTENANCE_WINDOW)
        ),
    }.items():
        for reason in reasons:
            yield argument, reason
    yield from _range_problems(args)
    for parameter, reason in parameter_problems(args.get("parameters", {})):
        yield f"parameters.{parameter}", reason


def _range_problems(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    year = 365 * 24 * 60
    for argument, accepted, unit in (
        ("backup_retention_days", BACKUP_DAYS, "days"),
        ("master_rotation_days", ROTATION_DAYS, "days"),
        ("port", PORTS, ""),
        ("rpo_minutes", range(FEWEST_RPO_MINUTES, year), "minutes"),
        ("rto_minutes", range(1, year), "minutes"),
    ):
        if argument in args and int(args[argument]) not in accepted:
            limits = f"accepted are {accepted[0]} to {accepted[-1]} {unit}".rstrip()
            yield argument, f"is {int(args[argument])}; {limits}"


def _zone_problems(args: Mapping[str, Any]) -> Iterator[str]:
    if "zones" in args:
        yield from zone_problems(args["zones"], FEWEST_ZONES, MOST_ZONES)


def _version_problems(version: str | None) -> Iterator[str]:
    if version is None:
        return
    accepted = f"accepted is a version such as '17.5' or '17', from {OLDEST_MAJOR} on"
    if not _VERSION.fullmatch(version):
        yield f"is {version!r}; {accepted}"
    elif Version(version).major < OLDEST_MAJOR:
        yield f"is {version!r}, which AWS supports at a surcharge or not at all; {accepted}"


def _pattern_problems(given: str | None, accepted: re.Pattern[str], words: str) -> Iterator[str]:
    if given is not None and not accepted.fullmatch(given):
        yield f"is {given!r}; accepted are {words}"


def _capacity_problems(args: Mapping[str, Any]) -> Iterator[str]:
    if "instance_class" in args:
        if "min_capacity" in args or "max_capacity" in args:
            yield "are for serverless instances, but instance_class is given; leave one out"
        return
    fewest = float(args.get("min_capacity", DEFAULT_CAPACITY[0]))
    most = float(args.get("max_capacity", DEFAULT_CAPACITY[1]))
    stepped = (fewest * 2).is_integer() and (most * 2).is_integer()
    if not (stepped and CAPACITY[0] <= fewest <= most <= CAPACITY[1]):
        yield (
            f"are {fewest:g} and {most:g}; accepted are steps of 0.5 from {CAPACITY[0]:g} to "
            f"{CAPACITY[1]:g}, the smaller first"
        )


def _subnet_problems(args: Mapping[str, Any]) -> Iterator[str]:
    given = [key for key in ("db_subnet_group_name", "subnet_ids") if key in args]
    if len(given) != 1:
        yield f"{'both' if given else 'neither'} given; give exactly one of the two"
    subnets = args.get("subnet_ids")
    if isinstance(subnets, list | tuple) and len(subnets) < FEWEST_ZONES:
        yield f"{len(subnets)} subnets; accepted are those of at least {FEWEST_ZONES} zones"


def _key_problems(key: Any) -> Iterator[str]:
    if isinstance(key, str) and not _KEY.fullmatch(key):
        yield (
            f"is {key!r}; accepted is the ARN of a customer-managed key, "
            "'arn:aws:kms:REGION:ACCOUNT:key/ID', never an alias nor the key that AWS manages"
        )


def _client_problems(args: Mapping[str, Any]) -> Iterator[str]:
    for client in args.get("client_security_group_ids", {}):
        yield from _pattern_problems(client, CLIENT, "names such as 'payments-api'")


def _window_problems(window: str) -> Iterator[str]:
    match = _WINDOW.fullmatch(window)
    accepted = (
        "accepted is 'ddd:hh:mm-ddd:hh:mm' in UTC, at least 30 minutes of one day and outside of "
        f"the backup window {BACKUP_WINDOW}, such as {DEFAULT_MAINTENANCE_WINDOW!r}"
    )
    if match is None or match["from_day"] != match["to_day"]:
        yield f"is {window!r}; {accepted}"
        return
    start, end = _minutes(match["from"]), _minutes(match["to"])
    backup_start, backup_end = map(_minutes, BACKUP_WINDOW.split("-"))
    half_an_hour = 30
    if end - start < half_an_hour or (start < backup_end and backup_start < end):
        yield f"is {window!r}; {accepted}"


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
