"""The standard objects, with the fields that a sync of accounts and deals may ask for."""

from collections.abc import Iterable

from tests.crm.salesforce.fields import Field, ObjectType, Row

STAGES = (
    ("Prospecting", 10, False, False),
    ("Qualification", 10, False, False),
    ("Needs Analysis", 20, False, False),
    ("Value Proposition", 50, False, False),
    ("Id. Decision Makers", 60, False, False),
    ("Perception Analysis", 70, False, False),
    ("Proposal/Price Quote", 75, False, False),
    ("Negotiation/Review", 90, False, False),
    ("Closed Won", 100, True, True),
    ("Closed Lost", 0, True, False),
)


def objects(*, multi_currency: bool) -> dict[str, ObjectType]:
    found = {
        item.name: item
        for item in (
            _object("Account", "001", _account(), mergeable=True),
            _object("Contact", "003", _contact(), mergeable=True),
            _object("Opportunity", "006", _opportunity()),
            _object("Task", "00T", _task()),
            _object("Event", "00U", _event()),
            _object("User", "005", _user(), deletable=False),
            _object("OpportunityStage", "01J", _stage(), deletable=False, writable=False),
            _object("OpportunityContactRole", "00K", _role()),
        )
    }
    if multi_currency:
        currency = _object("CurrencyType", "01L", _currency(), deletable=False)
        found["CurrencyType"] = currency
        for name in ("Account", "Contact", "Opportunity", "Task", "Event", "User"):
            found[name].add(Field("CurrencyIsoCode", "picklist", 3))
    return found


def _object(
    name: str,
    prefix: str,
    fields: Iterable[Field],
    *,
    deletable: bool = True,
    mergeable: bool = False,
    writable: bool = True,
) -> ObjectType:
    """With the system fields; what cannot be deleted has no IsDeleted."""
    system = [
        Field("Id", "id", 18, writable=False),
        *([_flag("IsDeleted")] if deletable else []),
        *([_ref("MasterRecordId", name, writable=False)] if mergeable else []),
    ]
    trail = [
        Field("CreatedDate", "datetime", writable=False),
        _ref("CreatedById", "User", writable=False),
        Field("LastModifiedDate", "datetime", writable=False),
        _ref("LastModifiedById", "User", writable=False),
        Field("SystemModstamp", "datetime", writable=False),
    ]
    every = {item.name: item for item in (*system, *fields, *trail)}
    return ObjectType(name, prefix, every, deletable, mergeable, writable)


def _ref(name: str, *targets: str, required: bool = False, writable: bool = True) -> Field:
    return Field(name, "reference", 18, targets, required=required, writable=writable)


def _flag(name: str, *, writable: bool = False) -> Field:
    return Field(name, "boolean", default=False, writable=writable)


def _address(prefix: str) -> list[Field]:
    parts = ("Street", "City", "State", "PostalCode", "Country")

    def compound(row: Row) -> dict[str, object] | None:
        found = {part[0].lower() + part[1:]: row.get(prefix + part) for part in parts}
        return found if any(found.values()) else None

    return [
        *(Field(prefix + part) for part in parts),
        Field(f"{prefix}Address", "address", writable=False, derived=compound),
    ]


def _full_name(row: Row) -> str:
    return " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)


def _person() -> list[Field]:
    return [
        Field("LastName", length=80, required=True),
        Field("FirstName", length=40),
        Field("Name", length=121, writable=False, derived=_full_name),
    ]


def _account() -> list[Field]:
    return [
        Field("Name", required=True),
        Field("Type", "picklist", picklist=("Prospect", "Customer - Direct", "Other")),
        _ref("ParentId", "Account"),
        *_address("Billing"),
        Field("Phone", "phone", 40),
        Field("Website", "url"),
        Field("Industry", "picklist", picklist=("Banking", "Energy", "Technology")),
        Field("AnnualRevenue", "currency"),
        Field("NumberOfEmployees", "int"),
        Field("Description", "textarea", 32000),
        Field("AccountNumber", length=40),
        Field("AccountSource", "picklist"),
        Field("LastActivityDate", "date", writable=False),
        _ref("OwnerId", "User"),
    ]


def _contact() -> list[Field]:
    return [
        _ref("AccountId", "Account"),
        *_person(),
        Field("Title", length=128),
        Field("Department", length=80),
        Field("Email", "email", 80),
        Field("Phone", "phone", 40),
        Field("MobilePhone", "phone", 40),
        *_address("Mailing"),
        Field("HasOptedOutOfEmail", "boolean", default=False),
        _ref("ReportsToId", "Contact"),
        Field("Description", "textarea", 32000),
        Field("LastActivityDate", "date", writable=False),
        _ref("OwnerId", "User"),
    ]


def _opportunity() -> list[Field]:
    return [
        _ref("AccountId", "Account"),
        Field("Name", length=120, required=True),
        Field("StageName", "picklist", required=True, picklist=tuple(row[0] for row in STAGES)),
        Field("Amount", "currency"),
        Field("Probability", "percent"),
        Field("CloseDate", "date", required=True),
        Field("Type", "picklist"),
        Field("LeadSource", "picklist"),
        _flag("IsClosed"),
        _flag("IsWon"),
        Field("NextStep"),
        Field("Description", "textarea", 32000),
        Field("LastActivityDate", "date", writable=False),
        Field("LastStageChangeDate", "datetime", writable=False),
        _ref("OwnerId", "User"),
    ]


def _activity() -> list[Field]:
    return [
        _ref("WhoId", "Contact", "Lead"),
        _ref("WhatId", "Account", "Opportunity"),
        _ref("AccountId", "Account", writable=False),
        Field("Subject", "string"),
        Field("ActivityDate", "date"),
        Field("Description", "textarea", 32000),
        _flag("IsArchived"),
        _flag("IsRecurrence", writable=True),
    ]


def _task() -> list[Field]:
    states = ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")
    return [
        *_activity(),
        _ref("OwnerId", "Group", "User"),
        Field("Status", "picklist", picklist=states, default="Not Started"),
        Field("Priority", "picklist", picklist=("High", "Normal", "Low"), default="Normal"),
        Field("TaskSubtype", "picklist", 40, picklist=("Task", "Email", "Call"), default="Task"),
        Field("CallType", "picklist", 40),
        _flag("IsClosed"),
        Field("CompletedDateTime", "datetime", writable=False),
    ]


def _event() -> list[Field]:
    return [
        *_activity(),
        _ref("OwnerId", "Calendar", "User"),
        _flag("IsPrivate", writable=True),
        _flag("IsChild"),
        Field("StartDateTime", "datetime"),
        Field("EndDateTime", "datetime"),
        Field("ActivityDateTime", "datetime"),
        Field("DurationInMinutes", "int"),
        Field("IsAllDayEvent", "boolean", default=False),
        Field("Location"),
    ]


def _user() -> list[Field]:
    return [
        *_person(),
        Field("Username", length=80, required=True),
        Field("Email", "email", 128, required=True),
        Field("IsActive", "boolean", default=True),
        Field("UserType", "picklist", 40, default="Standard", writable=False),
        Field("TimeZoneSidKey", "picklist", 40, default="Europe/Berlin"),
        _ref("ManagerId", "User"),
    ]


def _stage() -> list[Field]:
    return [
        Field("MasterLabel"),
        Field("ApiName"),
        Field("IsActive", "boolean", default=True),
        Field("SortOrder", "int"),
        Field("DefaultProbability", "percent"),
        _flag("IsClosed"),
        _flag("IsWon"),
        Field("ForecastCategoryName", "picklist"),
    ]


def _role() -> list[Field]:
    return [
        _ref("OpportunityId", "Opportunity", required=True),
        _ref("ContactId", "Contact", required=True),
        Field("Role", "picklist", picklist=("Decision Maker", "Evaluator")),
        Field("IsPrimary", "boolean", default=False),
    ]


def _currency() -> list[Field]:
    return [
        Field("IsoCode", "picklist", 3, required=True),
        Field("ConversionRate", "double"),
        Field("DecimalPlaces", "int", default=2),
        Field("IsActive", "boolean", default=True),
        _flag("IsCorporate"),
    ]
