"""The optional language model of `fintech-infra diagnose`: its options, and its words in a report.

It is asked when all is decided; the exit code is that of the diagnosis, whatever it says.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from fintech_infra.cli import language_model, running

if TYPE_CHECKING:
    from fintech_infra.operations.diagnosis import Diagnosis
    from fintech_infra.operations.language_model import Settings

Report = Callable[["Diagnosis", str, str | None], str]
"""Makes a report of a diagnosis in a format, with the words of a model or None."""


def add_options(verb: argparse.ArgumentParser) -> None:
    """Add the options of the model."""
    title = "a language model that words the diagnosis, off without them"
    language_model.add_options(verb, title, "to ask; it words the result and cannot add a cause")


def with_wording(found: Diagnosis, form: str, settings: Settings, report: Report) -> str:
    """A report with what the model said, or with the line that says why it said nothing."""
    from fintech_infra.operations.diagnosis.wording import as_json, lines, word
    from fintech_infra.operations.language_model import client_for

    with running.progress("asking the language model"):
        wording = word(found, settings, client_for(settings))
    if form == "json":
        told = json.loads(report(found, form, None)) | {"wording": as_json(wording)}
        return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    return report(found, form, "\n".join(lines(wording)))


def sent(found: Diagnosis, settings: Settings) -> str:
    """What would be sent to the model."""
    from fintech_infra.operations.diagnosis.wording import shown
    from fintech_infra.operations.language_model import client_for

    return shown(found, settings, client_for(settings)) + "\n"
