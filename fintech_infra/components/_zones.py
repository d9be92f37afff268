"""Availability zones as plain strings: which are accepted, their region and their fixed slot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

_ZONE: Final = re.compile(r"(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)(?P<letter>[a-h])")


def letter_of(zone: str) -> str:
    """Return the letter of a zone: `c` for `eu-west-1c`."""
    return _parsed(zone)["letter"]


def slot_of(zone: str) -> int:
    """Return the fixed slot of a zone: 0 for letter a to 7 for letter h.

    No AWS region has more than six zones.
    """
    return ord(letter_of(zone)) - ord("a")


def region_of(zones: Sequence[str]) -> str:
    """Return the region that the zones share."""
    return _parsed(zones[0])["region"]


def zone_problems(zones: Sequence[str], fewest: int, most: int) -> Iterator[str]:
    """Yield what is wrong with a list of zones, of which `fewest` to `most` are accepted."""
    accepted = f"accepted are {fewest} to {most} zones of one region, such as 'eu-west-1a'"
    wrong = [zone for zone in zones if not _ZONE.fullmatch(zone)]
    for zone in wrong:
        yield f"{zone!r} is not an availability zone; {accepted}"
    for zone in sorted({zone for zone in zones if list(zones).count(zone) > 1}):
        yield f"{zone!r} is repeated; name each zone once"
    if not fewest <= len(set(zones)) <= most:
        yield f"{len(set(zones))} given; {accepted}"
    regions = sorted({region_of([zone]) for zone in zones if zone not in wrong})
    if len(regions) > 1:
        yield f"lie in different regions ({', '.join(regions)}); {accepted}"


def _parsed(zone: str) -> re.Match[str]:
    match = _ZONE.fullmatch(zone)
    if match is None:
        raise ValueError(f"{zone!r} is not an availability zone")
    return match
