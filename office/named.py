"""Studies and sites by the names that people call them by."""

from records import sites, studies
from records.sites import SiteRow
from records.studies import StudyRow
from records.transaction import Tx
from trial.problems import Problem, ProblemError, nearest


def study_named(tx: Tx, code: str | None) -> StudyRow:
    """The study of this code; without one, the only study there is.

    Raises:
        ProblemError: there is none, or which one is not said.
    """
    known = studies.studies(tx)
    if code is None:
        if len(known) == 1:
            return known[0]
        what = "no study was imported yet" if not known else "there are several studies"
        instead = (
            "import one with sitebell study release" if not known else nearest("", [study.code for study in known])
        )
        raise ProblemError(Problem("study", what, instead))
    found = next((study for study in known if study.code == code), None)
    if found is None:
        raise ProblemError(Problem("study", f"{code!r} is not known", nearest(code, [study.code for study in known])))
    return found


def site_named(tx: Tx, study: StudyRow, number: str) -> SiteRow:
    """The site of this number in this study.

    Raises:
        ProblemError: there is none.
    """
    found = sites.site_by_number(tx, study.id, number)
    if found is None:
        known = [site.number for site in sites.sites(tx, study.id)]
        raise ProblemError(Problem("site", f"{number!r} is not a site of {study.code}", nearest(number, known)))
    return found
