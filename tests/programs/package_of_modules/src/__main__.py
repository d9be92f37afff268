import logging
import sys
from pathlib import Path

import pulumi
from estate import storage
from estate.messaging import make_queues
from estate.settings import load

logging.basicConfig(level=logging.INFO, stream=sys.stdout)
logger = logging.getLogger("estate")

settings = load(Path(__file__).parent / "estate" / "settings.toml")
logger.info("settings: %s", settings)
pulumi.log.info(f"{len(settings['queues'])} queues")
pulumi.log.warn("the reports bucket will be removed", resource=None)
pulumi.log.debug("not for everybody")

bucket = storage.make_bucket(settings["bucket"])
queues = make_queues(settings["queues"])
pulumi.log.warn("old naming", resource=bucket)
pulumi.export("bucket", bucket.id)
pulumi.export("queues", {name: queue.name for name, queue in queues.items()})
pulumi.export("readme", Path("estate/settings.toml").exists())
