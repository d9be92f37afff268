"""The table over the files of a trail: its columns, and how partitions follow from their names.

Pure. Partition projection needs no crawler: Athena computes the folders of a query from its
conditions. https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

INPUT_FORMAT: Final = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
OUTPUT_FORMAT: Final = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
SERDE: Final = "org.apache.hive.hcatalog.data.JsonSerDe"

_SESSION: Final = (
    "struct<attributes:struct<mfaauthenticated:string,creationdate:string>,"
    "sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,"
    "username:string>,ec2roledelivery:string,"
    "webidfederationdata:struct<federatedprovider:string,attributes:map<string,string>>>"
)
_IDENTITY: Final = (
    "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,"
    "accesskeyid:string,username:string,onbehalfof:struct<userid:string,identitystorearn:string>,"
    f"sessioncontext:{_SESSION}>"
)
COLUMNS: Final = (
    ("eventversion", "string"),
    ("useridentity", _IDENTITY),
    ("eventtime", "string"),
    ("eventsource", "string"),
    ("eventname", "string"),
    ("awsregion", "string"),
    ("sourceipaddress", "string"),
    ("useragent", "string"),
    ("errorcode", "string"),
    ("errormessage", "string"),
    ("requestparameters", "string"),
    ("responseelements", "string"),
    ("additionaleventdata", "string"),
    ("requestid", "string"),
    ("eventid", "string"),
    ("readonly", "string"),
    ("resources", "array<struct<arn:string,accountid:string,type:string>>"),
    ("eventtype", "string"),
    ("apiversion", "string"),
    ("recipientaccountid", "string"),
    ("serviceeventdetails", "string"),
    ("sharedeventid", "string"),
    ("vpcendpointid", "string"),
    ("vpcendpointaccountid", "string"),
    ("eventcategory", "string"),
    (
        "addendum",
        (
            "struct<reason:string,updatedfields:string,originalrequestid:string,"
            "originaleventid:string>"
        ),
    ),
    ("sessioncredentialfromconsole", "string"),
    ("edgedevicedetails", "string"),
    ("tlsdetails", "struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>"),
)
"""Name and type of each column: the fields of a record, in lower case.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"""


@dataclass(frozen=True)
class Layout:
    """Where the files of a trail are, and how its folders become columns."""

    location: str
    parameters: dict[str, str]


def partitions(organization: str) -> list[str]:
    """Return the columns that folders become; all are text."""
    return [*(["account"] if organization else []), "region", "day"]


def layout(
    bucket: str, account: str, organization: str, regions: Sequence[str], years: int
) -> Layout:
    """Return the layout of the files in `bucket`, of the last `years`.

    The trail of an organization (empty without one) has a folder per account: its column `account`
    must be named in every query, so that none reads all of them by mistake.
    """
    root = f"s3://{bucket}/AWSLogs"
    if organization:
        root, folders = f"{root}/{organization}", "${account}/CloudTrail"
        own = {"projection.account.type": "injected"}
    else:
        folders, own = f"{account}/CloudTrail", {}
    return Layout(
        location=f"{root}/",
        parameters={
            "EXTERNAL": "TRUE",
            "classification": "cloudtrail",
            "projection.enabled": "true",
            **own,
            "projection.region.type": "enum",
            "projection.region.values": ",".join(sorted(regions)),
            "projection.day.type": "date",
            "projection.day.format": "yyyy/MM/dd",
            "projection.day.interval": "1",
            "projection.day.interval.unit": "DAYS",
            "projection.day.range": f"NOW-{years}YEARS,NOW",
            "storage.location.template": f"{root}/{folders}/${{region}}/${{day}}",
        },
    )
