"""How AWS writes what arguments name: regions, accounts, organizations, tag values."""

import re
from typing import Final

REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
"""A region, such as `eu-west-1`."""

ACCOUNT_ID: Final = re.compile(r"\d{12}")

ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}")
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html"""

TAG_VALUE: Final = re.compile(r"[\w +=.:/@-]{3,256}")
"""Text that every service takes as the value of a tag, and that says something.
https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""
