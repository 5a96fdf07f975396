"""HTML that hostile text neither runs in nor breaks."""

import base64
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recmagic.html import GraphNode, Markup, bar, code, curve, escape, fold, graph, page, table

VOID = {"br", "img", "hr", "input"}
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "\u202egnp.exe\u2066",
    "\x00\x08<b>\ud800",
    "x" * 5000,
    "&lt;b&gt; & &amp;",
    "</td></table></div></svg></details>",
]


class Reader(HTMLParser):
    """Collects the tags, attributes and text of a page and insists that tags close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def everything(text: str) -> Markup:
    """Return a page with the text in every place that takes text."""
    return page(
        [
            text,
            code(text),
            fold(text, text),
            table([text, "score"], [[text, 1.0]], text, notes=[text]),
            curve({text: [1.0, 2.0]}, best=1, title=text, x_label=text, y_label=text),
            graph([GraphNode(text, text, "user"), GraphNode("score", text, text)], [(text, "score")], text),
        ]
    )


PLAIN = Reader(everything("plain"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_tag_and_no_attribute(text):
    read = Reader(everything(text))
    assert read.tags == PLAIN.tags
    assert read.attributes == PLAIN.attributes


@given(st.text(max_size=60))
def test_no_text_at_all_adds_a_tag(text):
    assert set(Reader(everything(text)).tags) <= set(PLAIN.tags)


def test_text_arrives_as_written():
    assert "a <b> & \"c\" 'd'" in Reader(everything("a <b> & \"c\" 'd'")).texts


def test_long_cells_are_cut_and_overrides_removed():
    assert len(table(["a"], [["x" * 5000]])) < 2000
    assert "\u202e" not in table(["a"], [["\u202eabc"]])
    assert escape("abcdef", 4) == "abc…"


def test_markup_is_not_escaped_twice():
    assert escape(escape("<b>")) == "&lt;b&gt;"
    assert page([fold("more", code("x"))]).count("<details>") == 1


def test_table_is_a_table():
    out = table(["title", "score"], [["Alien", 0.5], ["Heat", None]], "Ten best", notes=["a note"])
    assert "<caption" in out and out.count('scope="col"') == 2 and out.count('scope="row"') == 2
    assert "0.5000" in out and "–" in out and "a note" in out
    assert out.count("text-align:right") == 3  # the head and two cells of the numeric column
    assert "<style" not in out and "class=" not in out


@pytest.mark.parametrize(
    "value, expected", [(0, ""), (1, "██"), (0.5, "█"), (0.25, "▌"), (-3, ""), (9, "██"), (float("nan"), "")]
)
def test_bar(value, expected):
    assert bar(value, 0, 1, width=2) == expected


def inline(markup):
    """The SVG of a drawing; the whole is well formed."""
    found = ElementTree.fromstring(markup).find("span/svg")
    assert found is not None
    return found


def test_a_drawing_is_a_picture_too_for_pages_that_take_svg_out():
    out = curve({"loss <&": [1.0, 2.0]}, title="a <b> & 'c'")
    image = ElementTree.fromstring(out).find("img")
    assert image is not None and image.get("alt") == "a <b> & 'c'"
    kind, data = image.get("src", "").split(",")
    alone = ElementTree.fromstring(base64.b64decode(data))
    assert kind == "data:image/svg+xml;base64" and alone.tag == "{http://www.w3.org/2000/svg}svg"
    words = [text.text for text in alone.iter("{http://www.w3.org/2000/svg}text")]
    assert words == [text.text for text in inline(out).iter("text")] and "loss <&" in words


def test_curve_draws_every_series_and_survives_gaps():
    out = curve({"loss": [3.0, float("nan"), 2.0], "ndcg@10": [0.1, 0.2, 0.3]}, best=3)
    svg = inline(out)
    assert [child.tag for child in svg][:2] == ["title", "desc"]
    assert "best at epoch 3" in svg[1].text
    assert len(svg.findall("circle")) == 2
    assert curve({"loss": [float("nan")]}) == "" and curve({}) == ""


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=6))
def test_names_of_a_curve_do_not_lie_on_each_other(ends):
    svg = inline(curve({f"line {place}": [0.0, end] for place, end in enumerate(ends)}))
    at = sorted(float(text.get("y", "")) for text in svg.iter("text") if (text.text or "").startswith("line "))
    assert len(at) == len(ends) and at[0] >= 10 and at[-1] <= 220
    assert all(below - above > 12 for above, below in pairwise(at))


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=30))
def test_curve_of_any_numbers_is_well_formed(values):
    ElementTree.fromstring(curve({"loss": values}))


@given(st.floats(1e-6, 1e6), st.floats(1.01, 100))
def test_an_axis_has_two_numbers_or_more(low, times):
    svg = inline(curve({"loss": [low, low * times]}))
    for text in svg.findall("text"):  # a digit of 12 pixels is 6.7 wide
        assert text.get("text-anchor") != "end" or 6.7 * len(text.text or "") <= float(text.get("x", ""))
    assert sum(text.get("text-anchor") == "end" for text in svg.findall("text")) >= 2


def boxes(out):
    """Return the corner of every box by the name in its title."""
    corners = {}
    for group in ElementTree.fromstring(out).iter("g"):
        shape = group[1]
        corners[group[0].text] = (float(shape.get("x")), float(shape.get("y")))
    return corners


def test_graph_puts_causes_above_and_boxes_apart():
    names = ["user", "item", "genres", "tower", "score"]
    edges = [("item", "tower"), ("genres", "tower"), ("tower", "score"), ("user", "score"), ("genres", "score")]
    corners = boxes(graph([GraphNode(name) for name in names], edges))
    assert all(corners[start][1] < corners[end][1] for start, end in edges)
    for one in names:
        for other in names:
            same_row = one != other and corners[one][1] == corners[other][1]
            assert not same_row or abs(corners[one][0] - corners[other][0]) >= 158


def test_graph_tells_sides_by_shape_and_word():
    sides = {"u": "user", "i": "item", "s": "both", "c": "none"}
    out = graph([GraphNode(name, side=side) for name, side in sides.items()], [])
    assert 'rx="16"' in out and 'rx="0"' in out and "user × item" in out and "stroke-dasharray:4 3" in out
    assert graph([], []) == ""
