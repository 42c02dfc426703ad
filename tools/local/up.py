"""`make up`: build, start, deploy, let people in, load sample data, and stay until Ctrl-C."""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stageline.domain.local_hosts import LOCAL_STAGE, LocalHostsRefused, local_hosts
from tools.build import ROOT, BuildFailed, built, machine_architecture
from tools.client import Client
from tools.errors import StagelineError
from tools.local import people, sample, stack_file
from tools.local.aws import REGION, Aws
from tools.local.deploy import ARTIFACTS, DeploymentFailed, deploy, warm_up
from tools.local.ministack import CannotStart, MiniStack, check_port
from tools.packaging import Package
from tools.packaging import package as package_build


@dataclass(frozen=True, slots=True)
class Options:
    """`has_sample` loads the sample company; `with_policies` enforces the functions' policies.

    `hosts` is the file that says which hosts are on this machine.
    """

    port: int
    directory: Path
    stack_path: Path
    has_sample: bool = True
    with_policies: bool = False
    hosts: Path | None = None


class Stopped(Exception):
    """Someone asked us to end."""


def up(options: Options) -> int:
    """Run the local stack until it is asked to end; return the exit code."""
    with _ending_in_order():
        try:
            _run(options)
        except Stopped:
            print("\nstopped", flush=True)
        except (CannotStart, StagelineError) as failure:
            print(failure, file=sys.stderr)
            return 1
        except (BuildFailed, DeploymentFailed) as failure:
            print(f"The stack was not deployed:\n{failure}", file=sys.stderr)
            return 1
        finally:
            stack_file.remove(options.stack_path, os.getpid())
    return 0


def _run(options: Options) -> None:
    check_port(options.port)
    hosts = _hosts(options.hosts)
    architecture = machine_architecture()
    packages = options.directory / "packages"
    package = _timed("built", _build, architecture, packages)
    with MiniStack(
        options.port, options.directory, with_policies=options.with_policies
    ) as ministack:
        aws = Aws(ministack.endpoint_url)
        outputs = _timed("deployed", deploy, aws, package, architecture, hosts)
        stack = _describe(aws, outputs)
        _timed("warm", warm_up, aws, outputs)
        main = Client(stack["api_url"], stack["tokens"]["main"]["admin"], "main")
        if options.has_sample:
            _timed("sample data loaded", sample.load, main, options.directory / "sample")
        aws.functions().invoke(FunctionName=stack["functions"]["tick"], Payload=b"{}")
        stack_file.write(options.stack_path, stack)
        _announce(stack, options, main)
        while not ministack.has_ended():
            time.sleep(0.5)
        raise CannotStart(f"MiniStack ended: see {options.directory / 'ministack.log'}")


def _hosts(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        text = json.dumps(json.loads(file.read_text()))
        local_hosts(text, LOCAL_STAGE)
    except (OSError, ValueError, LocalHostsRefused) as failure:
        raise CannotStart(f"{file}: {failure}") from failure
    return text


def _build(architecture: str, made: Path) -> Package:
    shutil.rmtree(made, ignore_errors=True)
    with built(architecture) as directory:
        return package_build(directory, ARTIFACTS, made)


def _describe(aws: Aws, outputs: dict[str, str]) -> dict[str, Any]:
    let_in = people.seed(
        aws, outputs["TableName"], outputs["UserPoolId"], outputs["UserPoolClientId"]
    )
    return {
        "api_url": f"{aws.endpoint_url}/_aws/execute-api/{outputs['ApiId']}/$default",
        "browser_url": _browser_url(aws.endpoint_url, outputs["ApiId"]),
        "endpoint_url": aws.endpoint_url,
        "region": REGION,
        "table_name": outputs["TableName"],
        "audit_table_name": outputs["AuditTableName"],
        "bucket": outputs["BucketName"],
        "journal_bucket": outputs["JournalBucketName"],
        "functions": {
            "api": outputs["ApiFunctionName"],
            "stream": outputs["StreamFunctionName"],
            "audit": outputs["AuditFunctionName"],
            "tick": outputs["TickFunctionName"],
            "read_file": outputs["ReadFileFunctionName"],
            "work_page": outputs["WorkPageFunctionName"],
            "work": outputs["WorkFunctionName"],
            "verify": outputs["VerifyFunctionName"],
            "privacy": outputs["PrivacyFunctionName"],
        },
        "verification_machine": outputs["VerificationMachineArn"],
        "queues": {
            "pages": outputs["PagesQueueUrl"],
            "pages_dead_letter": outputs["PagesDeadLetterQueueUrl"],
            "work": outputs["WorkQueueUrl"],
            "work_dead_letter": outputs["WorkDeadLetterQueueUrl"],
            "privacy": outputs["PrivacyQueueUrl"],
            "privacy_dead_letter": outputs["PrivacyDeadLetterQueueUrl"],
            "sync": outputs["SyncQueueUrl"],
            "sync_dead_letter": outputs["SyncDeadLetterQueueUrl"],
            "set_aside": outputs["SetAsideQueueUrl"],
        },
        "event_bus": outputs["EventBusName"],
        "id_key_secret": outputs["IdKeySecretName"],
        "privacy_key_secret": outputs["PrivacyKeySecretName"],
        "signing_key": outputs["SigningKeyId"],
        "user_pool_id": outputs["UserPoolId"],
        "client_id": outputs["UserPoolClientId"],
        "workspaces": let_in.workspaces,
        "users": let_in.users,
        "password": people.PASSWORD,
        "tokens": let_in.tokens,
        "pid": os.getpid(),
    }


def _browser_url(endpoint_url: str, api_id: str) -> str:
    port = endpoint_url.rsplit(":", 1)[1]
    return f"http://{api_id}.execute-api.localhost:{port}"


def _announce(stack: dict[str, Any], options: Options, main: Client) -> None:
    shown = options.stack_path
    if shown.is_relative_to(ROOT):
        shown = shown.relative_to(ROOT)
    print(f"""
Stageline runs. Ctrl-C ends it; nothing is kept.
  API      {stack["api_url"]}
  docs     {stack["browser_url"]}/docs
  AWS      {stack["endpoint_url"]} (region {stack["region"]})
  facts    {shown}
  token    (admin of main; others: stageline token ROLE)
{stack["tokens"]["main"]["admin"]}
""")
    if options.has_sample:
        for name, count in sample.count_by_stage(main).items():
            print(f"  {name:<16}{count:>5}")
    else:
        print("  The workspaces are empty: stageline import --accounts FILE --deals FILE")
    sys.stdout.flush()


def _timed[**P, T](what: str, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    started = time.monotonic()
    result = step(*args, **kwargs)
    print(f"{what} ({time.monotonic() - started:.1f} s)", flush=True)
    return result


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Turn the first Ctrl-C or SIGTERM into Stopped, and ignore those while we are ending."""

    def stop(*_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    yield
