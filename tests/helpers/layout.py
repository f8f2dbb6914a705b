"""What of an open page does not fit its window, and which words are broken."""

from __future__ import annotations

_WALK = """
const walk = (node, scrolls, see) => {
  for (const e of node.children) {
    const inside = scrolls || e.classList.contains("ts-scroll");
    if (e.checkVisibility({ visibilityProperty: true })) see(e, inside);
    walk(e, inside, see);
    if (e.shadowRoot) walk(e.shadowRoot, inside, see);
  }
};
"""


def _found(see: str, first: str = "") -> str:
    """A script that gives what ``see``, called as see(element, whether inside a box that scrolls), found."""
    return f"() => {{ {_WALK} const found = []; {first} walk(document.body, false, {see}); return found; }}"


_OUTSIDE = _found(
    """(e, scrolls) => {
    if (scrolls || !e.matches(seen)) return;
    const { left, right, width } = e.getBoundingClientRect();
    if (width && (left < -1 || right > wide + 1))
      found.push(`${e.tagName} ${e.className} ${e.textContent.slice(0, 30)}: ${left} to ${right}`);
  }""",
    first="""
  const wide = innerWidth, page = document.documentElement.scrollWidth;
  if (page > wide) found.push(`the page is ${page} wide, the window ${wide}`);
  const seen = "canvas, button, input, select, textarea, td, th, p, h1, h3, li, " +
    ".bk-tab, .bk-Figure, .ts-key > span";""",
)

_BROKEN = _found("""(e) => {
    if (!e.matches("td:first-child, th")) return;
    const range = document.createRange(), tops = [];
    const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      range.selectNodeContents(texts.currentNode);
      tops.push(...[...range.getClientRects()].map((box) => box.top));
    }
    const lines = tops.sort((a, b) => a - b).filter((top, i) => !i || top > tops[i - 1] + 6).length;
    const words = e.textContent.trim().split(/[ _.-]+/).length;
    if (lines > words) found.push(`${e.textContent}: ${lines} lines`);
  }""")

_WIDTHS = _found("""(e) => {
    if (e.matches(".bk-Figure")) found.push(e.getBoundingClientRect().width);
  }""")


def outside(page):
    """What can be seen and lies in part beyond the left or right edge; tables that scroll are left out."""
    return page.evaluate(_OUTSIDE)


def broken_words(page):
    """Cells of first columns and heads of tables that take more lines than they have words."""
    return page.evaluate(_BROKEN)


def figure_widths(page):
    """Widths in pixels of all Bokeh figures that can be seen."""
    return page.evaluate(_WIDTHS)
