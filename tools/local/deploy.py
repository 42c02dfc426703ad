"""Deploy what was built, as `sam deploy` would, in a second or two."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import WaiterError

from tools.local.aws import REGION, Aws
from tools.packaging import Package

STACK_NAME = "stageline"
ARTIFACTS = "stageline-artifacts"
API_ID = "57a6e11e"


class DeploymentFailed(Exception):
    """CloudFormation's reason."""


def deploy(aws: Aws, package: Package, architecture: str, hosts: str = "") -> dict[str, str]:
    """Create the stack; return its outputs. Raises DeploymentFailed."""
    template = package.template
    # Pins the API's address, so that a link stays the same from one start to the next.
    template["Resources"]["Api"]["Properties"]["Tags"] = {"ms-custom-id": API_ID}
    s3 = aws.s3()
    s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key, file in package.files.items():
        s3.put_object(Bucket=ARTIFACTS, Key=key, Body=file.read_bytes())
    template_key = "template.json"
    s3.put_object(Bucket=ARTIFACTS, Key=template_key, Body=json.dumps(template).encode())
    cloudformation = aws.cloudformation()
    cloudformation.create_stack(
        StackName=STACK_NAME,
        TemplateURL=f"{aws.endpoint_url}/{ARTIFACTS}/{template_key}",
        Parameters=[
            {"ParameterKey": "Stage", "ParameterValue": "local"},
            {"ParameterKey": "Architecture", "ParameterValue": architecture},
            {"ParameterKey": "LocalHosts", "ParameterValue": hosts},
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    outputs = _outputs(aws)
    _allow_preflight(aws, outputs["ApiId"])
    return outputs


def warm_up(aws: Aws, outputs: dict[str, str]) -> None:
    """Start one worker of each function, with an event that asks for nothing."""
    nothing: dict[str, object] = {"Records": []}
    no_page = {"workspace": "main", "job": "warm-up", "step": "storing", "page": 0}
    no_rows = {"workspace": "main", "work": "rows", "accounts": []}
    events: dict[str, dict[str, object]] = {
        f"{outputs['ApiFunctionName']}:live": _request("/openapi.json"),
        outputs["StreamFunctionName"]: nothing,
        outputs["AuditFunctionName"]: nothing,
        outputs["ReadFileFunctionName"]: nothing,
        outputs["WorkPageFunctionName"]: {"Records": [_message(no_page)]},
        outputs["WorkFunctionName"]: {"Records": [_message(no_rows)]},
        outputs["PrivacyFunctionName"]: nothing,
    }
    functions = aws.functions()

    def invoke(name: str) -> None:
        functions.invoke(FunctionName=name, Payload=json.dumps(events[name]).encode())

    with ThreadPoolExecutor(len(events)) as pool:
        list(pool.map(invoke, events))


def _message(body: Mapping[str, object]) -> dict[str, object]:
    return {"messageId": "warm-up", "eventSource": "aws:sqs", "body": json.dumps(body)}


def _outputs(aws: Aws) -> dict[str, str]:
    cloudformation = aws.cloudformation()
    waiter = cloudformation.get_waiter("stack_create_complete")
    try:
        waiter.wait(StackName=STACK_NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    except WaiterError as error:
        raise DeploymentFailed(_reason(aws)) from error
    stack = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def _reason(aws: Aws) -> str:
    events = aws.cloudformation().describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    failures = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
    return "; ".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in failures
    )


def _allow_preflight(aws: Aws, api_id: str) -> None:
    # MiniStack ignores the template's CORS settings, but not the same settings by API.
    aws.client("apigatewayv2").update_api(
        ApiId=api_id,
        CorsConfiguration={
            "AllowOrigins": ["*"],
            "AllowMethods": ["*"],
            "AllowHeaders": ["*"],
            "ExposeHeaders": ["etag", "location", "retry-after"],
        },
    )


def _request(path: str) -> dict[str, object]:
    """Return a GET request as the gateway hands it to the function (payload format 2.0)."""
    return {
        "version": "2.0",
        "routeKey": f"GET {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {},
        "requestContext": {
            "http": {"method": "GET", "path": path},
            "requestId": "warm-up",
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
