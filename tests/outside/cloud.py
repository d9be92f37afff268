"""Creates the resources of an environment in moto's cloud, in the order of their registration."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Final

import boto3
import moto
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from fintech_infra.environment import Environment, Resource, read
from tests.outside.calls import parameters
from tests.outside.constraints import violations

REGION: Final = "eu-west-1"
ACCOUNT: Final = "123456789012"
"""moto's account, and that of the simulation."""

PROVIDER_ONLY: Final = frozenset(
    {
        "forceDelete",
        "forceDestroy",
        "forceDetachPolicies",
        "region",
        "revokeRulesOnDelete",
        "skipDestroy",
        "waitForSteadyState",
    }
)
"""Inputs that say where to send calls, what to wait for and how to delete: in no call as such."""

LACKING: Final = "moto does not implement it"
DELETION: Final = "it deletes what was created"

_TOKEN: Final = "6f1d4c1a-52d3-4a4e-9a51-6a7a0a3c9f10"
"""Stands for the token by which AWS knows a call that is sent twice; botocore makes one up."""


class RefusedError(Exception):
    """AWS's model of an operation has something against its parameters."""


@dataclass(frozen=True)
class Subject:
    """A resource that is being created, with what moto made of the others in its values."""

    resource: Resource
    cloud: Cloud

    @property
    def region(self) -> str:
        """The region that it is created in."""
        return str(self.resource.outputs.get("region") or REGION)

    def value(self, path: str) -> Any:
        """The input at `path`, None where it is absent."""
        return self.resource.value(path)

    def output(self, path: str) -> Any:
        """The output at `path`; `id` is the id."""
        return self.resource.id if path == "id" else read(self.resource.outputs, path)

    def client(self, service: str) -> Any:
        """A client of moto's cloud in its region."""
        return client(service, self.region)


@dataclass(frozen=True)
class Call:
    """One of the API calls that create a resource.

    `takes` names the inputs that it carries, and it is made where one of them is given; None stands
    for all that no other call of the row takes, and is made always, as is one that takes nothing.
    `names` leads from inputs to parameters (see `calls.parameters`). `also` names outputs that are
    carried like inputs: the id, and the names that the provider makes up. `by_hand` names the
    inputs that `adds` and `each` turn into parameters: `adds` gives parameters to every call,
    `each` makes one call for each item that it returns. `gives` says where in the answer the
    resource's outputs are. `unmade` says why the call is not sent to moto; then only its
    parameters are checked.
    """

    service: str
    operation: str
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    takes: tuple[str, ...] | None = None
    also: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    adds: Callable[[Subject], Mapping[str, Any]] | None = None
    each: Callable[[Subject], Iterable[Mapping[str, Any]]] | None = None
    gives: Mapping[str, str] = field(default_factory=dict[str, str])
    unmade: str = ""

    @property
    def model(self) -> OperationModel:
        """AWS's model of the operation."""
        return operation_model(self.service, self.operation)


Rows = Mapping[str, tuple[Call, ...]]
"""How each type of resource is created: its calls in order."""


@dataclass
class Cloud:
    """What was created, what was refused, and what moto made of the simulated ids."""

    rows: Rows
    along: Mapping[str, Callable[[Subject], Any]] = field(
        default_factory=dict[str, Callable[[Subject], Any]]
    )
    environment: Environment = field(default_factory=lambda: Environment("", ""))
    created: list[Resource] = field(default_factory=list[Resource])
    checked: list[Resource] = field(default_factory=list[Resource])
    uncovered: list[Resource] = field(default_factory=list[Resource])
    refused: list[str] = field(default_factory=list[str])
    _real: dict[str, str] = field(default_factory=dict[str, str])
    _subjects: dict[str, Subject] = field(default_factory=dict[str, Subject])

    def create(self, environment: Environment) -> None:
        """Create or check every managed resource whose type has a row; note the others."""
        self.environment = environment
        for resource in environment.resources:
            if resource.custom and not resource.existing and resource.package == "aws":
                if row := self.rows.get(resource.type):
                    self._create(resource, row)
                else:
                    self.uncovered.append(resource)

    def of(self, *types: str) -> list[Subject]:
        """The created resources of these types, with moto's ids in their values."""
        return [self.subject(item) for item in self.created if item.type in types]

    def real(self, value: Any) -> Any:
        """The value with what moto made of each simulated id and ARN in it."""
        if isinstance(value, Mapping):
            return {key: self.real(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.real(item) for item in value]
        if isinstance(value, str):
            for simulated, real in self._longest_first:
                value = value.replace(simulated, real)
        return value

    def learn(self, simulated: Any, real: Any) -> None:
        """Note what moto made of a simulated id."""
        if isinstance(simulated, str) and simulated and simulated != real:
            self._real[simulated] = str(real)
            self._subjects.clear()
            self.__dict__.pop("_longest_first", None)

    def subject(self, resource: Resource) -> Subject:
        """The resource with moto's ids in its values."""
        if resource.urn not in self._subjects:
            real = dataclasses.replace(
                resource,
                id=self.real(resource.id),
                inputs=self.real(resource.inputs),
                outputs=self.real(resource.outputs),
            )
            self._subjects[resource.urn] = Subject(real, self)
        return self._subjects[resource.urn]

    @cached_property
    def _longest_first(self) -> list[tuple[str, str]]:
        return sorted(self._real.items(), key=lambda pair: len(pair[0]), reverse=True)

    def _create(self, resource: Resource, row: tuple[Call, ...]) -> None:
        made = False
        for call in row:
            try:
                made |= self._call(resource, call, row)
            except Exception as error:  # noqa: BLE001 moto raises whatever its code stumbles over
                where = f"{resource.type} {resource.name}: {call.service} {call.operation}"
                self.refused.append(f"{where}: {type(error).__name__}: {error}")
        (self.created if made else self.checked).append(resource)
        if made and (more := self.along.get(resource.type)):
            more(self.subject(resource))

    def _call(self, resource: Resource, call: Call, row: tuple[Call, ...]) -> bool:
        subject = self.subject(resource)
        inputs = _carried(subject.resource, call, row)
        if call.takes and not inputs:
            return False
        inputs |= {key: subject.output(key) for key in call.also}
        placed = {key: value for key, value in inputs.items() if key not in call.by_hand}
        shape: Any = call.model.input_shape
        given = parameters(placed, shape, call.names)
        given = merged(given, call.adds(subject) if call.adds else {})
        for more in call.each(subject) if call.each else ({},):
            answer = _sent(call, merged(given, more), subject)
            for output, path in call.gives.items():
                self.learn(Subject(resource, self).output(output), _at(answer, path))
        return not call.unmade


def _carried(resource: Resource, call: Call, row: tuple[Call, ...]) -> dict[str, Any]:
    elsewhere = {key for other in row if other is not call for key in other.takes or ()}
    return {
        key: value
        for key, value in resource.inputs.items()
        if value is not None
        and not key.startswith("__")
        and key not in PROVIDER_ONLY
        and (key not in elsewhere if call.takes is None else key in call.takes)
    }


def _sent(call: Call, given: dict[str, Any], subject: Subject) -> Any:
    given = dict.fromkeys(call.model.idempotent_members, _TOKEN) | given
    if wrong := faults(given, call.model.input_shape):
        raise RefusedError("; ".join(wrong))
    return {} if call.unmade else getattr(subject.client(call.service), call.operation)(**given)


@cache
def client(service: str, region: str) -> Any:
    """A client of moto's cloud. Outside `mock_aws` its credentials are worth nothing."""
    return _session().client(service, region_name=region)


@cache
def _session() -> Any:
    # moto sees the calls of those sessions only that are made after its import.
    assert moto.mock_aws
    return boto3.Session(aws_access_key_id="moto", aws_secret_access_key="moto")


@cache
def operation_model(service: str, operation: str) -> OperationModel:
    """AWS's model of an operation, which is named as a method of boto3's client is."""
    maker = client(service, REGION)
    return maker.meta.service_model.operation_model(maker.meta.method_to_api_mapping[operation])


def faults(given: Mapping[str, Any], shape: Any) -> list[str]:
    """What AWS's model of an operation's input, or of a part of it, has against parameters."""
    report = ParamValidator().validate(given, shape)
    return [report.generate_report()] if report.has_errors() else list(violations(given, shape))


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both, with structures that occur in both merged."""
    found = dict(one)
    for key, value in other.items():
        both = isinstance(value, Mapping) and isinstance(found.get(key), Mapping)
        found[key] = merged(found[key], value) if both else value
    return found


def _at(answer: Any, path: str) -> Any:
    for step in path.split("."):
        answer = answer[int(step)] if step.isdigit() else answer[step]
    return answer
