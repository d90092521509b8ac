"""Where the visitor has chosen the colours, every word and every switch is still seen."""

from base64 import b64encode
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page

from e2e.city import city_page, differ, open_dialog
from e2e.customer import CustomerSite
from e2e.servers import ConsentServer
from e2e.test_accessibility import COLOURS, violations
from e2e.visitors import Visitor

# The contrast between the lightest and the darkest pixel of a picture, 8 pixels inside its edge.
CONTRAST = """async (picture) => {
  const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + picture)).blob());
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(8, 8, image.width - 16, image.height - 16);
  const part = (c) => c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
  let [least, most] = [1, 0];
  for (let i = 0; i < data.length; i += 4) {
    const light = 0.2126 * part(data[i]) + 0.7152 * part(data[i + 1]) + 0.0722 * part(data[i + 2]);
    [least, most] = [Math.min(least, light), Math.max(most, light)];
  }
  return (most + 0.05) / (least + 0.05);
}"""


@pytest.fixture
def city(customer: CustomerSite, server: ConsentServer) -> CustomerSite:
    return city_page(customer, server)


def blank(all_of: Locator, measure: Page) -> list[str]:
    """Those whose words do not stand out."""
    return [
        one.text_content() or ""
        for one in all_of.all()
        if measure.evaluate(CONTRAST, b64encode(one.screenshot()).decode()) < 4.5
    ]


@pytest.mark.parametrize("theme", ["", "--choices-paper: #fffdf5; --choices-ink: #222; --choices-accent: #640"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_lost(city: CustomerSite, visitor: Visitor, scheme: Literal["light", "dark"], theme: str) -> None:
    page, measure = visitor.page, visitor.context.new_page()
    page.bring_to_front()
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    visitor.visit()
    page.add_style_tag(content=f"visitor-choices {{ {theme} }}")
    visitor.banner.wait_for()
    assert blank(visitor.banner.locator("> button, h2"), measure) == []
    # Of a theme axe sees what it says, not what is painted.
    assert theme or violations(page, COLOURS) == []

    dialog = open_dialog(visitor)
    differ(dialog)
    assert blank(dialog.locator("button, h2, h3, summary"), measure) == []
    assert theme or violations(page, COLOURS) == []
    # On and off are told apart, and each from what it lies on.
    off, on = (dialog.locator(f"input[name={name}]") for name in ("heat", "counter"))
    ground = "(e) => getComputedStyle(e).backgroundColor"
    knob = "(e) => getComputedStyle(e, '::before').backgroundColor"
    assert off.evaluate(ground) == on.evaluate(knob)
    assert off.evaluate(ground) not in (off.evaluate(knob), on.evaluate(ground))
