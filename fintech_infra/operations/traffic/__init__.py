"""Whether a spike of traffic is people or an attack, and what should be done until when.

`collect` reads CloudWatch, and with `samples` what the web ACL sampled; `decide` judges a `Case`
and is pure: `usual` compares rates with the same time of earlier days, `sources` compares who
sends them. SciPy is of the extra `canary`.

`acting` carries out what is proposed, with a healer: `measures` are what it can do, and `standing`
says which of them stand. Nothing else here changes anything.
"""

from fintech_infra.operations.traffic.model import (
    EXIT_CODES,
    Case,
    Judgement,
    Mark,
    Source,
    Terms,
    Verdict,
)

__all__ = ["EXIT_CODES", "Case", "Judgement", "Mark", "Source", "Terms", "Verdict"]
