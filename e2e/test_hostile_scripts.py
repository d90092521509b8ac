"""Pages whose scripts and markup change what every script builds on."""

import pytest
from playwright.sync_api import expect

from e2e.customer import WORDS, CustomerSite
from e2e.rows import Rows
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

# What Prototype 1.6 and 1.7 do to a page, as far as it could concern others.
PROTOTYPE = """
var $A = function (list) { var made = []; if (!list) return made;
  if (list.toArray) return list.toArray();
  for (var i = 0; i < list.length; i++) made.push(list[i]); return made; };
Array.from = $A;
Array.prototype.each = function (act) { for (var i = 0; i < this.length; i++) act(this[i], i); return this; };
Array.prototype.toArray = function () { return this.slice(0); };
Array.prototype.toJSON = function () { return '[' + this.map(Object.toJSON).join(', ') + ']'; };
Array.prototype.reduce = function () { return this.length > 1 ? this : this[0]; };
Array.prototype.find = Array.prototype.detect = function (test) { for (var i = 0; i < this.length; i++)
  if (test(this[i], i)) return this[i]; };
Array.prototype.include = Array.prototype.member = function (one) { return this.indexOf(one) !== -1; };
Array.prototype.entries = Array.prototype.toArray;
Array.prototype.without = Array.prototype.compact = function () { return this; };
Object.toJSON = function (value) { return typeof value === 'string' ? '"' + value + '"' : String(value); };
Object.keys = function (object) { var keys = []; for (var key in object) if (object.hasOwnProperty(key)) keys.push(key);
  return keys; };
Object.values = function (object) { var values = []; for (var key in object) values.push(object[key]); return values; };
Object.extend = function (to, from) { for (var key in from) to[key] = from[key]; return to; };
String.prototype.toJSON = function () { return '"' + this + '"'; };
String.prototype.startsWith = function (start) { return this.lastIndexOf(start, 0) === 0; };
Number.prototype.toJSON = Date.prototype.toJSON = function () { return '"' + this + '"'; };
Function.prototype.bind = function (context) { var self = this, given = $A(arguments).slice(1);
  return function () { return self.apply(context, given.concat($A(arguments))); }; };
Function.prototype.delay = Function.prototype.defer = function () { setTimeout(this, 10); };
document.getElementsByClassName = function (name) { return $A(document.querySelectorAll('.' + name)); };
var $ = function (id) { return document.getElementById(id); };
['show', 'hide', 'remove', 'update', 'replace', 'visible', 'toggle', 'select', 'wrap', 'next', 'down', 'fire']
  .forEach(function (name) { HTMLElement.prototype[name] = function () {
    if (name === 'remove' && this.parentNode) this.parentNode.removeChild(this); return this; }; });
Event.prototype.stop = function () { this.preventDefault(); this.stopPropagation(); };
"""
# MooTools 1.2 to 1.4: natives with other constructors.
MOOTOOLS = """
window.Element = function (tag) { return document.createElement(tag); };
window.Event = function (event) { return event; };
window.Native = window.Type = function () {};
Array.from = function (item) { return item == null ? [] : item.length !== undefined ? [].slice.call(item) : [item]; };
Array.prototype.contains = String.prototype.contains = function (one) { return this.indexOf(one) > -1; };
Array.prototype.flatten = Array.prototype.clean = Array.prototype.associate = function () { return this; };
Function.prototype.bind = function (that, given) { var self = this;
  if (given != null && !Array.isArray(given)) given = [given];
  return function () { return self.apply(that, given || arguments); }; };
Function.prototype.extend = Function.prototype.implement = function () { return this; };
"""
# jQuery 1.x with its AMD corner, and `$` that is nobody's.
JQUERY = """
(function (window) {
  var jQuery = function (selector) { return { length: 0, ready: function (act) { setTimeout(act); return this; } }; };
  jQuery.noConflict = function () { return jQuery; };
  if (typeof define === 'function' && define.amd) define('jquery', [], function () { return jQuery; });
  window.jQuery = window.$ = jQuery;
})(window);
$.event = { props: [] }; window.toString = function () { return 'page'; };
"""
# An old promise that knows what A+ asks for, and four of its usual ways to make one.
PROMISE = """
(function (Native) {
  function Old(act) { this.inner = new Native(act); }
  Old.prototype.then = function (a, b) { var inner = this.inner;
    return new Old(function (done) { done(inner.then(a, b)); }); };
  Old.prototype['catch'] = function (b) { return this.then(undefined, b); };
  ['resolve', 'reject', 'all', 'race'].forEach(function (name) { Old[name] = function (given) {
    return new Old(function (done) { done(Native[name](given)); }); }; });
  window.Promise = Old;
})(Promise);
"""
JSON2 = """
JSON.parse = (function (parse) { return function (text, as) { return parse(String(text), as); }; })(JSON.parse);
JSON.stringify = (function (make) { return function (value) { return make(value, null, ' '); }; })(JSON.stringify);
"""
INHERITED = """
Object.prototype.each = Object.prototype.extend = function () {}; Object.prototype.marketing = true;
Object.prototype.category = Object.prototype.provider = Object.prototype.src = 'marketing';
Array.prototype.each = Array.prototype.last = function () {}; Array.prototype[7] = 'seven';
Function.prototype.method = String.prototype.trim2 = function () {};
"""
GLOBALS = """
window.config = window.first = window.stored = window.core = window.host = window.root = 1;
window.Node = window.Text = window.Event = window.Element = window.Comment = undefined;
window.name = 'visitorChoices'; window.event = window.status = window.top2 = null;
window.element = window.run = window.open2 = window.show = function () { throw Error('not yours'); };
"""
POLLUTIONS = {
    "Prototype": PROTOTYPE,
    "MooTools": MOOTOOLS,
    "jQuery": JQUERY,
    "Promise": PROMISE,
    "JSON": JSON2,
    "inherited": INHERITED,
    "globals": GLOBALS,
    "toJSON": "Array.prototype.toJSON = () => 'broken'; String.prototype.toJSON = () => '?';",
    "Array.from": "Array.from = (list) => [].slice.call(list);",
}


@pytest.mark.parametrize("pollution", POLLUTIONS.values(), ids=POLLUTIONS.keys())
def test_a_page_that_changes_the_language(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows, pollution: str
) -> None:
    customer.page(head=f"<script>{pollution}</script>{script}", body=WORDS + trackers)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []
    visitor.decide("Reject all")
    row = rows.only()
    assert row["action"] == "reject_all"
    assert row["choices"] == {"functional": False, "analytics": False, "marketing": False}
    assert customer.tracked == []
    visitor.switch(analytics=True)
    visitor.expect_ran("ga")
    row = rows.all()[-1]
    assert (row["action"], row["visitor_id"]) == ("custom", visitor.visitor_id)
    assert row["choices"] == {"functional": False, "analytics": True, "marketing": False}
    assert row["providers"] == {}


MODULES = """
window.module = { exports: {} }; window.exports = module.exports; window.defined = [];
window.require = function () { throw Error('There are no modules here.'); };
window.define = function () { defined.push(arguments.length); }; define.amd = { jQuery: true };
"""


def test_module_loaders_are_left_alone(
    library: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    library.page(head=f"<script>{MODULES}</script>{script}", body=WORDS + trackers)
    page = visitor.visit()
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    assert page.evaluate("[defined, Object.keys(module.exports), module.exports === exports]") == [[], [], True]
    assert rows.only()["action"] == "accept_all"


def test_it_leaves_one_global(customer: CustomerSite, script: str, visitor: Visitor) -> None:
    """And `dataLayer`, for a site that declares a provider with Google's consent mode."""
    customer.page(head=f"<script>window.before = new Set(Object.getOwnPropertyNames(window))</script>{script}")
    page = visitor.visit()
    visitor.button("Choose").click()
    expect(visitor.dialog.get_by_role("switch", name="Analytics")).to_be_visible()
    visitor.dialog.get_by_role("button", name="Reject all").click()
    visitor.expect_closed()
    made = set(page.evaluate("Object.getOwnPropertyNames(window).filter((name) => !before.has(name))"))
    assert made - {"before", "dataLayer"} == {"visitorChoices"}


SHADOWS = [
    '<img name="currentScript" alt=""><form name="readyState"></form><form name="scripts"></form>',
    '<form name="activeElement"></form><form name="baseURI"></form><form name="head"></form><form name="forms"></form>',
    '<form name="query"><input name="append"><input name="localName"><input name="parentNode"><input id="host"></form>',
    '<i id="visitorChoices"></i><i id="navigator"></i><i id="localStorage"></i><i id="core"></i>',
    '<form id="visitorChoices" name="visitor_choices"><input name="ready"><input name="push"></form>',
    '<a id="title" href="#"></a><section id="about-analytics"></section><i id="CSSStyleSheet"></i><i id="CLEAR"></i>',
]


@pytest.mark.parametrize("shadows", SHADOWS)
def test_names_of_elements_that_shadow_what_scripts_use(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows, shadows: str
) -> None:
    customer.page(body=shadows + WORDS + trackers + script)
    page = visitor.visit()
    visitor.button("Reject all").wait_for()
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []
    visitor.decide("Accept all")
    visitor.expect_ran("video", "ga", "ads")
    assert rows.only()["action"] == "accept_all"
    assert page.evaluate("visitorChoices.current.answer") == "all"


def test_a_form_called_like_the_root_element(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, rows: Rows
) -> None:
    customer.page(body=f'<form name="documentElement"></form>{WORDS}{trackers}{script}')
    visitor.visit()
    visitor.decide("Reject all")
    assert rows.only()["action"] == "reject_all"
    visitor.switch(analytics=True)
    visitor.page.wait_for_load_state("networkidle")
    assert customer.tracked == ["/ga.js"]


@pytest.mark.parametrize(
    "name",
    ["cookie", "body", "querySelector", "createElement", "addEventListener", "dispatchEvent", "defaultView"],
)
def test_a_page_that_shadows_what_we_cannot_do_without(
    customer: CustomerSite, script: str, trackers: str, visitor: Visitor, name: str
) -> None:
    """At worst nobody is asked; nothing runs, and nothing breaks in the page."""
    customer.page(head=script, body=f'<form name="{name}"></form>{WORDS}{trackers}')
    page = visitor.visit()
    page.wait_for_load_state("networkidle")
    assert customer.tracked == []


def test_a_page_that_has_taken_our_name(
    customer: CustomerSite, server: ConsentServer, trackers: str, visitor: Visitor
) -> None:
    """Something else that calls itself `visitorChoices` and can reject is left alone, and nothing runs."""
    taken = "<script>window.visitorChoices = { rejectAll: () => 'mine' }</script>"
    customer.page(head=f'{taken}<script src="{server.origin}/ala/choices.js"></script>', body=WORDS + trackers)
    page = visitor.visit()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("visitorChoices.rejectAll()") == "mine"
    expect(visitor.banner).to_have_count(0)
    assert customer.tracked == []
