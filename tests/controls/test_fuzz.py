"""Controls on what nobody meant to write: values not known, of a wrong kind, or plain junk.

The resources come from the tables of the controls' own tests and are changed at every place. No
control may break, whatever it reads, and none may pass in silence over what it cannot know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.controls import CONTROLS, Control, Evaluation, Verdict, evaluate
from fintech_infra.controls.parity import DIFFERENCE_TYPE
from fintech_infra.controls.remedies import remedy_of
from fintech_infra.controls.waivers.model import WAIVER_TYPE
from fintech_infra.environment import UNKNOWN, Environment, Resource, UnknownValueError, walk
from fintech_infra.environment.documents import DocumentError, parse
from tests.controls.tables import resource_of, with_unknowns
from tests.controls.test_catalogue import TESTS

Path = tuple[str | int, ...]

# What stands in the place of every value. Two of these, in turns, are tried at each place: enough
# to meet every kind at some place of every control, and quick.
JUNK: tuple[Any, ...] = (
    None, "", "x", "{", "[]", "arn:aws:::", "999.1.1.1/99", "ünï\u0000" * 2_000,
    '{"Statement": [1]}', '{"Statement": {"Effect": "Allow", "Action": 7}}',
    7, -1, 1.5, 10**30, float("nan"), True, False,
    [], {}, ["x"], [None], [7], [[]], [{}], [UNKNOWN], {"a": "b"}, {"a": UNKNOWN}, [[[["x"]]]],
)  # fmt: skip
TRIES = 2

# Entries of the project's own file, which is refused as a whole where an entry is not well-formed.
OWN = {item.id for item in CONTROLS if item.on in {(WAIVER_TYPE,), (DIFFERENCE_TYPE,)}}

# Where a value that is not known yet is passed over: the control, the type and the input, and why.
_WRITTEN = "looks for what the program's own text says; what is computed is not in it"
_CHOSEN = "refuses AWS's own key by its written alias; what a deployment computes is another key"
_ITSELF = "a document that is not known grants nothing here, and is undecided where it is judged"
_OVER_A_CONNECTION = "a foreign group is named over a connection only, which is judged itself"
_NO_DATA_STORE = "judges the groups of the program's data stores; this is none of them"
_ELSEWHERE = "compares what the program holds; how data outside of it is classified is not in it"
_OUTSIDE = "draws paths between what the program declares; a cluster that it does not is outside"
_SENDER = "judges the buckets that something in the program is known to send logs to"
_RULE, _INGRESS = "SecurityGroupRule", "SecurityGroupIngressRule"
_EGRESS = "SecurityGroupEgressRule"
PASSED_OVER: Mapping[tuple[str, str], str] = {
    ("pulumi-no-hardcoded-secrets", "Bucket.a"): _WRITTEN,
    ("pulumi-no-hardcoded-secrets", "Bucket.tags"): _WRITTEN,
    ("pulumi-no-hardcoded-secrets", "Instance.userData"): _WRITTEN,
    ("pulumi-no-hardcoded-secrets", "Instance.userDataBase64"): _WRITTEN,
    ("s3-encryption-cmk", "BucketServerSideEncryptionConfiguration.rules"): _CHOSEN,
    ("secretsmanager-cmk", "Secret.kmsKeyId"): _CHOSEN,
    ("sns-topic-encrypted", "Topic.kmsMasterKeyId"): _CHOSEN,
    ("iam-outsider-path-to-data-absent", "BucketPolicy.policy"): _ITSELF,
    ("iam-outsider-path-to-data-absent", "ResourcePolicy.policy"): _ITSELF,
    ("iam-outsider-path-to-data-absent", "Role.inlinePolicies"): _ITSELF,
    ("iam-path-to-administrator-absent", "Role.assumeRolePolicy"): _ITSELF,
    ("iam-path-to-administrator-absent", "RolePolicy.policy"): _ITSELF,
    ("vpc-prod-nonprod-not-connected", "Vpc.tags"): _OVER_A_CONNECTION,
    ("vpc-prod-nonprod-not-connected", "SecurityGroup.vpcId"): _OVER_A_CONNECTION,
    ("vpc-prod-nonprod-not-connected", "SecurityGroup.ingress"): _OVER_A_CONNECTION,
    ("vpc-prod-nonprod-not-connected", f"{_RULE}.securityGroupId"): _OVER_A_CONNECTION,
    ("vpc-prod-nonprod-not-connected", f"{_RULE}.sourceSecurityGroupId"): _OVER_A_CONNECTION,
    ("vpc-prod-nonprod-not-connected", f"{_INGRESS}.securityGroupId"): _OVER_A_CONNECTION,
    ("ec2-sg-egress-restricted", f"{_EGRESS}.securityGroupId"): _NO_DATA_STORE,
    ("ec2-sg-egress-restricted", f"{_RULE}.securityGroupId"): _NO_DATA_STORE,
    ("tags-classification-consistent", "Snapshot.volumeId"): _ELSEWHERE,
    ("tags-classification-consistent", "BucketReplicationConfig.bucket"): _ELSEWHERE,
    ("tags-classification-consistent", "BucketReplicationConfig.rules"): _ELSEWHERE,
    ("vpc-internet-to-data-path-absent", "ClusterInstance.clusterIdentifier"): _OUTSIDE,
    ("s3-log-bucket-hardened", "BucketPolicy.policy"): _SENDER,
}


@dataclass(frozen=True)
class Case:
    """A row of a control's table."""

    control: Control
    resources: tuple[Resource, ...]
    parameters: Mapping[str, Any]

    def evaluated(self, resources: Sequence[Resource] | None = None) -> Evaluation:
        environment = _environment(self.resources if resources is None else resources)
        return evaluate(environment, [self.control], {self.control.id: self.parameters})

    def places(self) -> Iterator[tuple[int, Path]]:
        """Every place of every input: the number of the resource, and the keys that lead there."""
        for number, resource in enumerate(self.resources):
            yield from ((number, path) for path in _paths(resource.inputs) if path)

    def changed(
        self, number: int, path: Path, value: Any, *, linked: bool = False
    ) -> list[Resource]:
        """The resources with one value replaced; what it named stays a dependency if `linked`."""
        old = self.resources[number]
        inputs = _put(old.inputs, path, value)
        new = replace(old, inputs=inputs)
        if linked:
            found = _named(_environment(self.resources), old, _at(old.inputs, path))
            top = str(path[0])
            known = old.property_dependencies.get(top, ())
            dependencies = {**old.property_dependencies, top: (*known, *found)}
            new = replace(new, property_dependencies=dependencies)
        return [*self.resources[:number], new, *self.resources[number + 1 :]]


def _environment(resources: Sequence[Resource]) -> Environment:
    return Environment("project", "prod", resources=tuple(resources))


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, (*path, index))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _put(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    changed = copy(value)
    changed[path[0]] = _put(value[path[0]], path[1:], new)
    return changed


def _named(environment: Environment, resource: Resource, value: Any) -> Iterator[str]:
    """URNs of what the texts in a value name."""
    for _, leaf in walk(value):
        if isinstance(leaf, str):
            for item in environment.named(leaf):
                if item.urn != resource.urn:
                    yield item.urn


@cache
def cases() -> Mapping[str, tuple[Case, ...]]:
    """The rows of all tables, by control."""
    by_id = {control.id: control for control in CONTROLS}
    found: dict[str, list[Case]] = {}
    for control, *about, _ in (row for module in TESTS for row in module.CASES):
        (rows,) = (item for item in about if isinstance(item, list))
        parameters = next((item for item in about if isinstance(item, dict)), {})
        resources = tuple(resource_of("prod", *row) for row in rows)
        found.setdefault(control, []).append(Case(by_id[control], resources, parameters))
    return {control: tuple(rows) for control, rows in found.items()}


def _broken(evaluation: Evaluation) -> list[str]:
    return [item.message for item in evaluation.of(Verdict.BROKEN)]


each_control = pytest.mark.parametrize(
    "control", [item for item in CONTROLS if item.id not in OWN], ids=lambda control: control.id
)


@each_control
def test_no_value_breaks_a_control(control: Control) -> None:
    turn = count(len(control.id))
    for case in cases()[control.id]:
        for number, path in case.places():
            for _ in range(TRIES):
                junk = JUNK[next(turn) % len(JUNK)]
                evaluation = case.evaluated(case.changed(number, path, junk))
                assert (_broken(evaluation), path, junk) == ([], path, junk)
                for finding in evaluation.findings:
                    remedy_of(control, finding.resource, case.parameters)


@each_control
def test_what_is_not_known_is_passed_over_for_a_reason_only(control: Control) -> None:
    passed_over: set[tuple[str, str]] = set()
    for case in cases()[control.id]:
        violated = {item.resource.urn for item in case.evaluated().of(Verdict.VIOLATED)}
        for number, path in case.places() if violated else ():
            mutated = case.resources[number]
            linked = case.evaluated(case.changed(number, path, UNKNOWN, linked=True))
            from_elsewhere = case.evaluated(case.changed(number, path, UNKNOWN))
            own = violated & {mutated.urn}
            if _silent(violated, linked) or _silent(own, from_elsewhere):
                kind = mutated.type.rpartition(":")[2]
                passed_over.add((control.id, f"{kind}.{path[0]}"))

    assert passed_over == {key for key in PASSED_OVER if key[0] == control.id}


def _silent(violated: set[str], evaluation: Evaluation) -> set[str]:
    """The resources that were violated and now are not even undecided."""
    return violated - {item.resource.urn for item in evaluation.findings}


def test_a_document_that_grants_nothing_because_it_is_not_known_is_undecided_itself() -> None:
    excused = [key for key, why in PASSED_OVER.items() if why == _ITSELF]
    for control, place in excused:
        kind, _, top = place.partition(".")
        for case in cases()[control]:
            for number, path in case.places():
                mutated = case.resources[number]
                if path == (top,) and mutated.type.endswith(f":{kind}"):
                    resources = case.changed(number, path, UNKNOWN, linked=True)
                    undecided = evaluate(_environment(resources), CONTROLS).of(Verdict.UNDECIDED)
                    assert mutated.urn in {item.resource.urn for item in undecided}


scalars = st.sampled_from(["?", None, True, False, "", "x", "*", "0.0.0.0/0"]) | (
    st.integers() | st.floats() | st.text(max_size=20)
)
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
rows = st.sampled_from(sorted({row[0] for module in TESTS for row in module.CASES} - OWN)).flatmap(
    lambda control: st.sampled_from(cases()[control])
)


@given(rows, st.lists(st.tuples(st.integers(min_value=0), junk), min_size=1, max_size=4))
@settings(max_examples=150)
def test_no_environment_breaks_any_control(case: Case, changes: list[tuple[int, Any]]) -> None:
    for place, value in changes:
        places = list(case.places())
        if places:
            number, path = places[place % len(places)]
            case = replace(case, resources=tuple(case.changed(number, path, with_unknowns(value))))
    controls = [item for item in CONTROLS if item.id not in OWN]

    assert _broken(evaluate(_environment(case.resources), controls)) == []


elements = st.sampled_from(
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "Condition"]
)
texts = st.sampled_from(["Allow", "Deny", "*", "s3:*", "AWS", "Bool", "aws:SecureTransport"])
parts = st.recursive(
    scalars | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(elements | texts, inner, max_size=4)
    ),
    max_leaves=12,
)
documents = parts | st.dictionaries(
    st.sampled_from(["Version", "Statement", "statement"]), parts, min_size=1
)


@given(documents)
@settings(max_examples=300)
def test_any_value_is_a_policy_document_or_is_refused(document: Any) -> None:
    try:
        found = parse(with_unknowns(document))
    except (DocumentError, UnknownValueError):
        return

    assert all(isinstance(item.allows, bool) for item in found.statements)


@given(parts)
@settings(max_examples=100)
def test_any_json_is_a_policy_document_or_is_refused(document: Any) -> None:
    try:
        found = parse(json.dumps({"Statement": document}))
    except DocumentError:
        return

    assert all(isinstance(item.allows, bool) for item in found.statements)
