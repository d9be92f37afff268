"""One key per kind of data, so that each can be withdrawn, and erased with, by itself."""

from __future__ import annotations

from dataclasses import dataclass

from fintech_infra import EncryptionKey, EncryptionKeyArgs
from settings import Settings


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of an environment."""

    ledger: EncryptionKey
    records: EncryptionKey


def make_keys(settings: Settings) -> Keys:
    """Make the key of the ledger database and the key of stored records."""
    return Keys(
        ledger=EncryptionKey("ledger", _args(settings, ["rds", "secretsmanager", "logs"])),
        records=EncryptionKey("records", _args(settings, ["s3"])),
    )


def _args(settings: Settings, services: list[str]) -> EncryptionKeyArgs:
    args: EncryptionKeyArgs = {"data_class": settings.data_class, "services": services}
    if settings.alarm_topic_arn:
        args["alarm_topic_arn"] = settings.alarm_topic_arn
    return args
