"""A secret of the change is in no page of its review."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fintech_infra.environment import Environment
from fintech_infra.operations.change import between
from fintech_infra.operations.review import learn, pages, review
from tests.operations.review.usual_samples import KEY, edited, history, state, urn

SECRET = "correct-horse-battery"


def _with_secret(environment: Environment) -> Environment:
    def edit(inputs: dict[str, Any]) -> None:
        inputs |= {"password": SECRET, "enableKeyRotation": f"of {SECRET}", "other": [SECRET]}

    resources = (
        replace(item, secrets=("inputs.password",)) if item.urn == urn(KEY, "c") else item
        for item in edited(environment, KEY, "c", edit).resources
    )
    return replace(environment, resources=tuple(resources))


@pytest.mark.parametrize("page", [pages.text, pages.markdown, pages.json_text])
def test_no_page_has_the_secret(page: Any) -> None:
    change = between(state(7), _with_secret(state(7)))
    facts = {"x": (f"somebody says {SECRET}",)}
    found = review(learn(history()), change, facts=facts)
    assert found.surprises, "that a password is set for the first time can be told"
    assert SECRET not in page(found, change)
