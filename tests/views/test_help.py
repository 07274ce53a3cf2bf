"""Help is made from the declarations: keys, filters, columns, links, roll-ups, commands; and it fits."""

from __future__ import annotations

import pytest

from collectors.kinds.compute_services import KIND
from collectors.request import Catalog, HostCommands, Management, Rest, Sql
from tests.views.screens import Around, lines_of
from views.glyphs import ASCII, UNICODE
from views.help import sections, texts
from views.keys import ACTIONS, CONTEXTS, Action, Context, Keys, offered
from views.lines import Text
from views.page import Page
from views.text.reference import MOVES, Section, filter_section, key_sections, kind_sections, request_words
from views.text.width import cells


def plain(text: Text) -> str:
    return "".join(t for t, _ in (*text.left, *text.right))


def page(context: Context = "list", width: int = 80) -> str:
    return "\n".join(plain(t) for t in texts(sections(context, KIND, Keys(), UNICODE), width))


def terms(found: Section) -> list[str]:
    return [term for term, _ in found.rows]


@pytest.mark.parametrize("context", list(CONTEXTS))
@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_screen(context: Context, width: int) -> None:
    found = texts(sections(context, KIND, Keys(), UNICODE), width)
    assert all(cells(plain(text)) <= width for text in found)


@pytest.mark.parametrize(
    "action", [a for a in ACTIONS if "list" in a.contexts or "everywhere" in a.contexts], ids=lambda a: a.id
)
def test_every_key_of_a_list_is_on_its_page(action: Action) -> None:
    assert action.title in page(width=200) or action.id in MOVES


def test_what_cannot_be_done_here_is_not_on_the_page() -> None:
    assert "Mark the row" not in page("overview")


def test_a_key_that_was_rebound_is_shown_as_it_is() -> None:
    (found,) = key_sections(Keys({"list.mark": ("x",)}), "list")
    assert "x" in terms(found)
    assert "space" not in terms(found)


def test_labels_say_what_a_key_does_here() -> None:
    (found,) = key_sections(Keys(), "list", labels={"nav.open": "Servers on it"})
    assert dict(found.rows)["enter"].startswith("Servers on it")


def test_every_action_has_its_word() -> None:
    for context in CONTEXTS:
        (found,) = key_sections(Keys(), context)
        text = " ".join(f"{term} {meaning}" for term, meaning in found.rows)
        for action in offered(context):
            assert action.id in MOVES or f":{action.word}" in text or not action.word


def test_moving_is_one_row_with_the_keys_that_are_bound() -> None:
    (found,) = key_sections(Keys({"move.down": ("n",)}), "overview")
    assert found.rows[-1][0] == "n k g G PgDn PgUp ctrl-d ctrl-u"


def test_the_grammar_of_filters_comes_from_where_it_is_implemented() -> None:
    found = dict(filter_section().rows)
    assert found["web"].startswith("any column holds it")
    assert "glob" in found["col=cmp1*"]
    assert any(term.startswith("re:REGEX") for term in found)


def test_a_kind_tells_columns_links_health_and_commands() -> None:
    found = {section.title: section for section in kind_sections(KIND)}
    assert terms(found["Columns"]) == [c.name for c in KIND.columns]
    assert dict(found["Leads to"].rows)["servers on it"] == "servers, where binary=nova-compute"
    assert "Down is critical" in dict(found["Health"].rows)["a row"]
    assert "judged for each binary" in dict(found["Health"].rows)["the system"]
    assert dict(found["Read by"].rows)["list"] == "openstack compute service list"
    assert dict(found["Read by"].rows)["one row"] == "openstack compute service list --host HOST --service BINARY"
    assert "cs" in found["Compute services"].about


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (
            Rest("compute", "/os-services", "services", microversion="2.96"),
            "GET /os-services of compute, microversion up to 2.96",
        ),
        (Rest("image", "/v2/images", "images"), "GET /v2/images of image"),
        (Catalog(), "the service catalogue; every endpoint is probed"),
        (Sql("wsrep"), "the read-only statement wsrep, on each member"),
        (Management("nodes"), "GET /api/nodes of the management API"),
        (HostCommands(("uptime", "df")), "the commands uptime, df"),
    ],
)
def test_what_is_asked_in_words(request_: Rest, words: str) -> None:
    assert request_words(request_) == words


def test_the_signs_are_explained() -> None:
    assert "✖ critical" in page("overview")
    assert "it does not do its work" in page("overview")
    ascii_page = "\n".join(plain(t) for t in texts(sections("overview", None, Keys(), ASCII), 80))
    assert "x critical" in ascii_page


async def test_the_page_scrolls_and_says_where_it_is() -> None:
    def made(width: int) -> list[Text]:
        return texts(sections("list", KIND, Keys(), UNICODE), width)

    shown = Page("help", made, Keys())
    app = Around(shown)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        total = len(made(80))
        lines = lines_of(app)
        assert lines[0].rstrip().endswith(f"1-22 of {total}")
        assert all(cells(line) == 80 for line in lines)
        await pilot.press("j")
        assert lines_of(app)[0].rstrip().endswith(f"2-23 of {total}")
        await pilot.press("pagedown", "k", "ctrl+d", "ctrl+u", "G")
        assert lines_of(app)[0].rstrip().endswith(f"{total - 21}-{total} of {total}")
        await pilot.press("j", "pageup", "g")
        assert lines_of(app)[0].rstrip().endswith(f"1-22 of {total}")


async def test_a_short_page_has_no_position() -> None:
    app = Around(Page("budget", lambda _: [Text((("one", "text"),))], Keys()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        lines = lines_of(app)
        await pilot.press("j")
    assert lines[0].rstrip() == "budget"
    assert lines[1].rstrip() == "one"
