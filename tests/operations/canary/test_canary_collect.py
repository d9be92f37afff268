"""Samples of CloudWatch: what is asked, what is put in where nothing is told, what is undecided.

CloudWatch is moto, and a stub where it refuses; that the real one forgets as documented is not
proven.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import isnan
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from fintech_infra.operations.aws import Access, connect
from fintech_infra.operations.canary import (
    Label,
    MetricQuery,
    NanStrategy,
    Plan,
    Scope,
    Verdict,
    Window,
    collect,
    forgotten,
    judge,
    read_queries,
    same_for_both,
)
from tests.operations.canary.samples import BAD, GOOD, START, config, put, series

HOUR = Window(START, START + timedelta(hours=1))
SHIFTED = [*GOOD[1:], GOOD[0] + 1]
OLD, NEW = Scope("old"), Scope("new")
DAY = timedelta(days=1)


def query(metric: str) -> MetricQuery:
    return MetricQuery("Shop", metric, "Average", (("Version", "${scope}"),))


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Access]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "documentation")
    with mock_aws():
        yield connect("eu-west-1")


def test_both_versions_are_read_by_their_scope_and_judged(cloud: Access) -> None:
    put(cloud, "Latency", "old", GOOD)
    for values, verdict in ((SHIFTED, "promote"), (BAD, "roll back")):
        put(cloud, "Latency", verdict, values)
        found = collect(cloud, {"latency": query("Latency")}, OLD, Scope(verdict), HOUR)
        assert [it.value for it in found.experiment["latency"]] == values
        assert found.unread == {}
        assert judge(config("latency"), found.control, found.experiment).verdict == verdict


def test_the_past_is_the_same_hours_of_earlier_days(cloud: Access) -> None:
    put(cloud, "Latency", "new", SHIFTED)
    for back in (1, 2, 3):
        put(cloud, "Latency", "new", [float(back)] * 60, START - DAY * back)
        put(cloud, "Latency", "new", [99.0] * 60, START - DAY * back + timedelta(hours=1))
    found = collect(cloud, {"latency": query("Latency")}, NEW, NEW, HOUR, days=2)
    assert sorted({it.value for it in found.control["latency"]}) == [1.0, 2.0]
    assert len(found.control["latency"]) == 120
    assert len(found.experiment["latency"]) == 60


def test_steps_without_a_sample_are_missing_and_zero_where_the_config_says_so(
    cloud: Access,
) -> None:
    """Nobody counts errors of the old version; the new one has some in 24 minutes of 60."""
    put(cloud, "Latency", "old", GOOD)
    put(cloud, "Latency", "new", SHIFTED)
    for at in range(0, 60, 5):
        put(cloud, "Errors", "new", [5.0, 5.0], START + timedelta(minutes=at))
    queries = {"latency": query("Latency"), "errors": query("Errors")}
    found = collect(cloud, queries, OLD, NEW, HOUR)
    assert all(isnan(it.value) for it in found.control["errors"])
    assert sum(isnan(it.value) for it in found.experiment["errors"]) == 36
    ours = config("latency", "errors", nan=NanStrategy.REPLACE)
    judged = judge(ours, found.control, found.experiment)
    assert judged.results[1].label is Label.HIGH
    assert judged.verdict is Verdict.ROLL_BACK


def test_a_version_of_which_nothing_is_known_is_not_taken_for_one_without_errors(
    cloud: Access,
) -> None:
    put(cloud, "Errors", "old", [0.0] * 60)
    found = collect(cloud, {"errors": query("Errors")}, OLD, Scope("misspelt"), HOUR)
    assert found.experiment == {}
    ours = config("errors", nan=NanStrategy.REPLACE)
    assert judge(ours, found.control, found.experiment).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling"])
def test_what_is_not_told_is_undecided_and_never_condemns(code: str) -> None:
    client: Any = boto3.client("cloudwatch", region_name="eu-west-1", aws_access_key_id="-",
                               aws_secret_access_key="-")  # fmt: skip
    access = Access(lambda _, __: client, "eu-west-1")
    with Stubber(client) as stub:
        for _ in range(2):
            stub.add_client_error("get_metric_data", code, "no")
        found = collect(access, {"latency": query("Latency")}, OLD, NEW, HOUR)
    said = f"cloudwatch:GetMetricData: {code}: no"
    assert found.unread == {"latency": f"baseline and canary: {said}"}
    ours = config("latency", critical=True, must_have_data=True)
    judged = judge(ours, found.control, found.experiment, unread=found.unread)
    assert judged.verdict is Verdict.UNDECIDED
    result = judged.results[0]
    assert (result.label, result.unread, result.critical) == (Label.NODATA, True, False)
    assert said in " ".join(judged.why)
    early = judge(ours, {}, {}, Plan(looks=3, look=1), found.unread)
    assert early.verdict is Verdict.CONTINUE
    assert said in early.why[1]


def test_samples_that_are_told_in_part_are_undecided() -> None:
    client: Any = boto3.client("cloudwatch", region_name="eu-west-1", aws_access_key_id="-",
                               aws_secret_access_key="-")  # fmt: skip
    access = Access(lambda _, __: client, "eu-west-1")
    whole = {"Id": "q0", "Label": "", "StatusCode": "Complete",
             "Timestamps": list(HOUR.times), "Values": GOOD}  # fmt: skip
    part = whole | {"StatusCode": "InternalError"}
    with Stubber(client) as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": [part]})
        stub.add_response("get_metric_data", {"MetricDataResults": [whole]})
        found = collect(access, {"latency": query("Latency")}, OLD, NEW, HOUR)
    assert found.unread == {"latency": "canary: InternalError"}
    judged = judge(config("latency"), found.control, found.experiment, unread=found.unread)
    assert judged.verdict is Verdict.UNDECIDED


def test_harm_that_is_seen_condemns_though_another_metric_is_not_read() -> None:
    bad = judge(
        config("a", "b", "c"), series(a=GOOD, b=GOOD), series(a=BAD, b=BAD), unread={"c": ""}
    )
    assert bad.verdict is Verdict.ROLL_BACK
    names = [*"abcdefgh"]
    rest = series(**dict.fromkeys(names, GOOD))
    mild = {**rest, **series(a=BAD)}
    judged = judge(config(*names), rest, mild, unread=dict.fromkeys(names[5:], "denied"))
    assert judged.verdict is Verdict.UNDECIDED
    assert judged.why[-1] == "f, g, h: not read: denied"


def test_only_whole_steps_are_asked_and_earlier_days_do_not_overlap() -> None:
    odd = Window(START + timedelta(seconds=20), START + timedelta(minutes=19, seconds=50), 300)
    assert odd.times == (START + timedelta(minutes=5), START + timedelta(minutes=10))
    with pytest.raises(ValueError, match="no whole step of 300 seconds"):
        Window(START + timedelta(seconds=20), START + timedelta(minutes=9), 300)
    long = Window(START, START + timedelta(hours=30))
    assert [it.first for it in long.earlier(2)] == [START - DAY * 2, START - DAY * 3]
    assert [it.first for it in HOUR.earlier(2)] == [START - DAY, START - DAY * 2]
    exact = Window(START, START + DAY)
    assert exact.earlier(1)[0].last == START


@pytest.mark.parametrize("step", [0, -60, 7, 90])
def test_a_step_that_cloudwatch_does_not_have_is_refused(step: int) -> None:
    with pytest.raises(ValueError, match=f"step is {step}; accepted: 1, 5, 10, 20, 30, multiples"):
        Window(START, START + DAY, step)


def test_what_cloudwatch_has_forgotten_is_noticed() -> None:
    now = START + timedelta(days=20)
    assert forgotten(HOUR, START + timedelta(days=15)) == ""
    assert forgotten(HOUR, now) == (
        "CloudWatch keeps samples of 60 seconds for 15 days; a step of 300 seconds goes back so far"
    )
    assert forgotten(Window(START, START + DAY, 300), now) == ""
    assert "for 3 hours" in forgotten(Window(START, START + DAY, 10), now)
    assert forgotten(HOUR, START + timedelta(days=999)).endswith("for 15 days")


def metrics(*queries: Any) -> str:
    return json.dumps({"metrics": [{"name": f"m{at}", "query": it}
                                   for at, it in enumerate(queries)]})  # fmt: skip


def test_a_query_says_what_cloudwatch_is_asked() -> None:
    given = {
        "type": "cloudwatch",
        "serviceType": "cloudwatch",
        "namespace": "AWS/ApplicationELB",
        "metricName": "TargetResponseTime",
        "statistic": "p99.9",
        "dimensions": {"TargetGroup": "targetgroup/${scope}", "LoadBalancer": "${location}"},
    }
    found, problems = read_queries(metrics(given))
    assert problems == []
    assert found == {
        "m0": MetricQuery(
            "AWS/ApplicationELB",
            "TargetResponseTime",
            "p99.9",
            (("LoadBalancer", "${location}"), ("TargetGroup", "targetgroup/${scope}")),
        )
    }
    assert same_for_both(found, ("a", "x"), ("b", "x")) == []
    assert same_for_both(found, ("a", "x"), ("a", "x")) == ["m0"]


def test_every_mistake_of_a_query_is_told_with_its_place() -> None:
    sound = {"type": "cloudwatch", "namespace": "N", "metricName": "M", "statistic": "Sum"}
    _, problems = read_queries(
        metrics(
            None,
            sound | {"type": "datadog", "statistic": "median"},
            sound | {"namespace": "", "metric": "x", "serviceType": "atlas"},
            sound | {"dimensions": ["a"]},
            sound | {"dimensions": {"a": "${zone}", "b": 3}},
        )
    )
    assert [it.message for it in problems] == [
        "metrics[0].query is None, not an object",
        "metrics[1].query.type is 'datadog'",
        "metrics[1].query.statistic is 'median'",
        "metrics[2].query.serviceType is 'atlas'",
        "metrics[2].query.metric is not known",
        "metrics[2].query.namespace is '', not a name",
        "metrics[3].query.dimensions is ['a'], not an object",
        "metrics[4].query.dimensions.a holds ${zone}",
        "metrics[4].query.dimensions.b is 3, not a text",
    ]
    assert all(it.hint for it in problems)


@pytest.mark.parametrize("word", ["Average", "p99", "p99.9", "tm90", "TM(10%:90%)", "PR(:300)"])
def test_statistics_are_as_cloudwatch_has_them(word: str) -> None:
    sound = {"type": "cloudwatch", "namespace": "N", "metricName": "M", "statistic": word}
    assert read_queries(metrics(sound))[1] == []


def test_a_moment_knows_its_offset() -> None:
    assert HOUR.times[0] == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert len(HOUR.times) == 60
