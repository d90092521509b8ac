"""`/docs`: the API, readable; and what each kind of problem means."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, render_template

from consent_server import errors
from consent_server.errors import NotFound

blueprint = Blueprint("docs", __name__, url_prefix="/docs")

METHODS = ("get", "post", "put", "patch", "delete", "options")


@dataclass(frozen=True)
class Problem:
    """A type of problem: the end of its address, its status and title, what happened and what to do."""

    slug: str
    status: int
    title: str
    happened: str
    remedy: str


def _of(error: type[errors.DomainError], happened: str, remedy: str) -> Problem:
    return Problem(error.slug, error.status, error.title, happened, remedy)


PROBLEMS = (
    _of(
        errors.Malformed,
        "The body is not JSON as readers agree on it: broken syntax, a key that is there twice, not UTF-8, NaN, half a "
        "surrogate pair.",
        "Correct the body. Sending it again unchanged does not help.",
    ),
    _of(
        errors.Unauthorized,
        "The address needs a bearer token, and there was none, or it has expired or was taken back.",
        "Send `Authorization: Bearer …` with a token that is in force.",
    ),
    _of(
        errors.Forbidden,
        "The sender is known but may not do this. For a decision: the Origin header is missing, is `null`, or names no "
        "origin of the site.",
        "Have the origin added to the site, or use a token with the scope.",
    ),
    _of(errors.NotFound, "There is nothing at this address, or nothing that this sender may see.", "Check it."),
    Problem(
        "method-not-allowed",
        405,
        "Method Not Allowed",
        "The address exists, but not for this method.",
        "The Allow header names the methods that work.",
    ),
    _of(
        errors.Conflict,
        "There is an event under this id already, and its body was another one.",
        "Mint a new id. A refusal is sent once more under it.",
    ),
    _of(
        errors.State,
        "What is asked for needs the draft in another state: it is in review, is not approved yet, or has no change.",
        "`detail` says which state it is in. Take it back, or wait for whoever is next.",
    ),
    _of(errors.Erased, "The event, or its visitor, was erased on request.", "Nothing: it stays erased."),
    _of(
        errors.PreconditionFailed,
        "If-Match names another state of the draft than the present one: somebody changed it in the meantime.",
        "Read the draft again, bring the changes together, and send with the new ETag.",
    ),
    _of(errors.TooLarge, "The body is larger than this address takes.", "Send less. A decision may have 8,192 bytes."),
    _of(
        errors.UnsupportedMediaType,
        "The Content-Type is not one this address reads.",
        "For a decision: `application/json` or `text/plain`.",
    ),
    _of(
        errors.Invalid,
        "The body is well formed, but a field is missing, unknown or has a value it may not have.",
        "`errors` says for each field what is wrong with it.",
    ),
    _of(
        errors.ClockSkew,
        "The time in the event's id is more than 7 days behind ours or 10 minutes ahead of it.",
        "Mint the id anew from `now`, which is our time, and send again.",
    ),
    _of(
        errors.StaleNotice,
        "Something was allowed under a text that is not in force any more, or that was never ours. A refusal is taken "
        "under any text.",
        "Treat the visitor as undecided and ask under the present text.",
    ),
    _of(
        errors.PreconditionRequired,
        "The request would overwrite the draft without saying which state of it the sender has seen.",
        "Send If-Match with the ETag that reading the draft gave.",
    ),
    _of(
        errors.TooManyRequests,
        "Too many requests came from this address.",
        "Wait as many seconds as Retry-After says.",
    ),
    Problem(
        "internal-server-error",
        500,
        "Internal Server Error",
        "Something went wrong here that should not have. It was logged.",
        "Try again later.",
    ),
    _of(
        errors.Unavailable,
        "The database cannot be reached, or this release is not ready. Nothing was changed.",
        "Wait as many seconds as Retry-After says, and send the same again.",
    ),
)


@blueprint.get("")
def page() -> str:
    """The API in words, from its own description."""
    spec = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return render_template("docs/api.html", spec=spec, groups=_groups(spec), problems=PROBLEMS)


@blueprint.get("/problems/<slug>")
def problem(slug: str) -> Response | str:
    """What one type of problem means."""
    found = next((problem for problem in PROBLEMS if problem.slug == slug), None)
    if found is None:
        raise NotFound("There is no such type of problem.")
    return render_template("docs/problem.html", problem=found)


def _groups(spec: dict[str, Any]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The operations by tag, each with its method, path and parameters."""
    operations = [
        {
            **operation,
            "method": method.upper(),
            "path": path,
            "parameters": _parameters(spec, [*item.get("parameters", []), *operation.get("parameters", [])]),
        }
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    tags = spec.get("tags", [])
    return [(tag, [one for one in operations if tag["name"] in one.get("tags", [])]) for tag in tags]


def _parameters(spec: dict[str, Any], parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = spec.get("components", {}).get("parameters", {})
    return [known[p["$ref"].rsplit("/", 1)[1]] if "$ref" in p else p for p in parameters]
