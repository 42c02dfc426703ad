"""The two CRMs that the stack of a session finds on this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from tests.crm.clock import Clock
from tests.crm.hubspot import HubSpot
from tests.crm.salesforce import Salesforce

HUBSPOT = "api.hubapi.com"
SALESFORCE = "acme.my.salesforce.com"


class RealClock(Clock):
    """The machine's time; what is advanced comes on top."""

    def __init__(self) -> None:
        super().__init__(datetime.fromtimestamp(0, UTC))

    def now(self) -> datetime:
        ahead: timedelta = super().now() - datetime.fromtimestamp(0, UTC)
        return datetime.now(UTC).replace(microsecond=0) + ahead


@dataclass(frozen=True, slots=True)
class Crms:
    hubspot: HubSpot
    salesforce: Salesforce

    def write_hosts(self, path: Path) -> Path:
        """Write where a local stack finds them (docs/local-stack.md)."""
        hosts = {
            HUBSPOT: urlsplit(self.hubspot.url).netloc,
            SALESFORCE: urlsplit(self.salesforce.url).netloc,
        }
        path.write_text(json.dumps(hosts))
        return path


@contextmanager
def running_crms() -> Iterator[Crms]:
    salesforce = Salesforce(domain=f"https://{SALESFORCE}", clock=RealClock())
    with HubSpot(real_time=True) as hubspot, salesforce:
        yield Crms(hubspot, salesforce)
