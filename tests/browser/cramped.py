"""What of a page is lost where there is little room: on the narrowest phone, and with text at twice its size."""

from playwright.sync_api import Page

PLACES = {"at 320 px": (320, "100%"), "on a phone at 200 % text": (390, "200%"), "at 200 % text": (1280, "200%")}
"""Widths in CSS pixels, and the size of text (WCAG 1.4.10 and 1.4.4)."""
LOST = """() => {
  const lost = [], root = document.documentElement, range = document.createRange();
  const seen = (element) => element.checkVisibility({ visibilityProperty: true })
    && !element.closest(".sr-only, dialog, [popover], .plain-wall");
  const words = (element) => element.textContent.trim().replace(/\\s+/g, " ").slice(0, 40);
  const over = root.scrollWidth - root.clientWidth;
  if (over > 0) lost.push(`${over} px too wide`);
  for (const box of document.querySelectorAll("main :is(.finding, .note, .card:not(.job-card), .rows > *)")) {
    if (seen(box) && box.scrollWidth > box.clientWidth + 1) lost.push(`"${words(box)}" runs out of its box`);
  }
  for (const element of document.querySelectorAll("main a.button, main button, main label, .badge, .places span")) {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (seen(element) && texts.nextNode()) {
      const node = texts.currentNode;
      if (!seen(node.parentElement) || node.parentElement.closest("bdi, .middle, code, textarea, select")) continue;
      for (const word of node.data.matchAll(/\\p{L}+/gu)) {
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].filter(({ width }) => width).map(({ top }) => top));
        if (lines.size > 1) lost.push(`"${word[0]}" is broken in "${words(element)}"`);
      }
    }
  }
  for (const family of document.querySelectorAll(".places, .tabs, .cluster, .page-actions, .facts > div")) {
    const members = [...family.children].filter((child) => seen(child) && child.textContent.trim()).map((child) => {
      range.selectNodeContents(child);
      return { child, box: range.getBoundingClientRect() };
    });
    for (const [place, one] of members.entries()) for (const other of members.slice(place + 1)) {
      const [a, b] = [one.box, other.box];
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1) {
        lost.push(`"${words(one.child)}" touches "${words(other.child)}"`);
      }
    }
  }
  return [...new Set(lost)];
}"""


def lost(page: Page) -> list[str]:
    """What nobody could read on *page* in one of `PLACES`; the page is as it was afterwards."""
    size, found = page.viewport_size, list[str]()
    for place, (width, text) in PLACES.items():
        page.set_viewport_size({"width": width, "height": 740})
        page.evaluate("(size) => { document.documentElement.style.fontSize = size }", text)
        found += [f"{page.url} {place}: {what}" for what in page.evaluate(LOST)]
    page.evaluate("() => { document.documentElement.style.fontSize = '' }")
    page.set_viewport_size(size or {"width": 1280, "height": 720})
    return found
