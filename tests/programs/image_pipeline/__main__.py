import base64
import json

import pulumi
import pulumi_aws as aws
import pulumi_docker as docker

repository = aws.ecr.Repository(
    "app",
    image_scanning_configuration={"scan_on_push": True},
    image_tag_mutability="IMMUTABLE",
)
aws.ecr.LifecyclePolicy(
    "app",
    repository=repository.name,
    policy=aws.ecr.get_lifecycle_policy_document(
        rules=[
            {
                "priority": 1,
                "selection": {
                    "tag_status": "untagged",
                    "count_type": "imageCountMoreThan",
                    "count_number": 5,
                },
            }
        ]
    ).json,
)


def registry_of(creds):
    user, password = base64.b64decode(creds.authorization_token).decode().split(":")
    return docker.RegistryArgs(server=creds.proxy_endpoint, username=user, password=password)


token = aws.ecr.get_authorization_token_output(registry_id=repository.registry_id)
image = docker.Image(
    "app",
    build=docker.DockerBuildArgs(context="app", platform="linux/amd64"),
    image_name=repository.repository_url.apply(lambda url: f"{url}:v1"),
    registry=docker.RegistryArgs(
        server=repository.repository_url,
        username=token.user_name,
        password=pulumi.Output.secret(token.password),
    ),
)

project = aws.codebuild.Project(
    "build",
    service_role="arn:aws:iam::123456789012:role/codebuild",
    artifacts={"type": "CODEPIPELINE"},
    environment={
        "compute_type": "BUILD_GENERAL1_SMALL",
        "image": "aws/codebuild/standard:7.0",
        "type": "LINUX_CONTAINER",
        "environment_variables": [{"name": "REPOSITORY", "value": repository.repository_url}],
    },
    source={"type": "CODEPIPELINE", "buildspec": json.dumps({"version": 0.2})},
)
store = aws.s3.Bucket("artifacts")
pipeline = aws.codepipeline.Pipeline(
    "pipeline",
    role_arn="arn:aws:iam::123456789012:role/codepipeline",
    artifact_stores=[{"location": store.bucket, "type": "S3"}],
    stages=[
        {
            "name": "Source",
            "actions": [
                {
                    "name": "Source",
                    "category": "Source",
                    "owner": "AWS",
                    "provider": "CodeStarSourceConnection",
                    "version": "1",
                    "output_artifacts": ["source"],
                    "configuration": {"BranchName": "main", "FullRepositoryId": "acme/app"},
                }
            ],
        },
        {
            "name": "Build",
            "actions": [
                {
                    "name": "Build",
                    "category": "Build",
                    "owner": "AWS",
                    "provider": "CodeBuild",
                    "version": "1",
                    "input_artifacts": ["source"],
                    "configuration": {"ProjectName": project.name},
                }
            ],
        },
    ],
)

pulumi.export("image", image.repo_digest)
pulumi.export("pipeline", pipeline.arn)
