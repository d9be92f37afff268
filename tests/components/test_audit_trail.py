"""AuditTrail: what it records, how long that stays, who hears of it, and what it refuses.

What these tests do not prove: that CloudTrail accepts the selectors, delivers under Object Lock,
or that Athena reads what it delivers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi import ResourceOptions
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._trail.recorded import NETWORK_SOURCES, selectors
from fintech_infra.components._trail.retention import YEARS, Regime, plan_retention
from fintech_infra.components._trail.table import layout
from fintech_infra.components._trail.tampering import ARCHIVE_CALLS, LOG_CALLS, TRAIL_CALLS
from fintech_infra.components._trail.watched import PATTERN_LIMIT, WATCHED
from fintech_infra.components.audit_trail import AuditTrail

Deploy = Callable[..., Any]
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
AUDITOR = "arn:aws:iam::111122223333:role/auditor"
ORGANIZATION = "o-a1b2c3d4e5"
LEDGER = "arn:aws:s3:::ledger"
EXISTING: dict[str, Any] = {
    "arn": "arn:aws:cloudtrail:eu-west-1:444455556666:trail/organization",
    "bucket_name": "organization-trail",
}
TRAIL = "aws:cloudtrail/trail:Trail"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
QUEUE = "aws:sqs/queue:Queue"
TABLE = "aws:glue/catalogTable:CatalogTable"
WORKGROUP = "aws:athena/workgroup:Workgroup"
BUCKET = "aws:s3/bucket:Bucket"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
KEYS = [it.key for it in WATCHED]
_MINIMAL: list[Any] = []
RECORDING = [
    (TRAIL, "audit"),
    (GROUP, "audit-events"),
    ("aws:iam/role:Role", "audit-delivery"),
    ("aws:iam/rolePolicy:RolePolicy", "audit-delivery"),
]
WATCHING = [
    *((FILTER, f"audit-{key}") for key in KEYS),
    *((ALARM, f"audit-{key}") for key in KEYS),
    (ALARM, "audit-silence"),
]
QUERYING = [
    ("aws:glue/catalogDatabase:CatalogDatabase", "audit"),
    (TABLE, "audit"),
    (WORKGROUP, "audit"),
    ("fintech_infra:index:LockedDownBucket", "audit-results"),
]
QUEUEING = [
    (QUEUE, "audit-dead-letters"),
    ("aws:sqs/queuePolicy:QueuePolicy", "audit-dead-letters"),
]


def reporting(*subjects: str) -> list[tuple[str, str]]:
    names = [f"audit-{subject}-tampering" for subject in subjects]
    return [(type_, name) for type_ in (RULE, TARGET) for name in names]


@pytest.fixture
def trail(deploy: Deploy) -> Callable[..., Any]:
    """Return `trail(**args)`, which deploys a trail named audit that tells a topic.

    It has some 70 children, so the one without further arguments is deployed once.
    """

    def run(**args: Any) -> Any:
        wanted: Any = {"alarm_topic_arn": TOPIC, **args}
        if args:
            return deploy(lambda: AuditTrail("audit", wanted))
        if not _MINIMAL:
            _MINIMAL.append(deploy(lambda: AuditTrail("audit", wanted)))
        return _MINIMAL[0]

    return run


def own_identities(found: Any) -> list[tuple[str, str]]:
    """Identities of what is not inside a bucket or the key; buckets themselves are there."""
    inner = ("aws:s3/", "aws:kms/", "fintech_infra:index:EncryptionKey")
    return [
        (type_, name)
        for type_, name in found.identities
        if not type_.startswith(inner)
        and name != "audit-key-tampering"
        and not name.endswith("-access-logs")
    ]


def reasons(name: str = "audit", **args: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    wanted: Any = {"alarm_topic_arn": TOPIC, **args}
    with pytest.raises(pulumi.InputPropertiesError) as error:
        AuditTrail(name, wanted)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def pattern_of(found: Any, subject: str) -> Any:
    return json.loads(found.one(RULE, f"audit-{subject}-tampering").inputs["eventPattern"])


def test_with_a_topic_alone_it_records_archives_watches_and_answers(
    trail: Callable[..., Any],
) -> None:
    found = trail()
    assert own_identities(found) == sorted(
        [
            *RECORDING,
            *WATCHING,
            *QUERYING,
            *QUEUEING,
            *reporting("trail", "archive", "logs"),
            ("fintech_infra:index:AuditTrail", "audit"),
            ("fintech_infra:index:LockedDownBucket", "audit-archive"),
        ]
    )
    assert (RULE, "audit-key-tampering") in found.identities
    assert found.snake_case_keys() == []


def test_the_trail_is_complete_validated_and_encrypted(trail: Callable[..., Any]) -> None:
    found = trail()
    inputs = dict(found.one(TRAIL).inputs)
    assert len(inputs.pop("advancedEventSelectors")) == 5 + len(NETWORK_SOURCES)
    assert inputs == {
        "s3BucketName": found.one(BUCKET, "audit-archive").state["bucket"],
        "kmsKeyId": found.one("aws:kms/key:Key").state["arn"],
        "enableLogging": True,
        "enableLogFileValidation": True,
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
        "isOrganizationTrail": False,
        "insightSelectors": [
            {"insightType": "ApiCallRateInsight"},
            {"insightType": "ApiErrorRateInsight"},
        ],
        "cloudWatchLogsGroupArn": f"{found.one(GROUP).state['arn']}:*",
        "cloudWatchLogsRoleArn": found.one("aws:iam/role:Role").state["arn"],
        "tags": {"Name": "audit"},
    }


def test_what_holds_evidence_is_protected(trail: Callable[..., Any]) -> None:
    protected = {item.identity for item in trail() if item.protect}
    assert {
        (TRAIL, "audit"),
        (GROUP, "audit-events"),
        (BUCKET, "audit-archive"),
        ("aws:kms/key:Key", "audit-key"),
    } <= protected


def test_the_trail_waits_for_the_bucket_policy_and_the_role(trail: Callable[..., Any]) -> None:
    found = trail()
    waits = found.one(TRAIL).depends_on
    assert found.one("aws:s3/bucketPolicy:BucketPolicy", "audit-archive-policy").urn in waits
    assert found.one("aws:iam/rolePolicy:RolePolicy").urn in waits


def test_the_role_delivers_into_the_log_group_and_nothing_else(trail: Callable[..., Any]) -> None:
    found = trail()
    group = found.one(GROUP).state["arn"]
    assert json.loads(found.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Deliver",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"{group}:log-stream:*",
            }
        ],
    }


def shown(data_events: dict[str, list[str]]) -> dict[str, list[tuple[str, str, tuple[str, ...]]]]:
    return {
        item.name: [(field.name, field.operator, field.values) for field in item.fields]
        for item in selectors("arn:aws:s3:::archive", data_events)
    }


def test_every_object_is_recorded_but_what_the_trail_itself_writes() -> None:
    found = shown({})
    objects = [
        ("eventCategory", "equals", ("Data",)),
        ("resources.type", "equals", ("AWS::S3::Object",)),
    ]
    assert found["Objects"] == [
        *objects,
        ("resources.ARN", "not_starts_withs", ("arn:aws:s3:::archive/",)),
    ]
    assert found["Reads of the archive"] == [
        *objects,
        ("readOnly", "equals", ("true",)),
        ("resources.ARN", "starts_withs", ("arn:aws:s3:::archive/",)),
    ]
    assert found["Management events"] == [("eventCategory", "equals", ("Management",))]
    assert found["Calls to kms that an endpoint denied"] == [
        ("eventCategory", "equals", ("NetworkActivity",)),
        ("eventSource", "equals", ("kms.amazonaws.com",)),
        ("errorCode", "equals", ("VpceAccessDenied",)),
    ]


def test_data_events_can_be_narrowed_to_what_is_classified() -> None:
    table = "arn:aws:dynamodb:eu-west-1:111122223333:table/cards"
    function = "arn:aws:lambda:eu-west-1:111122223333:function:settle"
    found = shown(
        {
            "s3_bucket_arns": [LEDGER],
            "dynamodb_table_arns": [table],
            "lambda_function_arns": [function],
        }
    )
    assert found["Objects"][2] == ("resources.ARN", "starts_withs", (f"{LEDGER}/",))
    assert found["Tables"][2] == ("resources.ARN", "starts_withs", (table,))
    assert found["Functions"][2] == ("resources.ARN", "equals", (function,))
    assert set(found) == set(shown({}))


def test_the_archive_is_locked_in_compliance_mode_for_the_longest_regime(
    trail: Callable[..., Any],
) -> None:
    found = trail()
    assert found.one(BUCKET, "audit-archive").inputs["objectLockEnabled"] is True
    assert found.one(BUCKET, "audit-archive").inputs["tags"]["legal-basis"] == (
        "pci-dss + nydfs + mifid-ii + sec-17a-4 + sox"
    )
    assert found.one(LOCK).inputs["rule"] == {
        "defaultRetention": {"mode": "COMPLIANCE", "days": 7 * 366}
    }


@given(
    regimes=st.lists(st.sampled_from(Regime), min_size=1),
    years=st.integers(-3, 120),
)
def test_retention_is_never_below_what_a_regime_asks_for(regimes: list[Regime], years: int) -> None:
    floor = max(YEARS[regime] for regime in regimes)
    assert plan_retention({"regimes": regimes}).years == floor
    if not floor <= years <= 99:
        assert list(reasons(regimes=regimes, retention_years=years)) == ["retention_years"]


def test_only_readers_read_the_archive(trail: Callable[..., Any]) -> None:
    found = trail(readers=[AUDITOR])
    policy = found.one("aws:s3/bucketPolicy:BucketPolicy", "audit-archive-policy")
    arn = found.one(BUCKET, "audit-archive").state["arn"]
    assert json.loads(policy.inputs["policy"])["Statement"][-1] == {
        "Sid": "DenyOtherReaders",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [AUDITOR]}},
    }


def test_tampering_is_told_and_kept_if_it_cannot_be(trail: Callable[..., Any]) -> None:
    found = trail()
    assert pattern_of(found, "trail") == {
        "source": ["aws.cloudtrail"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": ["cloudtrail.amazonaws.com"], "eventName": list(TRAIL_CALLS)},
    }
    archive, logs = pattern_of(found, "archive"), pattern_of(found, "logs")
    bucket = found.one(BUCKET, "audit-archive").state["bucket"]
    assert archive["detail"]["eventName"] == list(ARCHIVE_CALLS)
    assert archive["detail"]["requestParameters"] == {"bucketName": [bucket]}
    assert logs["detail"]["eventName"] == list(LOG_CALLS)
    assert logs["detail"]["requestParameters"] == {"logGroupName": [found.one(GROUP).state["name"]]}
    assert {"DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"} <= set(TRAIL_CALLS)
    queue = found.one(QUEUE).state["arn"]
    targets = [item for item in found.of_type(TARGET) if item.name != "audit-key-tampering"]
    assert {item.inputs["arn"] for item in targets} == {TOPIC}
    assert {item.inputs["deadLetterConfig"]["arn"] for item in targets} == {queue}


def test_the_queue_takes_dead_letters_of_its_own_rules_only(trail: Callable[..., Any]) -> None:
    policy = trail().one("aws:sqs/queuePolicy:QueuePolicy").inputs["policy"]
    sender = json.loads(policy)["Statement"][1]
    assert sender["Principal"] == {"Service": "events.amazonaws.com"}
    assert sender["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/audit-*"},
    }


def test_every_event_of_the_benchmark_has_a_pattern_that_cloudwatch_accepts() -> None:
    numbers = [item.description.partition(":")[0] for item in WATCHED]
    assert numbers == [f"CIS 4.{number}" for number in range(1, 16)]
    for item in WATCHED:
        assert len(item.pattern) <= PATTERN_LIMIT
        assert item.pattern.count("(") == item.pattern.count(")")
    assert len({item.metric for item in WATCHED}) == len(WATCHED)


def test_a_watched_event_raises_an_alarm(trail: Callable[..., Any]) -> None:
    found = trail()
    watched, alarm = found.one(FILTER, "audit-root-use"), found.one(ALARM, "audit-root-use")
    assert watched.inputs["logGroupName"] == found.one(GROUP).state["name"]
    assert watched.inputs["metricTransformation"] == {
        "name": "RootUse",
        "namespace": "AuditTrail/audit",
        "value": "1",
        "defaultValue": "0",
    }
    assert (alarm.inputs["metricName"], alarm.inputs["namespace"]) == (
        "RootUse",
        "AuditTrail/audit",
    )
    assert alarm.inputs["alarmActions"] == [TOPIC]
    assert alarm.inputs["treatMissingData"] == "notBreaching"


def test_a_trail_that_falls_silent_is_an_alarm(trail: Callable[..., Any]) -> None:
    found = trail()
    inputs = found.one(ALARM, "audit-silence").inputs
    assert (inputs["namespace"], inputs["metricName"]) == ("AWS/Logs", "IncomingLogEvents")
    assert inputs["dimensions"] == {"LogGroupName": found.one(GROUP).state["name"]}
    assert inputs["treatMissingData"] == "breaching"
    assert inputs["comparisonOperator"] == "LessThanThreshold"


def test_folders_become_columns_without_a_crawler() -> None:
    found = layout("archive-1", "111122223333", "", ["us-east-1", "eu-west-1"], 7)
    assert found.location == "s3://archive-1/AWSLogs/"
    assert found.parameters == {
        "EXTERNAL": "TRUE",
        "classification": "cloudtrail",
        "projection.enabled": "true",
        "projection.region.type": "enum",
        "projection.region.values": "eu-west-1,us-east-1",
        "projection.day.type": "date",
        "projection.day.format": "yyyy/MM/dd",
        "projection.day.interval": "1",
        "projection.day.interval.unit": "DAYS",
        "projection.day.range": "NOW-7YEARS,NOW",
        "storage.location.template": (
            "s3://archive-1/AWSLogs/111122223333/CloudTrail/${region}/${day}"
        ),
    }


def test_the_trail_of_an_organization_has_a_folder_per_account(trail: Callable[..., Any]) -> None:
    found = trail(organization_id=ORGANIZATION)
    table = found.one(TABLE).inputs
    bucket = found.one(BUCKET, "audit-archive").state["bucket"]
    assert found.one(TRAIL).inputs["isOrganizationTrail"] is True
    assert [item["name"] for item in table["partitionKeys"]] == ["account", "region", "day"]
    assert table["parameters"]["projection.account.type"] == "injected"
    assert table["parameters"]["storage.location.template"] == (
        f"s3://{bucket}/AWSLogs/{ORGANIZATION}/${{account}}/CloudTrail/${{region}}/${{day}}"
    )


def test_queries_are_held_to_encrypted_results_and_a_limit(trail: Callable[..., Any]) -> None:
    found = trail()
    inputs = found.one(WORKGROUP).inputs["configuration"]
    results = found.one(BUCKET, "audit-results").state["bucket"]
    assert inputs == {
        "enforceWorkgroupConfiguration": True,
        "publishCloudwatchMetricsEnabled": True,
        "requesterPaysEnabled": False,
        "bytesScannedCutoffPerQuery": 100 * 1024**3,
        "engineVersion": {"selectedEngineVersion": "Athena engine version 3"},
        "resultConfiguration": {
            "outputLocation": f"s3://{results}/",
            "expectedBucketOwner": "111122223333",
            "encryptionConfiguration": {
                "encryptionOption": "SSE_KMS",
                "kmsKeyArn": found.one("aws:kms/key:Key").state["arn"],
            },
        },
    }
    assert found.one("aws:glue/catalogDatabase:CatalogDatabase").inputs["name"] == "audit_trail"
    assert found.one(TABLE).inputs["databaseName"] == "audit_trail"


def test_the_query_policy_reaches_these_records_and_no_others(trail: Callable[..., Any]) -> None:
    found = trail(existing_trail={**EXISTING, "kms_key_arn": KEY})
    own_key = found.one("aws:kms/key:Key").state["arn"]
    results = found.one(BUCKET, "audit-results").state["arn"]
    policy = json.loads(found.outputs("audit")["query_policy"])["Statement"]
    archive, glue = "arn:aws:s3:::organization-trail", "arn:aws:glue:eu-west-1:111122223333"
    assert {item["Sid"]: item["Resource"] for item in policy} == {
        "Ask": found.one(WORKGROUP).state["arn"],
        "Understand": [
            f"{glue}:catalog",
            f"{glue}:database/audit_trail",
            f"{glue}:table/audit_trail/events",
        ],
        "Look": [archive, results],
        "ReadRecords": f"{archive}/AWSLogs/*",
        "Results": f"{results}/*",
        "Keys": sorted([KEY, own_key]),
    }
    assert policy[-1]["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    }


def test_an_existing_trail_is_joined_and_only_watched_and_queried(
    trail: Callable[..., Any],
) -> None:
    joined = trail(existing_trail=EXISTING, organization_id=ORGANIZATION)
    ours = ("fintech_infra:index:AuditTrail", "audit")
    assert own_identities(joined) == sorted([*QUERYING, *QUEUEING, *reporting("trail"), ours])
    watched = trail(existing_trail={**EXISTING, "log_group_name": "organization"})
    assert own_identities(watched) == sorted(
        [*QUERYING, *QUEUEING, *WATCHING, *reporting("trail", "logs"), ours]
    )
    assert joined.outputs("audit")["trail_arn"] == EXISTING["arn"]
    assert joined.outputs("audit")["log_group_name"] == ""
    assert watched.outputs("audit")["log_group_name"] == "organization"
    assert json.loads(joined.outputs("audit")["evidence"]).keys() == {"athena-glue-emr-encrypted"}


def test_an_existing_archive_is_delivered_to(trail: Callable[..., Any]) -> None:
    found = trail(archive_bucket="central-archive", kms_key_arn=KEY)
    assert (BUCKET, "audit-archive") not in found.identities
    assert found.one(TRAIL).inputs["s3BucketName"] == "central-archive"
    assert found.one(TRAIL).inputs["kmsKeyId"] == KEY
    assert found.one(TABLE).inputs["storageDescriptor"]["location"] == (
        "s3://central-archive/AWSLogs/"
    )


def test_buckets_share_one_bucket_for_access_logs(trail: Callable[..., Any]) -> None:
    logs = {
        item.inputs["targetBucket"]
        for item in trail().of_type("aws:s3/bucketLogging:BucketLogging")
    }
    assert len(logs) == 1
    given_ = trail(access_log_bucket="logs").of_type("aws:s3/bucketLogging:BucketLogging")
    assert {item.inputs["targetBucket"] for item in given_} == {"logs"}


def test_region_tags_and_providers_reach_every_child(deploy: Deploy) -> None:
    args: Any = {"alarm_topic_arn": TOPIC, "region": "eu-central-1", "tags": {"team": "sre"}}

    def program() -> None:
        provider = aws.Provider("other", region="eu-west-3")
        AuditTrail("audit", args, ResourceOptions(providers=[provider], protect=True))

    found = deploy(program)
    children = [item for item in found if item.custom and not item.type.startswith("pulumi:")]
    regional = [item for item in children if not item.type.startswith("aws:iam/")]
    assert {item.inputs.get("region") for item in regional} == {"eu-central-1"}
    assert {item.provider.split("::")[-2] for item in children} == {"other"}
    assert {item.protect for item in children} == {True}
    assert {item.inputs["tags"]["team"] for item in children if "tags" in item.inputs} == {"sre"}


def test_evidence_names_the_property_of_each_control(trail: Callable[..., Any]) -> None:
    found = trail()
    by_urn = {item.urn: item for item in found}
    evidence = json.loads(found.outputs("audit")["evidence"])
    assert {
        control: (by_urn[item["resource"]].name, item["property"])
        for control, item in evidence.items()
    } == {
        "athena-glue-emr-encrypted": ("audit", "configuration"),
        "cloudtrail-cloudwatch-delivery": ("audit", "cloudWatchLogsGroupArn"),
        "cloudtrail-cmk": ("audit", "kmsKeyId"),
        "cloudtrail-complete": ("audit", "isMultiRegionTrail"),
        "cloudtrail-data-events": ("audit", "advancedEventSelectors"),
        "cloudtrail-log-validation": ("audit", "enableLogFileValidation"),
        "cloudwatch-cis-alarms-present": ("audit-unauthorized-calls", "pattern"),
        "cloudwatch-log-group-protected": ("audit-events", "kmsKeyId"),
        "cloudwatch-log-group-retention": ("audit-events", "retentionInDays"),
    }


def test_all_mistakes_are_listed() -> None:
    found = reasons(
        "audit-trail-of-the-whole-payment-platform",
        regimes=["sox", "pci"],
        hot_days=90,
        data_events={"s3_bucket_arns": []},
        organization_id="payments",
        readers=["arn:aws:iam::111122223333:user/alice"],
    )
    assert found == {
        "name": "is 'audit-trail-of-the-whole-payment-platform'; the names of buckets start with "
        "it: accepted are up to 35 letters, digits and '-', starting with no '-'",
        "regimes[1]": "is 'pci'; did you mean 'pci-dss'?",
        "hot_days": "is 90 days; accepted are 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, "
        "3288, 3653 (PCI DSS 4.0.1 10.5.1 asks for 12 months)",
        "data_events.s3_bucket_arns": "is empty; name what holds classified data, or leave it out "
        "for all there is",
        "organization_id": found["organization_id"],
        "readers[0]": "is 'arn:aws:iam::111122223333:user/alice'; accepted are ARNs of roles, such "
        "as 'arn:aws:iam::111122223333:role/auditor'",
    }


def test_retention_cannot_be_shortened_below_its_floor() -> None:
    assert reasons(retention_years=5) == {
        "retention_years": "is 5; accepted are 7, which sox asks for, to 99"
    }
    assert reasons(regimes=["pci-dss"], retention_years=0) == {
        "retention_years": "is 0; accepted are 1, which pci-dss asks for, to 99"
    }
    assert "regimes" in reasons(regimes=[])


def test_settings_of_what_is_made_and_of_what_is_given_are_not_mixed() -> None:
    decided = "is decided by the trail that existing_trail names; leave it out"
    assert reasons(existing_trail=EXISTING, hot_days=400, regimes=["sox"]) == {
        "hot_days": decided,
        "regimes": decided,
    }
    assert reasons(archive_bucket="central", readers=[AUDITOR]) == {
        "readers": "is decided by the bucket that archive_bucket names; leave it out",
        "kms_key_arn": "is required with archive_bucket: records have the key of the bucket they "
        "go to",
    }


def test_more_arns_than_a_trail_takes_are_refused() -> None:
    many = [f"arn:aws:s3:::bucket-{number}" for number in range(461)]
    assert reasons(data_events={"s3_bucket_arns": many}) == {
        "data_events": "has 461 ARNs; accepted are 460 ARNs; leave out a list to record all there "
        "is"
    }


def test_without_a_topic_nobody_would_hear_so_it_is_refused() -> None:
    nothing: Any = {}
    with pytest.raises(pulumi.InputPropertiesError, match="alarm_topic_arn: is required"):
        AuditTrail("audit", nothing)


def test_it_can_be_published_to_other_languages() -> None:
    component = Analyzer("fintech_infra").analyze_component(AuditTrail)
    assert component.inputs["existingTrail"].description
    assert all(item.description for item in component.outputs.values())


def test_variants_are_clean(judged: Callable[..., Any]) -> None:
    found = judged(
        f"""
topic = AlarmTopic("page", {{}}).arn
told = {{"alarm_topic_arn": topic}}
AuditTrail("minimal", told)
AuditTrail("narrow", {{**told, "regimes": ["pci-dss"], "readers": ["{AUDITOR}"],
    "data_events": {{"s3_bucket_arns": ["{LEDGER}"]}}, "region": "eu-central-1"}})
AuditTrail("organization", {{**told, "organization_id": "{ORGANIZATION}"}})
AuditTrail("joined", {{**told, "existing_trail": {json.dumps(EXISTING)}}})
"""
    )
    assert found == []


def test_what_a_transform_breaks_is_caught(judged: Callable[..., Any]) -> None:
    found = judged(
        """
topic = AlarmTopic("page", {}).arn
def broken(name, type_, child="", **changes):
    def transform(args):
        if args.type_ == type_ and args.name == name + child:
            return pulumi.ResourceTransformResult({**args.props, **changes}, args.opts)
    opts = pulumi.ResourceOptions(transforms=[transform])
    AuditTrail(name, {"alarm_topic_arn": topic}, opts)

TRAIL = "aws:cloudtrail/trail:Trail"
broken("stopped", TRAIL, enableLogging=False, isMultiRegionTrail=False,
    enableLogFileValidation=False, kmsKeyId=None, cloudWatchLogsGroupArn=None)
broken("silent", "aws:cloudwatch/metricAlarm:MetricAlarm", "-root-use", alarmActions=[])
broken("short", "aws:cloudwatch/logGroup:LogGroup", "-events", retentionInDays=30,
    deletionProtectionEnabled=False)
broken("queries", "aws:athena/workgroup:Workgroup",
    configuration={"enforceWorkgroupConfiguration": False})
broken("unlocked", "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "-archive-lock", rule={"defaultRetention": {"mode": "GOVERNANCE", "days": 1}})
"""
    )
    assert found == [
        (
            "athena-glue-emr-encrypted",
            "violated",
            "queries",
            "configuration.enforceWorkgroupConfiguration",
        ),
        (
            "athena-glue-emr-encrypted",
            "violated",
            "queries",
            "configuration.resultConfiguration.encryptionConfiguration",
        ),
        ("cloudtrail-cloudwatch-delivery", "violated", "stopped", "cloudWatchLogsGroupArn"),
        ("cloudtrail-cmk", "violated", "stopped", "kmsKeyId"),
        ("cloudtrail-complete", "violated", "stopped", "enableLogging"),
        ("cloudtrail-complete", "violated", "stopped", "isMultiRegionTrail"),
        ("cloudtrail-log-validation", "violated", "stopped", "enableLogFileValidation"),
        ("cloudwatch-alarm-notifies", "violated", "silent-root-use", "alarmActions"),
        ("cloudwatch-cis-alarms-present", "violated", "silent", "cloudWatchLogsGroupArn"),
        ("cloudwatch-cis-alarms-present", "violated", "stopped", "cloudWatchLogsGroupArn"),
        ("cloudwatch-log-group-protected", "violated", "short-events", "deletionProtectionEnabled"),
        ("cloudwatch-log-group-retention", "violated", "short-events", "retentionInDays"),
        ("s3-object-lock-records", "violated", "unlocked-archive-lock", "rule.defaultRetention"),
        (
            "s3-object-lock-records",
            "violated",
            "unlocked-archive-lock",
            "rule.defaultRetention.mode",
        ),
    ]
