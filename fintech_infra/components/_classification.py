"""How sensitive data is. The axis is what its disclosure or loss would breach."""

from enum import StrEnum


class DataClass(StrEnum):
    """How sensitive the data is that a component stores or protects."""

    PUBLIC = "public"
    """Published, or meant to be."""
    INTERNAL = "internal"
    """For the company; disclosure is an annoyance."""
    CONFIDENTIAL = "confidential"
    """Business records; disclosure does harm. The default."""
    PII = "pii"
    """Personal data (GDPR Art. 4)."""
    CARDHOLDER = "cardholder"
    """Cardholder data, which is personal data too (PCI DSS 4.0.1)."""


PERSONAL = frozenset({DataClass.PII, DataClass.CARDHOLDER})
"""Classes that hold personal data: the right to erasure (GDPR Art. 17) applies."""
