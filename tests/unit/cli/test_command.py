"""What the `stageline` command asks, prints and ends with."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ID = "0123456789abcdef0123456789abcdef"
OTHER_ID = "f" * 32
NOTHING: dict[str, object] = {"items": [], "next_cursor": None}
COMMANDS = [
    ("accounts",),
    ("stage", ID),
    ("freshness",),
    ("import", "--accounts", __file__),
    ("clock", "set", "2030-01-01"),
    ("clock", "reset"),
    ("tick",),
]


def one_line(text):
    return text.count("\n") == 1 and "make up" in text


@pytest.mark.parametrize("command", [*COMMANDS, ("token", "admin")], ids=" ".join)
def test_without_a_stack_one_line_says_what_to_do(stageline, tmp_path, monkeypatch, command):
    monkeypatch.setenv("STAGELINE_STACK", str(tmp_path / "none.json"))

    ran = stageline(*command)

    assert ran.code == 1
    assert one_line(ran.err)
    assert ran.out == ""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_stale_stack_file_is_told_in_one_line(stageline, stale_stack, command):
    ran = stageline(*command)

    assert ran.code == 1
    assert one_line(ran.err)
    assert ran.out == ""


def test_something_else_at_the_address_is_told_in_one_line(stageline, fake, stack):
    fake.routes["GET /v1/accounts"] = lambda asked: (200, b"<html>hello")

    ran = stageline("accounts")

    assert (ran.code, ran.out) == (1, "")
    assert one_line(ran.err)


def test_refused_token_is_told_in_one_line(stageline, fake, stack):
    fake.routes["GET /v1/accounts"] = lambda asked: (401, {"message": "Unauthorized"})

    ran = stageline("accounts")

    assert ran.code == 1
    assert ran.err.count("\n") == 1


def test_token_of_a_role(stageline, stack):
    assert stageline("token", "viewer").out == "token-main-viewer\n"
    assert stageline("token", "viewer", "--workspace", "other").out == "token-other-viewer\n"
    assert stageline("--workspace", "other", "token", "admin", "--json").json == {
        "workspace": "ws-other",
        "role": "admin",
        "token": "token-other-admin",
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(("token", "king"), "admin, viewer", id="role"),
        pytest.param(("token", "admin", "--workspace", "mine"), "mine", id="workspace"),
    ],
)
def test_unknown_name_is_told(stageline, stack, arguments, told):
    ran = stageline(*arguments)

    assert ran.code == 1
    assert told in ran.err


def test_list_goes_on_until_it_has_enough(stageline, fake, stack):
    pages = {
        None: {"items": [row("Alder")], "next_cursor": "second"},
        "second": {"items": [], "next_cursor": "third"},
        "third": {"items": [row("Birch"), row("Cedar")], "next_cursor": "fourth"},
    }
    fake.routes["GET /v1/accounts"] = lambda asked: (
        200,
        pages[asked.query.get("cursor", [None])[0]],
    )

    ran = stageline("accounts", "--limit", 3, "--stage", "client", "--stage", "-", "--not-in-crm")

    assert [line.split()[0] for line in ran.out.splitlines()[1:]] == ["Alder", "Birch", "Cedar"]
    assert "--cursor fourth" in ran.err
    first = fake.asked[0]
    assert first.query == {"limit": ["3"], "stage": ["client", "-"], "in_crm": ["false"]}
    assert first.headers["authorization"] == "Bearer token-main-admin"
    assert first.headers["stageline-workspace"] == "ws-main"


def test_json_is_all_there_is_on_standard_output(stageline, fake, stack):
    page = {"items": [row("Alder")], "next_cursor": None}
    fake.routes["GET /v1/accounts"] = lambda asked: (200, page)

    ran = stageline("accounts", "--json")

    assert ran.json == page
    assert ran.err == ""


def test_problem_of_the_api_is_told_in_one_line(stageline, fake, stack):
    problem = {"code": "invalid", "field": "sort", "detail": "is one of stage, name, since"}
    fake.routes["GET /v1/accounts"] = lambda asked: (422, problem)

    ran = stageline("accounts", "--sort", "foo", "--json")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "stageline: sort is one of stage, name, since (422 invalid)\n"


def test_names_are_no_markup(stageline, fake, stack):
    page = {"items": [row("[bold]Alder[/] :smile:")], "next_cursor": None}
    fake.routes["GET /v1/accounts"] = lambda asked: (200, page)

    assert "[bold]Alder[/]" in stageline("accounts").out


@pytest.mark.parametrize("meant", ["Alder  works", "ALDER WORKS"])
def test_stage_by_exact_name(stageline, fake, stack, meant):
    found = [row("Alder Works"), row("Alder Works North", OTHER_ID)]
    page = {"items": found, "next_cursor": None}
    fake.routes["GET /v1/accounts"] = lambda asked: (200, page if "q" in asked.query else NOTHING)
    fake.routes[f"GET /v1/accounts/{ID}/stages/crm_stage"] = lambda asked: (200, answer())

    ran = stageline("stage", meant, "--as-of", "2026-01-01", "--known-at", "2026-02-01T00:00:00Z")

    assert ran.out.splitlines()[:2] == ["Alder Works", "Client since 2025-05-05, as of 2026-01-01"]
    assert "Next: Client pipeline on 2026-03-03: DEAL_OPENS" in ran.out
    assert fake.asked[-1].query == {
        "as_of": ["2026-01-01"],
        "known_at": ["2026-02-01T00:00:00Z"],
    }


def test_stage_by_an_ambiguous_name_lists_the_ids(stageline, fake, stack):
    page = {"items": [row("Alder"), row("Alder", OTHER_ID)], "next_cursor": None}
    fake.routes["GET /v1/accounts"] = lambda asked: (200, page if "q" in asked.query else NOTHING)

    ran = stageline("stage", "Alder")

    assert ran.code == 1
    assert ID in ran.err and OTHER_ID in ran.err


def test_stage_by_external_id(stageline, fake, stack):
    page = {"items": [row("Alder")], "next_cursor": None}
    fake.routes["GET /v1/accounts"] = lambda asked: (200, page)
    fake.routes[f"GET /v1/accounts/{ID}/stages/crm_stage"] = lambda asked: (200, answer())

    ran = stageline("stage", "ACC-7", "--json")

    assert ran.json == answer()
    assert fake.asked[0].query["external_id"] == ["ACC-7"]


def test_unknown_account_is_told(stageline, fake, stack):
    fake.routes["GET /v1/accounts"] = lambda asked: (200, NOTHING)

    assert "no account has" in stageline("stage", "Nobody Ltd").err


def test_clock_takes_a_day_only(stageline, stack):
    ran = stageline("clock", "set", "tomorrow")

    assert (ran.code, ran.err.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    "profile",
    ["", "[prod\n", "[prod]\nworkspace = 'a'\n", "[prod]\napi_url = 'https://api.example.com'\n"],
    ids=["no section", "no TOML", "no address", "no token"],
)
def test_profile_that_says_too_little_is_told(stageline, tmp_path, monkeypatch, profile):
    path = tmp_path / "profiles.toml"
    path.write_text(profile)
    monkeypatch.setenv("STAGELINE_PROFILES", str(path))
    monkeypatch.delenv("STAGELINE_TOKEN", raising=False)

    ran = stageline("--profile", "prod", "accounts")

    assert (ran.code, ran.err.count("\n")) == (1, 1)


def test_profile_names_another_deployment(stageline, fake, tmp_path, monkeypatch):
    (tmp_path / "token").write_text("secret\n")
    path = tmp_path / "profiles.toml"
    path.write_text(
        f"[prod]\napi_url = '{fake.url}'\nworkspace = 'sales'\ntoken_file = '{tmp_path}/token'\n"
    )
    monkeypatch.setenv("STAGELINE_PROFILES", str(path))
    monkeypatch.delenv("STAGELINE_TOKEN", raising=False)
    fake.routes["GET /v1/accounts"] = lambda asked: (200, {"items": [], "next_cursor": None})

    ran = stageline("accounts", "--json", "--profile", "prod")

    assert ran.code == 0
    assert fake.asked[0].headers["authorization"] == "Bearer secret"
    assert fake.asked[0].headers["stageline-workspace"] == "sales"
    assert "local stack" in stageline("tick", "--profile", "prod").err


def test_help_imports_nothing_slow():
    script = (
        "import sys; sys.argv = ['stageline', 'accounts', '--nonsense']\n"
        "from tools.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "slow = {'boto3', 'botocore', 'stageline', 'yaml', 'http.client'} & set(sys.modules)\n"
        "print(slow or 'quick')"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "quick"


def freshness(stale):
    fresh = {"current_as_of": "2026-01-01T07:00:00Z", "stale": stale}
    last = {"job_id": ID, "status": "completed_with_errors", "completed_at": "2025-12-01T00:00:00Z"}
    return fresh | {
        "stale_after": "PT24H",
        "tick": {"completed_at": "2026-01-01T07:00:00Z", "through": "2026-01-01"},
        "integrations": [
            {
                "key": "file",
                "active": True,
                **fresh,
                "last_import": {"accounts": last, "deals": None},
            }
        ],
    }


@pytest.mark.parametrize(("stale", "code"), [(False, 0), (True, 1)], ids=["fresh", "stale"])
def test_freshness_is_told_and_ends_the_command(stageline, fake, stack, stale, code):
    fake.routes["GET /v1/freshness"] = lambda asked: (200, freshness(stale))

    told = stageline("freshness")
    as_json = stageline("freshness", "--json")

    assert (told.code, as_json.code, told.err) == (code, code, "")
    assert told.out.splitlines() == [
        f"{'stale' if stale else 'fresh'}, current as of 2026-01-01T07:00:00Z (stale after PT24H)",
        "  tick: 2026-01-01T07:00:00Z, through 2026-01-01",
        f"  file: {'stale' if stale else 'fresh'}, current as of 2026-01-01T07:00:00Z",
        f"    accounts: completed with errors at 2025-12-01T00:00:00Z (job {ID})",
        "    deals: no import yet",
    ]
    assert json.loads(as_json.out) == freshness(stale)


def row(name, account_id=ID):
    return {
        "id": account_id,
        "name": name,
        "stage": "client",
        "display": "Client",
        "since": "2025-05-05",
        "in_crm": True,
        "owner_email": None,
        "next_change_on": None,
    }


def answer():
    return {
        "account_id": ID,
        "stage": "client",
        "display": "Client",
        "since": "2025-05-05",
        "as_of": "2026-01-01",
        "predicted": False,
        "next_change": {
            "on": "2026-03-03",
            "to": "client_pipeline",
            "display": "Client pipeline",
            "reason": "DEAL_OPENS",
        },
        "explanation": {"text": "Client: 1 won deal.", "definition": "At least one won deal."},
        "evaluated_at": "2026-01-01T08:00:00Z",
        "current_as_of": "2026-01-01T07:00:00Z",
    }
