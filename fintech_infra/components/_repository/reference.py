"""Naming an image by its content, which is the only name that cannot come to mean another."""

import re
from typing import Final

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
"""https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests"""


def digest_reference(repository_url: str, digest: str) -> str:
    """Return the reference of the image with this digest, as a task definition takes it.

    >>> digest_reference("registry/api", "sha256:" + 64 * "0")[:21]
    'registry/api@sha256:0'

    Raises:
        ValueError: it is no digest, but a tag, say.
    """
    if not DIGEST.fullmatch(digest):
        raise ValueError(
            f"{digest!r} is no digest; accepted is 'sha256:' and 64 digits from 0 to f, as "
            "`docker buildx build --metadata-file` and `aws ecr describe-images` tell it"
        )
    return f"{repository_url}@{digest}"
