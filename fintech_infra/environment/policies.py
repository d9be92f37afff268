"""The policy documents that resources carry."""

from __future__ import annotations

from typing import Any

from fintech_infra.environment.documents import Document, DocumentError, parse
from fintech_infra.environment.model import Resource
from fintech_infra.environment.values import UnknownValueError


def read_policy(resource: Resource, path: str) -> Document:
    """Return the policy document at `path`, one without statements where there is none.

    Raises:
        UnknownValueError: the document is not known before deployment.
        DocumentError: it is not a policy document.
    """
    value: Any = resource.value(path)
    if value is None or value == "":
        return Document(())
    try:
        return parse(value)
    except UnknownValueError as error:
        raise UnknownValueError(under(path, error.path)) from None
    except DocumentError as error:
        raise DocumentError(under(path, error.path), f"{path} {error}") from None


def under(path: str, below: str) -> str:
    """The property path of something below another.

    >>> under("policy", "Statement[0]"), under("policy", "")
    ('policy.Statement[0]', 'policy')
    """
    return f"{path}.{below}" if below else path
