"""Which events a trail records: the advanced event selectors. Pure, with every ARN resolved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input

MOST_VALUES: Final = 500
"""Values of all conditions of a trail together.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html"""

NETWORK_SOURCES: Final = ("cloudtrail", "ec2", "kms", "s3", "secretsmanager")
"""Services whose calls through VPC endpoints are recorded, where an endpoint's policy denied them:
a stolen credential or a foreign bucket being tried from inside (PCI DSS 4.0.1 10.2.1.4).
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html"""

INSIGHTS: Final = ("ApiCallRateInsight", "ApiErrorRateInsight")
"""Both kinds of unusual activity that CloudTrail finds by itself."""

_OBJECT: Final = "AWS::S3::Object"
_TABLE: Final = "AWS::DynamoDB::Table"
_FUNCTION: Final = "AWS::Lambda::Function"
_OWN_VALUES: Final = 40
"""More values than the selectors have that do not depend on arguments."""


class AuditDataEventsArgs(TypedDict):
    """Of which data every access is recorded. Narrow it to what holds classified data."""

    s3_bucket_arns: NotRequired[list[Input[str]]]
    """ARNs of the buckets. Default: every bucket of the account."""
    dynamodb_table_arns: NotRequired[list[Input[str]]]
    """ARNs of the tables. Default: every table of the account."""
    lambda_function_arns: NotRequired[list[Input[str]]]
    """ARNs of the functions whose invocations are recorded. Default: every function."""


@dataclass(frozen=True)
class Field:
    """One condition of a selector: the field, the operator as CloudTrail names it, the values."""

    name: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Selector:
    """A set of events: those that meet every field."""

    name: str
    fields: tuple[Field, ...]


def data_event_problems(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(path, reason)` for what is wrong with the data events of a trail."""
    for key, arns in given.items():
        if not arns:
            reason = "is empty; name what holds classified data, or leave it out for all there is"
            yield f"data_events.{key}", reason
    values = sum(len(arns) for arns in given.values())
    if values > MOST_VALUES - _OWN_VALUES:
        most = f"{MOST_VALUES - _OWN_VALUES} ARNs; leave out a list to record all there is"
        yield "data_events", f"has {values} ARNs; accepted are {most}"


def selectors(archive_arn: str, data_events: Mapping[str, Sequence[str]]) -> list[Selector]:
    """Return the selectors of a trail whose archive is the bucket with this ARN.

    Writes to the archive are left out: the delivery of a record would make the next one. Reads of
    it are recorded (PCI DSS 4.0.1 10.2.1.3).
    """
    buckets = [f"{arn}/" for arn in data_events.get("s3_bucket_arns", [])]
    archive = f"{archive_arn}/"
    elsewhere = _starting(buckets) if buckets else _is("resources.ARN", archive, "not_starts_withs")
    tables = _starting(data_events.get("dynamodb_table_arns", []))
    functions = data_events.get("lambda_function_arns", [])
    return [
        Selector("Management events", (_is("eventCategory", "Management"),)),
        _data("Objects", _OBJECT, elsewhere),
        _data("Reads of the archive", _OBJECT, _is("readOnly", "true"), _starting([archive])),
        _data("Tables", _TABLE, tables),
        _data("Functions", _FUNCTION, _among(functions)),
        *(_denied(source) for source in NETWORK_SOURCES),
    ]


def _is(field: str, value: str, operator: str = "equals") -> Field:
    return Field(field, operator, (value,))


def _starting(arns: Sequence[str]) -> Field | None:
    return Field("resources.ARN", "starts_withs", tuple(arns)) if arns else None


def _among(arns: Sequence[str]) -> Field | None:
    return Field("resources.ARN", "equals", tuple(arns)) if arns else None


def _data(name: str, type_: str, *narrowed: Field | None) -> Selector:
    found = [_is("eventCategory", "Data"), _is("resources.type", type_)]
    return Selector(name, (*found, *(field for field in narrowed if field)))


def _denied(source: str) -> Selector:
    return Selector(
        f"Calls to {source} that an endpoint denied",
        (
            _is("eventCategory", "NetworkActivity"),
            _is("eventSource", f"{source}.amazonaws.com"),
            _is("errorCode", "VpceAccessDenied"),
        ),
    )
