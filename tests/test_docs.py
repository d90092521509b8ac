"""The API's documentation."""

from flask.testing import FlaskClient

from consent_server.docs import PROBLEMS
from consent_server.errors import DomainError


def test_every_operation_is_listed(client: FlaskClient) -> None:
    html = client.get("/docs").text
    for path in client.get("/openapi.json").get_json()["paths"]:
        assert path in html


def test_every_problem_of_ours_is_explained(client: FlaskClient) -> None:
    slugs = {error.slug for error in DomainError.__subclasses__()}
    assert slugs <= {problem.slug for problem in PROBLEMS}
    for problem in PROBLEMS:
        response = client.get(f"/docs/problems/{problem.slug}")
        assert response.status_code == 200
        assert str(problem.status) in response.text


def test_another_problem_is_not_found(client: FlaskClient) -> None:
    assert client.get("/docs/problems/none").status_code == 404


def test_the_type_of_an_error_leads_to_its_page(client: FlaskClient) -> None:
    for answer in (client.get("/v1/sites/nowhere/config"), client.delete("/openapi.json")):
        assert client.get(answer.get_json()["type"]).status_code == 200
