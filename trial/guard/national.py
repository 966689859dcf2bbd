"""Rule 2: numbers that states, banks and insurers give to one person, told by their checksums.

A checksum holds by chance for about one random number in ten, so what is found here sharpens the words ("this looks
like a national number"); a long number without a checksum is stopped all the same.
"""

import re
from collections.abc import Callable, Iterator

from stdnum import iban, luhn
from stdnum.ar import cuit
from stdnum.at import vnr
from stdnum.au import tfn
from stdnum.be import bis, nn
from stdnum.bg import egn
from stdnum.br import cpf
from stdnum.ca import bc_phn, sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.do import cedula
from stdnum.ec import ci
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nif as fr_nif
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.id import nik
from stdnum.ie import pps
from stdnum.il import idnr as il_idnr
from stdnum.in_ import aadhaar, pan, vid
from stdnum.is_ import kennitala
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.lt import asmens
from stdnum.lv import pvn
from stdnum.md import idno
from stdnum.mx import curp, rfc
from stdnum.my import nric
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.nz import ird
from stdnum.pl import pesel
from stdnum.pt import nif as pt_nif
from stdnum.ro import cnp
from stdnum.ru import inn
from stdnum.se import personnummer
from stdnum.si import emso
from stdnum.th import pin
from stdnum.tr import tckimlik
from stdnum.ua import rntrc
from stdnum.za import idnr as za_idnr

from trial.guard.folding import Span

Check = Callable[[str], bool]

DIGITS_MIN, DIGITS_MAX = 9, 19
_TRIES_MAX = 40  # runs of one number's groups that are tried; beyond it the number is stopped as a long one


def is_my_number(number: str) -> bool:
    """Japan's individual number: 12 digits, the last one over the eleven before it (weights 2-7, then 2-6)."""
    if len(number) != 12:
        return False
    weighed = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(number[:-1]), start=1))
    return int(number[-1]) == (11 - weighed % 11 if weighed % 11 > 1 else 0)


def is_medicare_card(number: str) -> bool:
    """Australia's Medicare number: 10 digits (11 with the person's line), the ninth over the eight before it."""
    if len(number) not in {10, 11} or number[0] not in "23456":
        return False
    return sum(
        int(digit) * weight for digit, weight in zip(number, (1, 3, 7, 9, 1, 3, 7, 9), strict=False)
    ) % 10 == int(number[8])


def is_payment_card(number: str) -> bool:
    """A bank card: 13-19 digits with a Luhn sum."""
    return 13 <= len(number) <= 19 and bool(luhn.is_valid(number))


_OF_DIGITS: tuple[Check, ...] = (
    aadhaar.is_valid, ahv.is_valid, amka.is_valid, asmens.is_valid, bc_phn.is_valid, bis.is_valid, bsn.is_valid,
    cedula.is_valid, ci.is_valid, cnp.is_valid, cpf.is_valid, cpr.is_valid, cuit.is_valid, egn.is_valid, emso.is_valid,
    fodselsnummer.is_valid, fr_nif.is_valid, idno.is_valid, idnr.is_valid, ik.is_valid, il_idnr.is_valid, inn.is_valid,
    ird.is_valid, kennitala.is_valid, nhs.is_valid, nik.is_valid, nir.is_valid, nn.is_valid, nric.is_valid,
    oib.is_valid, personnummer.is_valid, pesel.is_valid, pin.is_valid, pt_nif.is_valid, pvn.is_valid, rc.is_valid,
    ric.is_valid, rntrc.is_valid, rrn.is_valid, sin.is_valid, tckimlik.is_valid, tfn.is_valid, vid.is_valid,
    vnr.is_valid, za_idnr.is_valid, is_medicare_card, is_my_number, is_payment_card,
)  # fmt: skip

_EDGE, _END = r"(?<![0-9A-Z])", r"(?![0-9A-Z])"


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(_EDGE + pattern + _END, re.ASCII)


def _of_its_shape(_number: str) -> bool:
    return True


_OF_LETTERS: tuple[tuple[re.Pattern[str], Check], ...] = (
    (_shape(r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Z]"), hetu.is_valid),
    (_shape(r"[0-9]{6}(?:[0-9]{2})?[-+][0-9]{4}"), personnummer.is_valid),
    (_shape(r"[A-Z]{3} ?[A-Z]{3} ?[0-9A-Z]{5} ?[0-9A-Z]{5}"), codicefiscale.is_valid),
    (_shape(r"[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}[- ]?[A-Z]"), dni.is_valid),
    (_shape(r"[XYZ][- ]?[0-9]\.?[0-9]{3}\.?[0-9]{3}[- ]?[A-Z]"), nie.is_valid),
    (_shape(r"[0-9]{7} ?[A-W][ABHWTX]?"), pps.is_valid),
    (_shape(r"[A-Z]{5}[0-9]{4}[A-Z]"), pan.is_valid),
    (_shape(r"[A-Z]{4}[0-9]{6}[A-Z]{6}[0-9A-Z][0-9]"), curp.is_valid),
    (_shape(r"[A-Z]{4}[- ]?[0-9]{6}[- ]?[0-9A-Z]{3}"), rfc.is_valid),
    (_shape(r"[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-[0-9K]"), rut.is_valid),
    (_shape(r"[0-9]{17}X"), ric.is_valid),
    (_shape(r"[12] ?[0-9]{2} ?[0-9]{2} ?2[AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}"), nir.is_valid),
    # Great Britain's National Insurance number has no checksum, but no other thing has its shape.
    (_shape(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]"), _of_its_shape),
)
_IBAN = _shape(r"[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?")
_US_SHAPE = _shape(r"[0-9]{3}([- ])[0-9]{2}\1[0-9]{4}")
_US_BARE = _shape(r"[0-9]{9}")
_US_WORDS = re.compile(r"\b(?:ssn|itin|tin|social security|soc\.? ?sec)\b")


def with_letters(text: str) -> Iterator[Span]:
    """Where a folded text holds a personal number that letters are part of, or one told by its shape."""
    upper = text.upper()
    if len(upper) != len(text):  # a letter that grows in upper case: no such number has one
        upper = "".join(character.upper() if character.isascii() else character for character in text)
    for shape, check in _OF_LETTERS:
        yield from (found.span() for found in shape.finditer(upper) if check(found[0]))
    for found in _IBAN.finditer(upper):
        groups = found[0].split(" ")
        if any(iban.is_valid("".join(groups[:count])) for count in range(len(groups), 0, -1)):
            yield found.span()
    # The United States' numbers have no checksum: their shape or a word in front tells them.
    yield from (found.span() for found in _US_SHAPE.finditer(upper))
    if _US_WORDS.search(text):
        yield from (found.span() for found in _US_BARE.finditer(upper))


def is_national_number(groups: tuple[str, ...]) -> bool:
    """Whether neighbouring groups of one written number are, together, a personal number of some country."""
    starts = [0]
    for group in groups:
        starts.append(starts[-1] + len(group))
    digits = "".join(groups)
    runs = (
        digits[first:last]
        for index, first in enumerate(starts[:-1])
        for last in starts[index + 1 :]
        if DIGITS_MIN <= last - first <= DIGITS_MAX
    )
    return any(check(run) for run, _ in zip(runs, range(_TRIES_MAX), strict=False) for check in _OF_DIGITS)
