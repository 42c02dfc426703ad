"""Files and their pages wait while a restored table is not checked, and nothing of them is lost."""

from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from stageline import bootstrap
from stageline.adapters.dynamodb.keys import FENCE_KEY
from stageline.domain.errors import RestoredNotChecked
from tests.integration.sync_crm.machine import sqs

FILE = "external_id,name\na1,Glassworks\n"
BEFORE = "the table before"


@pytest.fixture
def close():
    """Return what makes the table a restored one, for functions that start anew."""

    def restore():
        bootstrap.table().put(FENCE_KEY | {"table": BEFORE})
        bootstrap.fence.cache_clear()

    yield restore
    open_again()


def open_again():
    bootstrap.fences().open(bootstrap.settings().table_id, BEFORE)


def test_a_file_is_read_when_its_event_comes_again(machine, close):
    job = machine.ask("accounts")
    close()

    with pytest.raises(RestoredNotChecked):
        machine.upload(job, FILE)
    assert bootstrap.jobs(machine.workspace).get(job.job_id).status == "waiting"
    open_again()

    assert machine.run("accounts", FILE, job=job).counts["created"] == 1


def test_a_page_is_stored_when_its_message_comes_again(machine, close):
    job = machine.ask("accounts")
    machine.upload(job, FILE)
    close()

    sent: list[Any] = []
    machine.sent = sent.append
    with pytest.raises(BatchProcessingError, match="RestoredNotChecked"):
        machine.pump()
    assert machine.items("META") == []
    open_again()
    for message in sent:
        url = bootstrap.settings().pages_queue_url
        sqs().send_message(QueueUrl=url, MessageBody=message["Body"])
    machine.pump()

    assert bootstrap.jobs(machine.workspace).get(job.job_id).status == "completed"
    assert [item["name"] for item in machine.items("META")] == ["Glassworks"]
