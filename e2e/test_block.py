"""`data-block="registry"`: unmarked tags of declared hosts wait as well."""

import re

import pytest
from playwright.sync_api import Page, Route

from e2e.customer import WORDS, CustomerSite, gated, noting
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

GOOGLE = "https://www.googletagmanager.com"
ADS = "https://ads.example.org"
VIDEO = "https://video.example.org"
DECLARED = re.compile(rf"({GOOGLE}|{ADS}|{VIDEO})/")
# Chromium looks no further ahead in a page once it has seen a policy in it, were it an empty one.
LOOK_NO_FURTHER = '<meta http-equiv="Content-Security-Policy" content="">'


class Hosts:
    """The declared hosts, and what they were asked for. A script notes the start of its file's name."""

    def __init__(self, visitor: Visitor) -> None:
        self.asked: list[str] = []
        visitor.context.route(DECLARED, self._answer)

    def _answer(self, route: Route) -> None:
        address = route.request.url
        self.asked.append(address)
        name = re.findall(r"\w+", address.split("/", 3)[3])[0]
        module = "import.meta.url; " if "module" in address else ""
        kind = "text/html" if "frame" in address else "text/javascript"
        route.fulfill(body=module + noting(name), content_type=kind, headers={"Access-Control-Allow-Origin": "*"})

    @property
    def names(self) -> list[str]:
        return sorted(re.sub(r"\W.*", "", address.split("/", 3)[3]) for address in self.asked)


@pytest.fixture
def hosts(visitor: Visitor) -> Hosts:
    return Hosts(visitor)


@pytest.fixture
def blocking(server: ConsentServer) -> str:
    return f'<script src="{server.origin}/ala/choices.js" data-block="registry"></script>'


def first(page: Page, held: list[Route]) -> Route:
    """The first that is held; a route may be told of after its request."""
    while not held:
        page.evaluate("0")
    return held[0]


def settle(visitor: Visitor) -> None:
    visitor.button("Reject all").wait_for()
    visitor.page.wait_for_load_state("networkidle")


MARKUP = f"""<script src="{GOOGLE}/tag.js?id=G-1"></script>
<script type="module" src="{ADS}/module.js"></script>
<script async src="{ADS}/late.js" id="late" class="a b" integrity="" crossorigin="anonymous"></script>"""


def test_scripts_in_the_page_wait_and_go_as_they_are(
    customer: CustomerSite, blocking: str, visitor: Visitor, hosts: Hosts, rows: Rows
) -> None:
    own = f'<script src="{customer.tracker("own")}"></script>'
    customer.page(head=blocking + LOOK_NO_FURTHER, body=WORDS + MARKUP + own)
    page = visitor.visit()
    settle(visitor)
    # An undeclared host is not held back.
    assert visitor.ran() == ["own"]
    assert hosts.asked == []
    assert page.locator("script[type='text/plain'][data-category]").count() == 3
    visitor.decide("Accept all")
    visitor.expect_ran("own", "tag", "module", "late")
    assert hosts.names == ["late", "module", "tag"]
    late = page.locator("#late")
    assert late.evaluate("tag => [tag.className, tag.async, tag.crossOrigin, tag.dataset.provider]") == [
        "a b",
        True,
        "anonymous",
        "sample-ads",
    ]
    assert rows.only()["action"] == "accept_all"


def test_without_the_attribute_unmarked_tags_are_not_ours(
    customer: CustomerSite, blocking: str, visitor: Visitor, hosts: Hosts
) -> None:
    customer.page(head=blocking.replace(' data-block="registry"', ""), body=WORDS + MARKUP)
    visitor.visit()
    visitor.expect_ran("tag", "module", "late")


GTAG = f"""<script>
window.dataLayer = window.dataLayer || []; function gtag(){{dataLayer.push(arguments);}} gtag('js', new Date());
(function () {{ var s = document.createElement('script'); s.src = '{GOOGLE}/snippet.js?id=G-1'; s.async = true;
  document.head.appendChild(s); }})();
gtag('config', 'G-1');</script>"""
GTM = f"""<script>(function(w,d,s,l,i){{w[l]=w[l]||[];w[l].push({{'gtm.start':new Date().getTime(),event:'gtm.js'}});
var f=d.getElementsByTagName(s)[0],j=d.createElement(s),dl=l!='dataLayer'?'&l='+l:'';j.async=true;
j.src='{GOOGLE}/snippet.js?id='+i+dl;f.parentNode.insertBefore(j,f);}})(window,document,'script','dataLayer','GTM-1');
</script>"""
META = f"""<script>!function(f,b,e,v,n,t,s){{if(f.fbq)return;n=f.fbq=function(){{n.callMethod?
n.callMethod.apply(n,arguments):n.queue.push(arguments)}};if(!f._fbq)f._fbq=n;n.push=n;n.loaded=!0;n.version='2.0';
n.queue=[];t=b.createElement(e);t.async=!0;t.src=v;s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}}
(window,document,'script','{ADS}/snippet.js');fbq('init','1');fbq('track','PageView');</script>"""
TYPED = f"""<script>(function(){{var b=document.createElement('script');b.type='text/javascript';b.async=true;
b.src='{ADS}/snippet.js';document.head.appendChild(b);}})();</script>"""
SRC_FIRST = f"""<script>(function(d){{var g=d.createElement('script'),s=d.getElementsByTagName('script')[0];
g.src='{ADS}/snippet.js';g.type='text/javascript';g.defer=true;s.parentNode.insertBefore(g,s);}})(document);</script>"""
MODULE = f"""<script>document.head.append(Object.assign(document.createElement('script'),
{{ type: 'module', src: '{ADS}/snippet.js?module' }}))</script>"""
ATTRIBUTE = f"""<script>(function(d){{var s=d.createElement('script');s.setAttribute('SRC','{ADS}/snippet.js');
d.head.appendChild(s);}})(document);</script>"""


@pytest.mark.parametrize(
    "snippet",
    [GTAG, GTM, META, TYPED, SRC_FIRST, MODULE, ATTRIBUTE],
    ids=["gtag", "Tag Manager", "Meta", "type first", "type last", "module", "attribute"],
)
def test_what_inline_snippets_make_waits(
    customer: CustomerSite, blocking: str, visitor: Visitor, hosts: Hosts, snippet: str
) -> None:
    customer.page(head=blocking + snippet)
    visitor.visit()
    settle(visitor)
    assert hosts.asked == []
    visitor.decide("Accept all")
    visitor.expect_ran("snippet")
    assert hosts.names == ["snippet"]


def test_pictures_and_frames_that_scripts_make_wait(
    customer: CustomerSite, blocking: str, visitor: Visitor, hosts: Hosts
) -> None:
    made = f"""<script>
      window.pixel = new Image(1, 1); pixel.src = '{ADS}/pixel.gif?seen';
      window.other = document.createElement('img'); other.src = '/own.gif';
    </script>"""
    frame = f"""<script>
      window.film = document.createElement('iframe'); film.title = 'Film'; film.src = '{VIDEO}/frame'; film.width = 400;
      document.querySelector('main').append(film, pixel, other);
    </script>"""
    customer.page(head=blocking + made, body=WORDS + frame)
    page = visitor.visit()
    settle(visitor)
    assert hosts.asked == []
    assert page.evaluate("[pixel.dataset.category, film.dataset.category]") == ["marketing", "functional"]
    assert page.evaluate("new URL(other.src).pathname") == "/own.gif"
    with page.expect_response(f"{VIDEO}/frame"), page.expect_response(f"{ADS}/pixel.gif?seen"):
        visitor.button("Accept all").click()
    assert hosts.names == ["frame", "pixel"]


def test_pictures_and_frames_in_the_page_lose_their_address(
    customer: CustomerSite, blocking: str, visitor: Visitor, hosts: Hosts
) -> None:
    """A browser may have asked for them by then: it does so before any script of a page can see the tag."""
    body = f"""{WORDS}<img id="pixel" src="{ADS}/pixel.gif" alt=""><iframe id="film" src="{VIDEO}/frame"></iframe>"""
    customer.page(head=blocking, body=body)
    page = visitor.visit()
    settle(visitor)
    look = "id => [document.getElementById(id).getAttribute('src'), document.getElementById(id).dataset.src]"
    assert page.evaluate(look, "pixel") == [None, f"{ADS}/pixel.gif"]
    assert page.evaluate(look, "film") == [None, f"{VIDEO}/frame"]
    assert visitor.ran() == []


def test_each_provider_is_let_go_alone(customer: CustomerSite, blocking: str, visitor: Visitor, hosts: Hosts) -> None:
    customer.page(head=blocking + LOOK_NO_FURTHER, body=WORDS + MARKUP)
    visitor.visit()
    settle(visitor)
    visitor.decide("Reject all")
    assert hosts.asked == []
    visitor.switch(analytics=True)
    visitor.expect_ran("tag")
    assert hosts.names == ["tag"]


def test_who_has_allowed_it_has_it_at_once(
    customer: CustomerSite, blocking: str, visitor: Visitor, hosts: Hosts
) -> None:
    """On the next page the browser runs the tags of the page itself; after a withdrawal they wait again."""
    customer.page(head=blocking + LOOK_NO_FURTHER, body=WORDS + MARKUP)
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("tag", "module", "late")
    page.reload()
    visitor.expect_ran("tag", "module", "late")
    assert page.locator("[data-category]").count() == 0
    hosts.asked.clear()
    with page.expect_event("load"):
        visitor.switch(functional=False, analytics=False, marketing=False)
    page.wait_for_function("window.visitorChoices?.current.answer === 'rejected'")
    page.wait_for_load_state("networkidle")
    assert (visitor.ran(), hosts.asked) == ([], [])


def test_what_is_marked_or_makes_no_sense_is_left_alone(
    customer: CustomerSite, blocking: str, visitor: Visitor, hosts: Hosts
) -> None:
    odd = """<script src="http://"></script><script src="data:text/javascript,1"></script><img src="//[" alt="">
    <script>new Image().src = ''; document.createElement('script').src = 'https://';
      document.createElement('iframe').src = { toString: () => '/empty' };</script>"""
    marked = gated(f"{ADS}/marked.js", "marketing", "sample-ads")
    lookalike = '<script src="https://ads.example.org.elsewhere.localhost/a.js" id="other"></script>'
    visitor.context.route("https://ads.example.org.elsewhere.localhost/**", lambda route: route.fulfill(body=""))
    customer.page(head=blocking, body=WORDS + odd + marked + lookalike)
    page = visitor.visit()
    settle(visitor)
    assert page.locator("[data-category]").count() == 1
    assert page.locator("#other").get_attribute("src")
    visitor.decide("Accept all")
    visitor.expect_ran("marked")


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_policy_in_the_page_keeps_the_browser_from_looking_ahead(
    customer: CustomerSite, blocking: str, visitor: Visitor, hosts: Hosts, where: str
) -> None:
    """While our script is on its way the browser asks for what comes later in the page; not past a policy."""
    head = blocking + LOOK_NO_FURTHER if where == "after" else LOOK_NO_FURTHER + blocking
    customer.page(head=head, body=WORDS + MARKUP)
    held: list[Route] = []
    visitor.context.route("**/ala/choices.js", lambda route: held.append(route))
    page = visitor.page
    with (
        page.expect_request("**/ala/choices.js"),
        page.expect_event("requestfinished", lambda request: request.is_navigation_request()),
    ):
        page.goto(customer.address(), wait_until="commit")
    first(page, held).continue_()
    settle(visitor)
    assert hosts.asked == []
    assert visitor.ran() == []


def test_what_was_looked_ahead_for_does_not_run(
    customer: CustomerSite, blocking: str, visitor: Visitor, hosts: Hosts
) -> None:
    customer.page(head=blocking, body=WORDS + MARKUP)
    held: list[Route] = []
    visitor.context.route("**/ala/choices.js", lambda route: held.append(route))
    page = visitor.page
    # Chromium does look ahead: where it stops doing so, the page says more than it needs to.
    with page.expect_request(f"{GOOGLE}/tag.js?id=G-1"):
        page.goto(customer.address(), wait_until="commit")
    first(page, held).continue_()
    settle(visitor)
    assert visitor.ran() == []
    visitor.decide("Accept all")
    visitor.expect_ran("tag", "module", "late")
