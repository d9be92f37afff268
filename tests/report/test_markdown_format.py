"""The Markdown report, rendered as a code host renders it."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Finding, Verdict, Waived
from fintech_infra.environment import Diagnostic, Resource, Source
from fintech_infra.environment.graph import INTERNET, Edge, Kind
from fintech_infra.report import Report
from fintech_infra.report.markdown_format import LIMIT, to_markdown
from fintech_infra.report.markdown_text import escaped, fenced

HARMLESS = {
    *("h3", "h4", "p", "strong", "em", "code", "pre", "details", "summary", "b"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


class _Page(HTMLParser):
    """What a reader gets: every tag, and the text below each `details` and in each cell."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.cells: list[list[str]] = []
        self.text: list[tuple[str, str]] = []
        self.comments = 0
        renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        self.feed(renderer.render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in {"td", "th"}:
            self.cells[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.cells[-1][-1] += data
        self.text.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data: str) -> None:
        self.comments += 1

    def said(self, tag: str) -> list[str]:
        return [text for inside, text in self.text if inside == tag]


def _bucket(name: str, **given: Any) -> Resource:
    return Resource(f"urn:{name}", "aws:s3/bucket:Bucket", name, **given)


def test_the_first_line_finds_the_comment_of_the_last_run(full: Report) -> None:
    assert to_markdown(full).splitlines()[:3] == [
        "<!-- fintech-infra acme/payments/prod -->",
        "",
        "### ❌ Blocked: payments / prod",
    ]


def test_the_counts_are_in_one_line(full: Report) -> None:
    assert to_markdown(full).splitlines()[4] == (
        "**3 critical, 1 high, 1 low, 2 undecided, 1 broken** · 1 waived · 2 known · 1 fixed · "
        "5 resources · 8 controls · 7 judged"
    )


def test_what_decides_is_in_the_first_table(full: Report) -> None:
    assert _Page(to_markdown(full)).cells[:8] == [
        ["Severity", "Control", "Resource", "Declared at", "What is wrong"],
        [
            "critical",
            "rds-instance-is-not-reachable",
            "rds.Instance ledger",
            "infra/data.py:31",
            "publiclyAccessible: open to all",
        ],
        [
            "critical",
            "s3-bucket-is-private",
            "s3.Bucket exports",
            "",
            "no public access block refers to it",
        ],
        [
            "critical",
            "s3-bucket-is-private",
            "s3.Bucket uploads",
            "__main__.py:12",
            "no public access block refers to it",
        ],
        [
            "undecided, high",
            "kms-policy-names-its-principals",
            "kms.Key ledger",
            "infra/data.py:31",
            "policy is not known before deployment",
        ],
        [
            "broken, high",
            "kms-policy-names-its-principals",
            "s3.Bucket uploads",
            "__main__.py:12",
            "the control failed with KeyError: 'x'",
        ],
        [
            "high",
            "rds-storage-is-encrypted",
            "rds.Instance ledger",
            "infra/data.py:31",
            "storageEncrypted: off, with [secret]",
        ],
        [
            "undecided",
            "",
            "Cluster remote",
            "__main__.py:40",
            "what it contains was not judged",
        ],
    ]


def test_the_other_sections_follow(full: Report) -> None:
    page = _Page(to_markdown(full))
    assert page.said("h4") == ["Waived: 1 finding that somebody answers for"]
    assert [text.strip() for text in page.said("summary")][-2:] == [
        "1 finding that does not block",
        "Known: 2 findings that the baseline has, too",
    ]
    assert [
        "s3-bucket-is-versioned",
        "s3.Bucket uploads",
        "2026-04-30",
        "Payments",
        "Security",
        "Objects live for a day, said [secret].",
    ] in page.cells
    assert ["medium", "s3-bucket-is-logged", "2"] in page.cells


def test_details_have_path_and_patch_as_code(full: Report) -> None:
    text = to_markdown(full)
    assert (
        "```text\n"
        "the internet\n"
        "  -> lambda.Function settle   calls its URL  (url)\n"
        "  ?> rds.Instance ledger      knows [secret]  (vpcSecurityGroupIds)\n"
        "```\n"
        "\n"
        "```diff\n"
        "+ publiclyAccessible: false\n"
        '- password: "[secret]"\n'
        '+ password: "[secret]!"\n'
        '+ tags: {"was": "[secret]"}\n'
        "```\n"
        "\n"
        "</details>\n"
    ) in text
    assert _Page(text).open == []


def test_nothing_but_harmless_markup_comes_out(full: Report) -> None:
    assert {tag for tag, _ in _Page(to_markdown(full)).tags} <= HARMLESS


def test_a_clean_run_is_short(report: Callable[..., Report]) -> None:
    made = report(_bucket("a"))
    assert to_markdown(made) == (
        "<!-- fintech-infra organization/payments/prod -->\n\n"
        "### ✅ Clean: payments / prod\n\n"
        "**no findings** · 1 resource · 0 controls · 7 judged\n"
    )


def test_an_error_of_the_run_is_among_what_decides(report: Callable[..., Report]) -> None:
    text = to_markdown(report(_bucket("a"), diagnostics=[Diagnostic("error", "lost", "urn:a")]))
    assert "❔ Undecided" in text
    assert _Page(text).cells[1] == ["error", "", "s3.Bucket a", "", "lost"]


@pytest.mark.parametrize(
    ("address", "file", "href"),
    [
        (
            ("https://git.example/acme/pay/blob/1a2b/", "deploy"),
            "infra/a b.py",
            "https://git.example/acme/pay/blob/1a2b/deploy/infra/a%20b.py#L31",
        ),
        (("https://git.example/a)(b", ""), "a.py", "https://git.example/a%29%28b/a.py#L31"),
        (("javascript:alert(1)//", ""), "a.py", None),
        (("", ""), "a.py", None),
        (("https://git.example/x", ""), "/usr/lib/a.py", None),
    ],
)
def test_a_line_is_a_link_where_the_repository_can_be_read(
    report: Callable[..., Report],
    control: Callable[..., Control],
    address: tuple[str, str],
    file: str,
    href: str | None,
) -> None:
    bucket = _bucket("a", source=Source(file, 31))
    made = report(
        bucket,
        findings=[Finding(control("c"), bucket, Verdict.VIOLATED, "", "m")],
        browse=address[0],
        root=address[1],
    )
    page = _Page(to_markdown(made))
    assert [given.get("href") for tag, given in page.tags if tag == "a"] == ([href] if href else [])
    assert page.cells[1][3] == f"{file}:31"


HOSTILE = [
    "@acme/everyone look",
    "<img src=x onerror=alert(1)>",
    "</details></summary><h1>Approved</h1>",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example a@evil.example",
    "a | b | c",
    "\n\n# Approved\n\n---\n",
    "**bold** _it_ ~~no~~ `code`",
    "--> <!-- x",
    "``` \n```",
    "fixes #12, GH-12, acme/pay#12, !7",
    "&lt;b&gt; &#64;acme",
    "a\\|b\\",
    "- [x] done",
    "1. one",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_program_says_is_shown_as_it_is(
    report: Callable[..., Report], control: Callable[..., Control], full: Report, text: str
) -> None:
    bucket = _bucket(text, source=Source(text, 3), inputs={"acl": text})
    chain = (Edge(INTERNET, Kind.REACHES, bucket.urn, text, bucket.urn, text),)
    held = control("c", title=text, why=text, fix=text, remedy=lambda _: {"acl": f"{text}!"})
    finding = Finding(held, bucket, Verdict.VIOLATED, text, text, chain)
    [item] = full.evaluation.waived
    waiver = replace(item.waiver, reason=text, owner=text, approver=text)
    made = report(bucket, findings=[finding])
    made = replace(
        made,
        environment=replace(made.environment, organization=text, project=text, stack=text),
        evaluation=replace(
            made.evaluation, waived=(Waived(finding, waiver),), known=(finding,) * 2
        ),
    )
    rendered = to_markdown(made)
    page = _Page(rendered)
    assert {tag for tag, _ in page.tags} <= HARMLESS
    assert page.open == []
    assert page.tags.count(("h3", {})) == page.tags.count(("h4", {})) == 1
    assert {len(row) for row in page.cells} == {3, 5, 6}
    shown = " ".join(text.split())
    first = [" ".join(cell.replace("\u200b", "").split()) for cell in page.cells[1]]
    assert first[2] == f"s3.Bucket {shown}".strip()
    assert first[4] in {f"{shown}: {shown}", shown}
    outside_code = "".join(said for inside, said in page.text if inside not in {"code", "pre"})
    assert not re.search(r"@\w|#\d|GH-\d|!\d", outside_code)
    assert page.comments == 1


def test_a_fence_is_longer_than_what_it_holds() -> None:
    assert fenced(["a ```` b", "  c"]) == "`````\na ```` b\n  c\n`````"


def test_a_very_long_text_is_cut_before_it_is_escaped() -> None:
    assert escaped("*" * 1000) == "&#42;" * 299 + "…"


@pytest.mark.parametrize("number", [1, 60, 600])
@pytest.mark.parametrize("shape", ["short", "long", "many controls"])
def test_it_stays_below_the_limit_and_counts_what_it_leaves_out(
    report: Callable[..., Report],
    control: Callable[..., Control],
    full: Report,
    number: int,
    shape: str,
) -> None:
    message = "|*" * 2_000 if shape == "long" else "open to all"
    held = [control(f"c-{at}") for at in range(number if shape == "many controls" else 3)]
    buckets = [_bucket(f"b{at}", source=Source("infra/data.py", at)) for at in range(number)]
    found = tuple(
        Finding(held[at % len(held)], bucket, Verdict.VIOLATED, "acl", message)
        for at, bucket in enumerate(buckets)
    )
    [item] = full.evaluation.waived
    made = report(*buckets, findings=found)
    waived = tuple(Waived(finding, item.waiver) for finding in found)
    made = replace(made, evaluation=replace(made.evaluation, waived=waived, known=found))
    rendered = to_markdown(made)
    assert len(rendered) <= LIMIT < 65_536
    page = _Page(rendered)
    assert page.open == []
    assert {len(row) for row in page.cells} <= {3, 5, 6}
    deciding = next((at for at, row in enumerate(page.cells) if len(row) != 5), 0) - 1
    left_out = [int(text.replace(",", "")) for text in re.findall(r"_([\d,]+) more", rendered)]
    assert deciding >= 1
    assert (sum(left_out) > 0) == (number == 600 or (shape == "long" and number == 60))
    assert page.said("h4") == [
        f"Waived: {number:,} finding{'' if number == 1 else 's'} that somebody answers for"
    ]
