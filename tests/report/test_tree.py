"""The component tree of the report for people."""

import io
from collections.abc import Callable

from rich.console import Console

from fintech_infra.environment import Resource
from fintech_infra.report import Report
from fintech_infra.report.terminal import print_report

Make = Callable[..., Report]
Consoles = Callable[..., Console]
Resources = Callable[..., Resource]


def _text(report: Report, console: Console, *, tree: bool = False, verbose: bool = False) -> str:
    print_report(report, console, tree=tree, verbose=verbose)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_tree_lists_every_resource(sample: Report, console: Consoles) -> None:
    lines = _text(sample, console(), tree=True).splitlines()
    assert lines[2:10] == [
        "  EncryptedDatabase ledger  2 resources  1 high  1 undecided",
        "  ├─ rds.Instance ledger                 1 high",
        "  └─ kms.Key ledger                      1 undecided",
        "  s3.Bucket uploads                      1 critical  1 low  1 broken",
        "  s3.Bucket exports                      1 critical",
        "  lambda.Function settle",
        "  Cluster remote            not judged",
        "",
    ]


def test_verbose_shows_resolved_inputs_below_each_resource(
    sample: Report, console: Consoles
) -> None:
    lines = _text(sample, console(), tree=False, verbose=True).splitlines()
    assert lines[2:13] == [
        "  EncryptedDatabase ledger  2 resources  1 high  1 undecided",
        "  ├─ rds.Instance ledger                 1 high",
        "  │     endpoint: <unknown>",
        "  │     password: [secret]",
        "  │     storageEncrypted: false",
        "  └─ kms.Key ledger                      1 undecided",
        "  s3.Bucket uploads                      1 critical  1 low  1 broken",
        "  s3.Bucket exports                      1 critical",
        "  lambda.Function settle",
        "     code: file handler.zip sha256:3f2a9c0011de",
        "  Cluster remote            not judged",
    ]


def test_components_nest_and_what_hangs_from_a_resource_is_counted_with_it(
    report: Make, resource: Resources, console: Consoles
) -> None:
    outer = resource("p:m:Outer", "o", custom=False)
    bucket = resource("aws:s3/bucket:Bucket", "b", parent=outer.urn)
    inner = resource("p:m:Inner", "i", custom=False, parent=bucket.urn)
    topic = resource("aws:sns/topic:Topic", "t", parent=inner.urn)
    last = resource("p:m:Inner", "j", custom=False, parent=outer.urn)
    function = resource("aws:lambda/function:Function", "f")
    nested = resource("p:m:Inner", "k", custom=False, parent=function.urn)
    orphan = resource("aws:sqs/queue:Queue", "q", parent="urn:gone")
    found = report(outer, bucket, inner, topic, last, function, nested, orphan)
    assert _text(found, console()).splitlines()[2:-2] == [
        "  Outer o            2 resources",
        "  ├─ Inner i         1 resource",
        "  └─ Inner j         0 resources",
        "  lambda.Function f",
        "  └─ Inner k         0 resources",
        "  sqs.Queue q",
    ]


def test_what_is_only_read_is_marked(report: Make, resource: Resources, console: Consoles) -> None:
    shared = resource("aws:ec2/vpc:Vpc", "shared", existing=True)
    assert _text(report(shared), console()).splitlines()[2] == "  ec2.Vpc shared  existing"


def test_what_no_program_declares_is_neither_shown_nor_counted(
    report: Make, resource: Resources, console: Consoles
) -> None:
    found = report(
        resource("pulumi:providers:aws", "default_7_51_1"),
        resource("pulumi:providers:random", "default"),
        resource("pulumi:providers:aws", "default-eu"),
    )
    for every in (False, True):
        lines = _text(found, console(), tree=every).splitlines()
        assert lines[2:-1] == ["  pulumi.providers.aws default-eu", ""]
        assert lines[-1] == "clean · no findings · 1 resource · 0 controls · 7 judged"
