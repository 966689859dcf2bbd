"""The catalogues are whole; and each check is proven on a copy broken in just that way."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from locales import extract, languages
from locales.cards import card_text
from locales.catalogues import (
    FOLDER,
    OPENING_SHORTEST,
    BrokenCatalogue,
    MissingMessage,
    catalogue_languages,
    catalogue_path,
    catalogue_version,
    compiled,
    flaws,
    read_catalogue,
    template_path,
    translations,
)
from locales.texts import FIRST_STRONG_ISOLATE, POP_ISOLATE, strip_isolates
from locales.voices import Voice
from tests.locales.messages import STUDY, card

LANGUAGES = catalogue_languages()
in_every_language = pytest.mark.parametrize("language", LANGUAGES)

WITH_PLACEHOLDER = "booked for %(day)s"
OPENING = "When you have a minute, please answer with the buttons below."
PLURAL = ("%(count)s day left", "%(count)s days left")


@pytest.fixture(scope="module")
def template() -> Catalog:
    return read_catalogue(template_path())


def test_four_languages_are_there():
    assert LANGUAGES == ("de", "en", "fr", "ja")


@in_every_language
def test_a_catalogue_is_whole(language, template):
    assert list(flaws(language, read_catalogue(catalogue_path(language), language), template)) == []


def test_template_and_catalogues_are_up_to_date_with_the_code():
    assert [str(path) for path, _ in extract.stale()] == []


def test_extraction_finds_what_stands_behind_our_three_names(tmp_path):
    (tmp_path / "room.py").write_text(
        'voice.say("Hello %(name)s.", name=name)\n'
        'voice.say_count("%(count)s day", "%(count)s days", count=2)\n'
        'TABLE = {1: phrase("button", "Done")}\n'
    )
    found = extract.template(tmp_path)

    assert found.get("Hello %(name)s.") is not None
    assert found.get("%(count)s day").id == ("%(count)s day", "%(count)s days")
    assert found.get("Done", context="button") is not None
    assert found.get("Done") is None


def test_english_is_what_the_code_says():
    for message in read_catalogue(catalogue_path("en"), "en"):
        if message.id:
            assert message.string == message.id


@in_every_language
def test_a_catalogue_holds_no_date_and_no_address(language):
    text = catalogue_path(language).read_text(encoding="utf-8")

    assert "@" not in text
    assert "-Date:" not in text


# --- each check fails on a broken copy --------------------------------------------------------------------------------


def _drop_placeholder(copy: Catalog) -> None:
    copy.get(WITH_PLACEHOLDER).string = "予約済み"


def _invent_placeholder(copy: Catalog) -> None:
    copy.get(WITH_PLACEHOLDER).string += "%(hour)s"


def _break_percent(copy: Catalog) -> None:
    copy.get(WITH_PLACEHOLDER).string += " 100% "


def _lose_plural(copy: Catalog) -> None:
    copy.delete(PLURAL[0])
    copy.add(PLURAL[0], "残り%(count)s日")


def _gain_plural(copy: Catalog) -> None:
    copy.delete(WITH_PLACEHOLDER)
    copy.add((WITH_PLACEHOLDER, WITH_PLACEHOLDER + "s"), ("%(day)sで予約済み",))


def _shorten_opening(copy: Catalog) -> None:
    copy.get(OPENING, context="opening").string = "ボタンでご回答ください。"


def _empty_plural_form(copy: Catalog) -> None:
    copy.get(PLURAL[0]).string = ("",)


def _placeholder_out_of_plural(copy: Catalog) -> None:
    copy.get(PLURAL[0]).string = ("残りわずか",)


def _mark_fuzzy(copy: Catalog) -> None:
    copy.get(WITH_PLACEHOLDER).flags.add("fuzzy")


def _empty(copy: Catalog) -> None:
    copy.get(WITH_PLACEHOLDER).string = ""


def _blank(copy: Catalog) -> None:
    copy.get(WITH_PLACEHOLDER).string = "  "


def _take_out(copy: Catalog) -> None:
    copy.delete(WITH_PLACEHOLDER)


def _leave_over(copy: Catalog) -> None:
    copy.add("Nothing says this", "誰も言いません")


def _other_context(copy: Catalog) -> None:
    copy.add("Done", "済み", context="elsewhere")


def _no_status(copy: Catalog) -> None:
    copy.header_comment = "# Words of Sitebell."


@pytest.mark.parametrize(
    ("break_it", "what"),
    [
        (_drop_placeholder, "has the placeholders none instead of day"),
        (_invent_placeholder, "has the placeholders day, hour instead of day"),
        (_break_percent, "has a % that is no placeholder; a percent sign is written %%"),
        (_lose_plural, "has lost its plural"),
        (_gain_plural, "has a plural that it must not have"),
        (_shorten_opening, f"has 12 characters; an opening needs {OPENING_SHORTEST} to hide the rest"),
        (_empty_plural_form, "is not translated"),
        (_placeholder_out_of_plural, "has the placeholders none instead of count"),
        (_mark_fuzzy, "is marked fuzzy"),
        (_empty, "is not translated"),
        (_blank, "is not translated"),
        (_take_out, "is missing"),
        (_leave_over, "is left over: nothing says it any more"),
        (_other_context, "is left over: nothing says it any more"),
        (_no_status, "lacks the line '# Status: draft' or '# Status: source'"),
    ],
)
def test_a_broken_copy_is_refused(break_it: Callable[[Catalog], None], what: str, template):
    copy = read_catalogue(catalogue_path("ja"), "ja")
    break_it(copy)

    assert what in {flaw.what for flaw in flaws("ja", _read_again(copy), template)}


def test_english_needs_both_of_its_plural_forms(template):
    copy = read_catalogue(catalogue_path("en"), "en")
    copy.get(PLURAL[0]).string = (PLURAL[0],)

    assert {(flaw.message, flaw.what) for flaw in flaws("en", _read_again(copy), template)} == {
        (PLURAL[0], "is not translated")
    }


def test_plural_forms_of_another_language_are_refused(template):
    text = (
        catalogue_path("ja")
        .read_text(encoding="utf-8")
        .replace("nplurals=1; plural=0;", "nplurals=2; plural=(n != 1);")
    )
    copy = read_po_text(text, "ja")

    assert "counts 2 plural forms, the language 1" in {flaw.what for flaw in flaws("ja", copy, template)}


def test_a_new_message_makes_every_file_stale_and_waits_for_its_translation(folder):
    code = folder / "code"
    shutil.copytree(FOLDER, code, ignore=shutil.ignore_patterns("__pycache__"))
    (code / "room.py").write_text('voice.say("Something new")\n')
    found = dict(extract.stale(folder, code=code))

    assert set(found) == {template_path(folder), *(catalogue_path(language, folder) for language in LANGUAGES)}
    for path, content in found.items():
        path.write_bytes(content)
    with pytest.raises(BrokenCatalogue, match=r"^de: 'Something new': is not translated\nfr: .*\nja: .*$"):
        languages(folder)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the template and of all catalogues."""
    for original in (template_path(), *map(catalogue_path, LANGUAGES)):
        copy = tmp_path / original.relative_to(FOLDER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(original, copy)
    return tmp_path


def test_nothing_starts_with_a_broken_catalogue(folder):
    path = catalogue_path("ja", folder)
    path.write_text(path.read_text(encoding="utf-8").replace("%(day)sで予約済み", "予約済み"), encoding="utf-8")

    with pytest.raises(BrokenCatalogue) as refused:
        languages(folder)
    assert str(refused.value) == f"ja: {WITH_PLACEHOLDER!r}: has the placeholders none instead of day"


def test_a_changed_word_is_another_version_of_the_catalogues(folder):
    before = catalogue_version(folder)
    catalogue_version.cache_clear()
    path = catalogue_path("ja", folder)
    path.write_text(path.read_text(encoding="utf-8").replace("未実施", "実施せず"), encoding="utf-8")

    assert before == catalogue_version()
    assert before != catalogue_version(folder)


def test_a_short_opening_shows_the_study_on_a_locked_phone():
    """What the check of openings is for: without it, this is what a locked phone would show."""
    copy = read_catalogue(catalogue_path("ja"), "ja")
    for message in copy:
        if message.context == "opening":
            message.string = "ボタンでご回答ください。"
    short = Voice("ja", Locale("ja"), compiled(copy))

    assert STUDY in card_text(short, card()).text[:60]


def test_a_message_that_a_catalogue_lacks_does_not_come_out_in_english():
    words = translations("ja")

    with pytest.raises(MissingMessage):
        words.gettext("Nothing says this")
    with pytest.raises(MissingMessage):
        words.pgettext("button", "Nothing says this")
    with pytest.raises(MissingMessage):
        words.ngettext("%(count)s elephant", "%(count)s elephants", 2)


def test_every_language_has_its_name():
    assert [known.name for known in languages().values()] == ["Deutsch", "English", "français", "日本語"]


# --- right to left ----------------------------------------------------------------------------------------------------


def _voice(language: str, direction_of: str) -> Voice:
    catalogue = Catalog(locale=language)
    catalogue.add("Study: %(study)s", "الدراسة: %(study)s")
    return Voice(language, Locale.parse(direction_of), compiled(catalogue))


def test_values_are_isolated_in_a_right_to_left_language_only():
    assert _voice("ar", "ar").say("Study: %(study)s", study="DREAM") == (
        f"الدراسة: {FIRST_STRONG_ISOLATE}DREAM{POP_ISOLATE}"
    )
    assert FIRST_STRONG_ISOLATE not in _voice("ar", "en").say("Study: %(study)s", study="DREAM")


def test_pasted_text_loses_its_isolates():
    assert strip_isolates(f"{FIRST_STRONG_ISOLATE}417-003{POP_ISOLATE}\u200f") == "417-003"


def _read_again(copy: Catalog) -> Catalog:
    return read_po_text(extract.written(copy).decode(), str(copy.locale))


def read_po_text(text: str, language: str) -> Catalog:
    return read_po(io.BytesIO(text.encode()), locale=language)
