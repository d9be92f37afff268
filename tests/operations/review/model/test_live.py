"""A real model, where the environment names one; see docs/review-model.md."""

from __future__ import annotations

import json
import os

import pytest

from fintech_infra.operations.language_model import client_for, parse
from fintech_infra.operations.review.model import advise
from tests.operations.review.model import samples

VARIABLE = "FINTECH_INFRA_LIVE_MODEL"
"""The `model` section of a settings file as JSON, such as `{"provider": "bedrock", ...}`."""


@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no model to ask")
def test_a_real_model_answers_by_the_rules() -> None:
    settings = parse(json.loads(os.environ[VARIABLE]))
    found = advise(samples.opened(), (), settings, client_for(settings))
    assert found.failure == ""
    assert {item.path for item in found.claims} <= {
        "ingress",
        "ingress[0]",
        "ingress[0].cidrBlocks",
        "ingress[0].cidrBlocks[0]",
    }
    assert found.claims, "opening a port to the world deserves a claim"
