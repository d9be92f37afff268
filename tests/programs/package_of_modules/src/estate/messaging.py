import warnings

from pulumi_aws import sqs

from .tags import tags


def make_queues(settings):
    warnings.warn("make_queues goes away", DeprecationWarning, stacklevel=2)
    return {
        name: sqs.Queue(name, delay_seconds=options["delay"], tags=tags())
        for name, options in settings.items()
    }
