"""The focus is seen wherever it goes (WCAG 2.2, 2.4.13, which is AAA)."""

from base64 import b64encode
from typing import Any

import pytest
from playwright.sync_api import Page

from e2e.city import city_page, differ, open_dialog
from e2e.customer import CustomerSite
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

# The element that has the focus, inside the shadow root too.
FOCUSED = """() => {
  let e = document.activeElement;
  while (e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement;
  const { x, y, width, height } = e.getBoundingClientRect();
  return { ours: !!document.activeElement.closest('visitor-choices'), name: `${e.localName} ${e.textContent || e.name}`,
    x, y, width, height };
}"""
# How many pixels round a place have changed by 3 : 1.
CHANGED = """async ([{ x, y, width, height }, ...pictures]) => {
  const [before, after] = await Promise.all(pictures.map(async (picture) => {
    const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + picture)).blob());
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    return context.getImageData(x - 8, y - 8, width + 16, height + 16).data;
  }));
  const part = (c) => c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
  const light = (data, i) => 0.2126 * part(data[i]) + 0.7152 * part(data[i + 1]) + 0.0722 * part(data[i + 2]);
  let changed = 0;
  for (let i = 0; i < before.length; i += 4) {
    const [less, more] = [light(before, i), light(after, i)].sort((a, b) => a - b);
    if ((more + 0.05) / (less + 0.05) >= 3) changed += 1;
  }
  return changed;
}"""


@pytest.fixture
def city(customer: CustomerSite, server: ConsentServer) -> CustomerSite:
    return city_page(customer, server)


def faint(page: Page, measure: Page, stops: int) -> list[dict[str, Any]]:
    """The next stops of the focus at which less changes than a line of two pixels round the element."""
    found = []
    places = set()
    before = page.screenshot()
    for _ in range(stops):
        page.keyboard.press("Tab")
        place = page.evaluate(FOCUSED)
        assert place["ours"], place
        places.add((place["x"], place["y"]))
        pictures = [b64encode(picture).decode() for picture in (before, page.screenshot())]
        changed = measure.evaluate(CHANGED, [place, *pictures])
        if changed < 4 * (place["width"] + place["height"]):
            found.append({**place, "changed": changed})
    assert len(places) == stops
    return found


@pytest.mark.parametrize("look", ["light", "dark", "forced"])
def test_the_focus_is_seen(city: CustomerSite, visitor: Visitor, look: str) -> None:
    page, measure = visitor.page, visitor.context.new_page()
    page.bring_to_front()
    page.emulate_media(
        color_scheme="dark" if look == "dark" else "light", forced_colors="active" if look == "forced" else "none"
    )
    page.set_viewport_size({"width": 480, "height": 1600})
    visitor.visit()
    visitor.banner.wait_for()
    # Two links and three buttons.
    assert faint(page, measure, 5) == []
    dialog = open_dialog(visitor)
    differ(dialog)
    dialog.get_by_role("heading", level=2).focus()
    # Close, four switches and what opens their providers, three providers, two links, three buttons.
    assert faint(page, measure, 17) == []
