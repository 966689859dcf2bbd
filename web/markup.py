"""HTML as a tree: words never become markup, whoever wrote them."""

from typing import TypeAlias
from xml.etree.ElementTree import Element, tostring

Child: TypeAlias = "Element | str | None"


def tag(name: str, /, *children: Child, **attributes: str | bool | None) -> Element:
    """An element. `class_`, `for_` and `aria_label` lose or change their underscores; what is None or False is left out."""
    element = Element(name)
    for attribute, value in attributes.items():
        if value is not None and value is not False:
            said = attribute.rstrip("_").replace("_", "-")
            element.set(said, said if value is True else value)
    for child in children:
        _put(element, child)
    return element


def document(root: Element) -> str:
    return "<!doctype html>\n" + tostring(root, encoding="unicode", method="html")


def _put(element: Element, child: Child) -> None:
    if child is None or child == "":
        return
    if not isinstance(child, str):
        element.append(child)
    elif len(element):
        last = element[-1]
        last.tail = (last.tail or "") + child
    else:
        element.text = (element.text or "") + child
