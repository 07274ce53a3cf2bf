"""Every theme defines every role, can be told apart, and can be read."""

from __future__ import annotations

from importlib.resources import files

import pytest
from rich.color import Color
from rich.style import Style

from themes.roles import ROLES, SEVERITIES, SURFACE
from views.theme import THEMES, ThemeError, choose, palette, parsed, stylesheet, textual_theme, usable

COLOURED = [name for name in THEMES if not palette(name).ansi]


def text_of(name: str) -> str:
    return files("themes").joinpath(f"{name}.toml").read_text(encoding="utf-8")


def luminance(colour: Color) -> float:
    """Relative luminance as WCAG defines it."""
    channels = [c / 255 for c in colour.get_truecolor()]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(front: Color, back: Color) -> float:
    one, other = sorted((luminance(front), luminance(back)), reverse=True)
    return (one + 0.05) / (other + 0.05)


def ground(name: str, style: Style) -> Color:
    return style.bgcolor or Color.parse(palette(name).surface["background"])


def test_every_theme_file_is_offered() -> None:
    assert {p.name for p in files("themes").iterdir() if p.name.endswith(".toml")} == {f"{n}.toml" for n in THEMES}


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_defines_every_role(name: str) -> None:
    assert set(palette(name).styles) == set(ROLES)
    assert set(palette(name).surface) == set(SURFACE)


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_says_what_it_is_for(name: str) -> None:
    assert len(palette(name).title) > 10


@pytest.mark.parametrize("role", list(ROLES))
def test_a_missing_role_is_refused(role: str) -> None:
    surface, _, roles = text_of("mono").partition("[roles]")
    kept = "\n".join(line for line in roles.splitlines() if not line.startswith(f"{role} ="))
    text = f"{surface}[roles]\n{kept}"
    with pytest.raises(ThemeError, match=role):
        parsed("mine", text)


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ThemeError, match=r"\[roles\] has no sparkle"):
        parsed("mine", text_of("dark") + 'sparkle = "bold"\n')


def test_a_broken_style_is_refused_by_role() -> None:
    with pytest.raises(ThemeError, match="crumb"):
        parsed("mine", text_of("dark").replace('crumb = "#b4bac5"', 'crumb = "loud pink"'))


def test_broken_toml_is_refused() -> None:
    with pytest.raises(ThemeError, match="theme mine"):
        parsed("mine", "[roles")


@pytest.mark.parametrize("name", THEMES)
def test_severities_differ_from_each_other_unless_there_is_no_colour(name: str) -> None:
    styles = {str(palette(name)[role]) for role in SEVERITIES}
    assert len(styles) == (2 if name == "mono" else len(SEVERITIES))


@pytest.mark.parametrize("name", COLOURED)
@pytest.mark.parametrize("role", list(ROLES))
def test_text_can_be_read(name: str, role: str) -> None:
    style = palette(name).styles[role]  # type: ignore[index]
    wanted = 7.0 if name == "high-contrast" else 4.5
    if role == "rule":
        wanted = 2.0
    front = style.color or palette(name)["text"].color
    assert front is not None
    assert contrast(front, ground(name, style)) >= wanted


@pytest.mark.parametrize("name", COLOURED)
@pytest.mark.parametrize("role", [*SEVERITIES, "text", "dim", "name", "strong"])
def test_text_can_be_read_under_the_cursor(name: str, role: str) -> None:
    style = palette(name)["text"] + palette(name).styles[role] + palette(name)["cursor"]  # type: ignore[index]
    assert style.color is not None
    assert style.bgcolor is not None
    assert contrast(style.color, style.bgcolor) >= 3.0


@pytest.mark.parametrize("name", ["ansi", "mono"])
def test_ansi_themes_leave_the_ground_to_the_terminal(name: str) -> None:
    assert all(style.bgcolor is None for style in palette(name).styles.values())
    assert palette(name)["cursor"].reverse


def test_mono_has_no_colour() -> None:
    assert all(style.color is None for style in palette("mono").styles.values())
    assert all(
        not str(v).startswith("ansi_") or v == "ansi_default" for v in textual_theme(palette("mono")).variables.values()
    )


@pytest.mark.parametrize("name", ["ansi", "mono"])
def test_ansi_themes_bring_the_variables_that_textual_needs(name: str) -> None:
    made = textual_theme(palette(name))
    assert made.ansi
    assert {"ansi-background", "ansi-foreground", "input-cursor-background"} <= set(made.variables)


def test_a_theme_of_textual_itself_gets_roles_too() -> None:
    assert palette("nord").name == "ansi"


def test_the_style_sheet_is_there() -> None:
    assert "Screen" in stylesheet().read_text()


# -- choosing


def test_no_color_means_mono_whatever_is_asked() -> None:
    found = choose({"NO_COLOR": "1", "TERM": "xterm", "COLORTERM": "truecolor"}, "dark")
    assert (found.name, found.ansi_color) == ("mono", True)
    assert usable({"NO_COLOR": ""}) == ("mono",)


def test_what_is_asked_is_taken() -> None:
    assert choose({"TERM": "xterm", "SSH_TTY": "/dev/pts/1"}, "light").name == "light"


def test_an_unknown_theme_is_told() -> None:
    found = choose({"TERM": "xterm-256color"}, "pink")
    assert found.name == "ansi"
    assert "no theme “pink”" in found.why


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "dark"),
        ({"TERM": "xterm-direct", "COLORTERM": "24bit"}, "dark"),
        ({"TERM": "xterm-256color"}, "ansi"),
        ({"TERM": "linux"}, "ansi"),
        ({"TERM": "xterm", "COLORTERM": "truecolor", "SSH_CONNECTION": "a b c d"}, "ansi"),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor", "TMUX": "/tmp/tmux"}, "ansi"),
        ({"TERM": "screen", "STY": "1.pts"}, "ansi"),
        ({"TERM": "dumb"}, "mono"),
        ({"TERM": "vt100"}, "mono"),
        ({}, "mono"),
    ],
)
def test_the_terminal_decides_otherwise(environ: dict[str, str], name: str) -> None:
    found = choose(environ)
    assert found.name == name
    assert found.why
    assert found.ansi_color is None
