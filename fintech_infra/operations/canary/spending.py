"""Confidence of each look, so that looking often does not raise the chance of a false alarm.

Spending functions of Lan and DeMets (1983), as
https://search.r-project.org/CRAN/refmans/gsDesign/html/sfLDOF.html writes them. A look is given
what the function adds since the one before; the chances add up to at most the whole, however the
looks depend on one another (Bonferroni), which boundaries that assume independent growth do not
promise of traffic.
"""

from __future__ import annotations

from math import e, log, sqrt

from scipy.stats import norm

from fintech_infra.operations.canary.model import Plan, Spending


def confidence(plan: Plan) -> float:
    """Confidence of the tests of this look; of a plan with one look, that of the plan."""
    alpha = 1 - plan.confidence
    spent, before = (
        _spent(plan.spending, alpha, look / plan.looks) for look in (plan.look, plan.look - 1)
    )
    return 1 - (spent - before)


def _spent(spending: Spending, alpha: float, part: float) -> float:
    """The chance of a false alarm that may be used up when a part of the looks is taken."""
    if part == 0:
        return 0.0
    if spending is Spending.POCOCK:
        return alpha * log(1 + (e - 1) * part)
    return 2 * float(norm.sf(norm.isf(alpha / 2) / sqrt(part)))
