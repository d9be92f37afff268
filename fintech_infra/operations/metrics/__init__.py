"""Samples of metrics: the model, files of them, and CloudWatch.

`read_series` reads a file, `read_metrics` asks CloudWatch; boto3 is imported when it is asked.
"""

from fintech_infra.operations.metrics.cloudwatch import read_metrics
from fintech_infra.operations.metrics.model import Query, Readings, Sample, Series
from fintech_infra.operations.metrics.series_file import read_series

__all__ = ["Query", "Readings", "Sample", "Series", "read_metrics", "read_series"]
