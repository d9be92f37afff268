import pulumi

TAGGABLE = ("aws:s3/bucket:Bucket", "aws:sqs/queue:Queue", "aws:sns/topic:Topic")


def register_auto_tags(auto_tags):
    pulumi.runtime.register_stack_transformation(lambda args: auto_tag(args, auto_tags))


def auto_tag(args, auto_tags):
    if args.type_ in TAGGABLE:
        args.props["tags"] = {**(args.props["tags"] or {}), **auto_tags}
        return pulumi.ResourceTransformationResult(args.props, args.opts)


async def stamp(args: pulumi.ResourceTransformArgs):
    if args.type_ in TAGGABLE:
        tags = {**(args.props.get("tags") or {}), "stamped-by": "transform"}
        return pulumi.ResourceTransformResult(props={**args.props, "tags": tags}, opts=args.opts)


def only_us_east(args: pulumi.InvokeTransformArgs):
    if args.token == "aws:index/getRegion:getRegion":
        return pulumi.InvokeTransformResult(
            args={**args.args, "region": "us-east-1"}, opts=args.opts
        )
