"""What makes the arguments of an alarm topic wrong. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._alarm_topic.publishers import Publisher
from fintech_infra.components._shape import nearest

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,249}")
"""What a topic's name, with the eight characters of its random end, can start with.
https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html"""

_DEAD_LETTERS_ROLE: Final = "dead-letters"
_LONGEST: Final = 80 - len(f"-{_DEAD_LETTERS_ROLE}-1a2b3c4")
"""Characters that the name of the queue leaves to the component's.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html"""

_SUBSCRIBER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_HTTPS: Final = re.compile(r"https://[^\s/]+\S*")

Problem = tuple[str, str]


def topic_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of the topic called `name`."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        accepted = f"up to {_LONGEST} letters, digits, '-' and '_'"
        yield (
            "name",
            f"is {name!r}; names of topic and queue start with it: accepted are {accepted}",
        )
    yield from _publisher_problems(args.get("publishers"))
    yield from _subscriber_problems(args.get("emails", {}), "emails", _EMAIL, "oncall@example.com")
    endpoints = args.get("https_endpoints", {})
    yield from _subscriber_problems(
        endpoints, "https_endpoints", _HTTPS, "https://events.example.com/alarms"
    )


def _publisher_problems(given: list[str] | None) -> Iterator[Problem]:
    if given is not None and not given:
        yield "publishers", f"is empty; accepted are {', '.join(Publisher)}"
    for index, item in enumerate(given or []):
        if item not in list(Publisher):
            yield f"publishers[{index}]", f"is {item!r}; {_hint(item)}"


def _hint(publisher: str) -> str:
    if publisher == "config":
        return "AWS Config does not support encrypted topics; let a rule for its events publish"
    return nearest(publisher, Publisher)


def _subscriber_problems(
    given: Mapping[str, Any], path: str, accepted: re.Pattern[str], example: str
) -> Iterator[Problem]:
    for name, endpoint in given.items():
        if not _SUBSCRIBER.fullmatch(name):
            reason = "is a name of up to 32 lower-case letters, digits and '-'"
            yield f"{path}.{name}", f"is named {name!r}; accepted {reason}"
        # The endpoint may hold a credential, so it is not repeated.
        if isinstance(endpoint, str) and not accepted.fullmatch(endpoint):
            yield f"{path}.{name}", f"is not accepted; accepted is one such as {example!r}"
