"""Every component has an example, which previews clean.

What these tests do not prove: that an example deploys.
"""

from __future__ import annotations

import re

import pytest
from pulumi import ComponentResource

import fintech_infra
from fintech_infra.controls import CONTROLS, evaluate
from tests import previews


def _components() -> list[str]:
    exported = {name: getattr(fintech_infra, name) for name in fintech_infra.__all__}
    return sorted(
        name
        for name, item in exported.items()
        if isinstance(item, type) and issubclass(item, ComponentResource)
    )


def test_every_component_has_an_example_named_after_it() -> None:
    named = ["-".join(re.findall("[A-Z][a-z]*", name)).lower() for name in _components()]
    assert sorted(named) == list(previews.EXAMPLES)


@pytest.mark.parametrize("example", previews.EXAMPLES)
def test_an_example_previews_clean_and_uses_its_component(example: str) -> None:
    environment = previews.example(example)
    component = "".join(word.capitalize() for word in example.split("-"))
    assert list(environment.of_type(f"fintech_infra:index:{component}")) != []
    found = evaluate(environment, CONTROLS).findings
    assert [(item.control.id, item.verdict, item.resource.name) for item in found] == []
