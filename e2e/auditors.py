"""Auditors at their site."""

from playwright.sync_api import Page

from e2e.servers import ConsentServer


def sign_in(page: Page, server: ConsentServer, email: str, password: str) -> None:
    page.goto(f"{server.origin}/audit/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
