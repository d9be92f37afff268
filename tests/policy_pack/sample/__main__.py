"""A pack of the sample controls, as the real pack is one of the real controls."""

from pulumi_policy import PolicyPack
from sample_controls import CONTROLS

from fintech_infra.controls.crossguard import policies

PolicyPack(name="sample", policies=policies(CONTROLS))
