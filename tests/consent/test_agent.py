"""A user agent, reduced."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_server.consent.agent import MAX_LENGTH, Agent, reduce_agent

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.7444.59 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1.1 Mobile/15E148 Safari/604.1"
)
IPAD = IPHONE.replace("iPhone; CPU iPhone OS", "iPad; CPU OS")
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("header", "agent"),
    [
        (CHROME, Agent("Chrome 142", "Linux", "desktop", "human")),
        (IPHONE, Agent("Mobile Safari 18", "iOS", "phone", "human")),
        (IPAD, Agent("Mobile Safari 18", "iOS", "tablet", "human")),
        (GOOGLEBOT, Agent("Googlebot 2", None, None, "declared")),
        (CHROME.replace("Chrome/", "HeadlessChrome/"), Agent("HeadlessChrome 142", "Linux", "desktop", "suspected")),
        ("curl/8.5.0", Agent("curl 8", None, None, "declared")),
        ("", Agent(None, None, None, "suspected")),
        ("something nobody has heard of", Agent(None, None, None, "human")),
    ],
)
def test_reduced_to_families_a_major_version_and_a_kind_of_device(header, agent):
    assert reduce_agent(header) == agent


def test_versions_below_the_major_one_are_forgotten():
    assert "7444" not in repr(reduce_agent(CHROME))
    assert "18_1" not in repr(reduce_agent(IPHONE)) and "18.1" not in repr(reduce_agent(IPHONE))


@settings(max_examples=40)
@given(st.text(max_size=600))
def test_any_header_is_taken_and_fits_its_columns(header):
    agent = reduce_agent(header)
    assert len(agent.browser or "") <= 64 and len(agent.os or "") <= 64
    assert agent.device in (None, "desktop", "phone", "tablet")
    assert agent.automated in ("human", "declared", "suspected")


def test_only_the_beginning_of_a_long_header_counts():
    assert reduce_agent(CHROME.ljust(MAX_LENGTH) + "HeadlessChrome") == reduce_agent(CHROME)


def test_the_cache_is_bounded():
    assert reduce_agent.cache_info().maxsize == 4096
