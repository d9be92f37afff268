"""`--save`: an environment as a file that another run can be held to, without its secrets.

A secret becomes a value that is not known, and its path stays secret: a control that needs it
cannot decide. The same goes for whatever else a secret's text turns up in. What was found while the
secrets were known is kept beside the environment, so that it is not new to whoever compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_infra.cli.writing import write_whole
from fintech_infra.environment.codec import FORMAT, dumps
from fintech_infra.report.cleared import without_secrets
from fintech_infra.report.redact import Redaction

if TYPE_CHECKING:
    from fintech_infra.controls.evaluate import Evaluation
    from fintech_infra.environment import Environment


def save(environment: Environment, evaluation: Evaluation, path: str) -> None:
    """Write an environment and what was found in it to a file, whole or not at all.

    Raises:
        Failure: the file cannot be written; what was there stays.
    """
    from fintech_infra.controls.baseline import formers

    redaction = Redaction(environment)
    found = [
        [item.control, item.urn, item.verdict, item.path, redaction.text(item.message)]
        for item in formers(evaluation)
    ]
    text = dumps(without_secrets(environment), format=FORMAT, findings=found)
    write_whole(path, text + "\n", "--save")
