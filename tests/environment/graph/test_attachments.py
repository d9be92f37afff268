"""Attachments, and whether the tables of the graph are true of the provider's own classes."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.environment.graph import Kind, graph_of
from fintech_infra.environment.graph.attachments import ATTACHMENTS
from fintech_infra.environment.graph.shapes import SHAPES
from tests.controls.test_catalogue import inputs, tokens

CASES: list[tuple[str, Any, tuple[str, str, str]]] = [
    ("a rule", ("aws:ec2/securityGroupRule:SecurityGroupRule", {"securityGroupId": "it-id"}),
     ("x", "it", "has it as a rule")),
    ("by dependency", ("aws:s3/bucketVersioningV2:BucketVersioningV2", {"bucket": "?it"}),
     ("x", "it", "has it as its versioning")),
    ("a holder and its members", ("aws:rds/subnetGroup:SubnetGroup", {"subnetIds": ["it-id"]}),
     ("it", "x", "has it as a subnet")),
    ("a profile", ("aws:iam/instanceProfile:InstanceProfile", {"role": "it-id"}),
     ("x", "it", "has it as an instance profile")),
]  # fmt: skip


@pytest.mark.parametrize(("case", "row", "expected"), CASES)
def test_what_configures_another_is_attached_to_it(
    case: str, row: Any, expected: tuple[str, str, str], program: Any
) -> None:
    type_, given = row
    environment = program([("aws:some/thing:Thing", "it", {}), (type_, "x", given)])
    [edge] = graph_of(environment).of(Kind.ATTACHED)
    assert (edge.source, edge.target, edge.why) == expected
    assert edge.urn == "x"


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


@pytest.mark.parametrize("type_", ATTACHMENTS)
def test_a_row_names_a_type_and_an_input_that_there_are(type_: str) -> None:
    assert type_ in tokens()
    assert {_top(row.path) for row in ATTACHMENTS[type_]} <= inputs(type_)


@pytest.mark.parametrize("type_", SHAPES)
def test_a_shape_names_a_type_and_inputs_that_there_are(type_: str) -> None:
    shape = SHAPES[type_]
    flag = [shape.public.path] if shape.public else []
    paths = [*shape.subnets, *shape.groups, *shape.template, *flag, shape.owner, shape.outside]
    assert type_ in tokens()
    assert {_top(path) for path in paths if path} <= inputs(type_)
