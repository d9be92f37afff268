import asyncio

import pulumi
import pulumi_aws as aws


async def make_queue(name: str) -> aws.sqs.Queue:
    await asyncio.sleep(0.001)
    return aws.sqs.Queue(name, fifo_queue=True)


async def main():
    queues = await asyncio.gather(*[make_queue(name) for name in ("orders", "refunds")])
    orders, refunds = queues
    dead = aws.sqs.Queue("dead", fifo_queue=True)
    for name, queue in {"orders": orders, "refunds": refunds}.items():
        aws.sqs.RedrivePolicy(
            name,
            queue_url=queue.id,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": dead.arn, "maxReceiveCount": 4}
            ),
        )
    return {"orders": orders.url, "names": [queue.name for queue in queues]}


pulumi.run(main)
