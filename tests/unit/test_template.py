"""What the template promises: encryption, retention, least privilege, no lost failures."""

import json
from datetime import timedelta

import pytest
import yaml

from stageline.adapters.dynamodb.audited_items import AUDITED
from stageline.adapters.dynamodb.keys import LOCATOR_SORT, memberships_partition
from stageline.config import Settings
from stageline.domain.keyed_call import HELD
from stageline.domain.local_hosts import LocalHostsRefused
from tools.build import ROOT
from tools.packaging import TemplateLoader

TEMPLATE = yaml.load((ROOT / "template.yaml").read_text(), TemplateLoader)
RESOURCES = TEMPLATE["Resources"]


def of_type(kind):
    return {name: found for name, found in RESOURCES.items() if found["Type"] == f"AWS::{kind}"}


def statements():
    for name, role in of_type("IAM::Role").items():
        for policy in role["Properties"]["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def actions(statement):
    return [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


def stream_source(name="StreamFunction"):
    return RESOURCES[name]["Properties"]["Events"]["TableStream"]["Properties"]


@pytest.mark.parametrize("name", ["Table", "AuditTable"])
def test_a_table_can_be_restored_and_is_encrypted_with_our_key(name):
    table = RESOURCES[name]["Properties"]

    assert table["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 35,
    }
    assert table["SSESpecification"]["KMSMasterKeyId"] == {"Fn::GetAtt": ["TableKey", "Arn"]}
    assert table["DeletionProtectionEnabled"] == {"Fn::If": ["IsProtected", True, False]}


def test_items_of_the_table_may_expire_and_what_happens_to_them_is_streamed():
    table = RESOURCES["Table"]["Properties"]

    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_the_audit_is_only_added_to_by_one_role_and_read_by_another():
    allowed = {
        (role, action)
        for role, statement in statements()
        for action in actions(statement)
        if "AuditTable" in json.dumps(statement["Resource"])
    }

    assert allowed == {("AuditRole", "dynamodb:PutItem"), ("ApiRole", "dynamodb:Query")}


def test_the_audit_may_not_be_changed_by_anybody_and_never_expires():
    table = RESOURCES["AuditTable"]["Properties"]
    (stays,) = table["ResourcePolicy"]["PolicyDocument"]["Statement"]

    assert (stays["Effect"], stays["Principal"], stays["Resource"]) == ("Deny", "*", "*")
    changing = {"UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete"}
    assert set(stays["Action"]) == {f"dynamodb:{action}" for action in changing}
    assert "TimeToLiveSpecification" not in table


def test_the_audit_may_do_nothing_to_the_records():
    of_records = [
        action
        for role, statement in statements()
        for action in actions(statement)
        if role == "AuditRole" and statement["Resource"] == {"Fn::GetAtt": ["Table", "Arn"]}
    ]

    assert of_records == []


@pytest.mark.parametrize(
    "name",
    [
        "Table",
        "AuditTable",
        "TableKey",
        "IdKeySecret",
        "Bucket",
        "JournalBucket",
        "PrivacyKeySecret",
        "SigningKey",
        "UserPool",
    ],
)
def test_what_is_stored_outlives_the_stack(name):
    assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_the_bucket_is_private_encrypted_and_forgets():
    bucket = RESOURCES["Bucket"]["Properties"]
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "BucketEncryption" in bucket
    assert "VersioningConfiguration" not in bucket
    assert (rules["ExpireUploads"]["Prefix"], rules["ExpireUploads"]["ExpirationInDays"]) == (
        "uploads/",
        7,
    )
    assert (rules["ExpirePages"]["Prefix"], rules["ExpirePages"]["ExpirationInDays"]) == (
        "pages/",
        3,
    )
    assert "AbortIncompleteMultipartUpload" in rules["AbortIncompleteUploads"]


def test_what_the_journal_keeps_is_locked_for_as_long_as_it_is_kept():
    bucket = RESOURCES["JournalBucket"]["Properties"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    kept = {"Ref": "JournalRetentionDays"}

    assert bucket["ObjectLockEnabled"] is True
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {
        "Mode": {"Fn::If": ["IsProtected", "COMPLIANCE", "GOVERNANCE"]},
        "Days": kept,
    }
    assert rule["ExpirationInDays"] == kept
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "BucketEncryption" in bucket


def test_the_journal_outlives_every_backup_of_the_table():
    backup = RESOURCES["Table"]["Properties"]["PointInTimeRecoverySpecification"]

    assert TEMPLATE["Parameters"]["JournalRetentionDays"]["MinValue"] > 35
    assert backup["RecoveryPeriodInDays"] == 35


def test_nobody_deletes_from_the_journal_or_writes_over_what_it_has():
    policy = RESOURCES["JournalBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    stays, not_over, transport = (one.get("Fn::If", [None, one])[1] for one in policy)

    assert {(one["Effect"], one["Principal"]) for one in (stays, not_over, transport)} == {
        ("Deny", "*")
    }
    assert {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"} <= {
        *stays["Action"]
    }
    assert not_over["Action"] == "s3:PutObject"
    assert not_over["Condition"] == {"Null": {"s3:if-none-match": "true"}}


def test_the_journal_is_only_added_to_by_one_role():
    allowed = {
        (role, action)
        for role, statement in statements()
        for action in actions(statement)
        if "JournalBucket" in json.dumps(statement["Resource"])
    }

    doors = ("ApiRole", "ReadFileRole", "WorkPageRole", "SyncRole")
    assert allowed == {
        ("ApiRole", "s3:GetObject"),
        *((role, "s3:ListBucket") for role in (*doors, "PrivacyRole")),
        ("PrivacyRole", "s3:GetObject"),
        ("PrivacyRole", "s3:PutObject"),
    }


def test_files_are_deleted_for_good_by_privacy_only():
    deleting = {role for role, found in statements() if "s3:DeleteObjectVersion" in actions(found)}

    assert deleting == {"PrivacyRole"}


def test_certificates_are_signed_by_one_role_with_a_key_for_nothing_else():
    key = RESOURCES["SigningKey"]["Properties"]
    signing = {role for role, found in statements() if "kms:Sign" in actions(found)}

    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert signing == {"PrivacyRole"}


def test_the_first_key_of_the_hashed_identifiers_is_made_by_the_deployment():
    made = RESOURCES["PrivacyKeySecret"]["Properties"]["GenerateSecretString"]

    assert json.loads(made["SecretStringTemplate"]) == {}
    assert (made["GenerateStringKey"], made["PasswordLength"]) == ("1", 64)


def test_users_are_deleted_by_privacy_only():
    deleting = {
        role for role, found in statements() if "cognito-idp:AdminDeleteUser" in actions(found)
    }

    assert deleting == {"PrivacyRole"}


@pytest.mark.parametrize("name", ["ApiFunction", "ReadFileFunction", "WorkPageFunction"])
def test_every_door_knows_who_was_erased_and_which_table_it_writes(name):
    variables = RESOURCES[name]["Properties"]["Environment"]["Variables"]

    assert variables["TABLE_ID"] == {"Fn::GetAtt": ["Table", "StreamArn"]}
    assert variables["PRIVACY_KEY_SECRET_NAME"] == {"Ref": "PrivacyKeySecret"}
    assert variables["JOURNAL_BUCKET_NAME"] == {"Ref": "JournalBucket"}


def test_every_function_has_a_role_and_a_log_group_of_its_own():
    functions = [function["Properties"] for function in of_type("Serverless::Function").values()]
    roles = {function["Role"]["Fn::GetAtt"][0] for function in functions}
    groups = {function["LoggingConfig"]["LogGroup"]["Ref"] for function in functions}

    assert len(roles) == len(groups) == len(functions)


def test_logs_are_kept_for_a_set_time_only():
    kept = [
        group["Properties"].get("RetentionInDays") for group in of_type("Logs::LogGroup").values()
    ]

    assert kept
    assert all(days == {"Ref": "LogRetentionDays"} for days in kept)


def test_no_policy_allows_any_action_or_any_resource():
    wide = [
        (role, action)
        for role, statement in statements()
        for action in actions(statement)
        if "*" in action or statement["Resource"] == "*"
    ]

    # ListStreams knows no single stream; SendMessage* is SendMessage, of which the local stack
    # tells the batches apart.
    assert wide == [
        ("ApiRole", "sqs:SendMessage*"),
        ("StreamRole", "dynamodb:ListStreams"),
        ("StreamRole", "sqs:SendMessage*"),
        ("AuditRole", "dynamodb:ListStreams"),
        ("TickRole", "sqs:SendMessage*"),
        ("ReadFileRole", "sqs:SendMessage*"),
        ("WorkPageRole", "sqs:SendMessage*"),
        ("WorkPageRole", "sqs:SendMessage*"),
        ("SyncRole", "sqs:SendMessage*"),
        ("WorkRole", "sqs:SendMessage*"),
        ("PrivacyRole", "sqs:SendMessage*"),
        ("PrivacyRole", "sqs:SendMessage*"),
    ]


def test_only_verification_may_scan():
    """Nothing else finds what should not be there; everything else reads what it has a key for."""
    scanning = [role for role, found in statements() if "dynamodb:Scan" in actions(found)]

    assert scanning == ["VerifyRole"]


def machine():
    definition = RESOURCES["VerificationMachine"]["Properties"]["DefinitionString"]
    return json.loads(definition.replace("${MostAtOnce}", "1"))


def test_a_part_of_a_verification_that_fails_does_not_stop_the_others():
    parts = machine()["States"]["Parts"]

    assert parts["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
    assert parts["ToleratedFailurePercentage"] == 100
    assert parts["ItemProcessor"]["States"]["Part"]["Retry"]
    assert parts["ResultPath"] is None


def test_verification_hands_on_ids_and_numbers_only():
    states = machine()["States"]

    assert set(states["Parts"]["ItemSelector"]) == {"step", "workspace.$", "job.$", "part.$"}
    assert set(states["End"]["Parameters"]) == {"step", "workspace.$", "job.$"}


def test_drift_of_the_last_week_and_a_failed_verification_raise_alarms():
    drift = RESOURCES["DriftAlarm"]["Properties"]
    failed = RESOURCES["VerificationFailedAlarm"]["Properties"]

    assert drift["Period"] * drift["EvaluationPeriods"] == 7 * 24 * 3600
    assert (drift["DatapointsToAlarm"], drift["Threshold"]) == (1, 0)
    assert failed["MetricName"] == "ExecutionsFailed"


def test_a_call_that_died_blocks_its_key_no_longer_than_it_could_have_run():
    assert timedelta(seconds=RESOURCES["ApiFunction"]["Properties"]["Timeout"]) == HELD


@pytest.mark.parametrize("name", ["StreamFunction", "AuditFunction"])
def test_a_failing_stream_batch_is_cut_down_and_set_aside(name):
    source = stream_source(name)

    assert source["StartingPosition"] == "TRIM_HORIZON"
    assert source["BisectBatchOnFunctionError"] is True
    assert 0 < source["MaximumRetryAttempts"] < 100
    assert 0 < source["MaximumRecordAgeInSeconds"] < 24 * 3600
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": ["SetAsideQueue", "Arn"]
    }


def patterns(of):
    """Return the patterns of the stream's filter, of those that differ the local ones or AWS's."""
    found = [found["Pattern"] for found in stream_source()["FilterCriteria"]["Filters"]]
    chosen = [
        one["Fn::If"][{"local": 1, "aws": 2}[of]] if "Fn::If" in one else one for one in found
    ]
    return [json.loads(one) for one in chosen]


@pytest.mark.parametrize("of", ["local", "aws"])
def test_the_stream_filter_lets_through_inputs_values_ended_imports_and_new_events_only(of):
    found = patterns(of)

    prefixes = [[one["prefix"] for one in p["dynamodb"]["Keys"]["SK"]["S"]] for p in found]
    assert prefixes == [
        ["META", "DEAL#", "L#", "A#VALUE#", "TOUCH#", "LAST"],
        ["IMPORTED#"],
        ["E#"],
    ]
    assert [p.get("eventName") for p in found] == [None, None, ["INSERT"]]


def test_what_a_job_writes_goes_around_the_stream():
    """On AWS it does not even start the handler, which leaves it out by itself."""
    assert patterns("aws")[0]["dynamodb"]["NewImage"] == {"in_job": {"BOOL": [{"exists": False}]}}
    assert "NewImage" not in patterns("aws")[1]["dynamodb"]


def test_every_kind_of_items_that_is_audited_passes_the_audits_filter():
    """What jobs write, too."""
    by_sort, members, removed = (
        json.loads(one["Pattern"])
        for one in stream_source("AuditFunction")["FilterCriteria"]["Filters"]
    )
    prefixes = [one["prefix"] for one in by_sort["dynamodb"]["Keys"]["SK"]["S"]]

    assert set(prefixes) == {one.sort for one in AUDITED if one.partition != "~"}
    assert by_sort["dynamodb"].keys() == {"Keys"}
    assert members["dynamodb"]["Keys"]["PK"]["S"] == [{"prefix": memberships_partition("")}]
    assert removed == {"eventName": ["REMOVE"], "dynamodb": {"Keys": {"SK": {"S": [LOCATOR_SORT]}}}}


def test_the_stream_has_no_more_readers_than_dynamodb_takes():
    readers = [
        name
        for name, function in of_type("Serverless::Function").items()
        if "TableStream" in function["Properties"].get("Events", {})
    ]

    assert readers == ["StreamFunction", "AuditFunction"]


@pytest.mark.parametrize("name", ["StreamFunction", "AuditFunction"])
def test_a_reader_of_the_stream_that_is_behind_raises_an_alarm(name):
    watched = [
        alarm["Properties"]["Dimensions"]
        for alarm in of_type("CloudWatch::Alarm").values()
        if alarm["Properties"]["MetricName"] == "IteratorAge"
    ]

    assert [{"Name": "FunctionName", "Value": {"Ref": name}}] in watched


@pytest.mark.parametrize(
    "name", ["TickFunction", "ReadFileFunction", "VerifyFunction", "PrivacyFunction"]
)
def test_an_asynchronous_failure_ends_in_a_queue(name):
    config = RESOURCES[name]["Properties"]["EventInvokeConfig"]

    destination = config["DestinationConfig"]["OnFailure"]["Destination"]
    assert destination == {"Fn::GetAtt": ["SetAsideQueue", "Arn"]}
    role = RESOURCES[name]["Properties"]["Role"]["Fn::GetAtt"][0]
    allowed = [
        s["Resource"]
        for r, s in statements()
        if r == role and any(action.startswith("sqs:SendMessage") for action in actions(s))
    ]
    assert any(destination in (r if isinstance(r, list) else [r]) for r in allowed)


def test_every_dead_letter_has_an_alarm():
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in of_type("CloudWatch::Alarm").values()
        for dimension in alarm["Properties"]["Dimensions"]
        if dimension["Name"] == "QueueName"
    }

    assert watched == {
        "PagesDeadLetterQueue",
        "PrivacyDeadLetterQueue",
        "SetAsideQueue",
        "SyncDeadLetterQueue",
        "WorkDeadLetterQueue",
    }


def test_a_day_without_a_tick_raises_an_alarm():  # S0.18
    alarm = RESOURCES["StaleStagesAlarm"]["Properties"]

    assert alarm["Period"] * alarm["EvaluationPeriods"] == 24 * 3600
    assert (alarm["Namespace"], alarm["MetricName"]) == ("Stageline", "TickCompleted")
    assert alarm["TreatMissingData"] == "breaching"


def test_stale_stages_of_one_workspace_raise_an_alarm():  # S0.18
    alarm = RESOURCES["StaleWorkspacesAlarm"]["Properties"]

    assert (alarm["Namespace"], alarm["MetricName"]) == ("Stageline", "StaleWorkspaces")
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Maximum", 0)
    assert alarm["Dimensions"] == RESOURCES["StaleStagesAlarm"]["Properties"]["Dimensions"]


def test_an_erasure_that_stays_partial_for_a_day_raises_an_alarm():
    """So do hours in which nobody looked: they do not begin the day anew."""
    alarm = RESOURCES["ErasureOverdueAlarm"]["Properties"]

    assert alarm["Period"] * alarm["EvaluationPeriods"] == 24 * 3600
    assert (alarm["Namespace"], alarm["MetricName"]) == ("Stageline", "ErasuresPartial")
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Maximum", 0)
    assert alarm["TreatMissingData"] == "breaching"


@pytest.mark.parametrize(
    ("queue", "worker"), [("WorkQueue", "WorkFunction"), ("PrivacyQueue", "PrivacyFunction")]
)
def test_a_message_stays_hidden_while_its_worker_may_run(queue, worker):
    timeout = RESOURCES[worker]["Properties"]["Timeout"]

    assert RESOURCES[queue]["Properties"]["VisibilityTimeout"] > timeout


def test_a_page_stays_hidden_while_its_worker_may_run():
    worker = RESOURCES["WorkPageFunction"]["Properties"]

    assert RESOURCES["PagesQueue"]["Properties"]["VisibilityTimeout"] >= 6 * worker["Timeout"]


def test_only_the_description_of_the_api_and_preflights_are_public():
    public = {
        route["Properties"]["RouteKey"]
        for route in of_type("ApiGatewayV2::Route").values()
        if route["Properties"].get("AuthorizationType") != "JWT"
    }

    assert public == {"GET /openapi.json", "GET /docs", "GET /health", "OPTIONS /{proxy+}"}


def test_access_logs_hold_neither_queries_nor_addresses():
    log_format = RESOURCES["ApiStage"]["Properties"]["AccessLogSettings"]["Format"]

    assert json.loads(log_format)["route"] == "$context.routeKey"
    assert not [word for word in ("query", "sourceIp", "identity", "claims") if word in log_format]


def test_only_an_administrator_adds_users():
    pool = RESOURCES["UserPool"]["Properties"]

    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


def test_every_parameter_and_output_is_described():
    for part in ("Parameters", "Outputs"):
        assert [n for n, found in TEMPLATE[part].items() if not found.get("Description")] == []


def test_the_clock_can_be_set_on_the_local_stack_only():
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]

    assert variables["SETTABLE_CLOCK"] == {"Fn::If": ["IsLocal", "true", "false"]}
    assert TEMPLATE["Conditions"]["IsLocal"] == {"Fn::Equals": [{"Ref": "Stage"}, "local"]}


def test_only_the_local_stage_finds_hosts_on_its_own_machine():
    (rule,) = TEMPLATE["Rules"].values()
    (assertion,) = rule["Assertions"]
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]

    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "local"]}]}
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "LocalHosts"}, ""]}
    assert variables["LOCAL_HOSTS"] == {"Fn::If": ["IsLocal", {"Ref": "LocalHosts"}, ""]}


def test_a_function_of_another_stage_refuses_hosts_on_its_own_machine():
    hosts = '{"api.hubapi.com": "127.0.0.1:9001"}'

    assert Settings({"STAGE": "local", "LOCAL_HOSTS": hosts}).local_hosts
    assert not Settings({"STAGE": "prod", "LOCAL_HOSTS": ""}).local_hosts
    with pytest.raises(LocalHostsRefused):
        _ = Settings({"STAGE": "prod", "LOCAL_HOSTS": hosts}).local_hosts


def test_the_api_writes_the_credentials_of_integrations_and_reads_none():
    of_integrations = {
        action
        for role, statement in statements()
        for action in actions(statement)
        if role == "ApiRole" and "integrations/" in json.dumps(statement["Resource"])
    }

    writing = ("CreateSecret", "PutSecretValue", "DeleteSecret")
    assert of_integrations == {f"secretsmanager:{action}" for action in writing}


def test_changed_stages_are_sent_to_be_written_to_crms_as_ids_and_only_from_our_bus():
    rule = RESOURCES["StagesToWriteRule"]["Properties"]
    (target,) = rule["Targets"]
    allowed = RESOURCES["SyncQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"][1]

    assert rule["EventPattern"]["detail"] == {"scheme": ["crm_stage"], "origin": ["change"]}
    assert target["InputTransformer"]["InputPathsMap"] == {
        "workspace": "$.detail.workspace",
        "account": "$.detail.account_id",
    }
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["SyncDeadLetterQueue", "Arn"]}}
    assert allowed["Action"] == "sqs:SendMessage"
    assert "StagesToWriteRule" in json.dumps(allowed["Condition"])
