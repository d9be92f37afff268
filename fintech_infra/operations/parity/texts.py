"""Values of an environment in words that every environment has.

A physical name, an id or an ARN becomes the role of the resource that it belongs to; account,
region and the words of the stack become marks. Two environments whose programs say the same then
have the same texts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Final

from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.values import walk
from fintech_infra.operations.parity.words import INDEX, REGION, Words

_RANGE: Final = r"\d{1,3}(?:\.\d{1,3}){3}/\d{1,2}"
_TOKEN: Final = re.compile(
    rf"arn:[A-Za-z0-9_.:/@%+=-]+|(?<![\d.]){_RANGE}(?![\d.])|[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*"
)
"""What a text may name a resource by, in the middle of other words."""
_WORD: Final = re.compile(r"[A-Za-z0-9_-]+")
_MADE: Final = re.compile(
    rf"arn:.*|{_RANGE}|https?://.*|(?:.*[-./:])?(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{{7,}}(?:[-./:].*)?"
)
"""An output that names its resource and nothing else, wherever it turns up."""
_VPC: Final = "aws:ec2/vpc:Vpc"
_REFERENCE: Final = re.compile("⟦([^⟧]*)⟧")
_NAMING: Final = ("id", "arn")
_ENTRY: Final = re.compile(r"\[\d+\]")
_SHORTEST: Final = 6


class Texts:
    """The texts of one environment, in words that every environment has."""

    def __init__(
        self, environment: Environment, roles: Mapping[str, str], groups: Mapping[str, str]
    ) -> None:
        """Index what its resources are called; `roles` and `groups` are by URN."""
        self.words = Words(environment)
        self._groups = {roles[urn]: groups[urn] for urn in roles}
        self._sizes = Counter(groups[urn] for urn in roles)
        self._names = _named(environment, roles)
        self._networks = tuple(_networks(environment, roles))
        self._seen: dict[str, str] = {}

    def neutral(self, text: str) -> str:
        """A text with roles in the place of names, and marks for what is the environment's own."""
        found = self._seen.get(text)
        if found is None:
            found = self._seen[text] = self._made(text)
        return found

    def group(self, neutral: str, index: str = "") -> str:
        """A neutral text with groups in the place of roles, and marks for zones.

        `index` is that of the member of a set that the text belongs to; it becomes a mark as well.
        """
        text = _REFERENCE.sub(lambda it: f"⟦{self._group(it[1])}⟧", neutral)
        text = re.sub(rf"{re.escape(REGION)}[a-f](?![A-Za-z0-9])", f"{REGION}{INDEX}", text)
        if index:
            text = re.sub(rf"(?<![A-Za-z0-9#]){re.escape(index)}(?![A-Za-z0-9])", INDEX, text)
        return text

    def sizes(self, grouped: str) -> frozenset[int]:
        """How many members the groups have that a text refers to."""
        named = (it.partition("»")[0] for it in _REFERENCE.findall(grouped))
        return frozenset(self._sizes[it] for it in named)

    def _group(self, reference: str) -> str:
        role, mark, output = reference.partition("»")
        return f"{self._groups.get(role, role)}{mark}{_ENTRY.sub('[#]', output)}"

    def _made(self, text: str) -> str:
        whole = self._names.get(text)
        if whole:
            return whole
        return self.words.text(_TOKEN.sub(self._token, text))

    def _token(self, found: re.Match[str]) -> str:
        text = found[0]
        known = self._names.get(text)
        if known:
            return known
        if text.startswith("arn:"):
            return self._beginning(text)
        if "/" in text:
            return self._place(text)
        return self._inside(text) if "." in text else text

    def _beginning(self, arn: str) -> str:
        """An ARN that goes on behind that of a resource, such as one of the objects in a bucket."""
        for at in range(len(arn) - 1, 0, -1):
            if arn[at] in "/:":
                known = self._names.get(arn[:at])
                if known:
                    return f"{known}{arn[at:]}"
        return self._inside(arn)

    def _inside(self, text: str) -> str:
        return _WORD.sub(lambda it: self._names.get(it[0], it[0]), text)

    def _place(self, text: str) -> str:
        """A range of private addresses as where it lies in the network that it is part of."""
        try:
            network = IPv4Network(text)
        except ValueError:
            return text
        for role, whole in self._networks:
            if network.subnet_of(whole):
                offset = int(network.network_address) - int(whole.network_address)
                return f"⟦{role}»cidrBlock⟧+{IPv4Address(offset)}/{network.prefixlen}"
        return text


def _networks(
    environment: Environment, roles: Mapping[str, str]
) -> Iterator[tuple[str, IPv4Network]]:
    """Yield role and range of every network whose addresses are private."""
    for resource in environment.of_type(_VPC):
        found = resource.inputs.get("cidrBlock")
        if isinstance(found, str) and resource.urn in roles and is_private(found):
            yield roles[resource.urn], IPv4Network(found)


def is_private(text: str) -> bool:
    """Whether a text is a range of private addresses.

    >>> is_private("10.48.0.0/16"), is_private("0.0.0.0/0"), is_private("pay.example.com")
    (True, False, False)
    """
    try:
        return ip_network(text).is_private
    except ValueError:
        return False


def _named(environment: Environment, roles: Mapping[str, str]) -> dict[str, str]:
    """What names a resource, and the mark that takes its place.

    Where several have one name, the first by role counts: the order of resources says nothing.
    """
    found: dict[str, str] = {}
    ranked = sorted(
        (rank, roles[resource.urn], output, text)
        for resource in environment.resources
        if resource.urn in roles
        for rank, output, text in _identities(resource)
    )
    for _, role, output, text in ranked:
        found.setdefault(text, f"⟦{role}»{output}⟧")
    return found


def _identities(resource: Resource) -> Iterator[tuple[int, str, str]]:
    """Yield rank, output and text of what a resource is called; its own id ranks first."""
    if not resource.custom:
        return
    given = {leaf for _, leaf in walk(resource.inputs) if isinstance(leaf, str)}
    if _is_name(resource.id):
        yield (1 if resource.id in given else 0, "id", resource.id)
    for path, leaf in walk(resource.outputs):
        if not isinstance(leaf, str) or not _is_name(leaf) or leaf == resource.id:
            continue
        own = path in _NAMING or path == "cidrBlock"
        if own or leaf not in given:
            yield (0 if own else 2, path, leaf)


def _is_name(text: object) -> bool:
    if not isinstance(text, str) or len(text) < _SHORTEST or not _MADE.fullmatch(text):
        return False
    return not re.fullmatch(_RANGE, text) or is_private(text)
