"""When a connection runs."""

import hashlib


def cron(name: str, every_hours: int) -> str:
    """A Quartz expression that runs every `every_hours` hours, at a time that only depends on the name.

    All connections at minute 0 would start all pods at once. A hash spreads them, and does not move the
    others when a connection comes or goes. `terraform/schedule` computes the same.
    """
    slot = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % (60 * every_hours)
    hours = slot // 60 if every_hours == 24 else f"{slot // 60}/{every_hours}"
    return f"0 {slot % 60} {hours} * * ?"
