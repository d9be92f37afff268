"""What the hook's default comparison finds: shares of simulated deployments that are rolled back.

Sixty minutes of requests, of which the canary has a share; a request takes a log-normal time with
sigma 1 and mean 100 ms, and fails with a chance. Each deployment is looked at four times, as the
hook does. Run: `python bench/canary_hook.py`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np

from fintech_infra.functions.rollout.default_canary import CONFIG, per_request
from fintech_infra.operations.canary import Plan, Verdict, judge, read_config
from fintech_infra.operations.metrics import Sample, Series

DEPLOYMENTS = 100
MINUTES, LOOKS, ENOUGH = 57, 4, 50
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SIGMA = 1.0


def version(chance: np.random.Generator, mean: float, failing: float, slower: float) -> Series:
    """A version's minutes, with so many requests each on average."""
    requests = chance.poisson(mean, MINUTES).astype(float)
    errors = chance.binomial(requests.astype(int), failing).astype(float)
    seconds = [
        slower * 0.1 * float(chance.lognormal(-(SIGMA**2) / 2, SIGMA, int(it)).mean())
        if it
        else np.nan
        for it in requests
    ]
    rates = per_request(dict(enumerate(errors)), dict(enumerate(requests)))
    return {
        name: [Sample(START + timedelta(minutes=at), float(it)) for at, it in enumerate(values)]
        for name, values in (
            ("errors", rates.values()),
            ("latency", seconds),
            ("requests", requests),
        )
    }


def ended(old: Series, new: Series) -> Verdict:
    """The verdict of the first look that is no `continue`."""
    config, _ = read_config(json.dumps(CONFIG))
    assert config is not None
    for look in range(1, LOOKS + 1):
        seen = MINUTES * look // LOOKS
        before, after = ({name: it[:seen] for name, it in side.items()} for side in (old, new))
        found = judge(config, before, after, Plan(LOOKS, look, enough=ENOUGH)).verdict
        if found is not Verdict.CONTINUE:
            return found
    return Verdict.CONTINUE


def main() -> None:
    """Print a table: rolled back and promoted, of so many deployments, by what is worse."""
    print("requests/min, share | change | rolled back | promoted")
    for whole, share in ((1000, 0.05), (1000, 0.2), (10_000, 0.05)):
        for what, failing, slower in (
            ("none", 0.002, 1.0),
            ("errors 0.2 % to 1 %", 0.01, 1.0),
            ("errors 0.2 % to 5 %", 0.05, 1.0),
            ("10 % slower", 0.002, 1.1),
            ("25 % slower", 0.002, 1.25),
        ):
            chance = np.random.default_rng(1)
            found = [
                ended(
                    version(chance, whole * (1 - share), 0.002, 1.0),
                    version(chance, whole * share, failing, slower),
                )
                for _ in range(DEPLOYMENTS)
            ]
            back, on = found.count(Verdict.ROLL_BACK), found.count(Verdict.PROMOTE)
            print(f"{whole}, {share:.0%} | {what} | {back} | {on}", flush=True)


if __name__ == "__main__":
    main()
