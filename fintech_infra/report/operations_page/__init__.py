"""A report of operations as one HTML file, for people: a frame that every such report shares.

    from fintech_infra.report.operations_page import (
        Code, Facts, Figure, Fold, Items, Outcome, Page, Section, Table, Tag, Text, to_html,
    )

    to_html(Page(
        kind="Canary",
        title="payments",
        outcome=Outcome("promote", "good", ("score 100 (pass 95)",)),
        sections=(
            Section("Metrics", (
                Table("Metrics", ("Metric", "Class", "Shift"),
                      (("latency", Tag("Pass", "good"), "0.4 ms"),), numbers=(2,)),
                Figure(chart(...)),
            )),
        ),
        about=("It was made from samples of CloudWatch.",),
    ))

- Reports say what is on the page as blocks; the frame writes the HTML, so none of them has a
  template. Jinja2 escapes every text; what cannot be shown or misleads is written out. Secrets are
  the caller's to replace: `fintech_infra.report.redact`.
- The file stands alone: style and icons are those of `report.html_format`, there is no script, and
  a content security policy admits the file's own style and nothing else. It follows the theme of
  the system, light or dark, and is made for paper as well.
- `Text` and `Items` show what stands between two backticks as code.
- A `Fold` is closed at first, unless `open`. A cell of a table is a text, or a `Tag`: a word with a
  tone, which has an icon beside its colour. `Table.numbers` are the columns that are aligned to the
  right, `Table.prose` those that hold sentences.
- Each section, and each fold that has an `anchor`, can be linked to; anchors are made unique.

The same page gives the same bytes.
"""

from fintech_infra.report.operations_page.model import (
    Block,
    Cell,
    Code,
    Facts,
    Figure,
    Fold,
    Items,
    Outcome,
    Page,
    Section,
    Table,
    Tag,
    Text,
    Tone,
)
from fintech_infra.report.operations_page.rendering import to_html

__all__ = [
    "Block",
    "Cell",
    "Code",
    "Facts",
    "Figure",
    "Fold",
    "Items",
    "Outcome",
    "Page",
    "Section",
    "Table",
    "Tag",
    "Text",
    "Tone",
    "to_html",
]
