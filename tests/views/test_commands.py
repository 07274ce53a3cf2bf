"""The language of the `:` bar."""

from __future__ import annotations

import pytest

from collectors import registry
from collectors.errors import UsageError
from collectors.kinds.compute_services import KIND
from views.commands import (
    ACTION_WORDS,
    SHORT,
    WORDS,
    Command,
    CopyColumn,
    OpenList,
    RunAction,
    SetFilter,
    SortBy,
    Word,
    parse_command,
)
from views.keys import BY_ID


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("compute-services", OpenList("compute-services")),
        ("cs", OpenList("compute-services")),
        (":cs", OpenList("compute-services")),
        ("  cs  ", OpenList("compute-services")),
        ("CS", OpenList("compute-services")),
        ("compute_services", OpenList("compute-services")),
        ("cs host=cmp1*", OpenList("compute-services", "host=cmp1*")),
        ("cs host=cmp1* not:up", OpenList("compute-services", "host=cmp1* not:up")),
        ("go servers web-3", OpenList("servers", row="web-3")),
        ('go servers "web 3"', OpenList("servers", row="web 3")),
        ("go servers", OpenList("servers")),
        ("describe servers web-3", OpenList("servers", row="web-3", describe=True)),
        ("servers on cloud test/RegionTwo", OpenList("servers", cloud="test/RegionTwo")),
        ("servers status=ERROR on cloud test", OpenList("servers", "status=ERROR", cloud="test")),
        ("server-actions server=web-3", OpenList("server-actions", parent="web-3")),
        ('server-actions server="web 3" boot', OpenList("server-actions", "boot", parent="web 3")),
        ("q", Word("quit")),
        ("quit", Word("quit")),
        ("help", RunAction("app.help")),
        ("help servers", Word("help", "servers")),
        ("theme mono", Word("theme", "mono")),
        ("errors", Word("errors")),
        ("describe", RunAction("row.describe")),
        ("wide", RunAction("list.wide")),
        ("problems", RunAction("list.problems")),
        ("copy", RunAction("row.copy")),
        ("mark", RunAction("list.mark")),
    ],
)
def test_what_is_meant(text: str, expected: Command) -> None:
    assert parse_command(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sort host", SortBy("host")),
        ("sort -host", SortBy("host", True)),
        ("sort host desc", SortBy("host", True)),
        ("sort host asc", SortBy("host", False)),
        ("sort heard", SortBy("updated_at")),
        ("sort health", SortBy("health")),
        ("copy id", CopyColumn("id")),
        ("copy disabled-reason", CopyColumn("disabled_reason")),
        ("filter host=cmp1*", SetFilter("host=cmp1*")),
    ],
)
def test_what_is_meant_in_a_list(text: str, expected: Command) -> None:
    assert parse_command(text, KIND) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("compute-servces", "Did you mean compute-services"),
        ("xyzzy", "no kind or command “xyzzy”"),
        ("cs hst=x", "Did you mean host"),
        ("cs host~[", "not a regular expression"),
        ("sort host", "works in a list"),
        ("go", "wants a kind and a row"),
        ("go nothing x", "unknown kind"),
        ("go server-actions x", "found through their servers"),
        ("server-actions", "Say it like this: server-actions server=NAME"),
        ("wide please", "takes no argument"),
        ("wide on cloud test", "only a list"),
        ("theme", "theme"),
    ],
)
def test_what_is_not_understood_says_what_is_near(text: str, words: str) -> None:
    if text == "theme":
        assert parse_command(text) == Word("theme")
        return
    with pytest.raises(UsageError) as caught:
        parse_command(text)
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["sort", "sort hst", "copy nothing", "filter hst=x"])
def test_mistakes_in_a_list(text: str) -> None:
    with pytest.raises(UsageError):
        parse_command(text, KIND)


def test_no_kind_hides_a_word() -> None:
    names = {word for entry in registry.entries().values() for word in (entry.name, *entry.aliases)}
    assert not names & (set(WORDS) | set(ACTION_WORDS) | set(SHORT))


def test_every_action_with_a_word_can_be_typed() -> None:
    for word, action_id in ACTION_WORDS.items():
        if word not in ("quit", "help"):
            assert parse_command(word, KIND) == RunAction(action_id)
        assert action_id in BY_ID


@pytest.mark.parametrize("text", ["\x1b[31m", "“”", "{}", "cs hst=1"])
def test_odd_input_is_an_error_in_words(text: str) -> None:
    with pytest.raises(UsageError, match=r"no kind or command|has no column"):
        parse_command(text)


@pytest.mark.parametrize("text", ["cs " + "x" * 4000, "cs \x00", "cs [@click=app.quit]x[/]"])
def test_odd_filters_are_filters(text: str) -> None:
    assert parse_command(text) == OpenList("compute-services", text.removeprefix("cs "))
