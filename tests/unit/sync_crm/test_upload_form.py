"""The form with which a file is uploaded."""

from stageline import bootstrap
from stageline.adapters.files import S3Files
from stageline.domain.workspace import Workspace


def test_the_form_names_the_regions_own_host_and_exactly_one_key(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    client = bootstrap.s3.__wrapped__()

    form = S3Files(client, "uploads-of-us", Workspace("main")).upload_form(
        "0" * 32, "deals", 1_000, 60
    )

    assert form.url == "https://uploads-of-us.s3.eu-west-1.amazonaws.com/"
    assert form.fields["key"] == f"uploads/main/{'0' * 32}/deals.csv"
