import binascii
import os
from typing import Any, Optional

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class RandomProvider(ResourceProvider):
    def create(self, props):
        return CreateResult(
            binascii.b2a_hex(os.urandom(16)).decode("utf-8"),
            {**props, "value": os.urandom(4).hex()},
        )

    def diff(self, id_, olds, news):
        return DiffResult(changes=olds.get("length") != news.get("length"))


class Random(Resource):
    value: Output[str]

    def __init__(self, name: str, length: Input[int], opts: Optional[ResourceOptions] = None):
        super().__init__(RandomProvider(), name, {"length": length, "value": None}, opts)


class RowInputs:
    table: Input[str]
    columns: Input[dict]

    def __init__(self, table, columns):
        self.table = table
        self.columns = columns


class _RowProvider(ResourceProvider):
    def configure(self, req):
        self.endpoint = req.config.get("endpoint")

    def create(self, inputs: Any) -> CreateResult:
        raise RuntimeError("previews never create")

    def update(self, id: str, olds: Any, news: Any) -> UpdateResult:
        return UpdateResult({**olds, **news})


class Row(Resource, module="database", name="Row"):
    table: Output[str]
    columns: Output[dict]
    row_id: Output[str]

    def __init__(self, name: str, args: RowInputs, opts=None):
        super().__init__(_RowProvider(), name, {**vars(args), "row_id": None}, opts)


random = Random("suffix", 8)
row = Row("admin", RowInputs("users", {"name": "admin", "salt": random.value}))
child = Row(
    "guest",
    RowInputs(row.table, {"name": "guest"}),
    ResourceOptions(parent=row, depends_on=[random], protect=True),
)

pulumi.export("value", random.value)
pulumi.export("row", row.row_id)
pulumi.export("table", child.table)
