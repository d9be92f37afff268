"""Asking a language model: settings, clients, what it is sent, and how far its answer is believed.

Off unless somebody configures one. What asks (`review`, `diagnosis`) makes the data and the prompt,
and judges what comes back; here is what they share. A model has no tools: it gets one message and
answers with one JSON object of a fixed schema. Whatever goes wrong is one line, never an exception.
"""

from fintech_infra.operations.language_model.asking import Exchange, body_of, exchange
from fintech_infra.operations.language_model.clients import Answer, Client, NoAnswer, client_for
from fintech_infra.operations.language_model.prompt import Prompt, between_marks
from fintech_infra.operations.language_model.settings import Settings, SettingsError, loads, parse

__all__ = [
    "Answer",
    "Client",
    "Exchange",
    "NoAnswer",
    "Prompt",
    "Settings",
    "SettingsError",
    "between_marks",
    "body_of",
    "client_for",
    "exchange",
    "loads",
    "parse",
]
