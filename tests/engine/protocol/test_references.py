"""Stack references: outputs of other stacks, given by hand or from previews of their own.

Each case is a project without cloud resources; `tests/programs/platform_service` has some.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fintech_infra.engine import preview
from fintech_infra.environment import UNKNOWN, Environment

_NETWORK = {
    "network/Pulumi.yaml": "name: network\nruntime: python\n",
    "network/Pulumi.prod.yaml": "config: {network:size: '3'}\n",
    "network/__main__.py": """
        import pulumi
        size = pulumi.Config().require_int("size")
        pulumi.export("ids", [f"subnet-{index}" for index in range(size)])
        pulumi.export("token", pulumi.Output.secret("hush"))
        pulumi.export("nested", {"open": 1, "hidden": pulumi.Output.secret("x")})
        pulumi.export("who", pulumi.get_organization())
    """,
}
_READS = """
    import pulumi

    network = pulumi.StackReference("network", stack_name="acme/network/prod")

    async def details():
        plain = await network.get_output_details("ids")
        hidden = await network.get_output_details("token")
        return [plain.value, plain.secret_value, hidden.value, hidden.secret_value]

    pulumi.export("first", network.require_output("ids").apply(lambda ids: ids[0]))
    pulumi.export("token", network.get_output("token"))
    pulumi.export("nested", network.get_output("nested"))
    pulumi.export("who", network.outputs["who"])
    pulumi.export("missing", network.get_output("missing"))
    pulumi.export("details", pulumi.Output.from_input(details()))
    pulumi.export("name", network.name)
"""


def test_a_reference_reads_the_outputs_of_a_preview_of_the_other_project(
    write_project: Callable[..., Path],
) -> None:
    root = write_project({**_NETWORK, "__main__.py": _READS})
    environment = preview(root, "dev", organization="acme", projects=[root / "network"]).environment
    assert environment.outputs == {
        "first": "subnet-0",
        "token": "hush",
        "nested": {"open": 1, "hidden": "x"},
        "who": "acme",
        "details": [["subnet-0", "subnet-1", "subnet-2"], None, None, "hush"],
        "name": "acme/network/prod",
    }
    assert set(environment.secret_outputs) == {"token", "nested"}
    reference = environment.resources[1]
    assert reference.urn == "urn:pulumi:dev::shop::pulumi:pulumi:StackReference::network"
    assert reference.id == "acme/network/prod"
    assert reference.existing
    assert str(reference.source) == "__main__.py:3"
    assert environment.diagnostics == ()


def test_given_outputs_stand_in_for_another_stack(run: Callable[..., Environment]) -> None:
    program = """
        import pulumi
        full = pulumi.StackReference("acme/network/prod")
        again = pulumi.StackReference("short", stack_name="acme/network/prod")
        pulumi.export("id", full.get_output("id"))
        pulumi.export("again", again.require_output("id"))
    """
    given: dict[str, dict[str, Any]] = {"network/prod": {"id": "vpc-1"}}
    environment = run(program, stack_outputs=given)
    assert environment.outputs == {"id": "vpc-1", "again": "vpc-1"}


def test_a_stack_that_nobody_knows_is_unknown_and_said_to_be(
    run: Callable[..., Environment],
) -> None:
    environment = run(
        """
        import pulumi
        other = pulumi.StackReference("acme/elsewhere/prod")
        pulumi.export("id", other.get_output("id"))
        pulumi.export("required", other.require_output("id").apply(lambda value: value + "x"))
        """
    )
    assert environment.outputs == {"id": UNKNOWN, "required": UNKNOWN}
    (note,) = environment.diagnostics
    assert (note.severity, note.urn) == ("warning", environment.resources[1].urn)
    assert note.message == (
        "the outputs of stack acme/elsewhere/prod are not known; give them with "
        "--stack-output acme/elsewhere/prod:KEY=VALUE, or its project with --project"
    )


_TWO_STACKS = {
    "Pulumi.base.yaml": "",
    "Pulumi.dev.yaml": "",
    "__main__.py": """
        import pulumi
        if pulumi.get_stack() == "base":
            pulumi.export("zone", "eu-west-1a")
        else:
            base = pulumi.StackReference(f"organization/{pulumi.get_project()}/base")
            pulumi.export("zone", base.get_output("zone"))
            pulumi.export("from", base.outputs.apply(lambda outputs: sorted(outputs)))
    """,
}


def test_a_reference_to_another_stack_of_the_same_project_needs_no_naming(
    run: Callable[..., Environment],
) -> None:
    assert run(_TWO_STACKS).outputs == {"zone": "eu-west-1a", "from": ["zone"]}


def test_a_required_output_that_is_missing_is_an_error(
    refuse: Callable[..., list[tuple[str, str, str]]],
) -> None:
    program = _TWO_STACKS["__main__.py"].replace('get_output("zone")', 'require_output("zne")')
    assert refuse({**_TWO_STACKS, "__main__.py": program}) == [
        (
            "",
            "KeyError: 'zne'",
            "require_output raises this where the other stack has no such output",
        )
    ]


def test_stacks_in_a_ring_are_refused(
    refuse: Callable[..., list[tuple[str, str, str]]],
) -> None:
    files = {
        "Pulumi.a.yaml": "",
        "Pulumi.b.yaml": "",
        "__main__.py": """
            import pulumi
            other = {"a": "b", "b": "a"}[pulumi.get_stack()]
            pulumi.StackReference(f"organization/shop/{other}").get_output("x")
        """,
    }
    ((_, message, _),) = refuse(files, "a")
    assert "stacks refer to each other in a ring: shop/a -> shop/b -> shop/a" in message


def test_an_error_in_the_other_program_names_its_stack_and_line(
    refuse: Callable[..., list[tuple[str, str, str]]],
) -> None:
    program = _TWO_STACKS["__main__.py"].replace('"eu-west-1a"', "1 / 0")
    ((_, message, _),) = refuse({**_TWO_STACKS, "__main__.py": program})
    assert message == (
        "the preview of the stack organization/shop/base it refers to failed: "
        "__main__.py:3: ZeroDivisionError: division by zero"
    )
