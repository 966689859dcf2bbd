"""What stands on a page, read as a browser would: its forms, its words, its labels."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "br"})


@dataclass(slots=True)
class ReadForm:
    """One form: what it always sends, and each press of a button or choice of a field that it offers."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    presses: list[tuple[str, str]] = field(default_factory=list)
    radios: list[tuple[str, str]] = field(default_factory=list)
    fields: list[dict[str, str]] = field(default_factory=list)


class ReadPage(HTMLParser):
    """A page, read once. Words of the head do not count as words of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[ReadForm] = []
        self.inputs: list[dict[str, str]] = []
        self.labelled: set[str] = set()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.title = ""
        self.language = ""
        self._open: list[str] = []
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def forms_for(self, action: str, **hidden: str) -> list[ReadForm]:
        return [form for form in self.forms if form.action == action and hidden.items() <= form.hidden.items()]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.tags.append((tag, given))
        if tag not in VOID:
            self._open.append(tag)
        match tag:
            case "html":
                self.language = given["lang"]
            case "form":
                self.forms.append(ReadForm(given["action"]))
            case "label":
                self.labelled.add(given.get("for", ""))
            case "button" if "name" in given:
                self.forms[-1].presses.append((given["name"], given["value"]))
            case "input":
                self._input(given)

    def _input(self, given: dict[str, str]) -> None:
        if given["type"] == "hidden":
            self.forms[-1].hidden[given["name"]] = given["value"]
            return
        self.inputs.append(given | {"in_label": "yes" if "label" in self._open else ""})
        if given["type"] == "radio":
            self.forms[-1].radios.append((given["name"], given["value"]))
        else:
            self.forms[-1].fields.append(given)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            continue

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title += data
        elif data.strip():
            self.words.append(data.strip())
