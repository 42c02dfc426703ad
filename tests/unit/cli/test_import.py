"""`stageline import` against a fake API and bucket."""

import re

import pytest

JOB = {
    "id": "job1",
    "records": "accounts",
    "dry_run": False,
    "counts": {"read": 2, "created": 1, "refused": 1, "changed": 0},
    "problems": 1,
    "progress": {"pages": 1, "total": 1, "done": 1},
    "warnings": [
        {"code": "unknown_columns", "message": "not read", "count": 1, "columns": ["Colour"]}
    ],
    "refusal": None,
}
PROBLEM = {"line": 3, "column": "created_on", "code": "date", "message": "is no day"}


@pytest.fixture
def api(fake, stack):
    """A fake that takes an upload and then says "reading" once before the end."""

    def answer_with(status, problems=(), **job):
        whole = JOB | {"problems": len(problems)} | job
        steps = [whole | {"status": "reading"}, whole | {"status": status}]
        form = {"url": f"{fake.url}/bucket", "fields": {"key": "uploads/x.csv", "policy": "p"}}
        waiting = whole | {"status": "waiting", "upload": form}
        fake.routes |= {
            "POST /v1/imports": lambda asked: (201, waiting),
            "POST /bucket": lambda asked: (204, b""),
            "GET /v1/imports/job1": lambda asked: (200, steps.pop(0) if steps[1:] else steps[0]),
            "GET /v1/imports/job1/problems": lambda asked: (
                200,
                {"items": list(problems), "next_cursor": None},
            ),
        }

    return answer_with


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(b"external_id,name\r\nA1,\xc3\x96zg\xc3\xbcr\r\n")
    return path


@pytest.mark.parametrize(
    ("status", "code"), [("completed", 0), ("completed_with_errors", 3), ("refused", 1)]
)
def test_exit_code_says_how_it_ended(stageline, api, export, status, code):
    api(status)

    assert stageline("import", "--accounts", export).code == code
    api(status)
    assert stageline("import", "--accounts", export, "--json").code == code


def test_file_goes_to_the_bucket_as_it_is(stageline, api, fake, export):
    api("completed")

    stageline("import", "--accounts", export)

    asked, upload = fake.asked[:2]
    assert asked.json == {"records": "accounts", "dry_run": False}
    boundary = upload.headers["content-type"].partition("boundary=")[2].encode()
    parts = upload.content.split(b"--" + boundary)
    assert b'name="key"\r\n\r\nuploads/x.csv\r\n' in parts[1]
    assert b'name="file"' in parts[-2]
    assert parts[-2].endswith(b"\r\n\r\n" + export.read_bytes() + b"\r\n")
    assert "authorization" not in upload.headers


def test_refused_rows_are_shown_with_line_column_and_reason(stageline, api, export):
    api("completed_with_errors", [PROBLEM])

    ran = stageline("import", "--accounts", export)

    assert "accounts from export.csv: completed with errors" in ran.out
    assert re.search(r"3 +created_on +date +is no day", ran.out)
    assert "unknown_columns: Colour" in ran.out


def test_at_most_20_refused_rows_are_shown(stageline, api, export):
    api("completed_with_errors", [PROBLEM | {"line": line} for line in range(2, 32)])

    ran = stageline("import", "--accounts", export)

    assert ran.out.count("is no day") == 20
    assert "and 10 more: --json shows all" in ran.out


def test_json_has_every_problem(stageline, api, export):
    api("completed_with_errors", [PROBLEM | {"line": line} for line in range(2, 32)])

    ran = stageline("import", "--accounts", export, "--json")

    assert len(ran.json["accounts"]["problem_list"]) == 30
    assert ran.err == ""


def test_reason_of_a_refused_file_is_shown(stageline, api, export):
    refusal = {"line": 1, "column": "name", "code": "missing_column", "message": "is needed"}
    api("refused", refusal=refusal)

    ran = stageline("import", "--deals", export)

    assert "line 1, name: is needed (missing_column)" in ran.out


def test_refused_accounts_keep_deals_from_being_sent(stageline, api, fake, export):
    api("refused")

    stageline("import", "--accounts", export, "--deals", export)

    assert sum(asked.path == "/bucket" for asked in fake.asked) == 1


def test_files_are_sent_in_the_order_in_which_they_name_each_other(stageline, api, fake, export):
    sent = []

    def begin(asked):
        sent.append(asked.json["records"])
        api("completed")
        answered = fake.routes["POST /v1/imports"](asked)
        fake.routes["POST /v1/imports"] = begin
        return answered

    api("completed")
    fake.routes["POST /v1/imports"] = begin

    kinds = ["accounts", "deals", "contacts", "activities"]
    options = [part for kind in reversed(kinds) for part in (f"--{kind}", export)]
    ran = stageline("import", *options, "--json")

    assert ran.code == 0
    assert sent == list(ran.json) == kinds


def test_mapping_is_sent_as_it_reads(stageline, api, fake, export, tmp_path):
    api("completed")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "deals:\n  columns: {name: Title, closed_on: null}\n"
        "  values: {status: {No: lost, 'on': open, 12: won}}\n"
        "  defaults: {currency: USD, probability: 0.50, opened_on: 2024-01-01}\n"
        "  percent: true\n"
    )

    stageline("import", "--deals", export, "--mapping", mapping, "--dry-run")

    assert fake.asked[0].json == {
        "records": "deals",
        "dry_run": True,
        "mapping": {
            "deals": {
                "columns": {"name": "Title", "closed_on": None},
                "values": {"status": {"No": "lost", "on": "open", "12": "won"}},
                "defaults": {"currency": "USD", "probability": "0.50", "opened_on": "2024-01-01"},
                "percent": True,
            }
        },
    }


@pytest.mark.parametrize(
    "content",
    [b"deals: [", b"- one\n- two\n", b"\xff\xfe\x00", b"a: 1\na: 2\n", b"", b"? [a]\n: b\n"],
    ids=["broken", "a list", "no text", "a key twice", "empty", "odd key"],
)
def test_unreadable_mapping_is_told_in_one_line(stageline, stack, export, tmp_path, content):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_bytes(content)

    ran = stageline("import", "--deals", export, "--mapping", mapping)

    assert ran.code == 1
    assert ran.err.startswith("stageline: mapping.yaml")
    assert ran.err.count("\n") == 1


def test_import_of_nothing_is_told(stageline, stack):
    ran = stageline("import")

    assert (ran.code, ran.err.count("\n")) == (1, 1)


def test_missing_file_is_wrong_usage(stageline, stack, tmp_path):
    assert stageline("import", "--accounts", tmp_path / "none.csv").code == 2


def test_refused_upload_is_told(stageline, api, fake, export):
    api("completed")
    fake.routes["POST /bucket"] = lambda asked: (403, b"<Error/>")

    assert "the bucket refused export.csv (403)" in stageline("import", "--deals", export).err
