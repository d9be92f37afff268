"""JSON text from outside: as a document, or as a mistake that says what is wrong with it."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from fintech_infra.engine.errors import PreviewError, fail


def parse(data: bytes, name: str) -> Any:
    """Return the JSON document in `data`, whatever Unicode encoding it is written in.

    Raises:
        PreviewError: it is empty, cut off, or no JSON.
    """
    if not data.strip():
        raise fail(
            "is empty", file=name, hint="write it again; the command that did may have failed"
        )
    try:
        text = data.decode(json.detect_encoding(data))
        content = json.loads(text, parse_constant=_no_number)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(content, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise fail("holds bytes that are no text in any Unicode encoding", file=name) from error
    except RecursionError as error:
        raise fail("is nested too deeply to be a state or a plan", file=name) from error
    except json.JSONDecodeError as error:
        raise _no_json(error, name) from error
    except ValueError as error:  # a number with thousands of digits
        raise fail(f"is not valid JSON: {error}", file=name) from error
    return content


def _no_json(error: json.JSONDecodeError, name: str) -> PreviewError:
    where = f"line {error.lineno}, column {error.colno}"
    rest = error.doc[error.pos :].strip()
    if not rest or error.msg.startswith("Unterminated"):
        return fail(f"is cut off: it ends in the middle of a value ({where})", file=name)
    if error.msg == "Extra data" and '"sequence"' in error.doc[: error.pos]:
        return fail(
            "is a stream of engine events, one a line",
            file=name,
            hint="unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW, and write it again with: "
            "pulumi preview --json --show-sames",
        )
    return fail(f"is not JSON: {error.msg} ({where})", file=name)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")
