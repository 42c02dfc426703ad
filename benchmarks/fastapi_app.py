"""Three of our routes in FastAPI + Mangum: the same use cases behind another door.

A reference for benchmarks, never deployed. Queries and answers go through pydantic, as one writes
FastAPI; caller and errors are what ours are.
"""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from mangum import Mangum

from api.answers import AccountRows, AccountView, StageAnswer
from api.app import known_callers
from api.call import Call
from api.identity import WORKSPACE_HEADER, subject_of
from api.routes import accounts, stages
from stageline import bootstrap

app = FastAPI()


@app.get("/v1/accounts", response_model=AccountRows, response_model_exclude_unset=True)
async def list_accounts(
    request: Request,
    stage: Annotated[tuple[str, ...], Query()] = (),
    holds: Annotated[tuple[str, ...], Query()] = (),
    sort: str = "stage",
    external_id: str | None = None,
    q: str | None = None,
    owner: str | None = None,
    in_crm: bool | None = None,
    tag: Annotated[tuple[str, ...], Query()] = (),
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Any:
    query = {
        "stage": stage,
        "holds": holds,
        "sort": sort,
        "external_id": external_id,
        "q": q,
        "owner": owner,
        "in_crm": in_crm,
        "tag": tag,
        "limit": limit,
        "cursor": cursor,
    }
    return accounts.list_accounts(_call(request, query)).body


@app.get("/v1/accounts/{account_id}", response_model=AccountView, response_model_exclude_unset=True)
async def get_account(request: Request, account_id: str) -> Any:
    return accounts.get_account(_call(request, {}, account_id)).body


@app.get(
    "/v1/accounts/{account_id}/stages/crm_stage",
    response_model=StageAnswer,
    response_model_exclude_unset=True,
)
async def get_stage(
    request: Request,
    account_id: str,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Any:
    query = {"as_of": as_of, "known_at": known_at}
    return stages.get_stage(_call(request, query, account_id)).body


def _call(request: Request, query: dict[str, Any], account_id: str = "") -> Call:
    event = request.scope["aws.event"]
    subject = subject_of(event)
    named = request.headers.get(WORKSPACE_HEADER)
    principal = known_callers().principal(subject, named, bootstrap.clock().now())
    request_id = event["requestContext"]["requestId"]
    return Call(event, principal, {"id": account_id}, query, dict(request.headers), request_id)


_adapter = Mangum(app, lifespan="off")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _adapter(event, context)
