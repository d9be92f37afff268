"""Whether a spike of traffic is people or an attack, and what should be done until when.

`collect` reads CloudWatch and the web ACL's samples, `files` reads the same from files; `decide`
judges a `Case` and is pure: `usual` compares rates with the same time of earlier days, `sources`
compares who sends them. Nothing here changes anything. SciPy is of the extra `canary`.
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
