"""A choice over a list: more than fit scroll, digits choose at once, what is closed is there with its reason."""

from __future__ import annotations

from textual.app import App, ComposeResult

from tests.views.pilots import screen_lines
from views.choices import Choice, Choices


class Choosing(App[None]):
    CSS = "Screen { layers: below above; }"

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield Choices()

    def on_choices_chosen(self, event: Choices.Chosen) -> None:
        self.chosen.append(event.index)


async def test_more_than_fit_scroll() -> None:
    app = Choosing()
    async with app.run_test(size=(80, 12)) as pilot:
        app.query_one(Choices).offer(
            [Choice(f"verb-{n}", "about", "no" if n == 1 else "") for n in range(20)], ["title"]
        )
        await pilot.pause()
        lines = screen_lines(app)
        assert lines[2] == " title"
        assert lines[3] == " 1  verb-0    about"
        assert lines[4] == " 2  verb-1    no"
        assert lines[9] == "    14 below"
        await pilot.press("G")
        lines = screen_lines(app)
        assert lines[8].startswith("    verb-19".replace("    ", "    ", 1)) or "verb-19" in lines[8]
        assert lines[9] == "    14 above"
        await pilot.press("enter")
        await pilot.press("3")
        await pilot.pause()
        assert app.chosen == [19, 2]
