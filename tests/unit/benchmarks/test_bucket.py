"""The bucket of the benchmarks answers our adapters as S3 does."""

import pytest

from benchmarks.memory.bucket import Bucket
from stageline.adapters.files import S3Files
from stageline.adapters.seen_ids import S3SeenIds
from stageline.domain.errors import Stale
from stageline.domain.workspace import Workspace

WORKSPACE, JOB = Workspace("acme"), "0" * 32


@pytest.fixture
def bucket(tmp_path):
    return Bucket(tmp_path)


def test_a_page_is_kept_once(bucket):
    files = S3Files(bucket, "bucket", WORKSPACE)

    assert files.keep_page(JOB, 1, ["place", "first"]) == ["place", "first"]
    assert files.keep_page(JOB, 1, ["another"]) == ["place", "first"]
    assert files.page(JOB, 1) == ["place", "first"]


def test_a_page_is_gone_when_it_was_deleted(bucket):
    files = S3Files(bucket, "bucket", WORKSPACE)
    files.save_page(JOB, 1, ["first"])
    files.delete_page(JOB, 1)

    with pytest.raises(Stale):
        files.page(JOB, 1)


def test_ids_are_kept_by_epoch_and_forgotten(bucket):
    seen = S3SeenIds(bucket, "bucket", WORKSPACE, "crm")
    seen.add("deals", "one", "a", ["1", "2"])
    seen.add("deals", "two", "a", ["3"])
    seen.add("accounts", "one", "a", ["4"])

    assert list(seen.epochs("deals")) == ["one", "two"]
    assert list(seen.ids("deals", "one")) == ["1", "2"]
    seen.forget("deals", "one")
    assert list(seen.epochs("deals")) == ["two"]
    assert list(seen.ids("deals", "one")) == []
