"""A pack of the sample controls, as the real pack is one of the real controls."""

from sample_controls import CONTROLS

from fintech_infra.controls.crossguard import Pack, serve

serve(Pack(name="sample", controls=CONTROLS))
