"""No place that can hold people's data goes unregistered."""

from pathlib import Path

import pytest
import yaml

from tools.build import ROOT
from tools.check_stores import KEYS, problems

PLACES = ("stores.yaml", "template.yaml", KEYS)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for place in (*PLACES, *_verifiers()):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text((ROOT / place).read_text())
    return tmp_path


def _verifiers():
    stores = yaml.safe_load((ROOT / "stores.yaml").read_text())
    return {entry["verified"] for entries in stores.values() for entry in entries.values()}


def _changed(root, place, before, after):
    text = (root / place).read_text()
    assert before in text
    (root / place).write_text(text.replace(before, after, 1))


def test_every_store_is_registered():
    assert list(problems(ROOT)) == []


def test_a_new_row_of_the_table_must_be_registered(copy):
    _changed(copy, KEYS, "\n| deal |", "\n| document | A#id | DOC#id | | | |\n| deal |")

    assert list(problems(copy)) == ["stores.yaml: table: document is not registered"]


@pytest.mark.parametrize(
    "kind", ["S3::Bucket", "SQS::Queue", "Logs::LogGroup", "Cognito::UserPool", "DynamoDB::Table"]
)
def test_a_new_place_of_the_deployment_must_be_registered(copy, kind):
    _changed(
        copy, "template.yaml", "\nResources:\n", f"\nResources:\n  New: {{Type: AWS::{kind}}}\n"
    )

    assert list(problems(copy)) == ["stores.yaml: resources: New is not registered"]


def test_an_entry_must_say_how_it_is_erased(copy):
    _changed(
        copy, "stores.yaml", "    erased: by changing the fields; an erasure blanks", "    x: "
    )

    assert list(problems(copy)) == [
        "stores.yaml: table: account must say holds, erased, copies, verified"
    ]


def test_what_is_gone_is_taken_out_of_the_register(copy):
    _changed(copy, KEYS, "| deal |", "| bargain |")

    assert "stores.yaml: table: deal does not exist" in list(problems(copy))
