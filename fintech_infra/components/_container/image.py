"""Container images that can be run: in ECR, and named by digest."""

import re
from dataclasses import dataclass
from typing import Final

from pulumi import Input, Output

_IMAGE: Final = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z0-9.]+/"
    r"(?P<repository>[a-z0-9][a-z0-9._/-]*)@sha256:[0-9a-f]{64}"
)


@dataclass(frozen=True)
class Image:
    """Where an image is kept."""

    account: str
    region: str
    repository: str


def parse_image(reference: str) -> Image:
    """Return where the image is kept that `reference` names.

    Raises:
        ValueError: it is not an image in ECR, or not named by digest.
    """
    match = _IMAGE.fullmatch(reference)
    if match is None:
        raise ValueError(
            f"is {reference!r}; accepted is an image in ECR with its digest, such as '111122223333"
            ".dkr.ecr.eu-west-1.amazonaws.com/risk@sha256:...': a tag can be moved to other code"
        )
    return Image(match["account"], match["region"], match["repository"])


def pinned(reference: Input[str]) -> Output[str]:
    """Return the reference, once it is known and seen to name an image in ECR by digest.

    Raises:
        ValueError: it does not; raised when it is known.
    """
    return Output.from_input(reference).apply(_seen)


def _seen(reference: str) -> str:
    try:
        parse_image(reference)
    except ValueError as error:
        raise ValueError(f"image {error}") from None
    return reference
