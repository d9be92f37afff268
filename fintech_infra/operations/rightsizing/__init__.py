"""Right-sizing: the smallest shape that keeps a stated headroom and risk, and what it saves.

`loads_of` finds what can be sized, `usage_of` makes absolute loads of metrics, `need_of` looks
ahead, `decide` chooses sizes, `priced` says what they cost, `search` finds the settings of
`Pulumi.<stack>.yaml` that set them. All of it is pure but `collect` and `price_list`, which ask
AWS, and what `search` is given to preview with. Nothing is ever applied.
"""

from fintech_infra.operations.rightsizing.advice import (
    Advice,
    Money,
    Outcome,
    Patch,
    Recommendation,
    Trial,
    Verdict,
)
from fintech_infra.operations.rightsizing.decide import decide
from fintech_infra.operations.rightsizing.loads import loads_of
from fintech_infra.operations.rightsizing.model import Kind, Load, Need, Role, Terms, Usage
from fintech_infra.operations.rightsizing.money import priced
from fintech_infra.operations.rightsizing.needs import need_of
from fintech_infra.operations.rightsizing.patch import search
from fintech_infra.operations.rightsizing.prices import PriceTable, read_table, written
from fintech_infra.operations.rightsizing.stack_file import StackFile
from fintech_infra.operations.rightsizing.usage import metric_names, queries, usage_of

__all__ = [
    "Advice",
    "Kind",
    "Load",
    "Money",
    "Need",
    "Outcome",
    "Patch",
    "PriceTable",
    "Recommendation",
    "Role",
    "StackFile",
    "Terms",
    "Trial",
    "Usage",
    "Verdict",
    "decide",
    "loads_of",
    "metric_names",
    "need_of",
    "priced",
    "queries",
    "read_table",
    "search",
    "usage_of",
    "written",
]
