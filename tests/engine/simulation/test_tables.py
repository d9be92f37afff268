"""The tables of AWS agree with the SDK's own classes.

One test, because loading the classes of all services takes ten seconds. Not shown: that AWS itself
makes such values.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi_aws as aws

from fintech_infra.engine.sdk.schema import ResourceShape, Schemas
from fintech_infra.engine.sdk.shapes import Field
from fintech_infra.engine.simulation import naming
from fintech_infra.engine.simulation.aws.tables import ROWS
from fintech_infra.engine.simulation.calls.registry import COMPUTED
from fintech_infra.engine.simulation.simulator import Simulator, World

OF_OTHER_MAJORS = {
    ("aws:apigateway/deployment:Deployment", "executionArn"),
    ("aws:apigateway/deployment:Deployment", "invokeUrl"),
    ("aws:eks/cluster:Cluster", "certificateAuthorities"),
}
"""Outputs that pulumi-aws 5 or 6 has and 7 has not."""
SHARED = {"arn", "dbSubnetGroupName", "kmsKeyId", "masterUserSecrets", "vpcId"}
"""Outputs of rows that several types share, of which some lack them."""
KINDS: Mapping[str, Any] = {
    "string": str,
    "int": int,
    "number": (int, float),
    "bool": bool,
    "list": list,
    "map": dict,
    "object": dict,
}
EXAMPLES = {"string": "given", "int": 1, "number": 1, "bool": True, "list": [], "map": {}}


def _shape(schemas: Schemas, token: str) -> ResourceShape:
    module = token.split(":")[1].partition("/")[0]
    service = getattr(aws, "lambda_" if module == "lambda" else module)
    assert getattr(service, token.rpartition(":")[2])  # loads the module of the class
    shape = schemas.resource(token)
    assert shape is not None
    return shape


def _strangers(schemas: Schemas) -> Iterator[tuple[str, str]]:
    """Outputs that a row names and the class has not."""
    for token, row in ROWS.items():
        known = {"id", *SHARED, *_shape(schemas, token).outputs}
        for path in row:
            name = path.partition(".")[0]
            if name not in known:
                yield token, name


def _of_another_kind(schemas: Schemas) -> Iterator[tuple[str, str, Any]]:
    """Declared outputs that are not of the kind declared, with the least inputs given."""
    simulator = Simulator(World("o", "p", "s"), schemas)
    for token in ROWS:
        shape = _shape(schemas, token)
        inputs = _least(shape.inputs.fields if shape.inputs else {})
        _, outputs = simulator.resource(token, "it", f"urn:{token}", inputs)
        assert json.dumps(outputs)
        for name, field in shape.outputs.items():
            if field.required and not isinstance(
                outputs[name], KINDS.get(field.shape.kind, object)
            ):
                yield token, name, outputs[name]


def _least(fields: Mapping[str, Field]) -> dict[str, Any]:
    """Something of the right kind for what the constructor would not do without."""
    return {
        name: EXAMPLES.get(field.shape.kind, "given" if field.shape.kind == "any" else {})
        for name, field in fields.items()
        if field.required
    }


def _functions() -> Iterator[str]:
    """The tokens of the data sources of every service that is loaded."""
    for path, module in list(sys.modules.items()):
        name = path.rpartition(".")[2]
        if path.startswith("pulumi_aws.") and name.startswith("get_"):
            code = inspect.unwrap(getattr(module, name)).__code__
            yield from (c for c in code.co_consts if isinstance(c, str) and c.startswith("aws:"))


def _ask_everything(schemas: Schemas) -> int:
    """Existing resources and data sources, of which nothing but an id is known."""
    simulator = Simulator(World("o", "p", "s"), schemas)
    for token in ROWS:
        identity, _ = simulator.resource(token, "it", f"urn:{token}", {}, resource_id="theirs")
        assert identity == "theirs"
    simulated = [token for token in _functions() if token not in COMPUTED]
    for token in simulated:
        assert schemas.function(token) is not None
        assert json.dumps(simulator.call(token, {}))
    return len(simulated)


def test_tables_name_outputs_that_exist_and_give_values_of_their_kinds() -> None:
    schemas = Schemas()
    assert set(_strangers(schemas)) == OF_OTHER_MAJORS
    assert list(_of_another_kind(schemas)) == []
    unnamed = [t for t in naming.EXCEPTIONS if not naming.makers(t, _shape(schemas, t))]
    assert unnamed == []
    assert _ask_everything(schemas) > 300
