"""The report for people, read as they read it."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.environment import Diagnostic, Resource, Source
from fintech_infra.environment.graph import INTERNET, Edge, Kind
from fintech_infra.report import Report
from fintech_infra.report.terminal import print_report

Make = Callable[..., Report]
Consoles = Callable[..., Console]
Resources = Callable[..., Resource]


def _text(report: Report, console: Console, *, tree: bool = False, verbose: bool = False) -> str:
    print_report(report, console, tree=tree, verbose=verbose)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_whole_report_reads_so(sample: Report, console: Consoles) -> None:
    assert (
        _text(sample, console(width=80))
        == """\
payments / prod  organization acme · region eu-west-1

  EncryptedDatabase ledger  2 resources  1 high  1 undecided
  Cluster remote            not judged
  s3.Bucket                 2 resources  2 critical  1 low  1 broken
  lambda.Function settle

── critical 2 findings ────────────────────────────────────────────────────────

  s3-bucket-is-private
  Title of s3-bucket-is-private.
  │ no public access block refers to it
  │   s3.Bucket exports
  │   s3.Bucket uploads  __main__.py:12
  why  Why of s3-bucket-is-private.
  fix  Fix of s3-bucket-is-private.
  for  PCI DSS 1.4.2, 7.2.1 · SOC 2 CC6.1

── high 1 finding ─────────────────────────────────────────────────────────────

  rds-storage-is-encrypted
  Title of rds-storage-is-encrypted.
  │ storageEncrypted  off, with [secret]
  │   rds.Instance ledger in EncryptedDatabase ledger  infra/data.py:31
  why  Why of rds-storage-is-encrypted.
  fix  Fix of rds-storage-is-encrypted.

── low 1 finding, below the threshold high ────────────────────────────────────

  s3-owner-is-named
  Title of s3-owner-is-named.
  │ tags.owner  no owner is named
  │   s3.Bucket uploads  __main__.py:12
  why  Why of s3-owner-is-named.
  fix  Fix of s3-owner-is-named.

── undecided 2 open questions ─────────────────────────────────────────────────

  kms-policy-names-its-principals  high
  Title of kms-policy-names-its-principals.
  │ policy is not known before deployment
  │   kms.Key ledger in EncryptedDatabase ledger  infra/data.py:31
  why  Why of kms-policy-names-its-principals.

  components that a preview cannot look into
  │   Cluster remote  __main__.py:40
  why  what they contain was not judged

── broken 1 control failed, which is a fault of the control ───────────────────

  kms-policy-names-its-principals  high
  Title of kms-policy-names-its-principals.
  │ the control failed with KeyError: 'x'
  │   s3.Bucket uploads  __main__.py:12
  why  Why of kms-policy-names-its-principals.

── program 1 message ──────────────────────────────────────────────────────────

  warning  s3.Bucket uploads: deprecated, said [secret]

blocked · 2 critical, 1 high, 1 low, 2 undecided, 1 broken · \
5 resources · 5 controls · 7 judged · 0.8 s
"""
    )


def test_a_clean_environment_takes_few_lines(
    report: Make, resource: Resources, console: Consoles
) -> None:
    found = report(resource("aws:s3/bucket:Bucket", "a"), seconds=1.25)
    assert _text(found, console()) == (
        "payments / prod\n"
        "\n"
        "  s3.Bucket a\n"
        "\n"
        "clean · no findings · 1 resource · 0 controls · 7 judged · 1.2 s\n"
    )


@pytest.mark.parametrize("kind", [{}, {"tree": True}, {"verbose": True}])
def test_no_secret_is_printed(sample: Report, console: Consoles, kind: dict[str, bool]) -> None:
    assert "hunter22" not in _text(sample, console(), **kind)


@pytest.mark.parametrize(
    ("organization", "title"),
    [
        ("organization", "payments / prod"),
        ("", "payments / prod"),
        ("acme", "payments / prod  organization acme"),
    ],
)
def test_an_organization_that_nobody_named_is_left_out(
    report: Make, console: Consoles, organization: str, title: str
) -> None:
    found = report(environment={"organization": organization})
    assert _text(found, console()).splitlines()[0] == title


def test_every_region_is_named(report: Make, resource: Resources, console: Consoles) -> None:
    found = report(
        resource("pulumi:providers:aws", "us", inputs={"region": "us-east-1"}),
        resource("aws:s3/bucket:Bucket", "a", outputs={"region": "eu-west-1"}),
        resource("gcp:storage/bucket:Bucket", "b", outputs={"region": "EU"}),
    )
    assert _text(found, console()).splitlines()[0] == "payments / prod  region eu-west-1, us-east-1"


def test_one_control_on_many_resources_is_explained_once(
    report: Make, control: Callable[..., Control], resource: Resources, console: Consoles
) -> None:
    held = control("c")
    buckets = [resource("aws:s3/bucket:Bucket", name) for name in ("a", "bb", "ccc")]
    sourced = [replace(item, source=Source("a.py", n)) for n, item in enumerate(buckets, 1)]
    found = [
        Finding(held, sourced[0], Verdict.VIOLATED, "acl", "is public"),
        Finding(held, sourced[1], Verdict.VIOLATED, "acl", "is public"),
        Finding(held, sourced[2], Verdict.VIOLATED, "acl", "is public-read"),
        Finding(held, sourced[2], Verdict.VIOLATED, "", "has no owner"),
    ]
    lines = _text(report(*sourced, findings=found), console()).splitlines()
    assert lines[6:-2] == [
        "  c",
        "  Title of c.",
        "  │ acl  is public",
        "  │   s3.Bucket a   a.py:1",
        "  │   s3.Bucket bb  a.py:2",
        "  │ acl  is public-read",
        "  │   s3.Bucket ccc  a.py:3",
        "  │ has no owner",
        "  │   s3.Bucket ccc  a.py:3",
        "  why  Why of c.",
        "  fix  Fix of c.",
    ]


def test_an_open_question_alone_is_undecided(
    report: Make, control: Callable[..., Control], resource: Resources, console: Consoles
) -> None:
    key = resource("aws:kms/key:Key", "k")
    message = "policy is not known before deployment"
    finding = Finding(control("c"), key, Verdict.UNDECIDED, "policy", message)
    lines = _text(report(key, findings=[finding]), console()).splitlines()
    assert lines[6:] == [
        "  c  high",
        "  Title of c.",
        "  │ policy is not known before deployment",
        "  │   kms.Key k",
        "  why  Why of c.",
        "",
        "undecided · 1 undecided · 1 resource · 1 control · 7 judged",
    ]


def test_long_texts_fold_and_ids_and_paths_do_not(
    report: Make, control: Callable[..., Control], resource: Resources, console: Consoles
) -> None:
    long_id = "-".join(["control"] * 12)
    long_path = "policy." + ".".join(["Statement"] * 8)
    long_name = "bucket-" * 10
    bucket = resource("aws:s3/bucket:Bucket", long_name, source=Source("d/" * 30 + "a.py", 1))
    message = f"grants everything on {bucket.urn} to the whole world and to everybody in it"
    finding = Finding(control(long_id), bucket, Verdict.VIOLATED, long_path, message)
    text = _text(report(bucket, findings=[finding]), console(width=60))
    for whole in (long_id, long_path, long_name, bucket.urn, f"{'d/' * 30}a.py:1"):
        assert any(whole in line for line in text.splitlines())
    assert "  │ to the whole world and to everybody in it\n" in text


def test_markup_and_control_characters_of_a_program_are_harmless(
    report: Make, control: Callable[..., Control], resource: Resources, console: Consoles
) -> None:
    bucket = resource("aws:s3/bucket:Bucket", "[bold]x[/bold]", source=Source("[a].py", 1))
    finding = Finding(control("c"), bucket, Verdict.VIOLATED, "", "[/nope] \x1b]0;title\x07")
    said = Diagnostic("info", "[blink]\x1b[2J")
    text = _text(report(bucket, findings=[finding], diagnostics=[said]), console())
    assert "  │ [/nope] \\x1b]0;title\\x07\n  │   s3.Bucket [bold]x[/bold]  [a].py:1\n" in text
    assert "  info  [blink]\\x1b[2J\n" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("given", "summary"),
    [
        ({"fail_on": Severity.LOW}, "blocked"),
        ({"seconds": None}, "blocked"),
    ],
)
def test_the_last_line_begins_with_the_outcome(
    sample: Report, console: Consoles, given: dict[str, Any], summary: str
) -> None:
    last = _text(replace(sample, **given), console()).splitlines()[-1]
    assert last.split(" ")[0] == summary
    assert last.endswith(" s") == ("seconds" not in given)


def test_every_severity_blocks_where_the_threshold_is_low(
    sample: Report, console: Consoles
) -> None:
    assert "below the threshold" not in _text(replace(sample, fail_on=Severity.LOW), console())


def test_path_patch_and_what_does_not_decide_read_so(full: Report, console: Consoles) -> None:
    text = _text(full, console(width=80))
    assert (
        """\
  rds-instance-is-not-reachable
  Title of rds-instance-is-not-reachable.
  │ publiclyAccessible  open to all
  │   rds.Instance ledger in EncryptedDatabase ledger  infra/data.py:31
  │     the internet
  │       -> lambda.Function settle   calls its URL  (url)
  │       ?> rds.Instance ledger      knows [secret]  (vpcSecurityGroupIds)
  │   patch  publiclyAccessible: not set -> false
  │   patch  password: "[secret]" -> "[secret]!"
  │   patch  tags: not set -> {"was": "[secret]"}
  why  Why of rds-instance-is-not-reachable.
"""
        in text
    )
    assert (
        """\
── waived 1 finding that somebody answers for ─────────────────────────────────

  s3-bucket-is-versioned  medium
  │ not versioned
  │   s3.Bucket uploads  __main__.py:12
  until   2026-04-30, since 2026-02-01
  owner   Payments, approved by Security
  reason  Objects live for a day, said [secret].
  ticket  PAY-7
  in      waivers.yaml:3

── known 2 findings that the baseline has, too ────────────────────────────────

  medium     s3-bucket-is-logged  2 resources

── fixed 1 violation that the baseline alone has ──────────────────────────────

  s3-bucket-is-logged  1

"""
        in text
    )
    assert text.splitlines()[-1] == (
        "blocked · 3 critical, 1 high, 1 low, 2 undecided, 1 broken · 1 waived · 2 known · "
        "1 fixed · 5 resources · 8 controls · 7 judged · 0.8 s"
    )


def test_a_waived_open_question_says_that_it_is_one(full: Report, console: Consoles) -> None:
    [waived] = full.evaluation.waived
    open_ = replace(waived, finding=replace(waived.finding, verdict=Verdict.UNDECIDED))
    known = tuple(replace(item, verdict=Verdict.UNDECIDED) for item in full.evaluation.known)
    made = replace(full, evaluation=replace(full.evaluation, waived=(open_,), known=known))
    lines = _text(made, console()).splitlines()
    assert "  s3-bucket-is-versioned  medium  undecided" in lines
    assert "  undecided  s3-bucket-is-logged  2 resources" in lines


def test_findings_of_one_waiver_stand_together(full: Report, console: Consoles) -> None:
    [waived] = full.evaluation.waived
    exports = full.evaluation.known[0].resource
    second = replace(waived, finding=replace(waived.finding, resource=exports))
    made = replace(full, evaluation=replace(full.evaluation, waived=(waived, second)))
    text = _text(made, console())
    assert text.count("reason  Objects") == 1
    assert "  │   s3.Bucket exports\n  │   s3.Bucket uploads  __main__.py:12\n" in text


def test_the_patch_of_a_resource_is_said_once(
    report: Make, control: Callable[..., Control], resource: Resources, console: Consoles
) -> None:
    buckets = [resource("aws:s3/bucket:Bucket", name, inputs={"a": 1}) for name in "xy"]
    held = control("c", remedy=lambda item: {"a": 2, "name": item.name})
    found = [
        Finding(held, bucket, Verdict.VIOLATED, path, "m")
        for bucket in buckets
        for path in ("other", "a", "name")
    ]
    text = _text(report(*buckets, findings=found), console())
    patched = [line.split("patch  ")[1] for line in text.splitlines() if "patch  " in line]
    assert patched == [
        "a: 1 -> 2",
        'name: not set -> "x"',
        "a: 1 -> 2",
        'name: not set -> "y"',
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_long_step_of_a_path_is_folded_below_itself(
    report: Make,
    control: Callable[..., Control],
    resource: Resources,
    console: Consoles,
    width: int,
) -> None:
    group = resource("aws:ec2/securityGroup:SecurityGroup", "web")
    why = "admits tcp port 443 from 0.0.0.0/0 and from everybody else who asks for it in time"
    chain = (Edge(INTERNET, Kind.REACHES, group.urn, why, group.urn, "ingress[0].cidrBlocks"),)
    finding = Finding(control("c"), group, Verdict.VIOLATED, "ingress", "m", chain)
    lines = _text(report(group, findings=[finding]), console(width=width)).splitlines()
    start = lines.index("  │     the internet") + 1
    step = [line for line in lines[start:] if line.startswith("  │")]
    assert step[0].startswith("  │       -> ec2.SecurityGroup web   admits")
    assert all(line.startswith("  │       ") for line in step)
    assert all(len(line) <= min(width, 110) for line in step)
    assert " ".join(" ".join(line[3:].split()) for line in step) == (
        f"-> ec2.SecurityGroup web {why} (ingress[0].cidrBlocks)"
    )
