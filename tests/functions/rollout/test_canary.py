"""The canary in the hook against moto: metrics are moto's, put as a load balancer reports them.

moto 5.2 has no `ecs:DescribeServiceRevisions`; it is answered here, and question and answer are
held to botocore's model. Not proved: that ECS holds a step while the hook is in progress, when it
invokes the hook, and that both versions have traffic then, which AWS's documentation says.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from math import isnan, nan
from typing import Any

import boto3
import botocore.client
import pytest
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters
from moto import mock_aws

from fintech_infra.functions.rollout import canary, handler
from fintech_infra.functions.rollout.decide import Judgement, Outcome, Question, Stage
from fintech_infra.functions.rollout.default_canary import CONFIG, per_request
from fintech_infra.functions.rollout.watch import Doubt, Watch, group_suffix, weigh
from fintech_infra.operations.aws import connect
from fintech_infra.operations.canary import Verdict, read_config
from fintech_infra.operations.canary.query import read_queries

REGION = "eu-west-1"
NEW = f"arn:aws:ecs:{REGION}:111122223333:service-revision/books/api/9313"
OLD = f"arn:aws:ecs:{REGION}:111122223333:service-revision/books/api/1920"
BALANCER = "app/books/50dc6c495c0c9188"
GROUPS = {OLD: "targetgroup/books-blue/73e2d6bc24d8a067", NEW: "targetgroup/books-green/943f017f1"}
BEGIN = 1_800_000_000
SHARED = {NEW: 5.0, OLD: 95.0}

Answers = dict[str, Callable[[], dict[str, Any]]]
Deploy = Callable[..., tuple[str, int]]


class Clock:
    """What the function takes for the time."""

    now = float(BEGIN)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.time", lambda: clock.now)
    return clock


_access = cache(connect)


def told(**other: Any) -> str:
    """What the component tells the function."""
    given = {"minutes": 60, "looks": 4, "samples": 50, "onUndecided": "roll-back"}
    return json.dumps({**given, "balancer": BALANCER, **other})


def revisions(groups: dict[str, str]) -> dict[str, Any]:
    """What ECS says of service revisions with these target groups."""
    prefix = f"arn:aws:elasticloadbalancing:{REGION}:111122223333:"
    return {
        "serviceRevisions": [
            {
                "serviceRevisionArn": arn,
                "resolvedConfiguration": {"loadBalancers": [{"targetGroupArn": prefix + group}]},
            }
            for arn, group in groups.items()
        ]
    }


def refused() -> dict[str, Any]:
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetMetricData")


@pytest.fixture(autouse=True)
def answers(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """The account, and what some of its operations answer instead of moto."""
    assert clock
    for key, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "PATIENCE_SECONDS": "600",
        "ALARM_NAMES": json.dumps(["errors"]),
        "CANARY": told(),
    }.items():
        monkeypatch.setenv(key, value)
    found: Answers = {"DescribeServiceRevisions": lambda: revisions(GROUPS)}
    client: Any = botocore.client.BaseClient
    real = client._make_api_call

    def call(self: Any, operation: str, params: dict[str, Any]) -> Any:
        if operation not in found:
            return real(self, operation, params)
        model = self.meta.service_model.operation_model(operation)
        validate_parameters(params, model.input_shape)
        answer = found[operation]()
        validate_parameters(answer, model.output_shape)
        return answer

    with mock_aws():
        # Clients are slow to make; these are the ones of the first test.
        monkeypatch.setattr(canary, "connect", _access)
        alarm("OK")
        monkeypatch.setattr(client, "_make_api_call", call)
        yield found


def alarm(state: str) -> None:
    """Have the only alarm of the gate in this state."""
    cloudwatch: Any = boto3.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Threshold=1,
        MetricName="RequestCount",
        Namespace="AWS/ApplicationELB",
        Period=60,
        Statistic="Sum",
    )
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue=state, StateReason="test")


def report(
    revision: str,
    *,
    each_minute: int,
    failing: float = 0.01,
    seconds: float = 0.08,
    minutes: int = 65,
) -> None:
    """Put what a load balancer reports of a version: nothing of errors where there were none."""
    chance = random.Random(f"{revision}{failing}{seconds}")
    data: list[dict[str, Any]] = []
    # moto compares dimensions in their order, CloudWatch does not.
    dimensions = [
        {"Name": "LoadBalancer", "Value": BALANCER},
        {"Name": "TargetGroup", "Value": GROUPS[revision]},
    ]
    for minute in range(minutes):
        failed = sum(chance.random() < failing for _ in range(each_minute))
        values = {
            "RequestCount": each_minute,
            "TargetResponseTime": seconds * chance.lognormvariate(0, 0.2),
            "HTTPCode_Target_5XX_Count": failed,
        }
        time = datetime.fromtimestamp(BEGIN + 60 * minute, UTC)
        data += [
            {"MetricName": name, "Dimensions": dimensions, "Timestamp": time, "Value": value}
            for name, value in values.items()
            if value
        ]
    cloudwatch: Any = boto3.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="AWS/ApplicationELB", MetricData=data)


def ask(stage: str = "PRODUCTION_TRAFFIC_SHIFT", **more: Any) -> dict[str, Any]:
    """Have ECS ask once."""
    details = {"targetServiceRevisionArn": NEW, "productionTrafficWeights": SHARED, **more}
    return handler.handle(
        {
            "lifecycleStage": stage,
            "hookDetails": details.pop("hookDetails", None),
            "executionDetails": details,
        },
        None,
    )


@pytest.fixture
def deploy(clock: Clock) -> Deploy:
    """Have ECS ask every so many minutes until it knows; returns the answer and the minutes."""

    def run(every: int = 15, most: int = 90) -> tuple[str, int]:
        details: Any = None
        for minute in range(0, most, every):
            clock.now = BEGIN + 60.0 * minute
            answer = ask(hookDetails=details)
            details = answer.get("hookDetails")
            if answer["hookStatus"] != "IN_PROGRESS":
                return answer["hookStatus"], minute
        return "IN_PROGRESS", most

    return run


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged as the reasons of the last decision."""
    found = [json.loads(it.message) for it in caplog.records if it.name == handler.__name__]
    return found[-1]["reasons"]


def test_a_good_version_goes_on_after_the_last_look_and_not_before(
    deploy: Deploy, caplog: pytest.LogCaptureFixture
):
    report(OLD, each_minute=950)
    report(NEW, each_minute=50)
    assert deploy() == ("SUCCEEDED", 60)
    assert reasons(caplog) == [
        "errors: the alarm is quiet",
        "canary: look 4 of 4: promote: score 100 (pass 95, marginal 75)",
    ]
    looks = [json.loads(it.message) for it in caplog.records if it.name == canary.__name__]
    assert [it["canary"]["plan"]["look"] for it in looks] == [1, 2, 3, 4]
    assert looks[-1]["canary"]["metrics"][0]["samples"]["experiment"] >= 50


@pytest.mark.parametrize("worse", [{"failing": 0.2}, {"seconds": 0.3}])
def test_a_bad_version_goes_back_before_the_last_look(
    deploy: Deploy, caplog: pytest.LogCaptureFixture, worse: dict[str, Any]
):
    # With a nineteenth of the requests, one in five of them failing is as many as before.
    report(OLD, each_minute=950)
    report(NEW, each_minute=50, **worse)
    status, minutes = deploy()
    assert status == "FAILED"
    assert minutes < 60
    assert "roll back: score 50" in reasons(caplog)[0]


@pytest.mark.parametrize(("doubt", "status"), [("roll-back", "FAILED"), ("alarms", "SUCCEEDED")])
def test_too_little_traffic_ends_as_was_chosen(
    deploy: Deploy,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    doubt: str,
    status: str,
):
    monkeypatch.setenv("CANARY", told(onUndecided=doubt))
    report(OLD, each_minute=5)
    assert deploy() == (status, 60)
    assert "undecided" in reasons(caplog)[-1]


def test_the_alarms_that_decide_alone_still_roll_back(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CANARY", told(onUndecided="alarms"))
    alarm("ALARM")
    assert deploy() == ("FAILED", 0)


@pytest.mark.parametrize("doubt", ["roll-back", "alarms"])
def test_metrics_that_cannot_be_read_are_no_pass(
    deploy: Deploy,
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    doubt: str,
):
    monkeypatch.setenv("CANARY", told(onUndecided=doubt))
    answers["GetMetricData"] = refused
    assert deploy(every=5) == ("FAILED", 20)
    assert "cloudwatch:GetMetricData: AccessDenied" in reasons(caplog)[0]


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ({}, "revision 1920 has 0 target groups"),
        ({OLD: GROUPS[OLD]}, "revision 9313 has 0 target groups"),
        ({OLD: GROUPS[OLD], NEW: GROUPS[OLD]}, "both versions have targetgroup/books-blue"),
    ],
)
def test_versions_that_cannot_be_told_apart_are_no_pass(
    deploy: Deploy,
    answers: Answers,
    caplog: pytest.LogCaptureFixture,
    groups: dict[str, str],
    said: str,
):
    answers["DescribeServiceRevisions"] = lambda: revisions(groups)
    assert deploy(every=5) == ("FAILED", 20)
    assert said in reasons(caplog)[0]


@pytest.mark.parametrize("weights", [{NEW: 0, OLD: 100}, {NEW: 100, OLD: 0}, {NEW: 100}, {}])
def test_nothing_is_compared_in_a_rollback_or_where_one_version_has_all(
    answers: Answers, weights: dict[str, int]
):
    answers["GetMetricData"] = refused
    answers["DescribeServiceRevisions"] = refused
    assert ask(productionTrafficWeights=weights) == {"hookStatus": "SUCCEEDED"}
    after = ask("POST_PRODUCTION_TRAFFIC_SHIFT", productionTrafficWeights={})
    assert after == {"hookStatus": "SUCCEEDED"}


def test_a_look_is_taken_once(clock: Clock):
    report(OLD, each_minute=950)
    report(NEW, each_minute=50)
    begun = ask()
    assert begun["hookDetails"]["canaryLooked"] == 0
    clock.now += 900
    looked = ask(hookDetails=begun["hookDetails"])
    assert looked["hookDetails"]["canaryLooked"] == 1
    clock.now += 30
    again = ask(hookDetails=looked["hookDetails"])
    assert again["hookDetails"]["canaryLooked"] == 1
    assert again["hookDetails"]["canarySince"] == BEGIN


def test_a_given_config_is_what_is_compared(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    config = json.loads(json.dumps(CONFIG))
    config["metrics"] = config["metrics"][1:2]
    config["classifier"]["groupWeights"] = {"speed": 100}
    given = tmp_path / "canary.json"
    given.write_text(json.dumps(config))
    monkeypatch.setattr(canary, "GIVEN", given)
    report(OLD, each_minute=950)
    report(NEW, each_minute=50, failing=0.5)
    assert deploy() == ("SUCCEEDED", 60)


def test_before_a_task_starts_it_is_seen_that_the_canary_can_judge():
    assert canary.judge_readiness(told()) == Judgement("canary", Outcome.HOLDS, "can judge")


def test_without_scipy_no_task_starts(monkeypatch: pytest.MonkeyPatch):
    for name in [it for it in sys.modules if it.startswith("fintech_infra.operations.canary.")]:
        if name.rpartition(".")[2] in {"classify", "rank_test", "spending"}:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    found = canary.judge_readiness(told())
    assert (found.outcome, "scipy is not installed" in found.reason) == (Outcome.BROKEN, True)


@pytest.mark.parametrize("text", ["{", '{"metrics": []}', '{"metrics": [{"name": "a"}]}'])
def test_with_a_wrong_config_no_task_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, text: str
):
    given = tmp_path / "canary.json"
    given.write_text(text)
    monkeypatch.setattr(canary, "GIVEN", given)
    assert canary.judge_readiness(told()).outcome is Outcome.BROKEN


def test_the_default_is_a_sound_config():
    text = json.dumps(CONFIG)
    assert (read_config(text)[1], read_queries(text)[1]) == ([], [])
    assert set(read_queries(text)[0]) == {"errors", "latency", "requests"}


def test_errors_per_request_are_known_where_there_are_requests():
    found = per_request({1: nan, 2: 5.0, 4: 1.0}, {1: 10.0, 2: 10.0, 3: 20.0, 4: nan, 5: 0.0})
    assert {time: value for time, value in found.items() if not isnan(value)} == {
        1: 0.0,
        2: 0.5,
        3: 0.0,
    }


def test_every_verdict_means_something():
    question = Question(
        Stage.PRODUCTION_TRAFFIC_SHIFT,
        NEW,
        5.0,
        rolling_back=False,
        asked_before={"step": "PRODUCTION_TRAFFIC_SHIFT:5.0", "canarySince": 0.0},
        other_arns=(OLD,),
    )
    outcomes = {
        doubt: {
            verdict: weigh(
                question, Watch(60, 4, 50, doubt, BALANCER), 3600.0, verdict.value, ("so",)
            ).outcome
            for verdict in Verdict
        }
        for doubt in Doubt
    }
    assert outcomes[Doubt.ROLL_BACK] == {
        Verdict.PROMOTE: Outcome.HOLDS,
        Verdict.ROLL_BACK: Outcome.BROKEN,
        Verdict.UNDECIDED: Outcome.BROKEN,
        Verdict.CONTINUE: Outcome.WATCHING,
    }
    assert outcomes[Doubt.ALARMS] == {
        **outcomes[Doubt.ROLL_BACK],
        Verdict.UNDECIDED: Outcome.HOLDS,
    }


def test_a_revision_with_several_target_groups_is_refused():
    with pytest.raises(ValueError, match="has 2 target groups"):
        group_suffix(
            {
                "resolvedConfiguration": {
                    "loadBalancers": [
                        {"targetGroupArn": f"arn:x:{group}"} for group in GROUPS.values()
                    ]
                }
            }
        )
