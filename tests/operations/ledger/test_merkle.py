"""Merkle trees, against the reference vectors of Certificate Transparency and the definition."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.operations.ledger.merkle import (
    EMPTY,
    Range,
    consistency,
    extends,
    includes,
    inclusion,
    leaf_hash,
    node_hash,
    root_of,
)

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The inputs that the reference implementation of RFC 6962 is tested with."""

ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}

HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def subtree(start: int, end: int, leaves: list[bytes] = HASHES) -> bytes:
    """The head by the definition in section 2.1.1 of RFC 9162."""
    size = end - start
    if size == 0:
        return hashlib.sha256().digest()
    if size == 1:
        return leaves[start]
    middle = 1
    while middle * 2 < size:
        middle *= 2
    return node_hash(subtree(start, start + middle, leaves), subtree(start + middle, end, leaves))


@pytest.mark.parametrize("size", ROOTS)
def test_heads_are_those_of_the_reference(size: int) -> None:
    assert root_of(HASHES[:size]).hex() == ROOTS[size]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert (
        Range().root.hex()
        == EMPTY.hex()
        == ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    )


@pytest.mark.parametrize(
    ("index", "size", "expected"),
    [
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            1,
            5,
            [
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_audit_paths_are_those_of_the_reference(index: int, size: int, expected: list[str]) -> None:
    assert [step.hex() for step in inclusion(index, size, subtree)] == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_consistency_paths_are_those_of_the_reference(
    first: int, second: int, expected: list[str]
) -> None:
    assert [step.hex() for step in consistency(first, second, subtree)] == expected


@given(st.integers(1, 70), st.data())
def test_a_leaf_is_proved_where_it_is_and_nowhere_else(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([at])) for at in range(size)]
    at = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(-1, size))
    path = inclusion(at, size, lambda start, end: subtree(start, end, leaves))
    root = root_of(leaves)

    assert includes(leaves[at], at, size, path, root)
    assert includes(leaves[at], other, size, path, root) is (other == at)
    assert not includes(leaf_hash(b"another"), at, size, path, root)
    assert not includes(leaves[at], at, size, [*path, root], root)
    if path:
        assert not includes(leaves[at], at, size, path[:-1], root)


@given(st.integers(1, 70), st.data())
def test_a_tree_is_proved_to_begin_with_another_only_if_it_does(
    second: int, data: st.DataObject
) -> None:
    leaves = [leaf_hash(bytes([at])) for at in range(second)]
    first = data.draw(st.integers(1, second))
    path = consistency(first, second, lambda start, end: subtree(start, end, leaves))
    old, new = root_of(leaves[:first]), root_of(leaves)
    rewritten = root_of([leaf_hash(b"another"), *leaves[1:first]])

    assert extends(first, second, path, old, new)
    assert not extends(first, second, path, rewritten, new)
    assert not extends(first, second, path, old, rewritten)
    assert not extends(first, second, [*path, new], old, new)
    assert not extends(0, second, path, old, new)
    assert not extends(second + 1, second, path, old, new)
