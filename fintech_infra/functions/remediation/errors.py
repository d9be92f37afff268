"""Reads the errors of AWS."""

from botocore.exceptions import ClientError


def code_of(error: ClientError) -> str:
    """Return the code of an error, such as `NoSuchBucket`; empty where AWS gave none."""
    return error.response.get("Error", {}).get("Code", "")
