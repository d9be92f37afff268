"""What AWS makes of messaging, workflows, logs, monitoring, audit and developer services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.aws.arn import everywhere, regional
from fintech_infra.engine.simulation.draft import Draft
from fintech_infra.environment import UNKNOWN


def _rule_arn(draft: Draft) -> Any:
    bus = draft.get("eventBusName")
    if bus is UNKNOWN:
        return UNKNOWN
    name = bus.rpartition("/")[2] if bus and bus != "default" else ""
    path = f"{name}/{{name}}" if name else "{name}"
    return regional("events", f"rule/{path}").format_map(draft)


def _parameter_arn(draft: Draft) -> str:
    name = draft["name"]
    return regional("ssm", "parameter" + (name if name.startswith("/") else f"/{name}")).format_map(
        draft
    )


def _web_acl_arn(kind: str) -> Any:
    def make(draft: Draft) -> str:
        path = f"{kind}/{{name}}/{{id}}"
        if draft.get("scope") == "CLOUDFRONT":
            return f"arn:{{PARTITION}}:wafv2:us-east-1:{{ACCOUNT}}:global/{path}".format_map(draft)
        return regional("wafv2", f"regional/{path}").format_map(draft)

    return make


def _dkim_tokens(draft: Draft) -> list[str]:
    return [format(draft.seed, f"a32/dkim{index}") for index in range(3)]


_QUEUE_URL: Final = "https://sqs.{REGION}.{DNS}/{ACCOUNT}/{name}"
ROWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:sns/topic:Topic": {
        "id": "{arn}",
        "arn": regional("sns", "{name}"),
        "owner": "{ACCOUNT}",
        "beginningArchiveTime": "",
    },
    "aws:sns/topicSubscription:TopicSubscription": {
        "id": "{arn}",
        "arn": "{topic}:{SEED:uuid}",
        "ownerId": "{ACCOUNT}",
        "confirmationWasAuthenticated": True,
    },
    "aws:sns/topicPolicy:TopicPolicy": {"id": "{arn}", "owner": "{ACCOUNT}"},
    "aws:sqs/queue:Queue": {
        "id": "{url}",
        "url": _QUEUE_URL,
        "arn": regional("sqs", "{name}"),
        "maxMessageSize": 262144,
        "messageRetentionSeconds": 345600,
        "visibilityTimeoutSeconds": 30,
        "kmsDataKeyReusePeriodSeconds": 300,
        "policy": "",
        "redrivePolicy": "",
        "redriveAllowPolicy": "",
    },
    "aws:sqs/queuePolicy:QueuePolicy": {"id": "{queueUrl}"},
    "aws:sqs/redrivePolicy:RedrivePolicy": {"id": "{queueUrl}"},
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": {"id": "{queueUrl}"},
    "aws:cloudwatch/eventBus:EventBus": {
        "id": "{name}",
        "arn": regional("events", "event-bus/{name}"),
    },
    "aws:cloudwatch/eventRule:EventRule": {
        "id": "{name}",
        "arn": _rule_arn,
        "eventBusName": "default",
        "state": "ENABLED",
    },
    "aws:cloudwatch/eventTarget:EventTarget": {"id": "{rule}-{targetId}"},
    "aws:cloudwatch/logGroup:LogGroup": {
        "id": "{name}",
        "arn": regional("logs", "log-group:{name}"),
        "logGroupClass": "STANDARD",
    },
    "aws:cloudwatch/logStream:LogStream": {
        "id": "{name}",
        "arn": regional("logs", "log-group:{logGroupName}:log-stream:{name}"),
    },
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": {"id": "{name}"},
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {
        "id": lambda draft: draft["policyName"] or draft["resourceArn"]  # one of the two is given
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
        "id": "{name}",
        "arn": regional("cloudwatch", "alarm:{name}"),
    },
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
        "id": "{alarmName}",
        "arn": regional("cloudwatch", "alarm:{alarmName}"),
    },
    "aws:cloudwatch/dashboard:Dashboard": {
        "id": "{dashboardName}",
        "dashboardArn": everywhere("cloudwatch", "dashboard/{dashboardName}"),
    },
    "aws:cloudtrail/trail:Trail": {
        "id": "{arn}",
        "arn": regional("cloudtrail", "trail/{name}"),
        "homeRegion": "{REGION}",
        "enableLogging": True,
        "includeGlobalServiceEvents": True,
    },
    "aws:cfg/rule:Rule": {
        "id": "{name}",
        "arn": regional("config", "config-rule/{ruleId}"),
        "ruleId": "config-rule-{SEED:a6}",
    },
    "aws:cfg/recorder:Recorder": {"id": "{name}"},
    "aws:cfg/deliveryChannel:DeliveryChannel": {"id": "{name}"},
    "aws:guardduty/detector:Detector": {
        "id": "{SEED:x32}",
        "arn": regional("guardduty", "detector/{id}"),
        "accountId": "{ACCOUNT}",
    },
    "aws:securityhub/account:Account": {
        "id": "{ACCOUNT}",
        "arn": regional("securityhub", "hub/default"),
    },
    "aws:securityhub/standardsSubscription:StandardsSubscription": {
        "id": regional("securityhub", "subscription/{SEED:x32}")
    },
    "aws:macie2/account:Account": {"id": "{ACCOUNT}"},
    "aws:macie2/classificationJob:ClassificationJob": {
        "id": "{jobId}",
        "jobId": "{SEED:x32}",
        "jobArn": regional("macie2", "classification-job/{jobId}"),
    },
    "aws:macie/customDataIdentifier:CustomDataIdentifier": {
        "id": "{SEED:uuid}",
        "arn": regional("macie2", "custom-data-identifier/{id}"),
    },
    "aws:signer/signingProfile:SigningProfile": {
        "id": "{name}",
        "arn": regional("signer", "/signing-profiles/{name}"),
        "version": "{SEED:a10}",
        "versionArn": regional("signer", "/signing-profiles/{name}/{version}"),
        "status": "Active",
    },
    "aws:accessanalyzer/analyzer:Analyzer": {
        "id": "{analyzerName}",
        "arn": regional("access-analyzer", "analyzer/{analyzerName}"),
    },
    "aws:inspector2/enabler:Enabler": {"id": "{ACCOUNT}"},
    "aws:wafv2/webAcl:WebAcl": {
        "id": "{SEED:uuid}",
        "arn": _web_acl_arn("webacl"),
        "capacity": 1,
        "applicationIntegrationUrl": "",
    },
    "aws:wafv2/ipSet:IpSet": {"id": "{SEED:uuid}", "arn": _web_acl_arn("ipset")},
    "aws:wafv2/ruleGroup:RuleGroup": {"id": "{SEED:uuid}", "arn": _web_acl_arn("rulegroup")},
    "aws:wafv2/regexPatternSet:RegexPatternSet": {
        "id": "{SEED:uuid}",
        "arn": _web_acl_arn("regexpatternset"),
    },
    "aws:wafv2/webAclAssociation:WebAclAssociation": {"id": "{webAclArn},{resourceArn}"},
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": {"id": "{resourceArn}"},
    "aws:sfn/stateMachine:StateMachine": {
        "id": "{arn}",
        "arn": regional("states", "stateMachine:{name}"),
        "stateMachineVersionArn": "{arn}:1",
        "status": "ACTIVE",
        "type": "STANDARD",
    },
    "aws:sfn/activity:Activity": {"id": "{arn}", "arn": regional("states", "activity:{name}")},
    "aws:scheduler/schedule:Schedule": {
        "id": "{groupName}/{name}",
        "arn": regional("scheduler", "schedule/{groupName}/{name}"),
        "groupName": "default",
    },
    "aws:scheduler/scheduleGroup:ScheduleGroup": {
        "id": "{name}",
        "arn": regional("scheduler", "schedule-group/{name}"),
    },
    "aws:pipes/pipe:Pipe": {"id": "{name}", "arn": regional("pipes", "pipe/{name}")},
    "aws:ssm/parameter:Parameter": {
        "id": "{name}",
        "arn": _parameter_arn,
        "dataType": "text",
        "tier": "Standard",
        "version": 1,
    },
    "aws:ssm/document:Document": {"id": "{name}", "arn": regional("ssm", "document/{name}")},
    "aws:ses/domainIdentity:DomainIdentity": {
        "id": "{domain}",
        "arn": regional("ses", "identity/{domain}"),
        "verificationToken": "{SEED:a44}",
    },
    "aws:ses/domainDkim:DomainDkim": {"id": "{domain}", "dkimTokens": _dkim_tokens},
    "aws:ses/emailIdentity:EmailIdentity": {
        "id": "{email}",
        "arn": regional("ses", "identity/{email}"),
    },
    "aws:sesv2/emailIdentity:EmailIdentity": {
        "id": "{emailIdentity}",
        "arn": regional("ses", "identity/{emailIdentity}"),
    },
    "aws:appsync/graphQLApi:GraphQLApi": {
        "id": "{SEED:a26}",
        "arn": regional("appsync", "apis/{id}"),
        "uris": lambda draft: {
            "GRAPHQL": "https://{SEED:a26/host}.appsync-api.{REGION}.{DNS}/graphql".format_map(
                draft
            )
        },
    },
    "aws:codebuild/project:Project": {
        "id": "{arn}",
        "arn": regional("codebuild", "project/{name}"),
    },
    "aws:codepipeline/pipeline:Pipeline": {
        "id": "{name}",
        "arn": regional("codepipeline", "{name}"),
    },
    "aws:codecommit/repository:Repository": {
        "id": "{repositoryName}",
        "arn": regional("codecommit", "{repositoryName}"),
        "cloneUrlHttp": "https://git-codecommit.{REGION}.{DNS}/v1/repos/{repositoryName}",
        "cloneUrlSsh": "ssh://git-codecommit.{REGION}.{DNS}/v1/repos/{repositoryName}",
    },
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": {
        "id": "ns-{SEED:a16}",
        "arn": regional("servicediscovery", "namespace/{id}"),
        "hostedZone": "Z{SEED:U20/zone}",
    },
    "aws:servicediscovery/service:Service": {
        "id": "srv-{SEED:a16}",
        "arn": regional("servicediscovery", "service/{id}"),
    },
    "aws:mq/broker:Broker": {
        "id": "b-{SEED:uuid}",
        "arn": regional("mq", "broker:{brokerName}:{id}"),
    },
    "aws:sagemaker/notebookInstance:NotebookInstance": {
        "id": "{name}",
        "arn": regional("sagemaker", "notebook-instance/{name}"),
        "url": "{name}.notebook.{REGION}.sagemaker.aws",
    },
    "aws:cloudformation/stack:Stack": {
        "id": regional("cloudformation", "stack/{name}/{SEED:uuid}"),
    },
    "aws:budgets/budget:Budget": {
        "id": "{ACCOUNT}:{name}",
        "accountId": "{ACCOUNT}",
        "arn": everywhere("budgets", "budget/{name}"),
    },
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": {
        "id": "{arn}",
        "arn": everywhere("ce", "anomalymonitor/{SEED:uuid}"),
    },
    "aws:costexplorer/anomalySubscription:AnomalySubscription": {
        "id": "{arn}",
        "arn": everywhere("ce", "anomalysubscription/{SEED:uuid}"),
    },
    "aws:costexplorer/costAllocationTag:CostAllocationTag": {"id": "{tagKey}"},
}
