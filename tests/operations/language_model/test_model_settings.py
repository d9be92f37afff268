"""Settings: what is accepted, and that mistakes are told together and without a key."""

from __future__ import annotations

import pytest

from fintech_infra.operations.language_model import Settings, SettingsError, loads, parse


def mistakes(section: object) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        parse(section, "review.yaml")
    assert all(problem.file == "review.yaml" and problem.hint for problem in raised.value.problems)
    return [problem.message for problem in raised.value.problems]


def test_a_provider_and_a_model_are_enough() -> None:
    assert parse({"provider": "bedrock", "model": "m"}) == Settings(provider="bedrock", model="m")


@pytest.mark.parametrize(
    "endpoint",
    ["https://models.example.com/v1", "http://localhost:11434/v1", "http://[::1]:8000", ""],
)
def test_an_endpoint_is_encrypted_or_on_this_machine(endpoint: str) -> None:
    assert parse({"provider": "openai", "model": "m", "endpoint": endpoint}).endpoint == endpoint


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("http://models.example.com", "model.endpoint is not encrypted: http://models.example.com"),
        ("http://127.0.0.1.example.com", "model.endpoint is not encrypted"),
        ("http://10.0.0.7:8000", "model.endpoint is not encrypted"),
        ("https://u:p@example.com", "model.endpoint has a user, a query or a fragment in it"),
        ("http://localhost@example.com", "model.endpoint has a user"),
        ("https://example.com?key=1", "model.endpoint has a user, a query"),
        ("file:///etc/passwd", "model.endpoint is 'file:///etc/passwd'"),
        ("example.com", "model.endpoint is 'example.com'"),
        ("https://example.com:x", "model.endpoint is no URL"),
        ("https://[", "model.endpoint is no URL"),
    ],
)
def test_another_endpoint_is_refused(endpoint: str, message: str) -> None:
    (found,) = mistakes({"provider": "openai", "model": "m", "endpoint": endpoint})
    assert found.startswith(message)


def test_all_mistakes_are_told_at_once() -> None:
    assert sorted(
        mistakes(
            {
                "provider": "other",
                "timeout": 0,
                "attempts": True,
                "zone": "x",
                "structured_output": "yes",
                "output_limit": "none",
                "region": 7,
            }
        )
    ) == [
        "model has no setting 'zone'",
        "model.attempts is not accepted",
        "model.model is missing",
        "model.output_limit is not accepted",
        "model.provider is 'other'",
        "model.region is no text of at most 500 printable characters",
        "model.structured_output is no boolean",
        "model.timeout is not accepted",
    ]


@pytest.mark.parametrize("section", [None, [], "bedrock"])
def test_something_else_than_an_object_is_refused(section: object) -> None:
    assert len(mistakes(section)) == 1


def test_a_key_in_the_file_is_refused_and_not_repeated() -> None:
    given = {"provider": "openai", "model": "m", "api_key": "sk-1", "key_variable": "sk-live-2"}
    with pytest.raises(SettingsError) as raised:
        parse(given)
    told = "".join(f"{problem.message}{problem.hint}" for problem in raised.value.problems)
    assert len(raised.value.problems) == 2
    assert "sk-" not in told
    assert "revoke" in told


def test_the_section_of_a_file_is_read() -> None:
    found = loads("model: {provider: bedrock, model: m}\nother: 1\n")
    assert found == Settings(provider="bedrock", model="m")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("model: {provider\n", "is no YAML: expected ',' or '}', but got '<stream end>'"),
        ("model: 2026-99-99\n", "is no YAML: cannot be read"),
        ("- model\n", "model is a list, where provider and model are wanted"),
        ("models: {}\n", "model is nothing, where provider and model are wanted"),
        ("", "model is nothing, where provider and model are wanted"),
        ("model: {provider: other}\n", "model.provider is 'other'; model.model is missing"),
    ],
)
def test_a_file_of_another_form_is_refused(content: str, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        loads(content, "review.yaml")
    assert str(raised.value) == message
