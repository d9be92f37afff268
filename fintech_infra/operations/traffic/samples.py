"""Reads what WAF answers to GetSampledRequests: who sent what, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fintech_infra.operations.traffic.model import Source


def sources_of(answer: Mapping[str, Any]) -> tuple[Source, ...]:
    """The sources in an answer of WAF, as boto3 and `aws wafv2 get-sampled-requests` give it.

    Raises:
        ValueError: it is none; says what is wrong and where.
    """
    listed = answer.get("SampledRequests")
    if not isinstance(listed, list):
        raise ValueError("has no list SampledRequests")  # noqa: TRY004 - a mistake in a file
    return tuple(_sources(listed))


def _sources(listed: Iterable[Any]) -> Iterable[Source]:
    for at, item in enumerate(listed):
        request: Any = item.get("Request") if isinstance(item, Mapping) else None
        if not isinstance(request, Mapping):
            raise ValueError(f"SampledRequests[{at}] has no Request")  # noqa: TRY004 - likewise
        weight = item.get("Weight", 1)
        if not isinstance(weight, int | float) or isinstance(weight, bool) or weight < 0:
            raise ValueError(f"SampledRequests[{at}].Weight is {weight!r}; accepted: 0 or more")
        yield Source(
            str(request.get("ClientIP", "")),
            str(request.get("Country", "")),
            str(request.get("URI", "")).partition("?")[0],  # what follows may hold secrets
            str(item.get("Action", "")),
            float(weight),
        )
