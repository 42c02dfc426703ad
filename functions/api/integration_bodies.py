"""What callers send about integrations with a CRM."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from api.body import Body
from stageline.domain.job_states import Records

At = Annotated[
    str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"), Field(examples=["02:00"])
]
Times = Annotated[list[At], Field(min_length=1, max_length=24)]
Zone = Annotated[str, StringConstraints(min_length=1, max_length=64), Field(description="IANA.")]
Days = Annotated[int, Field(ge=1, le=90)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Chosen = Annotated[list[Records], Field(min_length=1, max_length=4)]
Mapping = Annotated[
    dict[str, Any], Field(description="A mapping document; null: the vendor's own objects.")
]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=8_000)]
Vendor = Annotated[str, StringConstraints(max_length=40), Field(examples=["hubspot", "salesforce"])]


class ScheduleBody(Body):
    times: Times = Field(["02:00"], description="Of each day.")
    zone: Zone | None = Field(None, description="The workspace's if left out.")
    full_every_days: Days = Field(7, description="After how many days all there is is read.")


class NewCrmIntegration(Body):
    vendor: Vendor
    base_url: Url | None = Field(None, description="Needed where each customer has their own.")
    schedule: ScheduleBody = ScheduleBody()
    records: Chosen = Field(["accounts", "deals", "contacts", "activities"])
    active: bool
    opportunity_pull: bool
    sync: bool = Field(description="By schedule; without it only when asked for.")
    mapping: Mapping | None = None


class ScheduleChanges(Body):
    times: Times | None = None
    zone: Zone | None = None
    full_every_days: Days | None = None


class CrmIntegrationChanges(Body):
    vendor: Vendor = Field("", description="Cannot change.")
    base_url: Url | None = None
    schedule: ScheduleChanges | None = None
    records: Chosen | None = None
    active: bool = Field(default=True)
    opportunity_pull: bool = Field(default=True)
    sync: bool = Field(default=True)
    mapping: Mapping | None = None


class Credentials(Body):
    """What the vendor's way of signing in takes, by name, like `access_token`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Secret] = Field(init=False)


class NewCheck(Body):
    mapping: Mapping | None = Field(None, description="What the integration has if left out.")


class NewCrmRecord(Body):
    integration: Annotated[str, StringConstraints(max_length=31), Field(examples=["hub"])]


class NewRun(Body):
    mode: Literal["changes", "full", "retry"] = Field(
        "changes",
        description="What changed; all there is, and what is there no more; what was refused.",
    )
