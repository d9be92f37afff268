"""Measure `review` on synthetic histories: what it says of ordinary changes, and of oddities.

A history starts as one stack of this repository and grows by ordinary changes; `review` learns it
and is shown further changes: ordinary ones, and ordinary ones with an oddity planted among them. An
oddity is found where a listed surprise names one of its resources. Intervals are Wilson's, of 95 %.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from fintech_infra.engine import preview
from fintech_infra.engine.exported import read
from fintech_infra.environment import Environment
from fintech_infra.operations.change import between
from fintech_infra.operations.review import Habits, Review, learn, review
from review_edits import ordinary
from review_oddities import ODDITIES

ROOT = Path(__file__).resolve().parent.parent
STACKS = ("dev", "staging", "prod")


@dataclass
class Tally:
    """What was counted."""

    quiet: int = 0
    ordinary: int = 0
    alarms: int = 0
    found: Counter[str] = field(default_factory=Counter[str])
    planted: Counter[str] = field(default_factory=Counter[str])
    right: int = 0
    wrong: int = 0
    noisy: Counter[str] = field(default_factory=Counter[str])
    messages: Counter[str] = field(default_factory=Counter[str])
    seconds: list[float] = field(default_factory=list[float])


def interval(hits: int, of: int) -> tuple[float, float]:
    """Wilson's interval of 95 % of a share."""
    if not of:
        return 0.0, 1.0
    z = 1.959964
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def shown(hits: int, of: int) -> str:
    """A share with its interval, in percent."""
    low, high = interval(hits, of)
    return f"{100 * hits / max(of, 1):.1f} % ({hits}/{of}; {100 * low:.1f} to {100 * high:.1f})"


def history(start: Environment, length: int, random: Random) -> Iterator[Environment]:
    """A stack that grows by ordinary changes, newest state last."""
    environment = start
    yield environment
    for _ in range(length - 1):
        environment, _ = ordinary(environment, random)
        yield environment


def judge(habits: Habits, before: Environment, after: Environment, tally: Tally) -> Review:
    """One review, timed."""
    change = between(before, after)
    started = time.perf_counter()
    found = review(habits, change)
    tally.seconds.append(time.perf_counter() - started)
    return found


def measure(start: Environment, length: int, changes: int, random: Random, tally: Tally) -> None:
    """Learn one history, and show it changes."""
    states = list(history(start, length, random))
    habits, last = learn(states), states[-1]
    for _ in range(changes):
        after, edits = ordinary(last, random)
        said = judge(habits, last, after, tally)
        tally.ordinary += 1
        tally.quiet += said.found == 0
        tally.alarms += said.found
        tally.wrong += len(said.surprises)
        if said.found:
            tally.noisy.update(edits)
            tally.messages.update(item.message for item in said.surprises)
    for name, plant in ODDITIES.items():
        after, _ = ordinary(last, random)
        planted = plant(after, random)
        if planted is None:
            continue
        said = judge(habits, last, planted.environment, tally)
        hits = [
            item for item in said.surprises
            if planted.urns & {item.urn, *(place.urn for place in item.also)}
        ]  # fmt: skip
        tally.planted[name] += 1
        tally.found[name] += bool(hits)
        tally.right += len(hits)
        tally.wrong += len(said.surprises) - len(hits)


def starts(files: Sequence[str]) -> list[Environment]:
    """The environments that histories start from."""
    if files:
        return [read(Path(file).read_bytes(), file) for file in files]
    return [preview(ROOT, stack).environment for stack in STACKS]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=6, help="histories (default: 6)")
    parser.add_argument("--states", type=int, default=30, help="states of each (default: 30)")
    parser.add_argument("--changes", type=int, default=40, help="ordinary changes of each")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("files", nargs="*", help="saved environments to start from, not the stacks")
    options = parser.parse_args()
    beginnings = starts(options.files)
    tally = Tally()
    for number in range(options.histories):
        random = Random(options.seed * 1000 + number)
        start = beginnings[number % len(beginnings)]
        measure(start, options.states, options.changes, random, tally)
    found, planted = tally.found.total(), tally.planted.total()
    print(f"{options.histories} histories of {options.states} states")
    print(f"ordinary changes without a surprise: {shown(tally.quiet, tally.ordinary)}")
    print(f"surprises per ordinary change:       {tally.alarms / max(tally.ordinary, 1):.3f}")
    print(f"oddities found (recall):             {shown(found, planted)}")
    print(f"surprises that are right (precision): {shown(tally.right, tally.right + tally.wrong)}")
    print(f"median review: {sorted(tally.seconds)[len(tally.seconds) // 2]:.2f} s")
    for name, count in sorted(tally.planted.items(), key=lambda item: -tally.found[item[0]]):
        print(f"  {tally.found[name]:3}/{count:<3} {name}")
    print("edits in changes with a false alarm:", dict(tally.noisy.most_common(6)))
    for message, count in tally.messages.most_common(12):
        print(f"  {count:3} {message}")


if __name__ == "__main__":
    main()
