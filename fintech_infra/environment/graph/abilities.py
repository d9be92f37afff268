"""Which calls of AWS let their caller become a role, raise itself, read data or decrypt.

Sources: AWS's pages on passing roles and on permissions boundaries, and the lists of known
privilege escalations of Rhino Security Labs and of pathfinding.cloud:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
https://pathfinding.cloud/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ASSUMING: Final = (
    "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
)  # fmt: skip
PASSING: Final = "iam:PassRole"

SELF_GRANTS: Final = (
    "iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy",
    "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreatePolicyVersion",
    "iam:DeleteRolePermissionsBoundary", "iam:PutGroupPolicy", "iam:PutRolePolicy",
    "iam:PutUserPolicy", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
)  # fmt: skip
"""Each of these, on any identity, lets its holder give itself more."""

IMPERSONATION: Final = ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile")
"""Calls that make credentials of the user that they are on."""
TRUST_CHANGE: Final = "iam:UpdateAssumeRolePolicy"
JOINING: Final = "iam:AddUserToGroup"
UNBINDING: Final = {
    "role": "iam:DeleteRolePermissionsBoundary",
    "user": "iam:DeleteUserPermissionsBoundary",
}
"""Calls that take the boundary away from what they are on, by its kind."""
POLICY_CHANGE: Final = "iam:CreatePolicyVersion"
RAISING: Final = {
    "role": ("iam:AttachRolePolicy", "iam:PutRolePolicy"),
    "user": ("iam:AttachUserPolicy", "iam:PutUserPolicy"),
    "group": ("iam:AttachGroupPolicy", "iam:PutGroupPolicy"),
}
"""Calls that give any permission to what they are on, by its kind."""


@dataclass(frozen=True, slots=True)
class Running:
    """A way to run code as a role that is passed: to which service, by which calls.

    Of each group of `calls` one is needed.
    """

    service: str
    calls: tuple[tuple[str, ...], ...]


RUNNING: Final = (
    Running("apprunner.amazonaws.com", (("apprunner:CreateService",),)),
    Running("cloudformation.amazonaws.com", (("cloudformation:CreateStack",),)),
    Running(
        "codebuild.amazonaws.com",
        (("codebuild:CreateProject",), ("codebuild:StartBuild", "codebuild:StartBuildBatch")),
    ),
    Running(
        "datapipeline.amazonaws.com",
        (
            ("datapipeline:CreatePipeline",),
            ("datapipeline:PutPipelineDefinition",),
            ("datapipeline:ActivatePipeline",),
        ),
    ),
    Running("ec2.amazonaws.com", (("ec2:RunInstances",),)),
    Running(
        "ecs-tasks.amazonaws.com",
        (
            ("ecs:RegisterTaskDefinition",),
            ("ecs:CreateService", "ecs:RunTask", "ecs:StartTask", "ecs:UpdateService"),
        ),
    ),
    Running("ecs-tasks.amazonaws.com", (("batch:RegisterJobDefinition",), ("batch:SubmitJob",))),
    Running("glue.amazonaws.com", (("glue:CreateDevEndpoint",),)),
    Running(
        "glue.amazonaws.com", (("glue:CreateJob",), ("glue:CreateTrigger", "glue:StartJobRun"))
    ),
    Running(
        "lambda.amazonaws.com",
        (
            ("lambda:CreateFunction",),
            ("lambda:AddPermission", "lambda:CreateEventSourceMapping", "lambda:InvokeFunction"),
        ),
    ),
    Running(
        "sagemaker.amazonaws.com",
        (("sagemaker:CreateNotebookInstance",), ("sagemaker:CreatePresignedNotebookInstanceUrl",)),
    ),
    Running("sagemaker.amazonaws.com", (("sagemaker:CreateProcessingJob",),)),
    Running("sagemaker.amazonaws.com", (("sagemaker:CreateTrainingJob",),)),
    Running("scheduler.amazonaws.com", (("scheduler:CreateSchedule",),)),
    Running("ssm.amazonaws.com", (("ssm:StartAutomationExecution",),)),
    Running("states.amazonaws.com", (("states:CreateStateMachine",), ("states:StartExecution",))),
    Running("tasks.apprunner.amazonaws.com", (("apprunner:CreateService",),)),
)


@dataclass(frozen=True, slots=True)
class Workload:
    """A type that runs code as a role.

    `roles` are the inputs that name the role, or what has it. Of each group of `calls`, on the
    resource, one is needed to run other code in it; without any group it cannot be done.
    """

    roles: tuple[str, ...]
    calls: tuple[tuple[str, ...], ...] = ()


WORKLOADS: Final = {
    "aws:lambda/function:Function": Workload(("role",), (("lambda:UpdateFunctionCode",),)),
    "aws:ec2/instance:Instance": Workload(
        ("iamInstanceProfile",), (("ssm:SendCommand", "ssm:StartSession"),)
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": Workload(
        ("iamInstanceProfile.arn", "iamInstanceProfile.name")
    ),
    "aws:ec2/launchConfiguration:LaunchConfiguration": Workload(("iamInstanceProfile",)),
    "aws:autoscaling/group:Group": Workload(
        (
            "launchTemplate.id",
            "launchTemplate.name",
            "launchConfiguration",
            "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.launchTemplateId",
        )
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Workload(("taskRoleArn",)),
    "aws:ecs/service:Service": Workload(("taskDefinition",)),
    "aws:codebuild/project:Project": Workload(
        ("serviceRole",), (("codebuild:StartBuild", "codebuild:StartBuildBatch"),)
    ),
    "aws:sfn/stateMachine:StateMachine": Workload(("roleArn",), (("states:UpdateStateMachine",),)),
    "aws:glue/job:Job": Workload(("roleArn",), (("glue:UpdateJob",),)),
    "aws:sagemaker/notebookInstance:NotebookInstance": Workload(
        ("roleArn",), (("sagemaker:CreatePresignedNotebookInstanceUrl",),)
    ),
    "aws:cloudformation/stack:Stack": Workload(("iamRoleArn",), (("cloudformation:UpdateStack",),)),
    "aws:apprunner/service:Service": Workload(("instanceConfiguration.instanceRoleArn",)),
}
"""What runs as which role. The role that an ECS task is started with (`executionRoleArn`) is the
agent's: the code of the task does not get it."""

INVOCATION: Final = ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl")
DECRYPTION: Final = ("kms:Decrypt", "kms:ReEncryptFrom")


@dataclass(frozen=True, slots=True)
class Data:
    """A type that holds data: what reads it, where its own policy is, and how that is said.

    `sidecars` are types that hold its policy, each with the input that names the data. `below`
    separates its ARN from those of its parts, where the calls are on these. `any` is what the ARN
    of any of the kind ends with.
    """

    reads: tuple[str, ...]
    verb: str
    any: str
    sidecars: tuple[tuple[str, str], ...] = ()
    below: str = ""


_BUCKET: Final = Data(
    ("s3:GetObject", "s3:GetObjectVersion"),
    "may read its objects",
    "any/any",
    (("aws:s3/bucketPolicy:BucketPolicy", "bucket"),),
    "/",
)
DATA: Final = {
    "aws:s3/bucket:Bucket": _BUCKET,
    "aws:s3/bucketV2:BucketV2": _BUCKET,
    "aws:dynamodb/table:Table": Data(
        (
            "dynamodb:BatchGetItem",
            "dynamodb:GetItem",
            "dynamodb:PartiQLSelect",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:ExportTableToPointInTime",
        ),
        "may read its items",
        "table/any",
        (("aws:dynamodb/resourcePolicy:ResourcePolicy", "resourceArn"),),
    ),
    "aws:secretsmanager/secret:Secret": Data(
        ("secretsmanager:GetSecretValue",),
        "may read the secret",
        "secret:any",
        (("aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn"),),
    ),
    "aws:ssm/parameter:Parameter": Data(
        (
            "ssm:GetParameter",
            "ssm:GetParameterHistory",
            "ssm:GetParameters",
            "ssm:GetParametersByPath",
        ),
        "may read the parameter",
        "parameter/any",
    ),
    "aws:sqs/queue:Queue": Data(
        ("sqs:ReceiveMessage",),
        "may receive its messages",
        "any",
        (("aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),),
    ),
    "aws:sns/topic:Topic": Data(
        ("sns:Subscribe",),
        "may subscribe to it",
        "any",
        (("aws:sns/topicPolicy:TopicPolicy", "arn"),),
    ),
    "aws:kinesis/stream:Stream": Data(
        ("kinesis:GetRecords", "kinesis:SubscribeToShard"),
        "may read its records",
        "stream/any",
        (("aws:kinesis/resourcePolicy:ResourcePolicy", "resourceArn"),),
    ),
    "aws:ecr/repository:Repository": Data(
        ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
        "may pull its images",
        "repository/any",
        (("aws:ecr/repositoryPolicy:RepositoryPolicy", "repository"),),
    ),
}


def probed() -> frozenset[str]:
    """Every call that is asked for somewhere in the graph."""
    running = {call for way in RUNNING for group in way.calls for call in group}
    changing = {call for work in WORKLOADS.values() for group in work.calls for call in group}
    reading = {call for item in DATA.values() for call in item.reads}
    identity = {*ASSUMING, PASSING, *SELF_GRANTS, *UNBINDING.values()}
    return frozenset({*identity, *DECRYPTION, *INVOCATION, *running, *changing, *reading})
