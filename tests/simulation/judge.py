"""What must hold whatever happens, judged from the records, the phones, and what people said: never by asking the code."""

from dataclasses import dataclass, field

from bot.composing import Send
from records.outbox import Claim
from scheduler.definitions import Definitions
from tests.simulation.accounting import Accounting
from tests.simulation.deciding import Deciding
from tests.simulation.reaching import Reaching
from tests.simulation.rules import Known


@dataclass
class Judge(Known):
    """Three pairs of eyes: on the phones, on each tick, and on the record."""

    _reaching: Reaching = field(init=False)
    _deciding: Deciding = field(init=False)
    _accounting: Accounting = field(init=False)

    def __post_init__(self) -> None:
        self._reaching, self._deciding = Reaching(self), Deciding(self)
        self._accounting = Accounting(self, self._deciding)

    def reached(self, claim: Claim, said: Send) -> None:
        """A new message has reached somebody's phone, or may have."""
        self._reaching.reached(claim, said)

    def ticked(self) -> None:
        """A tick is over."""
        self._deciding.ticked()

    def accounts(self, studies: Definitions) -> None:
        """Now and then: what is recorded of all steps that were due until now."""
        self._accounting.accounts(studies)

    def ends(self) -> None:
        """Time is over."""
        self._accounting.ends()
