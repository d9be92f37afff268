"""Which domains may be allowed, and how the two firewalls spell them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

MOST_DOMAINS: Final = 500
"""Domains of one list: half the capacity of its rule group, which cannot grow (see `firewall`)."""

_LABEL: Final = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DOMAIN: Final = re.compile(rf"\.?(?:{_LABEL}\.)+(?!-)[a-z][a-z0-9-]{{0,61}}[a-z0-9]")
_LONGEST: Final = 253
_ACCEPTED: Final = (
    "accepted are names in lower case, such as 'api.example.com', or with a dot in front for the "
    "name and all below it, such as '.example.com'"
)
_REGISTRIES: Final = frozenset({"ac", "co", "com", "edu", "gob", "gov", "ne", "net", "or", "org"})
_SHARED: Final = frozenset(
    {
        "amazonaws.com",
        "amazonaws.com.cn",
        "appspot.com",
        "azureedge.net",
        "azurewebsites.net",
        "cloudfront.net",
        "cloudfunctions.net",
        "core.windows.net",
        "firebaseapp.com",
        "github.io",
        "gitlab.io",
        "googleusercontent.com",
        "herokuapp.com",
        "netlify.app",
        "ngrok.io",
        "on.aws",
        "pages.dev",
        "r2.dev",
        "run.app",
        "vercel.app",
        "web.app",
        "workers.dev",
    }
)
"""Domains below which everybody can get a name. Far from complete; it catches the usual ones."""


def domain_problems(domains: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with a list of domains to be allowed."""
    if not domains:
        yield "is empty; name at least one domain, or give the network no way out"
    if len(domains) > MOST_DOMAINS:
        yield f"has {len(domains)} domains; accepted are up to {MOST_DOMAINS}"
    for domain in domains:
        if not _DOMAIN.fullmatch(domain) or len(domain.lstrip(".")) > _LONGEST:
            yield f"{domain!r} is not a domain; {_ACCEPTED}"
        elif domain.startswith(".") and _is_everybodys(domain[1:]):
            yield f"{domain!r} allows names that anybody can get; name those that you use"
    for domain in sorted({one for one in domains if list(domains).count(one) > 1}):
        yield f"{domain!r} is repeated; name each domain once"


def dns_names(domains: Sequence[str]) -> list[str]:
    """Return the domains as DNS Firewall spells them, sorted.

    There, a leading asterisk stands for what is below a name and not for the name itself.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-domain-lists.html
    """
    return sorted({name for domain in domains for name in _spelt(domain)})


def _spelt(domain: str) -> list[str]:
    return [domain[1:], f"*{domain}"] if domain.startswith(".") else [domain]


def _is_everybodys(parent: str) -> bool:
    first, _, rest = parent.partition(".")
    below_a_country = first in _REGISTRIES and re.fullmatch(r"[a-z]{2}", rest) is not None
    shared = any(parent == name or parent.endswith(f".{name}") for name in _SHARED)
    return below_a_country or shared
