"""Makes what detects: GuardDuty, Security Hub, Inspector, Macie and the access analyzers.

Everything here is kept when the stack is destroyed, because a deleted detector takes its findings
along and leaves the account blind.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import accessanalyzer, ecr, guardduty, inspector2, macie2, securityhub

from fintech_infra.components._baseline.design import (
    AGENTS,
    CRITICAL_TYPES,
    FEATURES,
    RUNTIME,
    SCANS,
    STANDARDS,
)
from fintech_infra.components._policy import Account
from fintech_infra.components._site import Site

OFTEN: Final = "FIFTEEN_MINUTES"
"""The most often that GuardDuty and Macie repeat what they found."""

_ENABLED: Final = "ENABLED"


def make_detector(site: Site, adopted: str | None) -> guardduty.Detector:
    """Make the detector, or refer to the one with this id, and switch on all its features."""
    name = site.named("detector")
    if adopted is None:
        detector = guardduty.Detector(
            name,
            enable=True,
            finding_publishing_frequency=OFTEN,
            region=site.region,
            tags=site.tagged(name),
            opts=site.child(retain_on_delete=True),
        )
    else:
        detector = guardduty.Detector.get(name, adopted, site.child(), region=site.region)
    for feature in FEATURES:
        _make_feature(site, detector, feature)
    return detector


def _make_feature(site: Site, detector: guardduty.Detector, feature: str) -> None:
    agents = AGENTS if feature == RUNTIME else ()
    guardduty.DetectorFeature(
        site.named(feature.lower().replace("_", "-")),
        detector_id=detector.id,
        name=feature,
        status=_ENABLED,
        additional_configurations=[
            guardduty.DetectorFeatureAdditionalConfigurationArgs(name=agent, status=_ENABLED)
            for agent in agents
        ]
        or None,
        region=site.region,
        opts=site.child(retain_on_delete=True),
    )


def make_hub(
    site: Site, account: Output[Account], further: Sequence[str], *, adopted: bool
) -> securityhub.Account:
    """Make Security Hub CSPM, or refer to it, and subscribe to the standards."""
    name = site.named("hub")
    if adopted:
        own = account.apply(lambda found: found.id)
        hub = securityhub.Account.get(name, own, site.child(), region=site.region)
    else:
        hub = securityhub.Account(
            name,
            enable_default_standards=False,
            control_finding_generator="SECURITY_CONTROL",
            auto_enable_controls=True,
            region=site.region,
            opts=site.child(retain_on_delete=True),
        )
    for standard in sorted({*STANDARDS, *further}):
        securityhub.StandardsSubscription(
            site.named(standard.partition("/")[0]),
            standards_arn=account.apply(lambda found, it=standard: _standard(found, it)),
            region=site.region,
            opts=site.child(retain_on_delete=True, depends_on=[hub]),
        )
    return hub


def _standard(account: Account, standard: str) -> str:
    return f"arn:{account.partition}:securityhub:{account.region}::standards/{standard}"


def make_inspector(site: Site, account: Output[Account]) -> inspector2.Enabler:
    """Switch on Inspector, and have it scan every image of the registry for as long as it lives."""
    name = site.named("inspector")
    inspector = inspector2.Enabler(
        name,
        account_ids=[account.apply(lambda found: found.id)],
        resource_types=list(SCANS),
        region=site.region,
        opts=site.child(retain_on_delete=True),
    )
    everything = ecr.RegistryScanningConfigurationRuleRepositoryFilterArgs(
        filter="*", filter_type="WILDCARD"
    )
    ecr.RegistryScanningConfiguration(
        site.named("images"),
        scan_type="ENHANCED",
        rules=[
            ecr.RegistryScanningConfigurationRuleArgs(
                repository_filters=[everything], scan_frequency="CONTINUOUS_SCAN"
            )
        ],
        region=site.region,
        # Both set the registry's configuration.
        opts=site.child(retain_on_delete=True, depends_on=[inspector]),
    )
    return inspector


def make_macie(site: Site, account: Output[Account], *, adopted: bool) -> macie2.Account:
    """Switch on Macie, or refer to it."""
    name = site.named("macie")
    if adopted:
        own = account.apply(lambda found: found.id)
        return macie2.Account.get(name, own, site.child(), region=site.region)
    return macie2.Account(
        name,
        status=_ENABLED,
        finding_publishing_frequency=OFTEN,
        region=site.region,
        opts=site.child(retain_on_delete=True),
    )


def make_analyzers(site: Site, args: Mapping[str, Any], days: int) -> list[accessanalyzer.Analyzer]:
    """Make the analyzers of external, internal and unused access, or refer to them."""
    adopt = args.get("adopt", {})
    internal = accessanalyzer.AnalyzerConfigurationArgs(
        internal_access=_internal(args.get("critical_resource_arns", []))
    )
    unused = accessanalyzer.AnalyzerConfigurationArgs(
        unused_access=accessanalyzer.AnalyzerConfigurationUnusedAccessArgs(unused_access_age=days)
    )
    wanted = {
        "external": ("ACCOUNT", None),
        "internal": ("ACCOUNT_INTERNAL_ACCESS", internal),
        "unused": ("ACCOUNT_UNUSED_ACCESS", unused),
    }
    return [
        _make_analyzer(site, which, type_, configuration, adopt.get(f"{which}_access_analyzer"))
        for which, (type_, configuration) in wanted.items()
    ]


def _make_analyzer(
    site: Site,
    which: str,
    type_: str,
    configuration: accessanalyzer.AnalyzerConfigurationArgs | None,
    adopted: str | None,
) -> accessanalyzer.Analyzer:
    name = site.named(f"{which}-access")
    if adopted is not None:
        return accessanalyzer.Analyzer.get(name, adopted, site.child(), region=site.region)
    return accessanalyzer.Analyzer(
        name,
        # The provider makes no name up for this type.
        analyzer_name=name,
        type=type_,
        configuration=configuration,
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(retain_on_delete=True),
    )


def _internal(arns: Sequence[Input[str]]) -> accessanalyzer.AnalyzerConfigurationInternalAccessArgs:
    inclusion = (
        accessanalyzer.AnalyzerConfigurationInternalAccessAnalysisRuleInclusionArgs(
            resource_arns=list(arns)
        )
        if arns
        else accessanalyzer.AnalyzerConfigurationInternalAccessAnalysisRuleInclusionArgs(
            resource_types=list(CRITICAL_TYPES)
        )
    )
    return accessanalyzer.AnalyzerConfigurationInternalAccessArgs(
        analysis_rule=accessanalyzer.AnalyzerConfigurationInternalAccessAnalysisRuleArgs(
            inclusions=[inclusion]
        )
    )
