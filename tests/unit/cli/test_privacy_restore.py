"""`stageline privacy restore-check`: what it follows, says and ends with."""

import pytest

ID = "0123456789abcdef0123456789abcdef"
CHECKS = "/v1/privacy/restore-checks"


def job(status="completed", read_back=3, **more):
    return {
        "id": ID,
        "kind": "restore_check",
        "status": status,
        "progress": {"entries": 3, "applied": 3, "read_back": read_back},
        "remaining": {},
        "unknown_workspaces": 0,
    } | more


@pytest.fixture
def checked(fake, stack):
    """Let the fake answer with a check that runs at the first look."""

    def answer(ended):
        looks = [job("running", 1), ended]
        fake.routes[f"POST {CHECKS}"] = lambda asked: (202, job("running", 0))
        fake.routes[f"GET {CHECKS}/{ID}"] = lambda asked: (200, looks.pop(0))

    return answer


def test_nobody_is_left(stageline, checked):
    checked(job())

    ran = stageline("privacy", "restore-check")

    assert (ran.code, ran.err) == (0, "")
    assert "3 entries of the journal were applied and read back" in ran.out
    assert "the API answers" in ran.out


def test_what_is_left_is_told_by_store(stageline, checked):
    checked(job("failed", remaining={"contact": 2}, unknown_workspaces=1))

    ran = stageline("privacy", "restore-check")

    assert ran.code == 1
    (line,) = [line for line in ran.out.splitlines() if line.startswith("contact")]
    assert line.split() == ["contact", "2"]
    assert "1 workspaces with erasures are not in this table" in ran.out
    assert "the API stays closed" in ran.out


def test_for_scripts_there_is_the_whole_check(stageline, checked):
    checked(job("failed", remaining={"contact": 2}))

    ran = stageline("privacy", "restore-check", "--json")

    assert (ran.code, ran.json["remaining"]) == (1, {"contact": 2})
