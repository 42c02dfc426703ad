"""The objects of a HubSpot account and the properties they come with."""

from dataclasses import dataclass

from tests.crm.hubspot.answers import Json, invalid, refusal
from tests.crm.hubspot.clock import iso

# plural: singular, objectTypeId, scope, property of the creation, property of the last change
OBJECTS = {
    "contacts": ("contact", "0-1", "contacts", "createdate", "lastmodifieddate"),
    "companies": ("company", "0-2", "companies", "createdate", "hs_lastmodifieddate"),
    "deals": ("deal", "0-3", "deals", "createdate", "hs_lastmodifieddate"),
    "tasks": ("task", "0-27", "contacts", "hs_createdate", "hs_lastmodifieddate"),
    "notes": ("note", "0-46", "contacts", "hs_createdate", "hs_lastmodifieddate"),
    "meetings": ("meeting", "0-47", "contacts", "hs_createdate", "hs_lastmodifieddate"),
    "calls": ("call", "0-48", "contacts", "hs_createdate", "hs_lastmodifieddate"),
    "emails": ("email", "0-49", "contacts", "hs_createdate", "hs_lastmodifieddate"),
}
_PLURAL = {name: plural for plural, row in OBJECTS.items() for name in (plural, *row[:2])}

# What is returned when nothing is asked for, beside id, creation and last change.
DEFAULTS = {
    "contacts": ("email", "firstname", "lastname"),
    "companies": ("name", "domain"),
    "deals": ("dealname", "amount", "closedate", "pipeline", "dealstage"),
}
SEARCHED = {
    "contacts": ("firstname", "lastname", "email", "phone", "mobilephone", "company"),
    "companies": ("website", "phone", "name", "domain"),
    "deals": ("dealname", "pipeline", "dealstage", "description", "dealtype"),
    "calls": ("hs_call_title", "hs_body_preview"),
    "emails": ("hs_email_subject",),
    "meetings": ("hs_meeting_title", "hs_meeting_body"),
    "notes": ("hs_note_body",),
    "tasks": ("hs_task_body", "hs_task_subject"),
}

_FIELD_TYPES = {
    "string": "text",
    "number": "number",
    "datetime": "date",
    "date": "date",
    "enumeration": "select",
    "bool": "booleancheckbox",
}
_ACTIVITY = "hs_timestamp:datetime hs_body_preview:string:ro hs_activity_type:string "
_STANDARD = {
    "contacts": "email:string:unique hs_additional_emails:string:ro firstname:string "
    "lastname:string phone:string mobilephone:string company:string jobtitle:string "
    "salutation:string lifecyclestage:enumeration hs_lead_status:enumeration city:string "
    "country:string hs_calculated_merged_vids:string:ro associatedcompanyid:number:ro",
    "companies": "name:string domain:string website:string phone:string industry:string "
    "lifecyclestage:enumeration type:enumeration city:string country:string address:string "
    "zip:string annualrevenue:number numberofemployees:number description:string "
    "hs_parent_company_id:number:ro",
    "deals": "dealname:string pipeline:enumeration dealstage:enumeration amount:number "
    "deal_currency_code:enumeration closedate:datetime dealtype:enumeration description:string "
    "hs_is_closed:bool:ro hs_is_closed_won:bool:ro hs_deal_stage_probability:number:ro",
    "calls": _ACTIVITY + "hs_call_title:string hs_call_body:string hs_call_direction:enumeration "
    "hs_call_status:enumeration hs_call_duration:number hs_call_disposition:string",
    "emails": _ACTIVITY + "hs_email_subject:string hs_email_text:string hs_email_html:string "
    "hs_email_direction:enumeration hs_email_status:enumeration hs_email_headers:string",
    "meetings": _ACTIVITY + "hs_meeting_title:string hs_meeting_body:string "
    "hs_meeting_start_time:datetime hs_meeting_end_time:datetime hs_meeting_outcome:enumeration",
    "notes": _ACTIVITY + "hs_note_body:string",
    "tasks": _ACTIVITY + "hs_task_subject:string hs_task_body:string hs_task_status:enumeration "
    "hs_task_priority:enumeration hs_task_type:enumeration",
}


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    type: str = "string"
    label: str = ""
    options: tuple[str, ...] = ()
    """Values of an enumeration; without any, all are taken."""
    read_only: bool = False
    calculated: bool = False
    """A formula: its value changes without moving the date of the last change."""
    unique: bool = False
    custom: bool = False

    def described(self, created: int) -> Json:
        body: Json = {
            "name": self.name,
            "label": self.label or self.name,
            "type": self.type,
            "fieldType": "calculation_equation" if self.calculated else _FIELD_TYPES[self.type],
            "description": "",
            "groupName": "custom" if self.custom else "information",
            "options": [
                {"label": each, "value": each, "displayOrder": at, "hidden": False}
                for at, each in enumerate(self.options)
            ],
            "displayOrder": -1,
            "calculated": self.calculated,
            "externalOptions": self.name == "hubspot_owner_id",
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": not self.custom,
            "archived": False,
            "formField": not self.read_only,
            "modificationMetadata": {
                "archivable": self.custom,
                "readOnlyDefinition": not self.custom,
                "readOnlyOptions": not self.custom,
                "readOnlyValue": self.read_only or self.calculated,
            },
        }
        if self.custom:
            body |= {"createdAt": iso(created), "updatedAt": iso(created)}
        return body


def plural(name: str) -> str:
    """`contacts`, `contact` and `0-1` are the same object."""
    if name.lower() not in _PLURAL:
        raise invalid(f"Unable to infer object type from: {name}")
    return _PLURAL[name.lower()]


def singular(kind: str) -> str:
    return OBJECTS[kind][0]


def scope(kind: str, action: str) -> str:
    """What a token must be allowed; activities go with the contacts."""
    return f"crm.objects.{OBJECTS[kind][2]}.{action}"


class Schema:
    def __init__(self) -> None:
        self._properties = {kind: _standard(kind) for kind in OBJECTS}

    def of(self, kind: str) -> dict[str, Property]:
        return self._properties[kind]

    def add(self, kind: str, added: Property) -> None:
        self._properties[kind][added.name] = added

    def get(self, kind: str, name: str) -> Property:
        if name not in self._properties[kind]:
            raise refusal(404, "OBJECT_NOT_FOUND", f'Property "{name}" does not exist')
        return self._properties[kind][name]


def _standard(kind: str) -> dict[str, Property]:
    created, modified = OBJECTS[kind][3:]
    common = (
        f"hs_object_id:number:ro {created}:datetime:ro {modified}:datetime:ro "
        "hs_merged_object_ids:string:ro hubspot_owner_id:enumeration"
    )
    properties = {}
    for row in f"{common} {_STANDARD[kind]}".split():
        name, of_type, *marks = row.split(":")
        properties[name] = Property(
            name, of_type, read_only="ro" in marks, unique="unique" in marks
        )
    return properties
