"""What the file is: well formed, closed to the outside, and what is in which section.

How it looks and behaves is tested in a browser, in `test_browser.py`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from fintech_infra.controls.control import Severity
from fintech_infra.controls.evaluate import Evaluation, Finding, Verdict
from fintech_infra.controls.frameworks import load
from fintech_infra.controls.frameworks.coverage import Status
from fintech_infra.environment import Environment, Resource
from fintech_infra.report import Report
from fintech_infra.report.frameworks import DISCLAIMER
from fintech_infra.report.html_format import to_html

Page = Callable[[Report], Element]

HOSTILE = "<img src=x onerror=alert(1)>\"'&--></script></style>{{ 7 * 7 }}\u202e\x00\ud800"


def words(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def with_class(page: Element, name: str) -> Iterator[Element]:
    return (item for item in page.iter() if name in item.get("class", "").split())


def section(page: Element, id_: str) -> Element:
    (found,) = (item for item in page.iter("section") if item.get("id") == id_)
    return found


def rows(table: Element) -> list[list[str]]:
    return [[words(cell) for cell in row] for row in table.iter("tr")]


def test_a_report_of_everything_is_well_formed_html(page: Page, full: Report) -> None:
    assert page(full).find("head/title") is not None


def test_a_report_of_nothing_is_well_formed_html(page: Page, report: Callable[..., Report]) -> None:
    shown = page(report())

    assert words(section(shown, "findings")).startswith("Findings No finding in any section")
    assert "No finding is waived." in words(section(shown, "waivers"))
    assert "Everything could be decided." in words(section(shown, "undecided"))


def test_ids_are_unique_and_every_link_leads_to_one(page: Page, full: Report) -> None:
    shown = page(full)
    ids = Counter(item.get("id") for item in shown.iter() if item.get("id"))
    targets = {item.get("href", "") for item in shown.iter() if item.get("href")}
    named = {item.get("aria-labelledby") for item in shown.iter()} - {None}

    assert [name for name, number in ids.items() if number > 1] == []
    assert {link[1:] for link in targets if link.startswith("#")} | named <= set(ids)
    assert {link for link in targets if not link.startswith("#")} == {
        item.source for item in load()[:2]
    }


def test_headings_leave_no_level_out(page: Page, full: Report) -> None:
    levels = [int(item.tag[1]) for item in page(full).iter() if re.fullmatch(r"h\d", str(item.tag))]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_nothing_is_loaded_and_only_its_own_style_and_script_may_run(
    page: Page, full: Report
) -> None:
    shown = page(full)
    (policy,) = (
        item.get("content", "")
        for item in shown.iter("meta")
        if item.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    for tag in ("style", "script"):
        (element,) = shown.iter(tag)
        digest = b64encode(sha256((element.text or "").encode()).digest()).decode()
        assert rules.pop(f"{tag}-src") == f"'sha256-{digest}'"
    assert rules == dict.fromkeys(("default-src", "base-uri", "form-action"), "'none'")
    assert {item.tag for item in shown.iter()}.isdisjoint({"link", "img", "iframe", "object"})
    given = {name for item in shown.iter() for name in item.attrib}
    assert not {name for name in given if name.startswith("on") or name in {"style", "src"}}


def test_the_same_report_gives_the_same_bytes_and_no_time(full: Report) -> None:
    assert to_html(full) == to_html(replace(full, seconds=9876.5))
    assert "9876" not in to_html(replace(full, seconds=9876.5))


def test_bytes_do_not_depend_on_how_python_hashes() -> None:
    program = (
        "from tests.report.html_format.test_document import many_arrows as made\n"
        "from fintech_infra.report.html_format import to_html\n"
        "print(sha256(to_html(made()).encode()).hexdigest())\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", f"from hashlib import sha256\n{program}"],
        env={"PYTHONHASHSEED": "1", "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=True,
    )

    assert other.stdout.strip() == sha256(to_html(many_arrows()).encode()).hexdigest()


def many_arrows() -> Report:
    """Resources of eight services, each made of the outputs of all that come after it."""
    made = [
        Resource(
            f"urn:{name}",
            f"aws:{name}/x:X",
            name,
            property_dependencies={
                "a": tuple(f"urn:{other}" for other in "abcdefgh" if other > name)
            },
        )
        for name in "abcdefgh"
    ]
    return Report(Environment("p", "s", resources=tuple(made)), Evaluation((), (), 0), Severity.LOW)


def test_no_secret_is_in_it(full: Report) -> None:
    document = to_html(full)

    assert "hunter22" not in document
    assert "[secret]" in document


def test_hostile_names_stay_text_everywhere(
    page: Page,
    report: Callable[..., Report],
    resource: Callable[..., Any],
    control: Callable[..., Any],
    full: Report,
) -> None:
    about = resource(
        HOSTILE, HOSTILE, urn=HOSTILE, inputs={HOSTILE: HOSTILE, "subnetId": "javascript:alert(1)"}
    )
    group = resource(f"x:y:{HOSTILE}", HOSTILE, urn="urn:group", custom=False)
    inside = resource("aws:s3/bucket:Bucket", HOSTILE, urn="urn:inside", parent=group.urn)
    judging = control(
        HOSTILE, title=HOSTILE, why=HOSTILE, fix=HOSTILE, source="javascript:alert(1)"
    )
    (waived,) = full.evaluation.waived
    stated = dict.fromkeys(("reason", "owner", "approver", "origin", "ticket"), HOSTILE)
    finding = Finding(judging, about, Verdict.VIOLATED, HOSTILE, HOSTILE)
    edges = tuple(
        replace(edge, source=HOSTILE, target=HOSTILE, why=HOSTILE, urn=HOSTILE, path=HOSTILE)
        for edge in full.evaluation.findings[0].chain
    )
    made = report(
        about,
        group,
        inside,
        findings=[finding, replace(finding, resource=inside, chain=edges)],
        requirements={HOSTILE: ((HOSTILE, HOSTILE),)},
        environment={"organization": HOSTILE},
        browse='https://code.example/"><script>',
    )
    made = replace(
        made,
        environment=replace(made.environment, project=HOSTILE, stack=HOSTILE),
        evaluation=replace(
            made.evaluation,
            waived=(replace(waived, finding=finding, waiver=replace(waived.waiver, **stated)),),
        ),
    )

    document = to_html(made)
    shown = page(made)

    assert [item.tag for item in shown.iter() if item.tag in {"img", "script"}] == ["script"]
    assert not [item for item in shown.iter() if item.get("href", "").startswith("javascript:")]
    assert "<img src=x onerror=alert(1)>" in words(section(shown, "findings"))
    assert "{{ 7 * 7 }}" in document
    assert not set("\u202e\x00\ud800") & set(document)
    document.encode("utf-8")


def test_a_finding_says_where_what_and_how_to_mend_it(page: Page, full: Report) -> None:
    groups = list(with_class(page(full), "group"))
    reached = words(groups[0])

    assert groups[0].get("id") == "rds-instance-is-not-reachable"
    for said in (
        "Title of rds-instance-is-not-reachable.",
        "Why of rds-instance-is-not-reachable.",
        "Fix of rds-instance-is-not-reachable.",
        "NIST 800-53 AC-3",
        "rds.Instance ledger",
        "infra/data.py:31",
        "EncryptedDatabase ledger",
        "publiclyAccessible open to all",
        "the internet",
        "reaches, not certain",
        "+ publiclyAccessible: false",
    ):
        assert said in reached


def test_controls_come_by_where_their_findings_stand_then_by_severity(
    page: Page, full: Report
) -> None:
    found = [
        (item.get("data-severity"), [finding.get("data-section") for finding in item.iter("li")])
        for item in with_class(page(full), "group")
    ]

    assert found == [
        ("critical", ["new"]),
        ("critical", ["new", "new"]),
        ("high", ["new"]),
        ("low", ["new"]),
        ("high", ["undecided", "broken"]),
        ("medium", ["known", "known"]),
        ("medium", ["waived"]),
    ]


def test_the_summary_counts_every_section(page: Page, full: Report) -> None:
    summary = words(section(page(full), "summary"))

    assert "4 new findings are at the threshold of this run, high, or above it." in summary
    for said in ("new 5", "undecided 2", "control failed 1", "known 2", "waived 1", "Judged"):
        assert said in summary
    assert "1 finding of the baseline is fixed" in summary


def test_what_a_clean_run_means_is_said(page: Page, report: Callable[..., Report]) -> None:
    summary = words(section(page(report()), "summary"))

    assert "Clean Everything was judged." in summary
    assert "known" not in summary


@pytest.mark.parametrize(
    ("allowed", "said"), [(False, "never counts as clean."), (True, "may succeed all the same.")]
)
def test_what_an_undecided_run_means_is_said(
    page: Page,
    report: Callable[..., Report],
    resource: Callable[..., Any],
    allowed: bool,
    said: str,
) -> None:
    remote = resource("eks:index:Cluster", "remote", custom=False, opaque=True)

    shown = page(report(remote, allow_undecided=allowed))

    assert said in words(section(shown, "summary"))
    assert "what it contains" in words(section(shown, "undecided"))


def test_findings_are_charted_by_service_and_severity(page: Page, full: Report) -> None:
    (chart,) = with_class(page(full), "chart")

    assert [row[:6] for row in rows(chart)] == [
        ["Service", "critical", "high", "medium", "low", "all"],
        ["s3", "2", "0", "0", "1", "3"],
        ["rds", "1", "1", "0", "0", "2"],
    ]
    bars = [item for item in chart.iter() if str(item.tag).endswith("rect")]
    assert [item.get("width") for item in bars] == ["66.67%", "33.33%", "33.33%", "33.33%"]


def test_a_waiver_says_who_answers_why_and_until_when(page: Page, full: Report) -> None:
    (_, row) = rows(section(page(full), "waivers"))

    assert row[0] == "2026-04-30"
    assert "medium s3-bucket-is-versioned s3.Bucket uploads not versioned" in row[1]
    assert row[2] == "Objects live for a day, said [secret]. Ticket PAY-7 waivers.yaml:3"
    assert row[3:] == ["Payments", "Security", "2026-02-01"]


def test_waivers_come_in_the_order_in_which_they_end(page: Page, full: Report) -> None:
    (item,) = full.evaluation.waived
    days = [item.waiver.expires.replace(day=day) for day in (9, 3, 30)]
    waived = [replace(item, waiver=replace(item.waiver, expires=day)) for day in days]
    several = replace(full, evaluation=replace(full.evaluation, waived=tuple(waived)))

    found = [row[0] for row in rows(section(page(several), "waivers"))[1:]]

    assert found == ["2026-04-03", "2026-04-09", "2026-04-30"]


def test_what_is_missing_to_decide_is_listed_with_who_waits_for_it(
    page: Page, full: Report
) -> None:
    (_, known, remote) = rows(section(page(full), "undecided"))

    assert known[0] == "policy is not known before deployment"
    assert known[1].startswith("kms.Key ledger")
    assert known[2] == "kms-policy-names-its-principals"
    assert remote[1].startswith("Cluster remote")


def test_every_requirement_of_every_framework_has_a_row(
    parse: Callable[[str], Element], report: Callable[..., Report]
) -> None:
    shown = section(parse(to_html(report())), "frameworks")
    sheets = [item for item in with_class(shown, "sheet") if item.get("id") != "ui-controls"]

    assert DISCLAIMER in words(shown)
    for framework, sheet in zip(load(), sheets, strict=True):
        listed = [next(row.iter("span")).text for row in sheet.iter("tr") if row.get("id")]
        assert sorted(filter(None, listed)) == sorted(item.id for item in framework.requirements)
        beyond = sum(item.beyond is not None for item in framework.requirements)
        assert f"{beyond} requirement" in words(sheet)
        assert f"{beyond} {Status.OUT_OF_REACH}" in words(sheet)


def test_a_requirement_says_what_its_controls_found(
    page: Page, full: Report, control: Callable[..., Any]
) -> None:
    requirement = next(item for item in load()[0].requirements if len(item.controls) > 1)
    first, *rest = requirement.controls
    judging = control(first, Severity.HIGH)
    (bucket, *_) = full.environment.of_type("aws:s3/bucket:Bucket")
    finding = Finding(judging, bucket, Verdict.VIOLATED, "", "wrong")
    seen = replace(
        full, evaluation=replace(full.evaluation, controls=(judging,), findings=(finding,))
    )

    shown = page(seen)
    (row,) = (
        item for item in shown.iter("tr") if item.get("id") == f"pci-dss-{requirement.id.lower()}"
    )

    assert words(row[1]) == Status.FAILED
    assert words(row[2]).startswith(f"failed {first} not judged {rest[0]}")
    assert [item.get("href") for item in row[2].iter("a")] == [f"#{first}"]


def test_a_control_says_what_it_supports(page: Page, full: Report) -> None:
    shown = page(full)
    (row,) = (item for item in shown.iter("tr") if item.get("id") == "ec2-holds")

    assert [words(cell) for cell in row] == [
        "ec2-holds Title of ec2-holds.",
        "medium",
        Status.UNDECIDED,  # the report has a component that nobody could look into
        "NIST 800-53 SC-7(5)",
    ]


def test_the_environment_has_a_tree_with_marks(page: Page, full: Report) -> None:
    (tree,) = (item for item in with_class(page(full), "tree") if item.tag == "ul")

    assert [words(item) for item in tree] == [
        "EncryptedDatabase ledger 2 resources 1 critical 1 high 1 undecided",
        "Cluster remote not judged",
        "s3.Bucket 2 resources 2 critical 1 low 1 broken",
        "lambda.Function settle",
    ]


def test_every_resource_is_listed_with_its_resolved_inputs(page: Page, full: Report) -> None:
    entries = [
        item for item in with_class(page(full), "entry") if "inner" not in item.get("class", "")
    ]
    (database,) = (item for item in entries if "rds.Instance" in words(item))

    assert len(entries) == len(full.resources) + len(full.components)
    assert words(next(database.iter("pre"))) == (
        "endpoint: <unknown> password: [secret] storageEncrypted: false"
    )


def test_files_are_links_where_the_repository_can_be_read(page: Page, full: Report) -> None:
    shown = page(replace(full, browse="https://code.example/payments/blob/main/", root="infra dir"))
    links = {item.get("href") for item in with_class(shown, "file")}

    assert "https://code.example/payments/blob/main/infra%20dir/infra/data.py#L31" in links


def test_an_error_of_the_run_is_told(page: Page, full: Report) -> None:
    assert "warning s3.Bucket uploads deprecated, said [secret]" in words(
        section(page(full), "messages")
    )


def test_a_control_that_is_named_like_a_section_takes_no_anchor_from_it(
    page: Page,
    report: Callable[..., Report],
    resource: Callable[..., Any],
    control: Callable[..., Any],
) -> None:
    about = resource("aws:s3/bucket:Bucket", "a")
    findings = [
        Finding(control(id_), about, Verdict.VIOLATED, "", "wrong")
        for id_ in ("summary", "ui-main", "a_b", "a-b")
    ]

    groups = with_class(page(report(about, findings=findings)), "group")

    assert {item.get("id") for item in groups} == {"summary-2", "to-ui-main", "a-b", "a-b-2"}


def test_an_environment_of_many_components_is_drawn_by_class(
    page: Page, report: Callable[..., Report], resource: Callable[..., Any]
) -> None:
    made = [
        resource(f"acme:index:{kind}", f"{kind}-{at}", custom=False)
        for kind in ("Ledger", "Queue")
        for at in range(40)
    ]

    shown = page(report(*made))
    (table,) = (item for item in shown.iter("table") if rows(item)[0][0] == "Component or service")

    assert [row[0] for row in rows(table)[1:]] == ["Ledger 40 of them", "Queue 40 of them"]


def test_networks_are_shown_by_zone_and_routing(
    page: Page, report: Callable[..., Report], resource: Callable[..., Any]
) -> None:
    shown = page(report(*_network(resource)))
    (zones,) = with_class(shown, "zones")

    assert rows(zones) == [
        ["Tier", "eu-west-1a", "eu-west-1b"],
        ["edge routed to the internet", "open 10.0.0.0/24 1 reference", ""],
        ["routing not decided", "", "lost 10.0.2.0/24 0 references"],
        ["not routed to the internet", "", "closed 10.0.1.0/24 1 reference"],
    ]


def _network(resource: Callable[..., Any]) -> list[Any]:
    vpc = resource("aws:ec2/vpc:Vpc", "main", id="vpc-1", inputs={"cidrBlock": "10.0.0.0/16"})
    gateway = resource("aws:ec2/internetGateway:InternetGateway", "out", id="igw-1")
    made = [vpc, gateway]
    for name, zone, number, routes in (
        ("open", "eu-west-1a", 0, [{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}]),
        ("closed", "eu-west-1b", 1, []),
    ):
        subnet = resource(
            "aws:ec2/subnet:Subnet",
            name,
            id=f"subnet-{name}",
            inputs={
                "vpcId": "vpc-1",
                "cidrBlock": f"10.0.{number}.0/24",
                "availabilityZone": zone,
                "tags": {"Tier": "edge"} if routes else {},
            },
        )
        table = resource(
            "aws:ec2/routeTable:RouteTable",
            name,
            id=f"rtb-{name}",
            inputs={"vpcId": "vpc-1", "routes": routes},
        )
        joined = resource(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            name,
            inputs={"subnetId": subnet.id, "routeTableId": table.id},
            property_dependencies={"subnetId": (subnet.urn,), "routeTableId": (table.urn,)},
        )
        made += [subnet, table, joined]
    lost = resource(
        "aws:ec2/subnet:Subnet",
        "lost",
        existing=True,
        id="subnet-lost",
        inputs={"vpcId": "vpc-1", "cidrBlock": "10.0.2.0/24", "availabilityZone": "eu-west-1b"},
    )
    return [*made, lost]


def test_a_large_report_stays_small_enough_to_be_mailed(
    few_requirements: None,
    report: Callable[..., Report],
    resource: Callable[..., Any],
    control: Callable[..., Any],
) -> None:
    made = [
        resource("aws:s3/bucket:Bucket", f"bucket-{at}", inputs={"bucket": f"name-{at}"})
        for at in range(1000)
    ]
    finding = Finding(control("s3-x"), made[0], Verdict.VIOLATED, "acl", "is public")
    findings = [replace(finding, resource=item) for item in made]

    assert len(to_html(report(*made, findings=findings))) < 1_500_000


def test_the_empty_environment_model_is_enough() -> None:
    document = to_html(Report(Environment("p", "s"), Evaluation((), (), 0), Severity.LOW))

    assert "The program declares no resources." in document
