"""The API's document as one page of HTML: no scripts, nothing loaded from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1c2430;background:#fff}
h2{margin-top:3rem;border-bottom:1px solid #d5dae2}
details{border:1px solid #d5dae2;border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}
summary{cursor:pointer}
code{font:14px ui-monospace,monospace}
b.m{display:inline-block;width:4.5rem;font:700 13px ui-monospace,monospace;color:#1f5fae}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{border-top:1px solid #e6e9ef;padding:.25rem .5rem;text-align:left;vertical-align:top}
@media(prefers-color-scheme:dark){body{background:#14181f;color:#dde3ec}
details,h2,td,th{border-color:#333b47}b.m{color:#7db2f5}}
"""


def page_of(document: Mapping[str, Any]) -> str:
    """Return the page of an OpenAPI document."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    info = document["info"]
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escape(info['title'])} API</h1><p>{escape(info['summary'])}</p>"
    yield "<p>Send <code>Authorization: Bearer</code> and an access token. The same in"
    yield 'OpenAPI 3.1: <a href="openapi.json">openapi.json</a>.</p>'
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'])}</h2>"
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation["tags"]:
                    yield from _operation(method, path, operation)
    yield "<h2>Shapes</h2>"
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield from _schema(name, schema)
    yield "</body></html>"


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<details><summary><b class=m>{method.upper()}</b> <code>{escape(path)}</code>"
    yield f"{escape(operation['summary'])}</summary>"
    if operation["parameters"]:
        rows = (
            (
                f"{parameter['name']}{' *' if parameter.get('required') else ''}",
                parameter["in"],
                _type(parameter["schema"]),
                escape(parameter.get("description", "")),
            )
            for parameter in operation["parameters"]
        )
        yield from _table(("Parameter", "In", "Type", "What"), rows)
    body = operation.get("requestBody")
    if body:
        yield f"<p>Body: {_type(next(iter(body['content'].values()))['schema'])}</p>"
    responses = (
        (status, escape(response["description"]), _content_type(response))
        for status, response in operation["responses"].items()
    )
    yield from _table(("Status", "When", "Body"), responses)
    yield "</details>"


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    anchor = escape(name, quote=True)
    yield f'<details id="{anchor}" open><summary><code>{escape(name)}</code></summary>'
    if "description" in schema:
        yield f"<p>{escape(schema['description'])}</p>"
    needed = schema.get("required", ())
    rows = (
        (f"{field}{' *' if field in needed else ''}", _type(of), escape(of.get("description", "")))
        for field, of in schema.get("properties", {}).items()
    )
    yield from _table(("Field", "Type", "What"), rows)
    yield "</details>"


def _table(heads: tuple[str, ...], rows: Any) -> Iterator[str]:
    yield f"<table><tr>{''.join(f'<th>{head}' for head in heads)}</tr>"
    for name, *cells in rows:
        yield f"<tr><td><code>{escape(name)}</code>{''.join(f'<td>{cell}' for cell in cells)}</tr>"
    yield "</table>"


def _content_type(response: Mapping[str, Any]) -> str:
    content = response.get("content")
    return _type(next(iter(content.values()))["schema"]) if content else ""


def _type(schema: Mapping[str, Any]) -> str:
    """Return a schema as a few words of HTML."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}"><code>{name}</code></a>'
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    words = [str(schema.get("format") or schema.get("type", "any"))]
    if "minimum" in schema and "maximum" in schema:
        words.append(f"{schema['minimum']} to {schema['maximum']}")
    if "default" in schema and schema["default"] not in (None, ""):
        words.append(f"(default {schema['default']})")
    return escape(" ".join(words))
