"""Which forms of log lines are new, or more frequent, since an incident began.

Drain sorts lines into templates. It is used without anything that is kept between runs, so that
nothing is ever unpickled; lines have lost secrets and ids before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from drain3.drain import Drain
from scipy.stats import poisson_means_test

from fintech_infra.operations.diagnosis.answer import Pattern
from fintech_infra.operations.diagnosis.masking import without_ids, without_secrets
from fintech_infra.operations.diagnosis.model import MOST_LINES, LogLine

_LONGEST: Final = 2_000
_TIMES: Final = 3.0
"""How many times more frequent a form has to be to count as one that the incident brought."""
_SIGNIFICANT: Final = 0.001
_FAILURE: Final = re.compile(
    r"error|fail|fatal|exception|traceback|panic|critical|warn|timed? ?out|refused|denied|expired|"
    r"unable|cannot|could not|unavailable|unreachable|out ?of ?memory|killed|exceed|thrott|"
    r"not authori[sz]ed|forbidden|invalid|reset|no space|too many",
    re.IGNORECASE,
)


def find_patterns(lines: Iterable[LogLine], onset: datetime, tolerance: float) -> list[Pattern]:
    """Forms that tell of a failure and came, or came more often, with the onset; earliest first.

    Within `tolerance` seconds before the onset counts as after it. A group without lines from
    before cannot tell what is new: there, every form that tells of a failure counts.
    """
    groups: dict[tuple[str, str], list[LogLine]] = {}
    for line in sorted(lines, key=lambda it: (it.time, it.group, it.text)):
        groups.setdefault((line.group, line.subject), []).append(line)
    begin = onset - timedelta(seconds=tolerance)
    found = [it for _, group in sorted(groups.items()) for it in _of_group(group, begin)]
    return sorted(found, key=lambda it: (it.time, it.group, it.template))


def _of_group(lines: Sequence[LogLine], begin: datetime) -> Iterable[Pattern]:
    lines = lines[-MOST_LINES:]
    miner = cast("Any", Drain(depth=4, sim_th=0.5, max_clusters=None))
    forms: dict[int, tuple[Any, list[LogLine]]] = {}
    for line in lines:
        cluster, _ = miner.add_log_message(without_ids(line.text[:_LONGEST]))
        forms.setdefault(cluster.cluster_id, (cluster, []))[1].append(line)
    spans = (_span(lines[0].time, begin), _span(begin, lines[-1].time))
    for cluster, members in forms.values():
        late = [it for it in members if it.time >= begin]
        early = len(members) - len(late)
        template = str(cluster.get_template())
        if late and _FAILURE.search(template) and _is_more(len(late), early, spans):
            first = late[0]
            example = without_secrets(first.text[:_LONGEST])
            yield Pattern(
                first.group, template, first.time, len(late), early, first.subject, example
            )


def _span(start: datetime, end: datetime) -> float:
    """Minutes, one at the least."""
    return max((end - start).total_seconds() / 60, 1.0)


def _is_more(late: int, early: int, spans: tuple[float, float]) -> bool:
    if not early:
        return True
    rates = early / spans[0], late / spans[1]
    if rates[1] < _TIMES * rates[0]:
        return False
    test = cast("Any", poisson_means_test(late, spans[1], early, spans[0], alternative="greater"))
    return float(test.pvalue) < _SIGNIFICANT
