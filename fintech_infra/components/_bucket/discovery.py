"""Lets Macie look for sensitive data in a bucket, as often as the class of its data asks."""

from typing import Final

from pulumi import Input, Output, Resource
from pulumi_aws import macie, macie2

from fintech_infra.components._classification import PERSONAL, DataClass
from fintech_infra.components._policy import Account
from fintech_infra.components._site import Site

PAN: Final = (
    r"\b(?:4\d{3}|5[1-5]\d{2}|2(?:22[1-9]|2[3-9]\d|[3-6]\d{2}|7[01]\d|720)|6(?:011|5\d{2}))"
    r"(?:[ -]?\d{4}){3}\b"
    r"|\b3[47]\d{2}[ -]?\d{6}[ -]?\d{5}\b"
)
"""Card numbers of 16 digits (Visa, Mastercard, Discover) and 15 (American Express), grouped or not,
also where no word nearby says what they are, which Macie's own identifier asks for (ISO/IEC 7812).
"""

TEST_PANS: Final = (
    "378282246310005",
    "4000056655665556",
    "4012888888881881",
    "4111111111111111",
    "4242424242424242",
    "5105105105105100",
    "5555555555554444",
    "6011111111111117",
)
"""Numbers that card networks and payment providers publish for tests: nobody's card."""

IBAN: Final = r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b"
"""Account numbers of every country, together or in groups of four (ISO 13616)."""

_ROLE: Final = "role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie"


def macie_role(account: Account) -> str:
    """Return the ARN of the role that Macie reads objects with; it is there once Macie is enabled.

    https://docs.aws.amazon.com/macie/latest/user/service-linked-roles.html
    """
    return f"arn:{account.partition}:iam::{account.id}:{_ROLE}"


def discover(
    site: Site,
    bucket: Input[str],
    data_class: DataClass,
    account: Output[Account],
    *,
    after: Resource,
) -> macie2.ClassificationJob:
    """Make the job that looks into the bucket of this name, and what it looks for beyond Macie's.

    Where personal data is expected, a month's inventory shows the scope (PCI DSS 4.0.1 12.5.2);
    elsewhere it does not belong, and a week is soon enough to learn of it.
    """
    frequency = macie2.ClassificationJobScheduleFrequencyArgs(weekly_schedule="MONDAY")
    if data_class in PERSONAL:
        frequency = macie2.ClassificationJobScheduleFrequencyArgs(monthly_schedule=1)
    identifiers = [
        _identifier(site, "pan", "Card numbers", PAN, TEST_PANS),
        _identifier(site, "iban", "Bank account numbers", IBAN, ()),
    ]
    name = site.named("discovery")
    return macie2.ClassificationJob(
        name,
        description=f"Looks for sensitive data in {site.name}, which is to hold {data_class} data",
        job_type="SCHEDULED",
        job_status="RUNNING",
        initial_run=True,
        sampling_percentage=100,
        schedule_frequency=frequency,
        custom_data_identifier_ids=[identifier.id for identifier in identifiers],
        s3_job_definition=macie2.ClassificationJobS3JobDefinitionArgs(
            bucket_definitions=[
                macie2.ClassificationJobS3JobDefinitionBucketDefinitionArgs(
                    account_id=account.apply(lambda found: found.id), buckets=[bucket]
                )
            ]
        ),
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(depends_on=[after]),
    )


def _identifier(
    site: Site, role: str, what: str, regex: str, ignored: tuple[str, ...]
) -> macie.CustomDataIdentifier:
    name = site.named(role)
    return macie.CustomDataIdentifier(
        name,
        description=f"{what}, looked for in {site.name}",
        regex=regex,
        ignore_words=list(ignored) or None,
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
