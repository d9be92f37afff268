"""The policy SDK's own servicer, asked without a network, and made to decode a message once.

Only how often it decodes is changed, because whole catalogues are compared here: what it makes of a
message, and all that it does with it, is its own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from pulumi_policy import EnforcementLevel, policy

from fintech_infra.controls.control import Control
from tests.policy_pack.oracle.policies import policies


@contextmanager
def sdk_analyzer(name: str, controls: Sequence[Control]) -> Generator[Any]:
    """Yield the servicer that `PolicyPack` would serve."""
    servicer = policy._PolicyAnalyzerServicer
    decoding = [
        (policy.json_format, "MessageToDict"),
        (policy, "deserialize_properties"),
        (policy, "unknown_checking_proxy"),
        (servicer, "_get_resource_options"),
        (servicer, "_get_provider_resource"),
    ]
    with ExitStack() as stack:
        for owner, function in decoding:
            stack.enter_context(patch.object(owner, function, _once(getattr(owner, function))))
        yield servicer(name, "0.0.1", policies(controls), EnforcementLevel.ADVISORY)


def _once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that works once for the same objects; they are kept, so ids stay theirs."""
    done: dict[tuple[int, ...], tuple[Any, Any]] = {}

    @functools.wraps(function)
    def remembering(*given: Any) -> Any:
        key = tuple(map(id, given))
        if key not in done:
            done[key] = (given, function(*given))
        return done[key][1]

    return remembering
