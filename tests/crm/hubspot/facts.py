"""What an account says of itself: properties, pipelines, owners, its details and its usage."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from tests.crm.hubspot.account import Account
from tests.crm.hubspot.answers import NOT_FOUND, Answer, Json, next_page, refusal
from tests.crm.hubspot.calls import Call, cursor, number
from tests.crm.hubspot.clock import iso, milliseconds
from tests.crm.hubspot.schema import plural


def properties(account: Account, call: Call) -> Answer:
    kind = plural(call.words["object"])
    defined = [] if call.archived else account.schema.of(kind).values()
    return Answer(200, {"results": [each.described(account.opened) for each in defined]})


def one_property(account: Account, call: Call) -> Answer:
    found = account.schema.get(plural(call.words["object"]), call.words["id"])
    return Answer(200, found.described(account.opened))


def pipelines(account: Account, call: Call) -> Answer:
    held = account.pipelines.deals if plural(call.words["object"]) == "deals" else {}
    shown = [each.shown(at, account.opened) for at, each in enumerate(held.values())]
    return Answer(200, {"results": shown})


def one_pipeline(account: Account, call: Call) -> Answer:
    for shown in pipelines(account, call).body["results"]:
        if shown["id"] == call.words["id"]:
            return Answer(200, shown)
    raise refusal(404, NOT_FOUND, "resource not found")


def owners(account: Account, call: Call) -> Answer:
    limit = call.limit(100, account.options.owners_page)
    email = call.query.get("email")
    page = account.owners.page(call.after(), limit + 1, call.archived, email)
    body: Json = {"results": [each.shown() for each in page[:limit]]}
    if len(page) > limit:
        body["paging"] = next_page(cursor(page[limit - 1].id))
    return Answer(200, body)


def one_owner(account: Account, call: Call) -> Answer:
    wanted, by_user = number(call.words["id"]), call.query.get("idProperty") == "userId"
    for owner in account.owners.by_id.values():
        if owner.archived == call.archived and wanted == (owner.user_id if by_user else owner.id):
            return Answer(200, owner.shown())
    raise refusal(404, NOT_FOUND, "resource not found")


def details(account: Account, call: Call) -> Answer:
    options = account.options
    offset = account.clock.instant().astimezone(ZoneInfo(options.time_zone)).utcoffset()
    seconds = int((offset or timedelta(0)).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return Answer(
        200,
        {
            "portalId": options.portal_id,
            "accountType": "STANDARD",
            "timeZone": options.time_zone,
            "companyCurrency": options.currency,
            "additionalCurrencies": list(options.other_currencies),
            "utcOffset": f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}",
            "utcOffsetMilliseconds": seconds * 1000,
            "uiDomain": "app-eu1.hubspot.com",
            "dataHostingLocation": "eu1",
        },
    )


def usage(account: Account, call: Call) -> Answer:
    now = account.clock.instant()
    local = now.astimezone(ZoneInfo(account.options.time_zone))
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    row = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": account.options.daily_requests,
        "currentUsage": account.used_today,
        "collectedAt": iso(milliseconds(now)),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso(milliseconds(midnight)),
    }
    return Answer(200, {"results": [row]})
