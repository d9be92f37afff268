"""Controls over every resource, and over the providers that make them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.credentials import looks_like
from fintech_infra.controls.policies import enumerated
from fintech_infra.environment import UNKNOWN, Resource, segments, walk
from fintech_infra.environment.model import ANY_TYPE

PROVIDER: Final = "pulumi:providers:aws"

_USER_DATA: Final = "userData"
# Inputs that say what a resource is for, not how safe it is.
_DESCRIPTIVE: Final = frozenset({"description", "name", "tags", "tagsAll"})


@control(
    on=[ANY_TYPE],
    severity=Severity.MEDIUM,
    fix="Take the property out of ignoreChanges and change it in the program.",
    source="Pulumi documentation, Resource option: ignoreChanges; PCI DSS 4.0.1 6.5.1",
)
def pulumi_ignore_changes_not_on_security(resource: Resource) -> Iterator[Fault]:
    """The ignoreChanges option names no property that a control reads.

    What is ignored is whatever somebody last clicked in the console, while the program and every
    control still say the contrary. Names, descriptions and tags may be ignored.
    """
    guarded = _guarded().get(resource.type, frozenset[str]())
    for path in resource.options.ignore_changes:
        top = str(next(iter(segments(path)), ""))
        hit = sorted(guarded) if path == "*" else [top] if top in guarded else []
        if hit:
            yield Fault("", f"changes of {enumerated(hit)} are ignored, which a control judges")


@lru_cache(maxsize=1)
def _guarded() -> dict[str, frozenset[str]]:
    """Per type, the inputs that controls judge."""
    from fintech_infra.controls import CONTROLS as CATALOGUE

    found: dict[str, frozenset[str]] = {}
    for item in CATALOGUE:
        tops = {path.partition(".")[0] for path in item.properties} - _DESCRIPTIVE
        for type_ in item.on:
            found[type_] = found.get(type_, frozenset()) | tops
    return found


@control(
    on=[ANY_TYPE],
    severity=Severity.CRITICAL,
    fix="Keep it in a ManagedSecret and pass its ARN, or let the workload use its role.",
    source="PCI DSS 4.0.1 8.6.2; NIST SP 800-53 IA-5(7)",
)
def pulumi_no_hardcoded_secrets(resource: Resource) -> Iterator[Fault]:
    """No input holds what looks like a credential, wherever in it.

    It would be in the repository, in the state, and in what the console shows to every reader. User
    data is decoded first. Inputs that the program marks as secret are not judged, nor what only
    a deployment knows: neither is written in the program.
    """
    if not _is_suspect(resource.inputs):
        return
    for path, leaf in walk(resource.inputs):
        if leaf is UNKNOWN or not isinstance(leaf, str) or _is_secret(resource, path):
            continue
        kind = looks_like(leaf) or looks_like(_decoded(path, leaf))
        if kind:
            yield Fault(path, f"holds {kind}")


def _is_suspect(value: Any, key: str = "") -> bool:
    """Whether it is worth to look closer; most resources are done with here, without paths."""
    if isinstance(value, str):
        return bool(looks_like(value)) or key.startswith(_USER_DATA)
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        return any(_is_suspect(item, name) for name, item in items)
    if isinstance(value, list | tuple):
        return any(_is_suspect(item, key) for item in cast("Sequence[Any]", value))
    return False


def _is_secret(resource: Resource, path: str) -> bool:
    full = f"inputs.{path}"
    return any(full == item or full.startswith((f"{item}.", f"{item}["))
               for item in resource.secrets)  # fmt: skip


def _decoded(path: str, value: str) -> str:
    """What user data says that is given in base64, nothing for other inputs."""
    if not str(segments(path)[-1]).startswith(_USER_DATA):
        return ""
    try:
        return base64.b64decode(value, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


@control(
    on=[PROVIDER],
    severity=Severity.CRITICAL,
    fix="Let the pipeline assume a role, as that of DeployIdentity, and pin allowedAccountIds.",
    source="AWS Well-Architected SEC02-BP02; PCI DSS 4.0.1 8.6.2",
    properties=["accessKey", "secretKey", "allowedAccountIds"],
)
def pulumi_provider_credentials_federated(
    provider: Resource, *, accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Providers hold no access key, and deploy to the accounts named only.

    A key lives until somebody revokes it, and deploys from wherever it got to. Where accounts names
    some, a provider has to pin allowedAccountIds to these: wrong credentials then fail at once.
    """
    for path in ("accessKey", "secretKey"):
        if provider.is_set(path):
            yield Fault(path, "the provider signs in with a key of its own")
    if accounts:
        pinned = provider.value("allowedAccountIds") or ()
        if not pinned:
            yield Fault("allowedAccountIds", "the provider deploys to any account")
        for path, account in provider.each("allowedAccountIds"):
            if str(account) not in accounts:
                yield Fault(path, f"account {account} is not among those named")


@control(
    on=[ANY_TYPE],
    severity=Severity.HIGH,
    fix="Set aws:region, the provider's region or the resource's to an approved one.",
    source="GDPR Art. 44; NIST SP 800-53 SA-9(5)",
)
def pulumi_region_allowed(resource: Resource, *, regions: tuple[str, ...] = ()) -> Iterator[Fault]:
    """Providers and resources are in approved regions.

    Data that leaves its jurisdiction is hard to bring back, and nobody notices by itself. Judged
    where regions names some; name us-east-1, too, if there are global resources.
    """
    if regions and (resource.package == "aws" or resource.type == PROVIDER):
        region = resource.value("region")
        if region is not None and region not in regions:
            yield Fault("region", f"{region} is not approved")


CONTROLS: Final = (
    pulumi_ignore_changes_not_on_security,
    pulumi_no_hardcoded_secrets,
    pulumi_provider_credentials_federated,
    pulumi_region_allowed,
)
