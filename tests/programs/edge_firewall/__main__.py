import pulumi
import pulumi_aws as aws

rate = pulumi.Config().require_int("rate")
managed = ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"]

blocked = aws.wafv2.IpSet(
    "blocked", scope="REGIONAL", ip_address_version="IPV4", addresses=["192.0.2.0/24"]
)

rules = [
    aws.wafv2.WebAclRuleArgs(
        name="blocked",
        priority=0,
        action=aws.wafv2.WebAclRuleActionArgs(block=aws.wafv2.WebAclRuleActionBlockArgs()),
        statement=aws.wafv2.WebAclRuleStatementArgs(
            ip_set_reference_statement=aws.wafv2.WebAclRuleStatementIpSetReferenceStatementArgs(
                arn=blocked.arn
            )
        ),
        visibility_config=aws.wafv2.WebAclRuleVisibilityConfigArgs(
            cloudwatch_metrics_enabled=True, metric_name="blocked", sampled_requests_enabled=True
        ),
    ),
    {
        "name": "rate",
        "priority": 1,
        "action": {"block": {}},
        "statement": {"rate_based_statement": {"limit": rate, "aggregate_key_type": "IP"}},
        "visibility_config": {
            "cloudwatch_metrics_enabled": True,
            "metric_name": "rate",
            "sampled_requests_enabled": True,
        },
    },
    *[
        {
            "name": name,
            "priority": 10 + index,
            "override_action": {"none": {}},
            "statement": {"managed_rule_group_statement": {"name": name, "vendor_name": "AWS"}},
            "visibility_config": {
                "cloudwatch_metrics_enabled": True,
                "metric_name": name,
                "sampled_requests_enabled": True,
            },
        }
        for index, name in enumerate(managed)
    ],
]

acl = aws.wafv2.WebAcl(
    "edge",
    scope="REGIONAL",
    default_action={"allow": {}},
    rules=rules,
    visibility_config={
        "cloudwatch_metrics_enabled": True,
        "metric_name": "edge",
        "sampled_requests_enabled": True,
    },
)

api = aws.apigateway.RestApi(
    "api",
    endpoint_configuration={"types": "REGIONAL"},
    body=pulumi.Output.json_dumps(
        {"openapi": "3.0.1", "info": {"title": "api", "version": "1"}, "paths": {}}
    ),
)
deployment = aws.apigateway.Deployment("api", rest_api=api.id, triggers={"body": api.body})
stage = aws.apigateway.Stage(
    "live", rest_api=api.id, deployment=deployment.id, stage_name="live", xray_tracing_enabled=True
)
aws.wafv2.WebAclAssociation("edge", resource_arn=stage.arn, web_acl_arn=acl.arn)

prefix_list = aws.ec2.get_managed_prefix_list_output(
    name="com.amazonaws.global.cloudfront.origin-facing"
)
group = aws.ec2.SecurityGroup(
    "origin",
    ingress=[
        {
            "protocol": "tcp",
            "from_port": 443,
            "to_port": 443,
            "prefix_list_ids": [prefix_list.id],
        }
    ],
)
address = aws.wafv2.get_ip_set_output(name="office", scope="REGIONAL").addresses

pulumi.export("acl", acl.arn)
pulumi.export("capacity", acl.capacity)
pulumi.export("offices", address.apply(len))
