import json

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as k8s

project_name = pulumi.get_project()

node_role = aws.iam.Role(
    "node-role",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "sts:AssumeRole",
                    "Effect": "Allow",
                    "Principal": {"Service": "ec2.amazonaws.com"},
                }
            ],
        }
    ),
)
for index, policy in enumerate(
    ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"]
):
    aws.iam.RolePolicyAttachment(
        f"node-policy-{index}",
        role=node_role,
        policy_arn=f"arn:aws:iam::aws:policy/{policy}",
    )

cluster = eks.Cluster(
    f"{project_name}-cluster",
    desired_capacity=2,
    min_size=1,
    max_size=3,
    instance_type="t3.medium",
    instance_roles=[node_role],
    enabled_cluster_log_types=["api", "audit", "authenticator"],
    create_oidc_provider=True,
)

provider = k8s.Provider(
    "eks-provider",
    kubeconfig=cluster.kubeconfig.apply(lambda kubeconfig: json.dumps(kubeconfig)),
    enable_server_side_apply=True,
)

namespace = k8s.core.v1.Namespace(
    "apps", metadata={"name": "apps"}, opts=pulumi.ResourceOptions(provider=provider)
)
account = k8s.core.v1.ServiceAccount(
    "worker",
    metadata=k8s.meta.v1.ObjectMetaArgs(
        namespace=namespace.metadata.name,
        annotations={"eks.amazonaws.com/role-arn": node_role.arn},
    ),
    opts=pulumi.ResourceOptions(parent=namespace),
)

pulumi.export("kubeconfig", cluster.kubeconfig)
pulumi.export("oidc", cluster.core.apply(lambda core: core.oidc_provider))
admin = cluster.get_kubeconfig(profile_name="admin")
pulumi.export("admin", admin.apply(lambda result: result.result))
pulumi.export("node_role", node_role.arn)
