"""Posting JSON over HTTP: certificates checked, no redirects, bounded in size and in time.

Of the standard library, because one request of one kind is all there is to it. Proxies and
additional certificates are those that the environment names (`HTTPS_PROXY`, `SSL_CERT_FILE`); a
service on this machine is asked directly.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from fintech_infra.operations.language_model.clients import NoAnswer
from fintech_infra.operations.language_model.settings import is_loopback_url

_LARGEST: Final = 1_000_000
"""Bytes of a response that are read."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered; the body is empty unless the status says that all is well.

    `retry_after` is in seconds, None where the service does not say.
    """

    status: int
    body: bytes = b""
    retry_after: float | None = None


def post(url: str, body: bytes, key: str, timeout: float) -> Reply:
    """Post a body with a bearer key; `timeout` is in seconds for each step of the exchange.

    Raises:
        NoAnswer: there is no whole response.
    """
    request = Request(url, data=body, method="POST")  # noqa: S310 - the settings allow https, and http to this machine
    request.add_header("Content-Type", "application/json")
    request.add_header("User-Agent", "fintech-infra")
    if key:
        request.add_unredirected_header("Authorization", f"Bearer {key}")
    try:
        with _opener(url).open(request, timeout=timeout) as response:
            content = response.read(_LARGEST + 1)
            if len(content) > _LARGEST:
                raise NoAnswer(f"its response has more than {_LARGEST:,} bytes")
            return Reply(response.status, content)
    except HTTPError as error:
        with error:
            return Reply(error.code, retry_after=_seconds(error.headers.get("Retry-After")))
    except (URLError, OSError) as error:
        raise _unreached(error, timeout) from None
    except HTTPException:
        raise NoAnswer("the connection broke off", again=True) from None


def _opener(url: str) -> OpenerDirector:
    """What opens HTTP and nothing else.

    It follows no redirect: that would hand what is sent, and maybe the key, to somebody whom
    nobody chose.
    """
    opener = OpenerDirector()
    for handler in (
        ProxyHandler({} if is_loopback_url(url) else None),
        HTTPHandler(),
        HTTPSHandler(context=ssl.create_default_context()),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None  # noqa: PLR2004 - longer is no wait


def _unreached(error: OSError, timeout: float) -> NoAnswer:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return NoAnswer(f"time-out after {timeout:g} s", again=True)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return NoAnswer(f"its certificate is not valid: {reason.verify_message}")
    return NoAnswer(f"the service cannot be reached: {reason}", again=True)
