"""Resource options: what is inherited, what identity a resource has, what serves it."""

from collections.abc import Callable

from fintech_infra.environment import UNKNOWN, Environment, Options

_COMPONENTS = """
    import pulumi
    from pulumi import Alias, ComponentResource, ResourceOptions

    class Box(ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("acme:index:Box", name, {"size": 3, "lid": None}, opts)
            self.register_outputs({"full": False})

    class Shelf(ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("acme:index:Shelf", name, None, opts)
            self.box = Box(f"{name}-box", ResourceOptions(parent=self))

    safe = Shelf("safe", ResourceOptions(
        protect=True,
        retain_on_delete=True,
        aliases=[Alias(name="vault"), Alias(type_="acme:index:Rack"), Alias(parent=None)],
    ))
    open_ = Box("open", ResourceOptions(parent=safe.box, protect=False, retain_on_delete=False))
    moved = Box("moved", ResourceOptions(
        parent=safe,
        aliases=[Alias(parent=None), Alias(stack="prod"), Alias(project="mall", name="gone"),
                 "urn:pulumi:dev::shop::acme:index:Box::plain"],
    ))
    late = Box("late")
    pulumi.export("nested", {"urn": safe.box.urn, "list": [1, 2.5, True, None, "text"]})
    pulumi.export("hidden", pulumi.Output.secret({"deep": ["value"]}))
    pulumi.export("half", {"open": 1, "closed": pulumi.Output.secret(2)})
"""

_SHELF = "urn:pulumi:dev::shop::acme:index:Shelf"


def test_components_have_urns_with_parents_and_inherit_protection_and_aliases(
    run: Callable[..., Environment],
) -> None:
    environment = run(_COMPONENTS)
    found = {resource.name: resource for resource in environment.resources}
    assert {name: resource.urn for name, resource in found.items()} == {
        "shop-dev": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
        "safe": f"{_SHELF}::safe",
        "safe-box": f"{_SHELF}$acme:index:Box::safe-box",
        "open": f"{_SHELF}$acme:index:Box$acme:index:Box::open",
        "moved": f"{_SHELF}$acme:index:Box::moved",
        "late": "urn:pulumi:dev::shop::acme:index:Box::late",
    }
    parents = {
        name: environment.by_urn[resource.parent].name
        for name, resource in found.items()
        if resource.parent
    }
    assert parents == {
        "safe": "shop-dev",
        "safe-box": "safe",
        "open": "safe-box",
        "moved": "safe",
        "late": "shop-dev",
    }
    kept = {r.name: (r.options.protect, r.options.retain_on_delete) for r in found.values()}
    assert kept == {
        "shop-dev": (False, False),
        "safe": (True, True),
        "safe-box": (True, True),
        "open": (False, False),
        "moved": (True, True),
        "late": (False, False),
    }
    assert found["safe"].options.aliases == (
        f"{_SHELF}::vault",
        "urn:pulumi:dev::shop::acme:index:Rack::safe",
    )
    assert found["safe-box"].options.aliases == (
        f"{_SHELF}$acme:index:Box::vault-box",
        "urn:pulumi:dev::shop::acme:index:Rack$acme:index:Box::safe-box",
    )
    assert found["moved"].options.aliases == (
        "urn:pulumi:dev::shop::acme:index:Box::moved",
        "urn:pulumi:prod::shop::acme:index:Shelf$acme:index:Box::moved",
        "urn:pulumi:dev::mall::acme:index:Shelf$acme:index:Box::gone",
        "urn:pulumi:dev::shop::acme:index:Box::plain",
        f"{_SHELF}$acme:index:Box::gone",
        f"{_SHELF}$acme:index:Box::plain",
        "urn:pulumi:dev::shop::acme:index:Rack$acme:index:Box::moved",
        "urn:pulumi:dev::shop::acme:index:Rack$acme:index:Box::gone",
        "urn:pulumi:dev::shop::acme:index:Rack$acme:index:Box::plain",
    )
    assert found["safe-box"].inputs == {"size": 3}
    assert found["safe-box"].outputs == {"full": False}
    assert not found["safe-box"].custom
    places = {resource.name: str(resource.source) for resource in found.values()}
    assert places == {
        "shop-dev": "None",
        "safe": "__main__.py:14",
        "safe-box": "__main__.py:12",
        "open": "__main__.py:19",
        "moved": "__main__.py:20",
        "late": "__main__.py:25",
    }
    assert environment.outputs == {
        "nested": {"urn": found["safe-box"].urn, "list": [1, 2.5, True, None, "text"]},
        "hidden": {"deep": ["value"]},
        "half": {"open": 1, "closed": 2},
    }
    assert set(environment.secret_outputs) == {"hidden", "half.closed"}


_RESOURCES = """
    import pulumi
    from pulumi import ComponentResource, CustomTimeouts, Output, ResourceOptions
    from pulumi_aws import Provider, s3, sns, sqs

    class Pair(ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("acme:index:Pair", name, {}, opts)
            self.queue = sqs.Queue(name, opts=ResourceOptions(parent=self))
            self.topic = sns.Topic(name, opts=ResourceOptions(parent=self.queue))

    east = Provider("east", region="us-east-1", default_tags={"tags": {"team": "east", "a": "1"}})
    west = Provider("west", region="us-west-2", opts=ResourceOptions(version="6.0.0"))
    plain = sqs.Queue("plain", tags={"a": "2"})
    one = Pair("one", ResourceOptions(provider=east))
    two = Pair("two", ResourceOptions(providers={"aws": west}))
    three = Pair("three", ResourceOptions(providers=[east]))
    tagged = s3.Bucket("tagged", tags={"a": "2"}, opts=ResourceOptions(provider=east))
    own = sqs.Queue("own", region="eu-south-1", opts=ResourceOptions(provider=east))
    all_ = sqs.Queue("all", name=Output.concat("q-", tagged.bucket.apply(lambda b: b[:6])),
        visibility_timeout_seconds=30, redrive_policy=None, opts=ResourceOptions(
        ignore_changes=["visibility_timeout_seconds"], replace_on_changes=["name"],
        delete_before_replace=True, deleted_with=tagged,
        additional_secret_outputs=["kms_master_key_id"],
        custom_timeouts=CustomTimeouts(create="5m", delete="1h"),
    ))
    adopted = s3.Bucket("adopted", bucket="acme-ledger",
        opts=ResourceOptions(import_="acme-ledger"))
    read = s3.Bucket.get("read", "acme-logs")
    secret = sqs.Queue("secret", name=Output.secret("hush"), tags={"x": Output.secret("y")})
    pulumi.export("arns", [plain.arn, one.queue.arn, two.topic.arn, own.arn])
    pulumi.export("secret_arn", secret.arn)
    pulumi.export("read", read.arn)
    pulumi.export("key", all_.kms_master_key_id)
    pulumi.export("name", secret.name)
"""


def test_providers_regions_tags_and_options_are_those_that_the_engine_would_use(
    run: Callable[..., Environment],
) -> None:
    environment = run(_RESOURCES, config=["aws:region=eu-west-1"])
    by_name = {f"{r.type.rpartition(':')[2]} {r.name}": r for r in environment.resources}
    default = by_name["aws default_7_51_1"]
    providers = {
        name: environment.by_urn[resource.provider].name
        for name, resource in by_name.items()
        if resource.provider
    }
    assert providers == {
        "Queue plain": default.name,
        "Queue one": "east",
        "Topic one": "east",
        "Queue two": "west",
        "Topic two": "west",
        "Queue three": "east",
        "Topic three": "east",
        "Bucket tagged": "east",
        "Queue own": "east",
        "Queue all": default.name,
        "Bucket adopted": default.name,
        "Bucket read": default.name,
        "Queue secret": default.name,
    }
    assert default.inputs == {"region": "eu-west-1", "version": "7.51.1"}
    assert by_name["aws east"].inputs["defaultTags"] == {"tags": {"team": "east", "a": "1"}}
    plain_name = by_name["Queue plain"].outputs["name"]
    assert environment.outputs["arns"] == [
        f"arn:aws:sqs:eu-west-1:123456789012:{plain_name}",
        by_name["Queue one"].outputs["arn"],
        by_name["Topic two"].outputs["arn"],
        by_name["Queue own"].outputs["arn"],
    ]
    regions = [arn.split(":")[3] for arn in environment.outputs["arns"]]
    assert regions == ["eu-west-1", "us-east-1", "us-west-2", "eu-south-1"]
    assert by_name["Bucket tagged"].outputs["tagsAll"] == {"team": "east", "a": "2"}

    options = by_name["Queue all"].options
    assert options == Options(
        ignore_changes=("visibilityTimeoutSeconds",),
        replace_on_changes=("name",),
        delete_before_replace=True,
        deleted_with=by_name["Bucket tagged"].urn,
        additional_secret_outputs=("kmsMasterKeyId",),
        custom_timeouts=(("create", "5m"), ("delete", "1h")),
    )
    assert by_name["Queue all"].inputs == {"name": "q-tagged", "visibilityTimeoutSeconds": 30}
    assert by_name["Queue all"].property_dependencies["name"] == (by_name["Bucket tagged"].urn,)
    assert by_name["Queue all"].dependencies == (by_name["Bucket tagged"].urn,)

    assert by_name["Bucket adopted"].options.import_id == "acme-ledger"
    assert by_name["Bucket adopted"].id == "acme-ledger"
    assert not by_name["Bucket adopted"].existing
    assert by_name["Bucket read"].existing
    assert by_name["Bucket read"].id == "acme-logs"
    assert environment.outputs["read"] == "arn:aws:s3:::acme-logs"

    assert by_name["Queue secret"].inputs == {"name": "hush", "tags": {"x": "y"}}
    assert set(by_name["Queue secret"].secrets) == {
        "inputs.name",
        "inputs.tags.x",
        "outputs.name",
        "outputs.tags.x",
    }
    assert environment.outputs["name"] == "hush"
    assert set(environment.secret_outputs) == {"key", "name"}


def test_what_a_preview_cannot_run_is_unknown_and_not_dropped(
    run: Callable[..., Environment],
) -> None:
    environment = run(
        """
        import pulumi
        from pulumi import ComponentResource, Output, ResourceOptions
        from pulumi.dynamic import CreateResult, Resource, ResourceProvider

        class Remote(ComponentResource):
            address: Output[str]

            def __init__(self, name, props, opts=None):
                super().__init__("acme:index:Remote", name, {**props, "address": None}, opts,
                                 remote=True)

        class Schema(ResourceProvider):
            def create(self, props):
                return CreateResult("id", {**props, "version": 1})

        class Migration(Resource):
            version: Output[int]

            def __init__(self, name, props, opts=None):
                super().__init__(Schema(), name, {**props, "version": None}, opts)

        remote = Remote("remote", {"size": 2})
        migration = Migration("migration", {"host": remote.address, "to": Output.secret("v2")})
        pulumi.export("address", remote.address)
        pulumi.export("version", migration.version)
        pulumi.export("to", migration.to)
        """
    )
    remote, migration = environment.resources[1:]
    assert remote.opaque
    assert remote.inputs == {"size": 2}
    assert migration.type == "pulumi-python:dynamic:Resource"
    assert migration.inputs["to"] == "v2"
    assert migration.inputs["host"] is UNKNOWN
    assert migration.property_dependencies["host"] == (remote.urn,)
    assert environment.outputs["address"] is UNKNOWN
    assert environment.outputs["version"] is UNKNOWN
    assert environment.outputs["to"] == "v2"
    assert "to" in environment.secret_outputs
    assert "inputs.__provider" not in migration.secrets


def test_tags_that_are_unknown_stay_so_beside_the_tags_of_a_provider(
    run: Callable[..., Environment],
) -> None:
    environment = run(
        """
        import pulumi
        from pulumi_aws import Provider, sqs

        tagging = Provider("tagging", region="eu-west-1", default_tags={"tags": {"owner": "pay"}})
        other = pulumi.StackReference("acme/elsewhere/prod")
        for name, tags in (("known", {"a": "b"}), ("unknown", other.get_output("tags"))):
            sqs.Queue(name, tags=tags, opts=pulumi.ResourceOptions(provider=tagging))
        """
    )
    known, unknown = environment.of_type("aws:sqs/queue:Queue")
    assert known.outputs["tagsAll"] == {"owner": "pay", "a": "b"}
    assert unknown.outputs["tagsAll"] is UNKNOWN
