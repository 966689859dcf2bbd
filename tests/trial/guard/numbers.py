"""Personal details made up from their own rules: checksums are computed, nobody's number is copied."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import phonenumbers
from stdnum import luhn
from stdnum.au import tfn
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.gr import amka
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.tr import tckimlik

from trial.guard.national import is_medicare_card, is_my_number

TODAY = date(2026, 3, 14)


def seeded(seed: int | str) -> Random:
    """The same made-up details in every run."""
    return Random(seed)  # noqa: S311  # test data, not keys


def birth_day(random: Random) -> date:
    """A day 20 to 95 years back."""
    return TODAY - timedelta(days=random.randint(20 * 366, 95 * 365))


def digits(random: Random, count: int) -> str:
    return "".join(random.choice("0123456789") for _ in range(count))


def completed(random: Random, body: Callable[[], str], tail: int, is_valid: Callable[[str], bool]) -> str:
    """The first body with a tail of digits that its checksum accepts."""
    for _ in range(500):
        start = body()
        ends = [str(number).zfill(tail) for number in range(10**tail)]
        random.shuffle(ends)
        for end in ends:
            if is_valid(start + end):
                return start + end
    raise AssertionError("no number fits its own checksum")


def national_numbers(random: Random) -> dict[str, str]:
    """One number of each scheme, as people write it."""
    born = birth_day(random)
    short, long = born.strftime("%y%m%d"), born.strftime("%Y%m%d")
    day_first = born.strftime("%d%m%y")

    def plain(count: int) -> Callable[[], str]:
        return lambda: random.choice("123456789") + digits(random, count - 1)

    def french() -> str:
        return f"{random.choice('12')}{born:%y%m}{random.randint(1, 95):02}{digits(random, 6)}"

    def german() -> str:
        body = random.sample("123456789", 9)
        return "".join([*body, random.choice(body)])

    number = digits(random, 8)
    letters = "".join(random.choice("BCDFGLMNPRST") for _ in range(6))
    italian = f"{letters}{born:%y}{'ABCDEHLMPRST'[born.month - 1]}{born.day:02}H{random.randint(100, 999)}"
    control = fodselsnummer_of(random, born)
    finnish = f"{day_first}{'-' if born.year < 2000 else 'A'}{random.randint(2, 899):03}"
    bban = digits(random, 18)
    return {
        "NL BSN": completed(random, plain(8), 1, bsn.is_valid),
        "FR NIR": completed(random, french, 2, nir.is_valid),
        "IT codice fiscale": italian + codicefiscale.calc_check_digit(italian),
        "ES DNI": number + dni.calc_check_digit(number),
        "ES NIE": f"X{number[:7]}{nie.calc_check_digit('X' + number[:7])}",
        "SE personnummer": completed(random, lambda: f"{short}-{digits(random, 3)}", 1, personnummer.is_valid),
        "NO fodselsnummer": control,
        "DK CPR": completed(random, lambda: day_first, 4, cpr.is_valid),
        "FI HETU": next(finnish + end for end in "0123456789ABCDEFHJKLMNPRSTUVWXY" if hetu.is_valid(finnish + end)),
        "PL PESEL": completed(random, lambda: pesel_start(born) + digits(random, 4), 1, pesel.is_valid),
        "RO CNP": completed(random, lambda: f"{cnp_sex(born)}{short}{random.randint(1, 46):02}", 4, cnp.is_valid),
        "BG EGN": completed(random, lambda: egn_start(born) + digits(random, 3), 1, egn.is_valid),
        "GR AMKA": completed(random, lambda: day_first + digits(random, 4), 1, amka.is_valid),
        "TR TCKN": completed(random, plain(9), 2, tckimlik.is_valid),
        "GB NHS": completed(random, plain(9), 1, nhs.is_valid),
        "CA SIN": completed(random, plain(8), 1, sin.is_valid),
        "AU TFN": completed(random, plain(8), 1, tfn.is_valid),
        "AU Medicare": completed(random, lambda: random.choice("23456") + digits(random, 7), 2, is_medicare_card),
        "CN resident identity": completed(random, lambda: "110101" + long + digits(random, 3), 1, ric.is_valid),
        "KR RRN": completed(random, lambda: short + f"{'1' if born.year < 2000 else '3'}" + "00100", 1, rrn.is_valid),
        "JP My Number": completed(random, plain(11), 1, is_my_number),
        "IN Aadhaar": completed(random, lambda: random.choice("23456789") + digits(random, 10), 1, aadhaar.is_valid),
        "BR CPF": completed(random, plain(9), 2, cpf.is_valid),
        "CL RUT": f"{number[:2]}.{number[2:5]}.{number[5:8]}-{rut.calc_check_digit(number)}",
        "DE IdNr": completed(random, german, 1, idnr.is_valid),
        "BE NN": completed(random, lambda: short + f"{random.randint(1, 998):03}", 2, nn.is_valid),
        "CH AHV": completed(random, lambda: "756" + digits(random, 9), 1, ssn.is_valid),
        "US SSN": f"{random.randint(100, 665)}-{random.randint(10, 99)}-{random.randint(1000, 9999)}",
        "IBAN": f"DE{98 - int(bban + '131400') % 97:02}{bban}",
        "payment card": completed(random, lambda: "4" + digits(random, 14), 1, luhn.is_valid),
    }


def fodselsnummer_of(random: Random, born: date) -> str:
    low, high = (0, 499) if born.year < 2000 else (500, 899)
    return completed(random, lambda: f"{born:%d%m%y}{random.randint(low, high):03}", 2, fodselsnummer.is_valid)


def pesel_start(born: date) -> str:
    return f"{born:%y}{born.month + (20 if born.year >= 2000 else 0):02}{born:%d}"


def egn_start(born: date) -> str:
    return f"{born:%y}{born.month + (40 if born.year >= 2000 else 0):02}{born:%d}"


def cnp_sex(born: date) -> str:
    return "1" if born.year < 2000 else "5"


def spaced(random: Random, number: str) -> str:
    """The same number in groups, as it stands on a card."""
    if not number.isdigit() or random.random() < 0.5:
        return number
    size, joiner = random.choice((2, 3, 4)), random.choice(" -.")
    return joiner.join(number[at : at + size] for at in range(0, len(number), size))


PHONE_COUNTRIES = ("JP", "US", "FR", "DE", "NL", "SE", "IT", "ES", "GB", "BE", "CH", "AT")


def phone_number(random: Random, country: str) -> str:
    """A number of this country's fixed or mobile plan, last digits made up, written nationally or internationally."""
    kind = random.choice((phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE))
    example = phonenumbers.example_number_for_type(country, kind)
    for _ in range(50):
        national = phonenumbers.national_significant_number(example)
        number = phonenumbers.parse(f"+{example.country_code}{national[:-4]}{digits(random, 4)}", None)
        if phonenumbers.is_valid_number(number):
            break
    else:
        number = example
    style = random.choice(
        (
            phonenumbers.PhoneNumberFormat.NATIONAL,
            phonenumbers.PhoneNumberFormat.INTERNATIONAL,
            phonenumbers.PhoneNumberFormat.E164,
        )
    )
    return phonenumbers.format_number(number, style)


def birth_date_written(random: Random) -> str:
    """A birth date in one of many spellings."""
    born = birth_day(random)
    y, m, d = born.year, born.month, born.day
    english = born.strftime("%B")
    french = (
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    )[m - 1]
    german = (
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    )[m - 1]
    swedish = (
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    )[m - 1]
    dutch = (
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    )[m - 1]
    spellings = [
        f"{y}-{m:02}-{d:02}", f"{d:02}.{m:02}.{y}", f"{d}.{m}.{y}", f"{d:02}/{m:02}/{y}", f"{m}/{d}/{y}",
        f"{d:02}-{m:02}-{y}", f"{y}/{m:02}/{d:02}", f"{y}.{m}.{d}", f"{d} {m} {y}", f"{y}{m:02}{d:02}",
        f"{d:02}{m:02}{y}", f"{d} {english} {y}", f"{english} {d}, {y}", f"{english[:3]} {d} {y}",
        f"{d}-{english[:3]}-{y}", f"{d} {french} {y}", f"{d}. {german} {y}", f"{d} {swedish} {y}", f"{d} {dutch} {y}",
        f"{y}年{m}月{d}日", f"{y}年 {m}月 {d}日", f"{y}년 {m}월 {d}일", f"{y + 543}/{m}/{d}", f"{d}. {m}. {y}",
    ]  # fmt: skip
    if 1927 <= y <= 1988:
        spellings += [
            f"昭和{y - 1925}年{m}月{d}日",
            f"S{y - 1925}.{m}.{d}",
            f"昭和{y - 1925}/{m}/{d}",
            f"昭{y - 1925}.{m}.{d}",
        ]
    if 1990 <= y <= 2006:
        spellings += [f"平成{y - 1988}年{m}月{d}日", f"H{y - 1988}.{m}.{d}"]
    return random.choice(spellings)


SURROUNDINGS = (
    "{}",
    "patient {}",
    "the number is {} thanks",
    "患者は{}です",
    "Patientin {} war da",
    "({})",
    "n° {}, merci",
    "nr: {}.",
)


def in_a_sentence(random: Random, detail: str) -> str:
    return random.choice(SURROUNDINGS).format(detail)


SCRIPTS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９")


def in_another_script(random: Random, text: str) -> str:
    """The same text with the digits of another script, sometimes with an invisible character between them."""
    script = random.choice(SCRIPTS)
    joiner = random.choice(("", "\N{ZERO WIDTH SPACE}", "\N{RIGHT-TO-LEFT MARK}"))
    return "".join(joiner + script[int(c)] if c in "0123456789" else c for c in text)
