"""The privacy guard: may this text be stored? Structure first, detection second.

Free text is the exception here (a reason in somebody's own words), so the guard may be strict: what it stops is taken
out of the chat and the person is asked to write it without the detail. It looks for what has a shape: national numbers,
phone numbers, addresses, birth dates, long numbers. It does not know names, rare diseases or places: the prompt asks
for none, and nothing here promises to find them.
"""

from trial.guard.findings import Finding
from trial.guard.judgement import LENGTH_MAX, GuardContext, Judgement, judge, judge_or_block

__all__ = ["LENGTH_MAX", "Finding", "GuardContext", "Judgement", "judge", "judge_or_block"]
