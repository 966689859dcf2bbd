"""What the guard says about a text: classes, never quotes."""

from enum import StrEnum


class Finding(StrEnum):
    """What kind of personal detail a text seems to hold. Names a class, never quotes."""

    TOO_LONG = "too_long"
    NATIONAL_NUMBER = "national_number"
    PHONE_NUMBER = "phone_number"
    ADDRESS_OF_A_PERSON = "address_of_a_person"  # e-mail, link, @username
    BIRTH_DATE = "birth_date"
    LONG_NUMBER = "long_number"
    GUARD_FAILED = "guard_failed"  # the guard itself broke: treated as blocked
