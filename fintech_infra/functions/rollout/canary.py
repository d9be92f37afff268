"""Compares the metrics of the new version with those of the old one beside it.

Imported only where a component asks for it: it brings `fintech_infra.operations.canary`, which the
component ships with the function, and SciPy, which a layer has.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fintech_infra.functions.rollout.decide import Judgement, Outcome, Question
from fintech_infra.functions.rollout.default_canary import CONFIG, ERRORS, REQUESTS, per_request
from fintech_infra.functions.rollout.watch import (
    SUBJECT,
    begun,
    group_suffix,
    look_due,
    read_watch,
    unread,
    waiting,
    weigh,
)
from fintech_infra.operations.aws import Access, UnreadError, connect
from fintech_infra.operations.canary import (
    CanaryConfig,
    MetricQuery,
    MissingLibraryError,
    Plan,
    Scope,
    Window,
    collect,
    document,
    judge,
    read_config,
    read_queries,
)
from fintech_infra.operations.metrics import Sample, Series

GIVEN: Final = Path(__file__).with_name("canary.json")
"""The config that the component was given, where it was given one."""

_SETTLING: Final = 120
"""Seconds until CloudWatch has a minute of a load balancer whole."""

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: rules and queries by metric; `rates` where errors are per request."""

    config: CanaryConfig
    queries: Mapping[str, MetricQuery]
    rates: bool


def judge_readiness(told: str) -> Judgement:
    """Before a task starts: the config can be read and SciPy is there, or nothing is deployed."""
    try:
        read_watch(told)
        judge(_comparison().config, {}, {}, Plan())
    except (MissingLibraryError, ValueError, KeyError) as error:
        return Judgement(SUBJECT, Outcome.BROKEN, f"cannot judge: {error}")
    return Judgement(SUBJECT, Outcome.HOLDS, "can judge")


def judge_canary(question: Question, told: str, now: float) -> Judgement:
    """Compare the versions where a look is due; `told` is what the component told the function.

    Raises:
        ValueError, KeyError, MissingLibraryError: it cannot judge at all.
    """
    watch = read_watch(told)
    look = look_due(question, watch, now)
    if not look:
        return waiting(question, watch, now)
    compared, access = _comparison(), connect()
    begin, end = begun(question, now), now - _SETTLING
    minutes = Window(datetime.fromtimestamp(begin, UTC), datetime.fromtimestamp(end, UTC))
    try:
        old, new = (Scope(it, watch.balancer) for it in _groups(access, question))
    except (UnreadError, ValueError) as error:
        return unread(question, now, [str(error)])
    read = collect(access, compared.queries, old, new, minutes)
    if read.unread:
        return unread(question, now, [f"{name}: {why}" for name, why in read.unread.items()])
    plan = Plan(looks=watch.looks, look=look, enough=watch.samples)
    control, experiment = read.control, read.experiment
    if compared.rates:
        control, experiment = _rated(control), _rated(experiment)
    found = judge(compared.config, control, experiment, plan)
    _log.info(json.dumps({"canary": document(found, compared.config)}))
    return weigh(question, watch, now, found.verdict.value, found.why)


def _comparison() -> Comparison:
    """What the component was given to compare, or the default.

    Raises:
        ValueError: the config is wrong, which the component refuses.
    """
    given = GIVEN.is_file()
    text = GIVEN.read_text(encoding="utf-8") if given else json.dumps(CONFIG)
    config, problems = read_config(text, GIVEN.name)
    if config is None:
        raise ValueError("; ".join(it.message for it in problems))
    queries, problems = read_queries(text, GIVEN.name)
    if problems:
        raise ValueError("; ".join(it.message for it in problems))
    return Comparison(config, queries, rates=not given)


def _rated(series: Series) -> Series:
    errors, requests = (
        {it.time.timestamp(): it.value for it in series.get(name, ())}
        for name in (ERRORS, REQUESTS)
    )
    rates = per_request(errors, requests)
    return {
        **series,
        ERRORS: [Sample(datetime.fromtimestamp(at, UTC), it) for at, it in rates.items()],
    }


def _groups(access: Access, question: Question) -> tuple[str, str]:
    """What CloudWatch calls the target groups of the old version and of the new one.

    Raises:
        UnreadError: ECS does not tell.
        ValueError: it is not one group of each of two versions.
    """
    if len(question.other_arns) != 1:
        raise ValueError(f"{len(question.other_arns)} old versions have traffic; one is compared")
    wanted = [*question.other_arns, question.revision_arn]
    told = access.ask("ecs", "describe_service_revisions", serviceRevisionArns=wanted) or {}
    found = {it["serviceRevisionArn"]: it for it in told.get("serviceRevisions", [])}
    old, new = (group_suffix(found.get(arn, {"serviceRevisionArn": arn})) for arn in wanted)
    if old == new:
        raise ValueError(f"both versions have {new}")
    return old, new
