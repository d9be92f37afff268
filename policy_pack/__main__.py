"""The CrossGuard pack: every control of `fintech_infra`, under its own id."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# A published pack stands alone and has `fintech_infra` installed as its requirement. In a checkout
# the controls beside the pack are the ones to run, whatever is installed.
if (HERE.parent / "fintech_infra" / "controls").is_dir():
    sys.path.insert(0, str(HERE.parent))

from fintech_infra.controls import CONTROLS  # noqa: E402 - after the path that it is found by
from fintech_infra.controls.crossguard import Pack, serve  # noqa: E402 - likewise

serve(
    Pack(
        name="fintech-infra",
        controls=CONTROLS,
        description="Compliance controls for regulated money on AWS",
        display_name="fintech-infra",
        readme=(HERE / "README.md").read_text(encoding="utf-8"),
        provider="aws",
    )
)
