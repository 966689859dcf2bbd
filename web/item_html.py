"""The item's pages as HTML: no script, one style sheet, nothing about the item in address or title."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from locales import button
from locales.pages import PageWord, page_card, page_label, page_question, page_safety, page_word
from locales.texts import Line, Strong
from office.cards import ReceiptView
from office.item_card import DayChoice, TaskChoices, card_of, choices_of, receipt_of
from office.item_page import ItemPage
from trial.answers import AnswerKind
from trial.guard import LENGTH_MAX
from trial.messages import Asking, ButtonKind, ButtonText, Phase
from trial.moments import LAST_YEAR
from web.markup import Child, document, tag

NAME = "Sitebell"
_REASONED = {
    AnswerKind.NOT_DONE: ButtonKind.NOT_DONE,
    AnswerKind.NOT_APPLICABLE: ButtonKind.NOT_APPLICABLE,
}


@dataclass(frozen=True, slots=True)
class Note:
    """What became of the last form, where it was not simply recorded."""

    head: str
    lines: tuple[str, ...] = ()
    recorded: bool = False  # somebody had recorded the same before: nothing went wrong


def link_page(token: str, language: str) -> str:
    """What a link shows before it is used: a button, and nothing of what is behind it."""
    return _shell(
        page_word(PageWord.TITLE, language),
        language,
        tag(
            "section",
            tag("h1", page_word(PageWord.LINK_HEADING, language)),
            tag("p", page_word(PageWord.LINK_TEXT, language)),
            tag(
                "form",
                tag("button", page_word(PageWord.OPEN, language), type="submit", class_="likely"),
                method="post",
                action=f"/item/{token}",
            ),
            class_="card",
        ),
    )


def plain_page(heading: PageWord, text: PageWord, language: str) -> str:
    """One calm sentence, and what to do."""
    return _shell(
        page_word(PageWord.TITLE, language),
        language,
        tag("section", tag("h1", page_word(heading, language)), tag("p", page_word(text, language)), class_="card"),
    )


def item_html(page: ItemPage, language: str, *, csrf: str, note: Note | None = None) -> str:
    """The card, and a form for each answer that fits now."""
    view = page.view
    forms = _Forms(language, csrf)
    receipt = receipt_of(view)
    title = PageWord.TITLE if receipt is None else PageWord.TITLE_RECORDED
    if note is not None and not note.recorded:
        title = PageWord.TITLE_NOT_RECORDED
    choices = choices_of(view, earliest=page.earliest)
    return _shell(
        page_word(title, language),
        language,
        None if note is None else _note(note),
        _card(page, language, None if receipt is None else forms.undo(receipt)),
        *(_task(forms, one, page, named=len(choices) > 1) for one in choices),
        tag(
            "footer",
            tag("p", page_word(PageWord.NO_SIGNATURE, language)),
            forms.form("/item/close", tag("button", page_word(PageWord.LEAVE_PAGE, language), type="submit")),
        ),
    )


# --- what it shows ----------------------------------------------------------------------------------------------------


def _shell(title: str, language: str, *parts: Child) -> str:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{title} · {NAME}"),
        tag("link", rel="stylesheet", href="/item.css"),
        tag("link", rel="icon", href="/item.svg", type="image/svg+xml"),
    )
    brand = tag("header", tag("p", tag("span", "◔ ", aria_hidden="true"), NAME, class_="brand"))
    return document(tag("html", head, tag("body", brand, tag("main", *parts)), lang=language))


def _note(note: Note) -> Element:
    # It has the focus, so that a screen reader begins with it and a keyboard goes on from it.
    return tag(
        "section",
        tag("p", tag("strong", note.head)),
        tag("ul", *(tag("li", words) for words in note.lines[:-1])) if len(note.lines) > 1 else None,
        tag("p", note.lines[-1]) if note.lines else None,
        class_="note",
        role="status" if note.recorded else "alert",
        tabindex="-1",
        autofocus=True,
    )


def _card(page: ItemPage, language: str, undo: Element | None) -> Element:
    parts = page_card(card_of(page.view), language)
    said = tag("div", *map(_line, parts.receipt), undo, class_="receipt", role="status") if parts.receipt else None
    return tag(
        "section",
        *(_line(pieces, class_="opening") for pieces in parts.opening if pieces),
        tag("h1", parts.title, id="what"),
        tag("p", parts.visit, class_="visit"),
        *map(_line, parts.facts),
        said,
        tag("p", parts.safety, class_="safety") if parts.safety else None,
        class_="card",
        aria_labelledby="what",
    )


def _line(pieces: Line, *, class_: str | None = None) -> Element:
    children: list[Child] = []
    for place, piece in enumerate(pieces):
        if place:
            children.append(" · ")
        # Each piece keeps together where it fits: a date is not torn apart at the end of a line.
        name, words = ("strong", piece.words) if isinstance(piece, Strong) else ("span", piece)
        children.append(tag(name, words, class_="piece"))
    return tag("p", *children, class_=class_)


# --- what it offers ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Forms:
    """The forms of one page: each carries the page's own token; each label has a field of its own."""

    language: str
    csrf: str
    _labels: int = field(default=0)

    def words(self, kind: ButtonKind) -> str:
        return button(ButtonText(kind), self.language)

    def form(self, action: str, *children: Child, **fields: str) -> Element:
        hidden = {"csrf": self.csrf} | fields
        inputs = (tag("input", type="hidden", name=name, value=value) for name, value in hidden.items())
        return tag("form", *inputs, *children, method="post", action=action)

    def answer(self, about: TaskChoices, kind: AnswerKind, *children: Child, **fields: str) -> Element:
        return self.form("/item/answer", *children, task=str(about.task.task_id), kind=kind.value, **fields)

    def undo(self, receipt: ReceiptView) -> Element:
        back = ButtonKind.CONTEST if receipt.taken_down else ButtonKind.UNDO
        return self.form("/item/undo", tag("button", self.words(back), type="submit"), answer=str(receipt.answer_id))

    def record(self) -> Element:
        return tag("button", page_word(PageWord.RECORD, self.language), type="submit", class_="record")

    def field(self, label: str, name: str, **attributes: str | bool | None) -> Element:
        self._labels += 1
        identity = f"field-{self._labels}"
        return tag(
            "p",
            tag("label", label, for_=identity),
            tag("input", id=identity, name=name, **attributes),
            class_="field",
        )


def _task(forms: _Forms, about: TaskChoices, page: ItemPage, *, named: bool) -> Element:
    """One task: its question, the likeliest answer first, the rarer ones behind "other"."""
    language = forms.language
    label = page_label(about.task.label, language)
    asked = page_question(about.asking, page.view.phase, about.task.question, language)
    return tag(
        "section",
        tag("h2", label) if named or asked is None else None,
        None if asked is None else tag("p" if named else "h2", asked, class_="question"),
        _values(forms, about),
        *(_day_choice(forms, about, choice) for choice in about.days),
        _already_sent(forms, about),
        _later(forms, about),
        *_others(forms, about),
        class_="task",
        aria_label=label,
    )


def _behind(summary: str, *children: Child) -> Element:
    return tag("details", tag("summary", summary), tag("div", *children, class_="behind"))


def _choices(name: str, choices: Sequence[tuple[str, str]]) -> Element:
    """Buttons of one form: whichever is pressed is the answer."""
    return tag(
        "div",
        *(tag("button", words, type="submit", name=name, value=value) for value, words in choices),
        class_="choices",
    )


def _values(forms: _Forms, about: TaskChoices) -> Element | None:
    values = [(value.id, page_label(value.label, forms.language)) for value in about.task.values]
    return forms.answer(about, AnswerKind.STATED, _choices("value", values)) if values else None


def _day_choice(forms: _Forms, about: TaskChoices, choice: DayChoice) -> Element:
    likely = [(day.isoformat(), button(ButtonText(text, day=day), forms.language)) for text, day in choice.likely]
    another = forms.field(
        page_word(PageWord.ANOTHER_DAY, forms.language),
        "day",
        type="date",
        required=True,
        min=None if choice.first is None else choice.first.isoformat(),
        # A browser's own bound of years is far off; ours only where it is nearer than the end of all dates.
        max=None if choice.last.year == LAST_YEAR else choice.last.isoformat(),
    )
    return _behind(
        forms.words(choice.text),
        forms.answer(about, choice.kind, _choices("day", likely)) if likely else None,
        forms.answer(about, choice.kind, another, forms.record()),
    )


def _already_sent(forms: _Forms, about: TaskChoices) -> Element | None:
    if about.already_sent is None:
        return None
    said = tag("button", forms.words(about.as_said), type="submit")
    return forms.answer(about, AnswerKind.UPLOADED, said, day=about.already_sent.isoformat())


def _later(forms: _Forms, about: TaskChoices) -> Element | None:
    days = [(day.isoformat(), button(ButtonText(text, day=day), forms.language)) for text, day in about.later]
    if not days:
        return None
    return _behind(forms.words(ButtonKind.LATER), forms.answer(about, AnswerKind.LATER, _choices("day", days)))


def _others(forms: _Forms, about: TaskChoices) -> Iterator[Element]:
    rarer = [
        *(_reasoned(forms, about, kind) for kind in about.reasoned),
        *([_leaving(forms, about)] if about.leaving else []),
        *([_help(forms, about)] if about.help else []),
    ]
    if about.reasoned or about.leaving:
        yield _behind(forms.words(ButtonKind.OTHER), *rarer)
    else:
        # On a claim nothing is rarer than asking for help.
        yield from rarer


def _reasoned(forms: _Forms, about: TaskChoices, kind: AnswerKind) -> Element:
    coded = [(reason.id, page_label(reason.label, forms.language)) for reason in about.reasons]
    own = forms.field(
        page_word(PageWord.REASON_HINT, forms.language),
        "words",
        type="text",
        required=True,
        maxlength=str(LENGTH_MAX),
        autocomplete="off",
    )
    return _behind(
        forms.words(_REASONED[kind]),
        tag("p", page_safety(forms.language), class_="safety"),
        forms.answer(about, kind, _choices("reason", coded)) if coded else None,
        forms.answer(about, kind, own, forms.record()),
    )


def _leaving(forms: _Forms, about: TaskChoices) -> Element:
    legend = page_question(Asking.WHY_LEFT, Phase.DURING, None, forms.language) or ""
    radios = [
        tag(
            "label",
            tag("input", type="radio", name="leaving", value=kind.value, required=True),
            tag("span", button(ButtonText(ButtonKind.LEAVING, leaving=kind), forms.language)),
            class_="radio",
        )
        for kind in about.leaving
    ]
    return _behind(
        forms.words(ButtonKind.NO_LONGER_FOLLOWED),
        forms.answer(
            about,
            AnswerKind.NO_LONGER_FOLLOWED,
            tag("fieldset", tag("legend", legend), *radios),
            tag("p", page_word(PageWord.LEAVING_TEXT, forms.language)),
            tag("p", page_safety(forms.language), class_="safety"),
            tag("button", forms.words(ButtonKind.CONFIRM), type="submit", class_="record"),
        ),
    )


def _help(forms: _Forms, about: TaskChoices) -> Element:
    wanted = [(kind.value, button(ButtonText(ButtonKind.HELP_KIND, help=kind), forms.language)) for kind in about.help]
    return _behind(forms.words(ButtonKind.HELP), forms.answer(about, AnswerKind.NEED_HELP, _choices("help", wanted)))
