"""Jobs that are no imports: what the store in memory promises, the DynamoDB one keeps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stageline.adapters.dynamodb.works import DynamoDbWorks
from stageline.domain.errors import AlreadyExists, NotFound, Stale
from stageline.domain.work import Work
from tests.fakes.memory import Memory
from tests.fakes.moves import InMemoryWorks
from tests.fakes.world import WORKSPACE
from tests.integration.pipeline.dynamodb_world import StreamedTable

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(params=["in memory", "in DynamoDB"])
def works(request):
    if request.param == "in memory":
        return InMemoryWorks(Memory(), WORKSPACE)
    return DynamoDbWorks(StreamedTable(), WORKSPACE)


def job(job_id="j1", minutes=0):
    return Work(
        job_id=job_id,
        kind="move",
        asked={"account": "a1", "roots": ["a1", None]},
        requested_by="someone",
        requested_at=NOW + timedelta(minutes=minutes),
    )


def test_a_job_comes_back_as_it_was_stored(works):
    works.add(job())
    works.save(job().at(moved=3))
    ended = works.get("j1").ended("completed", {"moved": 4}, NOW)
    works.save(ended)

    assert works.get("j1") == ended
    assert ended.is_finished and not job().is_finished


def test_a_job_is_stored_once_and_written_over_what_was_read_only(works):
    works.add(job())

    with pytest.raises(AlreadyExists):
        works.add(job())
    works.save(job().at(moved=1))
    with pytest.raises(Stale):
        works.save(job().at(moved=2))


def test_unknown_jobs_are_not_found(works):
    with pytest.raises(NotFound):
        works.get("j1")


def test_the_latest_jobs_of_a_kind_come_first(works):
    for number in range(5):
        works.add(job(f"j{number}", minutes=number))
    works.add(replace(job("other", 9), kind="counts"))

    assert [one.job_id for one in works.latest("move", 3)] == ["j4", "j3", "j2"]
