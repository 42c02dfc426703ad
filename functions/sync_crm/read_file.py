"""Read uploaded exports into pages (S3, one event for each file)."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import S3Event, event_source
from aws_lambda_powertools.utilities.typing import LambdaContext

from stageline import bootstrap
from stageline.adapters.files import Upload, open_upload, upload_of
from stageline.domain.errors import NotFound
from stageline.domain.jobs import ImportJob
from stageline.use_cases.import_steps import read_import
from sync_crm.connectors.csv_file import CsvFile

logger = Logger()


def read_upload(bucket: str, upload: Upload) -> None:
    zone = bootstrap.configuration(upload.workspace).zone()

    def opened(job: ImportJob) -> CsvFile:
        stream = open_upload(bootstrap.s3(), bucket, upload)
        return CsvFile(stream, job.records, job.mapping, zone)

    job = read_import(
        bootstrap.imports(upload.workspace),
        upload.job_id,
        upload.tag,
        opened,
        bootstrap.clock().today(zone),
    )
    # It may name people, and nobody reads it again: its rows are in pages.
    bootstrap.s3().delete_object(Bucket=bucket, Key=upload.key)
    logger.info(
        "file read",
        workspace=upload.workspace.id,
        job_id=job.job_id,
        status=job.status,
        rows=job.counts.get("read", 0),
        refused=job.counts.get("refused", 0),
        refusal=job.refusal.code if job.refusal else None,
    )


@logger.inject_lambda_context
@event_source(data_class=S3Event)
def handler(event: S3Event, context: LambdaContext) -> None:
    bootstrap.fence().refuse()
    for record in event.records:
        upload = upload_of(record.s3.get_object.key, record.s3.get_object.etag)
        if upload is None:
            logger.info("not an upload of an import")
            continue
        try:
            read_upload(record.s3.bucket.name, upload)
        except NotFound:
            logger.info("no such job", workspace=upload.workspace.id, job_id=upload.job_id)
