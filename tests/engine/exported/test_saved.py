"""Saved environments: what was written is what is read, and what was changed by hand is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fintech_infra.environment import Environment
from fintech_infra.environment.codec import FORMAT, dumps

NO_VALUE = "is no value: $fintech_infra is neither unknown nor an asset of four parts"

Read = Callable[[Any], Environment]
Refused = Callable[[Any], list[str]]


def test_what_was_written_is_what_is_read(shop: Environment, read_json: Read) -> None:
    written = dumps(shop, format=FORMAT)
    assert dumps(read_json(json.loads(written)), format=FORMAT) == written


def test_another_version_is_refused(shop: Environment, refused: Refused) -> None:
    (said,) = refused(json.loads(dumps(shop, format=FORMAT)) | {"version": 2})
    assert said == "version: is 2; this version of fintech-infra reads 1"


def test_mistakes_are_told_together(refused: Refused) -> None:
    resource = {
        "urn": "urn:x", "type": "t", "custom": 1, "inputs": {"a": {"$fintech_infra": "secret"}},
        "outputs": {}, "dependencies": "x", "options": {"protects": True, "protect": "yes"},
        "source": ["a.py"], "secrets": [], "name": "x", "id": "", "parent": "", "provider": "",
        "existing": False, "opaque": False,
    }  # fmt: skip
    assert refused(
        {
            "format": FORMAT,
            "version": 1,
            "project": "shop",
            "resources": [resource, {"urn": "urn:y"}],
            "diagnostics": [["fatal", "x", ""]],
        }
    ) == [
        "stack: is missing",
        "organization: is missing",
        "resources[0].custom: is a number, but must be true or false",
        "resources[0].dependencies: is text, but must be a list",
        f"resources[0].inputs.a: {NO_VALUE}",
        "resources[0].options.protects: is no option of a resource",
        "resources[0].options.protect: is text, but must be true or false",
        "resources[0].source: must be null, or a list of a file and a line",
        "resources[1].type: is missing",
        *(
            f"resources[1].{key}: is missing"
            for key in (
                "name", "id", "parent", "provider", "custom", "existing", "opaque",
                "dependencies", "secrets", "inputs", "outputs",
            )
        ),
        "and 3 more such mistakes",
    ]  # fmt: skip


def test_a_file_whose_resources_are_gone_is_no_clean_one(
    shop: Environment, refused: Refused
) -> None:
    whole = json.loads(dumps(shop, format=FORMAT))
    for damaged in (
        whole | {"resources": []},
        {key: whole[key] for key in whole if key != "resources"},
    ):
        assert refused(damaged) == ["resources: are none, so there is nothing to judge"]
    assert refused(whole | {"organization": None}) == ["organization: is missing"]
