"""Rule 3: how to reach a person: phone numbers, mail addresses, links, user names."""

import re

import phonenumbers

DIGITS_MIN, DIGITS_MAX = 7, 17
COUNTRIES_MAX = 5

_ADDRESS = re.compile(
    r"[\w.+-]@[\w-]"  # amina@example
    r"|@[^\s\d@.,;:)]{2}"  # @username
    r"|\w ?(?:\(at\)|\[at\]|\{at\}) ?\w"
    r"|\b[a-z][a-z0-9+.-]{1,11}://"
    r"|\b(?:mailto|tel|sms|facetime|skype|viber|whatsapp):"
    r"|\bwww\d?\."
    r"|\b(?:t|wa|m|fb)\.me/"
    r"|[a-z0-9-]\.(?:com|org|net|info|edu|gov|int|biz|app|dev|online|cloud)\b"
    r"|[a-z0-9-]\.(?:at|be|ch|cn|de|dk|es|eu|fi|fr|gr|hu|ie|io|it|jp|kr|me|nl|no|pl|pt|ro|se|tr|tw|uk|us)/",
    re.ASCII,
)
_PHONE_WORDS = re.compile(
    r"(?:\b(?:tel|phone|telephone|telefon|telefono|telefone|telefoon|mobile|mobil|mob|cell|handy|fax|call|ring|portable)"
    r"|电话|電話|携帯|手机|전화|тел|τηλ|טלפון|هاتف|โทร|☎|☏|📞|📱)[ .:#-]*$"
)
_WORD_REACH = 14


def has_address(text: str) -> bool:
    """A mail address, a link or a user name in a folded text."""
    return _ADDRESS.search(text) is not None


def is_phone_number(written: str, *, before: str, countries: tuple[str, ...]) -> bool:
    """Whether a number as written (from its first digit) is a phone number of these countries or an international one.

    `before` is the text in front of it. A bare run of digits without prefix, groups or a word such as "tel" is not
    called a phone number: it is a long number, which is stopped as well.
    """
    digits = sum(character.isdigit() for character in written)
    if not DIGITS_MIN <= digits <= DIGITS_MAX:
        return False
    opening = before.rstrip(" (")
    if opening.endswith("+") or written.startswith("00"):
        return _is_international("+" + written.removeprefix("00"))
    bare = written.isdigit() and not written.startswith("0") and not before.endswith("(")
    if bare and not _PHONE_WORDS.search(before[-_WORD_REACH:]):
        return False
    return any(_is_valid(written, country) for country in countries[:COUNTRIES_MAX])


def _is_international(written: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(written, None))
    except phonenumbers.NumberParseException:
        return False


def _is_valid(written: str, country: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(written, country.upper()))
    except phonenumbers.NumberParseException:
        return False
