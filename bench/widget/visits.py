"""A visit: one load of a page in Chromium, driven by its debugging protocol so that nothing else runs in the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error

# A person's browser: some banners do not ask one that says it is driven.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

SLOWER = 4  # times the CPU
# 150 ms there and back; 1.6 Mbit/s down, 750 kbit/s up, in bytes a second.
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
SETTLE_MS = 2000
# The browser's own measure of script time leaves out what runs once a script has given back control: promises.
TRACED = {"includedCategories": ["v8", "v8.execute"], "excludedCategories": ["*"]}
SCRIPTS = {
    *("v8.run", "v8.compile", "v8.callFunction", "v8.newInstance", "v8.evaluateModule", "v8.compileModule"),
    *("RunMicrotasks", "V8.CompileCode", "v8.produceCache", "v8.produceModuleCache"),
}
WAIT_S = 20

# Where a button is, shadow roots entered; whether a visitor can see it; and when a frame has been painted.
TOOLS = """
  const find = () => %r.split(' >>> ').reduce((at, name) => at && (at.shadowRoot || at).querySelector(name), document);
  const shown = (button) => button.isConnected && button.checkVisibility({ visibilityProperty: true });
  const painted = (then) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = then;
    port2.postMessage(0);
  });
"""
# A banner is seen once a frame with it was painted: its button in the window and not fully transparent.
SEEN = """
  window.benchSeen = new Promise((done) => {
    const look = () => requestAnimationFrame(() => {
      const button = find();
      const box = button && button.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
        button.getBoundingClientRect();
      if (box && box.width && box.top < innerHeight && box.bottom > 0) painted(() => done(performance.now()));
      else look();
    });
    look();
  });
"""
# From the click as the system saw it to the end of the next frame, and of the first one in which the button is not.
CLICK = """(() => {%s
  const button = find();
  const box = button.getBoundingClientRect();
  window.benchClick = new Promise((done) => addEventListener('click', ({ timeStamp }) => {
    let next;
    const look = () => painted(() => {
      const passed = performance.now() - timeStamp;
      next ??= passed;
      if (shown(button)) look();
      else done({ gone: passed, next_paint: next });
    });
    look();
  }, { capture: true, once: true }));
  return [box.x + box.width / 2, box.y + box.height / 2];
})()"""
ENTRIES = """(async () => {
  const entries = (type) => new Promise((done) => {
    const observer = new PerformanceObserver((list) => done(list.getEntries()));
    observer.observe({ type, buffered: true });
    setTimeout(() => done([]), 50);
  });
  const tasks = (await entries('longtask')).map(({ duration }) => duration);
  return {
    first_paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    shift: (await entries('layout-shift')).reduce((sum, one) => sum + (one.hadRecentInput ? 0 : one.value), 0),
    long_tasks: tasks.length,
    blocking: tasks.reduce((sum, task) => sum + task - 50, 0),
  };
})()"""


@contextmanager
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """A new visitor: nothing stored, nothing in the cache."""
    context = browser.new_context(user_agent=AGENT, locale="en-US")
    try:
        yield context
    finally:
        context.close()


@dataclass
class Requests:
    """What a page asked the network for, itself aside, and what it was given from the cache."""

    asked: dict[str, str] = field(default_factory=dict)
    cached: set[str] = field(default_factory=set)

    def note(self, event: dict[str, Any]) -> None:
        if event.get("type") != "Document" and event["request"]["url"].startswith("http"):
            self.asked[event["requestId"]] = event["request"]["url"]

    def note_answer(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self.cached.add(event["requestId"])

    @property
    def sent(self) -> list[str]:
        return [address for number, address in self.asked.items() if number not in self.cached]


def script_time(events: list[dict[str, Any]], address: str) -> float:
    """CPU time (ms) of the thread that ran the page's own script, in tasks of scripts, each counted once."""
    own = next(event for event in events if event["name"] == "v8.run" and event["args"].get("fileName") == address)
    tasks = [event for event in events if event["ph"] == "X" and event["name"] in SCRIPTS]
    total = end = 0.0
    for task in sorted(tasks, key=lambda task: (task["ts"], -task["dur"])):
        if (task["pid"], task["tid"]) != (own["pid"], own["tid"]) or task["ts"] < end:
            continue
        end = task["ts"] + task["dur"]
        total += task["tdur"]
    return total / 1000


class Visit:
    """A page of its own in a browser context. Times in ms, sizes in bytes."""

    def __init__(self, context: BrowserContext, reject: str, slow_network: bool = False) -> None:
        self.page = context.new_page()
        self.tools = TOOLS % reject
        self.requests = Requests()
        self._cdp = context.new_cdp_session(self.page)
        self._cdp.on("Network.requestWillBeSent", self.requests.note)
        self._cdp.on("Network.requestServedFromCache", lambda event: self.requests.cached.add(event["requestId"]))
        self._cdp.on("Network.responseReceived", self.requests.note_answer)
        for domain in ("Network", "Page"):
            self._cdp.send(f"{domain}.enable")
        self._cdp.send("Performance.enable")
        self._cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        if slow_network:
            self._cdp.send("Network.emulateNetworkConditions", SLOW_4G)

    def load(self, address: str) -> float:
        """Loads the page and lets it settle; CPU time of compiling and running its scripts."""
        browser = self.page.context.browser
        assert browser
        tracing = browser.new_browser_cdp_session()
        events: list[dict[str, Any]] = []
        ended: list[dict[str, Any]] = []
        tracing.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
        tracing.on("Tracing.tracingComplete", lambda data: ended.append(data))
        tracing.send("Tracing.start", {"traceConfig": TRACED, "transferMode": "ReportEvents"})
        self.page.goto(address)
        self.page.wait_for_timeout(SETTLE_MS)
        tracing.send("Tracing.end")
        while not ended:
            self.page.wait_for_timeout(10)
        tracing.detach()
        return script_time(events, address)

    def time_to_seen(self, address: str) -> float:
        """From the start of the navigation until the banner was painted."""
        self._cdp.send("Page.addScriptToEvaluateOnNewDocument", {"source": f"{{{self.tools}{SEEN}}}"})
        self.page.goto(address, wait_until="commit")
        seen: float = self.evaluate("window.benchSeen")
        return seen

    def memory(self) -> dict[str, float]:
        """What is left after garbage collection."""
        for _ in range(2):
            self._cdp.send("HeapProfiler.collectGarbage")
        now = self._metrics()
        return {"heap": now["JSHeapUsedSize"], "nodes": now["Nodes"]}

    def entries(self) -> dict[str, float]:
        """What the browser itself noted: first paint, layout shift, long tasks."""
        found: dict[str, float] = self.evaluate(ENTRIES)
        return found

    def click(self) -> dict[str, float]:
        """Clicks the button as a mouse does; how long until it was gone, and until the next paint."""
        x, y = self.evaluate(CLICK % self.tools)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            place = {"type": kind, "x": x, "y": y}
            pressed = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
            self._cdp.send("Input.dispatchMouseEvent", place | pressed)
        times: dict[str, float] = self.evaluate("window.benchClick")
        return times

    def shows(self) -> bool:
        found: bool = self.evaluate(
            f"(() => {{{self.tools} const button = find(); return !!button && shown(button)}})()"
        )
        return found

    def evaluate(self, code: str) -> Any:
        """The value of an expression or the promise it is; raises Error where the page throws or never answers."""
        limit = f"new Promise((_, fail) => setTimeout(() => fail(Error('no answer')), {WAIT_S * 1000}))"
        asked = {"expression": f"Promise.race([{code}, {limit}])", "awaitPromise": True, "returnByValue": True}
        answer = self._cdp.send("Runtime.evaluate", asked)
        if "exceptionDetails" in answer:
            raise Error(f"{self.page.url}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def _metrics(self) -> dict[str, float]:
        return {one["name"]: one["value"] for one in self._cdp.send("Performance.getMetrics")["metrics"]}

    def close(self) -> None:
        self.page.close()
