"""What the API has in common: limits, strict JSON in, JSON out, and how that is described."""

from typing import Any

from flask import Response, json, request
from marshmallow import Schema

from consent_server.errors import TooLarge, UnsupportedMediaType
from consent_server.strict_json import parse_strict


def read_limited(most: int) -> bytes:
    """The body, read to its end or to its limit: a chunked one does not say beforehand how long it is. Raises
    TooLarge."""
    body = b""
    while len(body) <= most:
        chunk = request.stream.read(most + 1 - len(body))
        if not chunk:
            return body
        body += chunk
    raise TooLarge(f"The body has {most:,} bytes at the most.")


def require_json() -> None:
    """Raises UnsupportedMediaType for a body of another type."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send JSON, as application/json.")


def read_json() -> Any:
    """The request's body; raises Malformed, and HTTP's 413."""
    require_json()
    return parse_strict(request.get_data())


def load_json(schema: Schema) -> dict[str, Any]:
    """The same in the shape of a schema; raises ValidationError."""
    loaded: dict[str, Any] = schema.load(read_json())
    return loaded


def load_optional_json(schema: Schema) -> dict[str, Any]:
    """The same for an act that goes without a body as well."""
    if not request.get_data():
        return schema.load({})  # type: ignore[no-any-return]
    return load_json(schema)


def answer(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


BEARER: list[dict[str, list[str]]] = [{"bearer": []}]


def described(schema: type[Schema], description: str) -> dict[str, Any]:
    """An answer in JSON, for the API's description."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def body_of(schema: type[Schema], *, required: bool = True) -> dict[str, Any]:
    return {"required": required, "content": {"application/json": {"schema": schema}}}
