"""Tables as tests write them: a CSV in a text, read into a draft."""

from typing import Any

from office.study_files import study_from_text
from office.study_tables import read_table
from office.study_writing import study_text
from trial.readers.draft import Draft, Weight


def draft_of(text: str, name: str = "schedule.csv") -> Draft:
    return read_table(text.encode(), name)


def visits_of(draft: Draft) -> dict[str, dict[str, Any]]:
    visits: Any = draft.document.get("visits", [])
    return {visit["id"]: visit for visit in visits}


def bare(node: Any) -> Any:
    """A value out of its wrapping."""
    return node["value"] if isinstance(node, dict) and "value" in node else node


def study_of(draft: Draft):
    """The study, once the draft is written down as `sitebell study import` does."""
    return study_from_text(study_text(draft.document), "plan.yaml")


def told(draft: Draft, weight: Weight) -> list[tuple[str, str]]:
    """What was told with this weight: its word and its cell."""
    return [(finding.code, finding.where) for finding in draft.findings if finding.weight is weight]


def sentences(draft: Draft) -> str:
    return "\n".join(map(str, draft.findings))
