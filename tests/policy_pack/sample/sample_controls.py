"""Controls of every form there is, on types that no provider has."""

from collections.abc import Iterator

from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.environment import Environment, Resource

STORE = ("test:index:Store",)


@control(on=STORE, severity=Severity.HIGH, fix="Set `encryption.algorithm` to `aws:kms`.")
def store_is_encrypted(resource: Resource) -> Iterator[Fault]:
    """A store is encrypted.

    Whoever gets hold of a disk reads it otherwise.
    """
    if resource.value("encryption.algorithm") != "aws:kms":
        yield Fault("encryption.algorithm", "is not aws:kms")


@control(on=STORE, severity=Severity.LOW, fix="Raise `retentionDays`.")
def store_keeps_its_past(
    resource: Resource,
    *,
    minimum_days: int = 30,
    exempt: tuple[str, ...] = (),
    share: float = 0.5,
    strict: bool = False,
    label: str = "days",
) -> Iterator[Fault]:
    """A store keeps its past.

    A mistake is noticed late.
    """
    kept = resource.value("retentionDays") or 0
    if resource.name not in exempt and (kept < minimum_days or (strict and kept == minimum_days)):
        yield Fault("retentionDays", f"{kept} of {minimum_days} {label}, share {share}")


@control(on=STORE, severity=Severity.CRITICAL, fix="Add a guard.")
def store_is_guarded(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """A store has a guard.

    Anybody walks in otherwise.
    """
    guards = environment.referrers(resource, "test:index:Guard", "store")
    if not guards:
        yield Fault("", "has no guard")
    for guard in guards:
        if guard.value("mode") != "deny":
            yield Fault("", f"its guard {guard.name} does not deny")


@control(on=STORE, severity=Severity.MEDIUM, fix="Set `protect`.", scope=Scope.PROD)
def store_is_protected(resource: Resource) -> Iterator[Fault]:
    """A store of production is protected.

    A slip deletes it otherwise.
    """
    if not resource.options.protect:
        yield Fault("", "is not protected")


@control(on=STORE, severity=Severity.MEDIUM, fix="Move it.", scope=Scope.PROD)
def store_is_housed(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """A store of production is part of a component.

    Nobody owns it otherwise.
    """
    if not environment.by_urn[resource.parent].type.startswith("test:index:"):
        yield Fault("", f"hangs from {environment.by_urn[resource.parent].type}")


@control(on=STORE, severity=Severity.MEDIUM, fix="Name the model.")
def store_has_a_model(resource: Resource) -> Iterator[Fault]:
    """A store has a model that is known to be sound.

    Some models leak.
    """
    if resource.value("model") is not None:
        yield Fault("model", f"nobody can tell about {resource.value('model')}", undecided=True)


@control(on=["test:index:Odd"], severity=Severity.HIGH, fix="None.")
def odd_breaks_its_control(resource: Resource) -> Iterator[Fault]:
    """Something odd is not there.

    It breaks whatever looks at it.
    """
    yield Fault("size", f"is {resource.inputs['size'] / 0}")


@control(on=["test:index:Mirror"], severity=Severity.LOW, fix="None.")
def mirror_shows_a_resource(resource: Resource) -> Iterator[Fault]:
    """A mirror shows what a control is given.

    Tests look into it.
    """
    yield Fault("", f"{resource!r}")


@control(on=["test:index:Mirror"], severity=Severity.LOW, fix="None.")
def mirror_shows_a_resource_of_a_stack(
    resource: Resource, environment: Environment
) -> Iterator[Fault]:
    """A mirror shows what a control of a whole stack is given.

    Tests look into it.
    """
    yield Fault("", f"{id(environment)} {resource!r}")


@control(on=["test:index:Mirror"], severity=Severity.LOW, fix="None.")
def mirror_shows_an_environment(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """A mirror shows the environment.

    Tests look into it.
    """
    place = (environment.organization, environment.project, environment.stack)
    yield Fault("", f"{id(environment)} {place} {environment.outputs}")


CONTROLS = (
    store_is_encrypted,
    store_keeps_its_past,
    store_is_guarded,
    store_is_protected,
    store_is_housed,
    store_has_a_model,
    odd_breaks_its_control,
    mirror_shows_a_resource,
    mirror_shows_a_resource_of_a_stack,
    mirror_shows_an_environment,
)
