"""Build the real dependencies, once per Lambda environment and only when first asked for."""

from functools import cache
from typing import TYPE_CHECKING

from stageline.config import Settings
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3 import S3Client

    from stageline.adapters.dynamodb.table import Table
    from stageline.adapters.seen_ids import S3SeenIds
    from stageline.audit_ports import AuditLog
    from stageline.call_ports import KeyedCalls
    from stageline.crm_ports import Aliases, IntegrationSecrets, RefusedRecords
    from stageline.custom_ports import Fields
    from stageline.domain.identifiers import Hashing
    from stageline.domain.ids import Identities
    from stageline.erasure_ports import ErasureQueue, Erasures, Fences, RestoreQueue, WorkingFiles
    from stageline.import_ports import Files, Jobs, PagesQueue
    from stageline.link_ports import LinkProposals
    from stageline.ports import (
        Accounts,
        Clock,
        Configuration,
        Deals,
        Directory,
        Groups,
        Lists,
        Rights,
        Rows,
        SetAside,
        SignIn,
        StageEvents,
        Views,
    )
    from stageline.privacy_ports import Certificates, Journal, Signer
    from stageline.record_ports import Activities, Contacts, Tasks, Touches
    from stageline.sync_ports import Checks, SyncQueue, Syncs
    from stageline.use_cases.counts import Counting
    from stageline.use_cases.custom_values import Customs
    from stageline.use_cases.erasure_requests import Privacy
    from stageline.use_cases.fence import Fence
    from stageline.use_cases.import_steps import Imports
    from stageline.use_cases.link_proposals import Proposing
    from stageline.use_cases.links import Linking
    from stageline.use_cases.moves import Moving
    from stageline.use_cases.owners import Owners
    from stageline.use_cases.pipeline import Stores
    from stageline.use_cases.related import Related
    from stageline.use_cases.restoring import Restoring
    from stageline.use_cases.verification_looks import Verifier
    from stageline.use_cases.verifications import Verifications
    from stageline.work_ports import Executions, Inspection, LoneWorks, Outbox, WorkQueue
    from stageline.write_ports import WriteQueue, Writes


@cache
def accounts(workspace: Workspace) -> "Accounts":
    from stageline.adapters.dynamodb.accounts import DynamoDbAccounts

    return DynamoDbAccounts(table(), workspace)


@cache
def aliases(workspace: Workspace) -> "Aliases":
    from stageline.adapters.dynamodb.aliases import DynamoDbAliases

    return DynamoDbAliases(table(), workspace)


@cache
def audit_log(workspace: Workspace) -> "AuditLog":
    from stageline.adapters.dynamodb.audit import DynamoDbAuditLog
    from stageline.adapters.dynamodb.table import Table

    return DynamoDbAuditLog(Table(table().client, settings().audit_table_name), workspace)


@cache
def activities(workspace: Workspace) -> "Activities":
    from stageline.adapters.dynamodb.activities import DynamoDbActivities

    return DynamoDbActivities(table(), workspace)


@cache
def certificates() -> "Certificates":
    from stageline.adapters.journal import S3Certificates

    return S3Certificates(s3(), settings().journal_bucket_name)


@cache
def checks(workspace: Workspace) -> "Checks":
    from stageline.adapters.dynamodb.checks import DynamoDbChecks

    return DynamoDbChecks(table(), workspace)


@cache
def clock() -> "Clock":
    from stageline.adapters.clock import SettableClock, SystemClock

    return SettableClock(table()) if settings().has_settable_clock else SystemClock()


@cache
def configuration(workspace: Workspace) -> "Configuration":
    from stageline.adapters.dynamodb.configuration import DynamoDbConfiguration

    return DynamoDbConfiguration(table(), workspace)


@cache
def contacts(workspace: Workspace) -> "Contacts":
    from stageline.adapters.dynamodb.contacts import DynamoDbContacts

    # Lists of an account's contacts need no key.
    return DynamoDbContacts(
        table(),
        workspace,
        lambda address: identities(workspace).owner(address),
        lambda: hashing(workspace),
    )


@cache
def counting(workspace: Workspace) -> "Counting":
    from time import sleep

    from stageline.adapters.dynamodb.counts import DynamoDbCounts
    from stageline.adapters.dynamodb.subjects import DynamoDbSubjects
    from stageline.schemes import shipped
    from stageline.use_cases.counts import Counting

    return Counting(
        scheme=shipped(),
        counts=DynamoDbCounts(table(), workspace),
        subjects=DynamoDbSubjects(table(), workspace),
        groups=groups(workspace),
        works=works(workspace),
        configuration=configuration(workspace),
        queue=lambda: work_queue(workspace),
        now=lambda: clock().now(),
        pause=sleep,
    )


@cache
def customs(workspace: Workspace) -> "Customs":
    from stageline.use_cases.custom_values import Customs

    return Customs(fields(workspace), identities(workspace))


@cache
def deals(workspace: Workspace) -> "Deals":
    from stageline.adapters.dynamodb.deals import DynamoDbDeals

    return DynamoDbDeals(table(), workspace)


@cache
def directory() -> "Directory":
    from stageline.adapters.dynamodb.directory import DynamoDbDirectory

    return DynamoDbDirectory(table())


@cache
def events() -> "StageEvents":
    import boto3

    from stageline.adapters.events import EventBridgeEvents

    return EventBridgeEvents(boto3.client("events"), settings().event_bus_name)


@cache
def executions(workspace: Workspace) -> "Executions":
    import boto3

    from stageline.adapters.executions import StepFunctionsExecutions

    machine = settings().verification_machine_arn
    return StepFunctionsExecutions(boto3.client("stepfunctions"), machine, workspace)


@cache
def fence() -> "Fence":
    from stageline.use_cases.fence import Fence

    return Fence(settings().table_id, fences(), lambda: journal())


@cache
def fences() -> "Fences":
    from stageline.adapters.dynamodb.fences import DynamoDbFences

    return DynamoDbFences(table())


@cache
def fields(workspace: Workspace) -> "Fields":
    from stageline.adapters.dynamodb.fields import DynamoDbFields

    return DynamoDbFields(table(), workspace)


@cache
def files(workspace: Workspace) -> "Files":
    from stageline.adapters.files import S3Files

    return S3Files(s3(), settings().bucket_name, workspace)


@cache
def groups(workspace: Workspace) -> "Groups":
    from stageline.adapters.dynamodb.groups import DynamoDbGroups

    return DynamoDbGroups(table(), workspace)


@cache
def hashing(workspace: Workspace) -> "Hashing":
    from stageline.domain.identifiers import Hashing

    return Hashing(workspace, privacy_keys())


@cache
def identities(workspace: Workspace) -> "Identities":
    from stageline.domain.ids import Identities

    return Identities(workspace, _id_key())


@cache
def imports(workspace: Workspace) -> "Imports":
    from stageline.use_cases.import_pages import Records
    from stageline.use_cases.import_steps import Imports

    return Imports(
        jobs=jobs(workspace),
        files=files(workspace),
        queue=pages_queue(workspace),
        configuration=configuration(workspace),
        records=Records(
            accounts(workspace),
            deals(workspace),
            contacts(workspace),
            activities(workspace),
            identities(workspace),
            owners(workspace),
            customs(workspace),
            aliases(workspace),
            lambda integration: refused_records(workspace, integration),
        ),
        moving=moving(workspace),
        pipeline=lambda: pipeline(workspace),
        now=clock().now,
        runs=lambda: sync_queue(workspace),
        proposing=proposing(workspace),
    )


@cache
def inspection(workspace: Workspace) -> "Inspection":
    from stageline.adapters.dynamodb.inspection import DynamoDbInspection

    return DynamoDbInspection(table(), workspace)


@cache
def integration_secrets(workspace: Workspace) -> "IntegrationSecrets":
    import boto3

    from stageline.adapters.integration_secrets import SecretsManagerIntegrationSecrets

    client = boto3.client("secretsmanager")
    prefix = settings().integration_secrets_prefix
    return SecretsManagerIntegrationSecrets(client, prefix, workspace)


@cache
def jobs(workspace: Workspace) -> "Jobs":
    from stageline.adapters.dynamodb.jobs import DynamoDbJobs

    return DynamoDbJobs(table(), workspace)


@cache
def journal() -> "Journal":
    from stageline.adapters.journal import S3Journal

    return S3Journal(s3(), settings().journal_bucket_name)


@cache
def keyed_calls(workspace: Workspace) -> "KeyedCalls":
    from stageline.adapters.dynamodb.keyed_calls import DynamoDbKeyedCalls

    return DynamoDbKeyedCalls(table(), workspace)


@cache
def link_proposals(workspace: Workspace) -> "LinkProposals":
    from stageline.adapters.dynamodb.link_proposals import DynamoDbLinkProposals

    return DynamoDbLinkProposals(table(), workspace)


@cache
def linking(workspace: Workspace) -> "Linking":
    from stageline.use_cases.links import Linking

    return Linking(
        moving=moving(workspace),
        deals=deals(workspace),
        contacts=contacts(workspace),
        activities=activities(workspace),
        tasks=tasks(workspace),
        proposals=link_proposals(workspace),
        today=lambda: clock().today(configuration(workspace).zone()),
    )


@cache
def lists(workspace: Workspace) -> "Lists":
    from stageline.adapters.dynamodb.lists import DynamoDbLists

    return DynamoDbLists(table(), workspace)


@cache
def moving(workspace: Workspace) -> "Moving":
    from stageline.adapters.dynamodb.moves import DynamoDbMoves
    from stageline.use_cases.moves import Moving

    return Moving(
        accounts=accounts(workspace),
        moves=DynamoDbMoves(table(), workspace),
        works=works(workspace),
        queue=lambda: work_queue(workspace),
        now=lambda: clock().now(),
    )


@cache
def outbox(workspace: Workspace) -> "Outbox":
    from stageline.adapters.dynamodb.outbox import DynamoDbOutbox

    return DynamoDbOutbox(table(), workspace)


@cache
def owners(workspace: Workspace) -> "Owners":
    from stageline.use_cases.owners import Owners

    return Owners(contacts(workspace).suppressed, lambda: hashing(workspace))


@cache
def pages_queue(workspace: Workspace) -> "PagesQueue":
    import boto3

    from stageline.adapters.pages_queue import SqsPagesQueue

    return SqsPagesQueue(boto3.client("sqs"), settings().pages_queue_url, workspace)


@cache
def pipeline(workspace: Workspace) -> "Stores":
    from stageline.domain.evaluation import Evaluator
    from stageline.schemes import shipped
    from stageline.use_cases.pipeline import Stores

    return Stores(
        accounts=accounts(workspace),
        deals=deals(workspace),
        groups=groups(workspace),
        rows=rows(workspace),
        owner_of=lambda address: identities(workspace).owner(address),
        evaluators=(Evaluator.of(shipped()),),
        clock_may_go_back=settings().has_settable_clock,
    )


@cache
def privacy_keys() -> "Mapping[int, bytes]":
    """Return the keys of the hashed identifiers by number; the highest one is the current."""
    import boto3

    from stageline.adapters.secrets import versioned_keys

    secrets = boto3.client("secretsmanager")
    return versioned_keys(secrets, settings().privacy_key_secret_name)


@cache
def rights(workspace: Workspace) -> "Rights":
    from stageline.adapters.dynamodb.rights import DynamoDbRights

    return DynamoDbRights(table(), workspace)


@cache
def erasures(workspace: Workspace) -> "Erasures":
    from stageline.adapters.dynamodb.erasures import DynamoDbErasures

    return DynamoDbErasures(table(), workspace)


@cache
def erasure_queue(workspace: Workspace) -> "ErasureQueue":
    import boto3

    from stageline.adapters.erasure_queue import SqsErasureQueue

    return SqsErasureQueue(boto3.client("sqs"), settings().privacy_queue_url, workspace)


@cache
def working_files(workspace: Workspace) -> "WorkingFiles":
    from stageline.adapters.working_files import S3WorkingFiles

    return S3WorkingFiles(s3(), settings().bucket_name, workspace)


@cache
def privacy(workspace: Workspace) -> "Privacy":
    from time import sleep

    from stageline.adapters.dynamodb.owned import DynamoDbOwned
    from stageline.schemes import shipped
    from stageline.use_cases.crm_erasures import CrmCommands
    from stageline.use_cases.erasing import Erasing
    from stageline.use_cases.erasing_members import Members
    from stageline.use_cases.erasure_look import PeoplesRecords
    from stageline.use_cases.erasure_mentions import Around
    from stageline.use_cases.erasure_requests import Privacy
    from stageline.use_cases.imports import is_unfinished

    around = Around(accounts(workspace), deals(workspace), activities(workspace), tasks(workspace))
    records = PeoplesRecords(
        erasures(workspace),
        contacts(workspace),
        around,
        customs(workspace),
        lambda: hashing(workspace),
    )
    members = Members(
        workspace,
        directory(),
        DynamoDbOwned(table(), workspace, (shipped().key,)),
        sign_in,
        lambda address: identities(workspace).owner(address),
    )
    return Privacy(
        workspace=workspace,
        erasing=Erasing(
            records,
            lambda: pipeline(workspace),
            lambda: clock().now(),
            sleep,
            members,
            lambda: [
                refused_records(workspace, one.key)
                for one in configuration(workspace).integrations()
                if one.connection is not None
            ],
            CrmCommands(
                writes(workspace),
                lambda: write_queue(workspace),
                lambda: identities(workspace),
                lambda: configuration(workspace).read(),
                lambda: clock().now(),
            ),
        ),
        queue=lambda: erasure_queue(workspace),
        journal=journal,
        certificates=certificates,
        signer=signer,
        files=lambda: working_files(workspace),
        is_import_open=lambda job_id: is_unfinished(jobs(workspace), job_id),
        today=lambda: clock().today(configuration(workspace).zone()),
    )


def remove_integration(workspace: Workspace, key: str, run_id: str) -> None:
    """Delete an integration at the end of the run by which it is left. Raises NotFound."""
    from stageline.domain.stamp import Stamp
    from stageline.use_cases import crm_integrations

    crm_integrations.remove_integration(
        configuration(workspace),
        integration_secrets(workspace),
        refused_records(workspace, key),
        key,
        today=clock().today(configuration(workspace).zone()),
        stamp=Stamp(by="run", request=run_id, at=clock().now()),
        run_id=run_id,
    )
    seen_ids(workspace, key).forget_all()
    refused_records(workspace, key).forget_all()


@cache
def proposing(workspace: Workspace) -> "Proposing":
    from stageline.use_cases.link_proposals import Proposing

    return Proposing(
        accounts(workspace), lists(workspace), link_proposals(workspace), configuration(workspace)
    )


@cache
def refused_records(workspace: Workspace, integration: str) -> "RefusedRecords":
    from stageline.adapters.dynamodb.refused_records import DynamoDbRefusedRecords

    return DynamoDbRefusedRecords(table(), workspace, integration)


@cache
def related(workspace: Workspace) -> "Related":
    from stageline.use_cases.related import Related

    return Related(accounts(workspace), deals(workspace), contacts(workspace))


@cache
def restore_queue(workspace: Workspace) -> "RestoreQueue":
    import boto3

    from stageline.adapters.erasure_queue import SqsRestoreQueue

    return SqsRestoreQueue(boto3.client("sqs"), settings().privacy_queue_url, workspace)


@cache
def restoring(workspace: Workspace) -> "Restoring":
    from dataclasses import replace

    from stageline.use_cases.restoring import Restoring

    return Restoring(
        table_id=settings().table_id,
        fences=fences(),
        journal=journal(),
        works=works(workspace),
        queue=lambda: restore_queue(workspace),
        erasing_in=lambda other: replace(privacy(other).erasing, is_restoring=True),
        workspaces=lambda: directory().workspaces(),
        now=lambda: clock().now(),
    )


@cache
def rows(workspace: Workspace) -> "Rows":
    from stageline.adapters.dynamodb.rows import DynamoDbRows

    return DynamoDbRows(table(), workspace)


@cache
def s3() -> "S3Client":
    import boto3
    from botocore.config import Config

    # Presigned forms of the older signature are refused in newer regions, and without a style they
    # name the global host, which redirects uploads to a bucket that is new elsewhere.
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    return boto3.client("s3", config=config)


@cache
def seen_ids(workspace: Workspace, integration: str) -> "S3SeenIds":
    from stageline.adapters.seen_ids import S3SeenIds

    return S3SeenIds(s3(), settings().bucket_name, workspace, integration)


@cache
def set_aside() -> "SetAside":
    import boto3

    from stageline.adapters.set_aside import SqsSetAside

    return SqsSetAside(boto3.client("sqs"), settings().set_aside_queue_url)


@cache
def settings() -> Settings:
    return Settings.from_env()


@cache
def sign_in() -> "SignIn":
    import boto3

    from stageline.adapters.sign_in import CognitoSignIn

    cognito = boto3.client("cognito-idp")
    return CognitoSignIn(cognito, settings().user_pool_id, lambda: settings().user_pool_client_id)


@cache
def signer() -> "Signer":
    import boto3

    from stageline.adapters.signing import KmsSigner

    return KmsSigner(boto3.client("kms"), settings().signing_key_id)


@cache
def sync_queue(workspace: Workspace) -> "SyncQueue":
    import boto3

    from stageline.adapters.sync_queue import SqsSyncQueue

    return SqsSyncQueue(boto3.client("sqs"), settings().sync_queue_url, workspace)


@cache
def syncs(workspace: Workspace) -> "Syncs":
    from stageline.adapters.dynamodb.syncs import DynamoDbSyncs

    return DynamoDbSyncs(table(), workspace)


@cache
def table() -> "Table":
    from botocore.session import get_session

    from stageline.adapters.dynamodb.client import make_client
    from stageline.adapters.dynamodb.table import Table

    # What boto3.client does, without boto3: its import brings S3 transfers, a fifth of the time to
    # a cold function's first read.
    return Table(make_client(get_session()), settings().table_name)


@cache
def tasks(workspace: Workspace) -> "Tasks":
    from stageline.adapters.dynamodb.tasks import DynamoDbTasks

    return DynamoDbTasks(table(), workspace, lambda address: identities(workspace).owner(address))


@cache
def touches(workspace: Workspace) -> "Touches":
    from stageline.adapters.dynamodb.touches import DynamoDbTouches

    return DynamoDbTouches(table(), workspace)


@cache
def verifications(workspace: Workspace) -> "Verifications":
    from stageline.use_cases.verifications import Verifications

    return Verifications(works(workspace), executions(workspace), inspection(workspace))


@cache
def verifier(workspace: Workspace) -> "Verifier":
    from time import sleep

    from stageline.use_cases.imports import is_loading
    from stageline.use_cases.verification_looks import Verifier

    return Verifier(
        stores=pipeline(workspace),
        inspection=inspection(workspace),
        outbox=outbox(workspace),
        publish=lambda sent: events().publish([(workspace, event) for event in sent]),
        is_loading=lambda: is_loading(jobs(workspace), clock().now()),
        today=lambda: clock().today(configuration(workspace).zone()),
        now=clock().now,
        sleep=sleep,
    )


@cache
def views(workspace: Workspace) -> "Views":
    from stageline.adapters.dynamodb.views import DynamoDbViews

    return DynamoDbViews(table(), workspace)


@cache
def work_queue(workspace: Workspace) -> "WorkQueue":
    import boto3

    from stageline.adapters.work_queue import SqsWorkQueue

    return SqsWorkQueue(boto3.client("sqs"), settings().work_queue_url, workspace)


@cache
def works(workspace: Workspace) -> "LoneWorks":
    from stageline.adapters.dynamodb.works import DynamoDbWorks

    return DynamoDbWorks(table(), workspace)


@cache
def write_queue(workspace: Workspace) -> "WriteQueue":
    import boto3

    from stageline.adapters.sync_queue import SqsSyncQueue

    return SqsSyncQueue(boto3.client("sqs"), settings().sync_queue_url, workspace)


@cache
def writes(workspace: Workspace) -> "Writes":
    from stageline.adapters.dynamodb.writes import DynamoDbWrites

    return DynamoDbWrites(table(), workspace)


@cache
def _id_key() -> bytes:
    import boto3

    from stageline.adapters.secrets import secret_bytes

    return secret_bytes(boto3.client("secretsmanager"), settings().id_key_secret_name)
