"""Simulation: the outputs a deployment would give, made of what the program declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fintech_infra.engine.sdk.schema import Schemas
from fintech_infra.engine.simulation.answers import Answers
from fintech_infra.engine.simulation.aws.regions import partition_of
from fintech_infra.engine.simulation.calls import Call, CallError, answer
from fintech_infra.engine.simulation.draft import Draft, Facts
from fintech_infra.engine.simulation.recipes import Recipe, recipe_for
from fintech_infra.engine.simulation.rows import row_of
from fintech_infra.engine.simulation.seed import Seed

__all__ = ["CallError", "Simulator", "World"]


@dataclass(frozen=True)
class World:
    """Where the program is deployed to, as far as a simulation needs to know."""

    organization: str
    project: str
    stack: str
    account: str = "123456789012"
    region: str = "us-east-1"
    answers: Answers = field(default_factory=Answers)


class Simulator:
    """Makes outputs. The same program in the same world gets the same ones, whatever the day."""

    def __init__(self, world: World, schemas: Schemas) -> None:
        """Simulate in `world` what the classes in `schemas` describe."""
        self._world = world
        self._schemas = schemas
        self._recipes: dict[str, Recipe] = {}
        self._facts: dict[tuple[str, str], Facts] = {}

    def resource(
        self,
        token: str,
        name: str,
        urn: str,
        inputs: Mapping[str, Any],
        *,
        region: str = "",
        account: str = "",
        resource_id: str = "",
    ) -> tuple[Any, dict[str, Any]]:
        """The id of a resource, UNKNOWN where it depends on something unknown, and all outputs.

        `region` and `account` are the provider's; a `region` among the inputs goes before it.
        `resource_id` is the id of a resource that exists already.
        """
        recipe = self._recipe(token)
        own = inputs.get("region")
        facts = self._facts_of(own if isinstance(own, str) and own else region, account)
        draft = Draft(name, Seed(urn), facts, recipe.makers)
        draft.update({key: value for key, value in inputs.items() if value is not None})
        draft.update(self._world.answers.outputs(token, name))
        given = set(draft)
        if resource_id:
            recipe.existing(draft, resource_id)
        recipe.fill(draft)
        identity = draft["id"]
        if identity is None:  # made of an input that the provider takes for granted
            identity = format(draft.seed, "x16")
        given.discard("id")
        return identity, {
            key: value for key, value in draft.items() if key in recipe.outputs or key in given
        }

    def provider_id(self, urn: str) -> str:
        """The id of a provider, which the engine itself makes up."""
        return format(Seed(urn), "uuid")

    def call(
        self,
        token: str,
        args: Mapping[str, Any],
        *,
        region: str = "",
        account: str = "",
        default_tags: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The result of a data source; `region`, `account` and `default_tags` are the provider's.

        Raises:
            CallError: the arguments are wrong; the message says how.
        """
        answered = self._world.answers.result(token, args)
        own = args.get("region")
        facts = self._facts_of(own if isinstance(own, str) and own else region, account)
        answers, tags = self._world.answers, default_tags or {}
        call = Call(token, args, facts, answers, self._schemas, tags)
        return answer(call, answered)

    def _recipe(self, token: str) -> Recipe:
        recipe = self._recipes.get(token)
        if recipe is None:
            shape = self._schemas.resource(token)
            recipe = recipe_for(token, shape, row_of(token, shape))
            if shape is not None:
                self._recipes[token] = recipe
        return recipe

    def _facts_of(self, region: str, account: str) -> Facts:
        region, account = region or self._world.region, account or self._world.account
        facts = self._facts.get((region, account))
        if facts is None:
            partition = partition_of(region)
            facts = self._facts[region, account] = Facts(
                PARTITION=partition.name,
                REGION=region,
                ACCOUNT=account,
                DNS=partition.dns_suffix,
                REVERSE_DNS=partition.reverse_dns_prefix,
            )
        return facts
