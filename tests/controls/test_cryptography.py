"""Controls over payment keys and hardware security modules, case by case."""

from __future__ import annotations

from typing import Any

import pytest

KEY = "aws:paymentcryptography/key:Key"
CLUSTER = "aws:cloudhsmv2/cluster:Cluster"
HSM = "aws:cloudhsmv2/hsm:Hsm"
C = (CLUSTER, "c", {"subnetIds": ["subnet-1", "subnet-2"]})


def module(name: str, zone: Any, cluster: str = "c-id") -> Any:
    return (HSM, name, {"clusterId": cluster, "availabilityZone": zone})


KEYS: list[tuple[str, list[Any], list[str]]] = [
    ("kept", [(KEY, "k", {"exportable": False})], []),
    ("exportable", [(KEY, "k", {"exportable": True})], ["violated k exportable"]),
    ("not known", [(KEY, "k", {"exportable": "?"})], ["undecided k exportable"]),
]
CLUSTERS: list[tuple[str, list[Any], list[str]]] = [
    ("two zones", [C, module("a", "eu-west-1a"), module("b", "eu-west-1b")], []),
    ("one zone", [C, module("a", "eu-west-1a"), module("b", "eu-west-1a")], ["violated c"]),
    ("one module", [C, module("a", "eu-west-1a")], ["violated c"]),
    ("one subnet", [(CLUSTER, "c", {"subnetIds": ["subnet-1"]})], ["violated c subnetIds"]),
    ("subnets not known", [(CLUSTER, "c", {"subnetIds": "?"})], ["undecided c subnetIds"]),
    ("a zone not known", [C, module("a", "eu-west-1a"), module("b", "?")], ["undecided c"]),
    ("a module of something", [C, module("a", "eu-west-1a"), module("b", "eu-west-1b", "?")],
     ["undecided c"]),
]  # fmt: skip

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("paymentcryptography-key-not-exportable", *case) for case in KEYS),
    *(("cloudhsm-cluster-multi-az", *case) for case in CLUSTERS),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_module_or_key_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)
