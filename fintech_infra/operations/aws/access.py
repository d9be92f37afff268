"""AWS as one set of credentials sees it, and what it refuses to tell.

Whatever cannot be read is an `UnreadError`: callers make it undecided, never fine. boto3, of the
extra `operations`, is imported on use.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

_ATTEMPTS: Final = 8
"""How often a call is made where AWS throttles or fails; botocore waits longer each time."""
_CONNECT_SECONDS: Final = 10
_READ_SECONDS: Final = 60

_HINTS: Final = {
    "AccessDenied": "the role needs {action}",
    "ExpiredToken": "log in again: the credentials have expired",
    "ExpiredTokenException": "log in again: the credentials have expired",
    "InvalidClientTokenId": "set the credentials of a role that exists",
    "NoCredentialsError": "log in, or set AWS_PROFILE",
    "RequestExpired": "set the clock of this machine",
    "SignatureDoesNotMatch": "set the secret that belongs to the access key",
    "UnrecognizedClientException": "set the credentials of a role that exists",
}
_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)


class UnreadError(Exception):
    """AWS did not tell: what was asked, its code and message, and how to mend it."""

    def __init__(self, action: str, code: str, message: str) -> None:
        """Keep what was asked as `service:Operation`, and the answer."""
        said = "AccessDenied" if code in _DENIED else code
        super().__init__(f"{action}: {said}: {message}" if message else f"{action}: {said}")
        self.action = action
        self.code = said
        self.hint = _HINTS.get(said, "").format(action=action)


class NoAccessError(Exception):
    """There is no way to ask AWS at all: why, and how to mend it."""

    def __init__(self, message: str, hint: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Access:
    """Makes clients, one for each service and region, and asks them.

    `make` takes the names of a service and a region; `region` is what is asked where none is named.
    """

    make: Callable[[str, str], Any]
    region: str
    _made: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])

    def client(self, service: str, region: str = "") -> Any:
        """The boto3 client of a service."""
        key = service, region or self.region
        if key not in self._made:
            self._made[key] = self.make(*key)
        return self._made[key]

    def ask(
        self,
        service: str,
        operation: str,
        *,
        region: str = "",
        missing: Collection[str] = (),
        **parameters: Any,
    ) -> dict[str, Any] | None:
        """Call `operation` by its name in Python; None where AWS answers with a code of `missing`.

        Raises:
            UnreadError: AWS does not tell.
        """
        client = self.client(service, region)
        answered, answer = _call(
            service, operation, lambda: getattr(client, operation)(**parameters), missing
        )
        return answer if answered else None

    def pages(
        self,
        service: str,
        operation: str,
        *,
        region: str = "",
        missing: Collection[str] = (),
        **parameters: Any,
    ) -> Iterator[dict[str, Any]]:
        """Yield every page of an operation that comes in pages; none where it is `missing`.

        Raises:
            UnreadError: a page is not told; those before it were yielded, and are not all.
        """
        pages = iter(self.client(service, region).get_paginator(operation).paginate(**parameters))
        while True:
            answered, page = _call(service, operation, lambda: next(pages, None), missing)
            if not answered or page is None:
                return
            yield page


def connect(region: str = "", profile: str = "") -> Access:
    """AWS as the configuration of this machine reaches it.

    Raises:
        NoAccessError: boto3 is not installed, the profile does not exist, or no region is known.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError:
        hint = "pip install 'fintech_infra[operations]'"
        raise NoAccessError("boto3 is not installed", hint) from None
    try:
        session = boto3.Session(region_name=region or None, profile_name=profile or None)
    except BotoCoreError as error:
        raise NoAccessError(str(error), "aws configure list-profiles shows them") from error
    if not session.region_name:
        hint = "give --region, or set AWS_DEFAULT_REGION"
        raise NoAccessError("no region is known", hint)
    config = Config(
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        user_agent_extra="fintech-infra",
    )

    def make(service: str, where: str) -> Any:
        chosen: Any = service
        return session.client(chosen, region_name=where, config=config)

    return Access(make, session.region_name)


def _call(
    service: str, operation: str, call: Callable[[], Any], missing: Collection[str]
) -> tuple[bool, Any]:
    """Whether AWS answered, and what."""
    from botocore.exceptions import BotoCoreError, ClientError

    action = f"{service}:{''.join(map(str.capitalize, operation.split('_')))}"
    try:
        return True, call()
    except ClientError as error:
        told = error.response.get("Error", {})
        code = str(told.get("Code", ""))
        if code in missing:
            return False, None
        raise UnreadError(action, code, str(told.get("Message", ""))) from error
    except BotoCoreError as error:
        raise UnreadError(action, type(error).__name__, str(error)) from error
