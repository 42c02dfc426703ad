"""`stageline verify`: what it asks, follows, prints and ends with."""

import pytest

ID = "0123456789abcdef0123456789abcdef"


def job(status="completed", repair=False, done=4, **counts):
    drift = {"ledger": 0, "row": 0} | counts.get("drift", {})
    return {
        "id": ID,
        "kind": "verification",
        "status": status,
        "repair": repair,
        "progress": {"parts": 4, "done": done},
        "accounts": 3,
        "groups": 2,
        "items": 30,
        "unsettled": counts.get("unsettled", 0),
        "drift": drift,
        "repaired": dict.fromkeys(drift, 0) | counts.get("repaired", {}),
        "examples": {"row": ["a1", "a2"]} if drift["row"] else {},
    }


@pytest.fixture
def verified(fake, stack):
    """Let the fake answer with a job that runs at the first look."""

    def answer(ended, begun=None):
        looks = [job("running", done=1), ended]
        fake.routes["POST /v1/verifications"] = lambda asked: begun or (202, job())
        fake.routes[f"GET /v1/verifications/{ID}"] = lambda asked: (200, looks.pop(0))

    return answer


def test_nothing_differs(stageline, fake, verified):
    verified(job())

    ran = stageline("verify")

    assert (ran.code, fake.asked[0].json) == (0, {"repair": False})
    assert "30 items, 3 accounts, 2 groups" in ran.out
    assert "nothing differs" in ran.out


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        pytest.param(job(drift={"row": 2}), 1, id="it differs"),
        pytest.param(job(repair=True, drift={"row": 2}, repaired={"row": 2}), 0, id="repaired"),
        pytest.param(job(repair=True, drift={"row": 2}, repaired={"row": 1}), 1, id="in part"),
        pytest.param(job("failed", done=3), 1, id="a part failed"),
        pytest.param(job(unsettled=7), 1, id="an import runs"),
    ],
)
def test_the_exit_code_tells_whether_all_is_right_in_the_end(stageline, verified, ended, code):
    verified(ended)

    assert stageline("verify", *(["--repair"] if ended["repair"] else [])).code == code


def test_what_differs_is_told_by_kind_with_ids(stageline, verified):
    verified(job(drift={"row": 2}))

    ran = stageline("verify")

    (line,) = [line for line in ran.out.splitlines() if line.startswith("row")]
    assert line.split() == ["row", "2", "0", "a1", "a2"]
    assert "verify --repair" in ran.out


def test_the_one_that_runs_is_followed(stageline, verified):
    running = {"code": "verification_running", "job": {"id": ID, "href": "…"}}
    verified(job(), begun=(409, running))

    ran = stageline("verify", "--repair", "--json")

    assert (ran.code, ran.json["id"]) == (0, ID)
    assert f"verification {ID} is running; following it" in ran.err
