"""A web ACL in front of a load balancer of another stack."""

import pulumi

from fintech_infra import EdgeShield

shield = EdgeShield(
    "edge",
    {
        "load_balancer_arns": {"api": pulumi.Config().require("loadBalancerArn")},
        "login_paths": ["/login", "/password-reset"],
    },
)

pulumi.export("webAclArn", shield.web_acl_arn)
