"""Whether the API answers. It says nothing of what is stored."""

from aws_lambda_powertools.event_handler import Response

from stageline import bootstrap


def health() -> Response[str]:
    status = "fenced" if bootstrap.fence().is_closed() else "ok"
    return Response(
        status_code=200,
        content_type="application/json",
        body=f'{{"status":"{status}"}}',
        headers={"Cache-Control": "no-store"},
    )
