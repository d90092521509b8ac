"""Tools that answer banners for their users: DuckDuckGo's autoconsent as it is, and the rules in `examples/`."""

import json
from pathlib import Path
from typing import Any

import duckduckgo_autoconsent
import pytest
from playwright.sync_api import expect

from e2e.customer import CustomerSite
from e2e.rows import Rows
from e2e.visitors import Visitor, is_decision

EXAMPLES = Path(__file__).parent.parent / "examples"
OURS = json.loads((EXAMPLES / "autoconsent" / "visitor-choices.json").read_text())
CONSENT_O_MATIC = json.loads((EXAMPLES / "consent-o-matic" / "visitor-choices.json").read_text())["visitor-choices"]

# What the extension's background page answers; the rule that acted is noted where the test can see it.
BACKGROUND = """
globalThis.autoconsentSendMessage = async ({ type, cmp, result }) => {
  const answer = (message) => setTimeout(() => autoconsentReceiveMessage(message));
  const note = (text) => { document.documentElement.dataset.tool = text };
  if (type === 'init') answer({ type: 'initResp', config: %(config)s, rules: { autoconsent: %(rules)s } });
  if (type === 'optInResult') note(`${cmp} ${result}`);
  if (type === 'optOutResult') answer({ type: 'selfTest' });
  if (type === 'selfTestResult') note(`${cmp} ${result}`);
};
"""


def install(visitor: Visitor, rules: list[dict[str, Any]], action: str = "optOut") -> None:
    """Puts autoconsent into the visitor's pages as an extension does: early, and in a world of its own."""
    config = {"autoAction": action, "heuristicMode": "reject"}
    given = {"config": json.dumps(config), "rules": json.dumps(rules)}
    session = visitor.context.new_cdp_session(visitor.page)
    # Scripts of other worlds are injected only where the page domain is on.
    session.send("Page.enable")
    session.send(
        "Page.addScriptToEvaluateOnNewDocument",
        {"source": BACKGROUND % given + duckduckgo_autoconsent.bundle(), "worldName": "autoconsent"},
    )


def expect_tool(visitor: Visitor, said: str) -> None:
    expect(visitor.page.locator("html")).to_have_attribute("data-tool", said)


def expect_refused(visitor: Visitor, library: CustomerSite, rows: Rows) -> None:
    """The refusal is in effect, kept, and on record; nothing optional was ever asked for."""
    visitor.expect_closed()
    row = rows.only()
    assert (row["action"], row["surface"]) == ("reject_all", "banner")
    assert not any(row["choices"].values())
    assert visitor.choices.endswith("&a=reject_all&on=&g=")
    assert library.tracked == []


def test_autoconsent_refuses_by_our_rule(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    install(visitor, [OURS])
    with visitor.page.expect_response(is_decision):
        visitor.visit()
    expect_tool(visitor, "visitor-choices true")
    expect_refused(visitor, library, rows)


def test_autoconsent_refuses_without_a_rule_of_ours(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    """With every rule that autoconsent ships and none of ours, it finds the banner by its looks."""
    install(visitor, json.loads(duckduckgo_autoconsent.rules_json()))
    with visitor.page.expect_response(is_decision):
        visitor.visit()
    expect_tool(visitor, "HEURISTIC-REJECT true")
    expect_refused(visitor, library, rows)


def test_autoconsent_cannot_grant(library: CustomerSite, visitor: Visitor, rows: Rows) -> None:
    """A tool's yes is no person's: it is on record as suspected, and nothing follows from it."""
    install(visitor, [OURS], "optIn")
    with visitor.page.expect_response(is_decision):
        visitor.visit()
    expect_tool(visitor, "visitor-choices true")
    row = rows.only()
    assert (row["action"], row["surface"], row["automated"]) == ("accept_all", "api", "suspected")
    expect(visitor.button("Reject all")).to_be_visible()
    assert visitor.page.evaluate("visitorChoices.current.answer") == "none"
    assert visitor.context.cookies() == []
    assert visitor.ran() == []
    assert library.tracked == []


# The part of Consent-O-Matic's engine that our rule uses. The add-on itself is not to be had as a package.
ENGINE = """async ([{ detectors: [detector], methods: [method] }, allowed]) => {
  const within = (node) => node.shadowRoot || node;
  const find = ({ parent, target }) => {
    const top = parent ? document.querySelector(parent.selector) : document;
    return top && [...within(top).querySelectorAll(target.selector)]
      .find((found) => !target.displayFilter || found.offsetHeight !== 0);
  };
  const wait = (time) => new Promise((done) => setTimeout(done, time));
  const acts = {
    click: (config) => find(config)?.click(),
    list: async ({ actions }) => { for (const action of actions) await act(action) },
    waitcss: async (config) => { for (let tries = 10; tries && !find(config); tries--) await wait(250) },
    consent: async ({ consents }) => {
      for (const { type, trueAction } of consents) if (allowed[type]) await act(trueAction);
    },
    ifallownone: ({ trueAction, falseAction }) =>
      act(Object.values(allowed).some((one) => one) ? falseAction : trueAction),
  };
  const act = (action) => acts[action.type](action);
  if (!find(detector.presentMatcher) || !find(detector.showingMatcher)) return false;
  await act(method.action);
  return true;
}"""
NOTHING = dict.fromkeys("DABEFX", False)


@pytest.fixture
def asked(library: CustomerSite, visitor: Visitor) -> Visitor:
    """A visitor who sees the banner."""
    visitor.visit()
    visitor.button("Reject all").wait_for()
    return visitor


def test_consent_o_matic_refuses(asked: Visitor, library: CustomerSite, rows: Rows) -> None:
    with asked.page.expect_response(is_decision):
        assert asked.page.evaluate(ENGINE, [CONSENT_O_MATIC, NOTHING])
    expect_refused(asked, library, rows)
    assert not asked.page.evaluate(ENGINE, [CONSENT_O_MATIC, NOTHING])


def test_consent_o_matic_leaves_an_allowance_to_its_user(asked: Visitor, library: CustomerSite, rows: Rows) -> None:
    """The dialog opens with the user's switches; nothing is in force before a person saves it."""
    assert asked.page.evaluate(ENGINE, [CONSENT_O_MATIC, {**NOTHING, "A": True}])
    expect(asked.dialog.locator("input[name=functional]")).to_be_checked()
    expect(asked.dialog.locator("input[name=analytics]")).not_to_be_checked()
    expect(asked.dialog.locator("input[name=marketing]")).not_to_be_checked()
    assert rows.all() == []
    assert library.tracked == []
    with asked.page.expect_response(is_decision):
        asked.dialog.get_by_role("button", name="Save choices").click()
    asked.expect_ran("video")
    assert rows.only()["choices"] == {"functional": True, "analytics": False, "marketing": False}
