"""Transforms change what is declared, in the order in which Pulumi's engine runs them.

Old client-side transformations run in the SDK, before the engine hears of a resource; they are
covered by `tests/programs/nested_components`.
"""

from collections.abc import Callable

from fintech_infra.environment import Environment

_ORDER = """
    import pulumi
    from pulumi import ComponentResource, ResourceOptions, ResourceTransformResult

    def note(word):
        def transform(args):
            notes = [*args.props.get("notes", []), word]
            return ResourceTransformResult({**args.props, "notes": notes}, args.opts)
        return transform

    class Box(ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("acme:index:Box", name, {}, opts)

    before = Box("before")
    pulumi.runtime.register_resource_transform(note("stack"))
    pulumi.runtime.register_stack_transform(note("stack again"))
    outer = Box("outer", ResourceOptions(transforms=[note("outer")]))
    middle = Box("middle", ResourceOptions(parent=outer))
    inner = Box("inner", ResourceOptions(parent=middle, transforms=[note("inner"), note("twice")]))
"""


def test_a_resources_transforms_run_before_its_parents_and_the_stacks(
    run: Callable[..., Environment],
) -> None:
    notes = {resource.name: resource.inputs.get("notes") for resource in run(_ORDER).resources}
    assert notes == {
        "shop-dev": None,
        "before": None,
        "outer": ["outer", "stack", "stack again"],
        "middle": ["outer", "stack", "stack again"],
        "inner": ["inner", "twice", "outer", "stack", "stack again"],
    }


_CHANGES = """
    import asyncio
    import pulumi
    from pulumi import ResourceOptions, ResourceTransformArgs, ResourceTransformResult
    from pulumi_aws import Provider, get_region_output, s3, sqs

    elsewhere = Provider("elsewhere", region="eu-central-1")

    async def tag(args: ResourceTransformArgs):
        await asyncio.sleep(0)
        if args.type_ == "aws:sqs/queue:Queue":
            props = {**args.props, "tags": {"by": "transform"}, "delaySeconds": 5}
            opts = ResourceOptions.merge(args.opts, ResourceOptions(
                protect=True, provider=elsewhere, depends_on=[bucket],
                ignore_changes=["tags"], aliases=["urn:pulumi:dev::shop::aws:sqs/queue:Queue::old"],
                additional_secret_outputs=["url"], retain_on_delete=True,
            ))
            return ResourceTransformResult(props, opts)
        return None

    def remove_tags(args):
        if args.type_ == "aws:s3/bucket:Bucket" and args.name == "second":
            props = dict(args.props)
            del props["tags"]
            return ResourceTransformResult(props, args.opts)

    def look_elsewhere(args):
        return pulumi.InvokeTransformResult({**args.args, "region": "ap-south-1"}, args.opts)

    bucket = s3.Bucket("first", tags={"kept": "yes"})
    pulumi.runtime.register_resource_transform(tag)
    pulumi.runtime.register_resource_transform(remove_tags)
    pulumi.runtime.register_invoke_transform(look_elsewhere)
    second = s3.Bucket("second", tags={"kept": "no"})
    queue = sqs.Queue("queue", name=second.bucket.apply(lambda name: "of-" + name[:6]))
    pulumi.export("arn", queue.arn)
    pulumi.export("region", get_region_output().region)
"""


def test_a_transform_changes_inputs_options_provider_and_calls(
    run: Callable[..., Environment],
) -> None:
    environment = run(_CHANGES)
    found = {resource.name: resource for resource in environment.resources}
    queue = found["queue"]
    assert found["first"].inputs["tags"] == {"kept": "yes"}
    assert "tags" not in found["second"].inputs
    assert queue.inputs == {"name": "of-second", "tags": {"by": "transform"}, "delaySeconds": 5}
    assert queue.options.protect
    assert queue.options.retain_on_delete
    assert queue.options.ignore_changes == ("tags",)
    assert queue.options.additional_secret_outputs == ("url",)
    assert queue.options.aliases == ("urn:pulumi:dev::shop::aws:sqs/queue:Queue::old",)
    assert queue.provider == found["elsewhere"].urn
    assert found["first"].urn in queue.dependencies
    assert found["second"].urn in queue.dependencies
    assert environment.outputs == {
        "arn": "arn:aws:sqs:eu-central-1:123456789012:of-second",
        "region": "ap-south-1",
    }
    assert str(queue.source) == "__main__.py:34"


def test_a_transform_that_fails_stops_the_preview(
    refuse: Callable[..., list[tuple[str, str, str]]],
) -> None:
    problems = refuse(
        """
        import pulumi

        def broken(args):
            raise ValueError("no tags for " + args.name)

        pulumi.runtime.register_resource_transform(broken)
        box = pulumi.ComponentResource("acme:index:Box", "box")
        """
    )
    assert problems == [("__main__.py:4", "ValueError: no tags for box", "")]
