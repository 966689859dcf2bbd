"""Month names of the Gregorian calendar, by their beginnings, in the languages that a site may write in."""

from trial.guard.folding import fold

_BEGINNINGS = (
    # Latin, then Cyrillic and Greek, then right to left, then Indic and Thai; a beginning may mean two months in two languages.
    "jan jaan gen ene ian tammi saus sty led sij oca ean янв яну ян січ јан ιαν يناير كانون ינו ژانویه जनवर जन ม.ค มกราคม",
    "feb fev helmi veebr vas lut uno velj sub fra feabh февр фев лют феб φεβ فبراير شباط פבר فوریه फरवर फर ก.พ กุมภาพันธ์",
    "mar mrt maa kov bre ozu мар бер μαρ مارس آذار מרץ मार्च มี.ค มีนาคม",
    "apr avr abr huhti bal kwi dub tra nis aib апр квіт απρ أبريل نيسان אפר آوریل अप्रैल เม.ย เมษายน",
    "mai may mei mag maj mej touko geg kve svi beal май маи мая трав мај μαι مايو أيار מאי मई พ.ค พฤษภาคม",
    "jun juin juni juun giu kesa birz cze cvn cerv haz meith gun lip iun июн юни черв јун ιουν يونيو حزيران יוני ژوئن जून มิ.ย มิถุนายน",
    "jul juil juul lug heina liep lip cvc cerv srp tem iuil lul iul июл юли лип јул ιουλ يوليو تموز יולי ژوئیه जुल ก.ค กรกฎาคม",
    "aug aout ago agu elo rugp sie srp kol avg lun aww авг серп ауг αυγ أغسطس آب אוג اوت अग ส.ค สิงหาคม",
    "sep set szept syys rugs wrz zar ruj eyl meanfomhair mean mfomh сеп сент верес вер септ σεπ سبتمبر أيلول ספט سپتامبر सित ก.ย กันยายน",
    "oct okt ott out loka spal paz rij lis eki deireadh dfomh окт жовт οκτ أكتوبر تشرين אוק اکتبر अक्त अक्टू ต.ค ตุลาคม",
    "nov noi marras lapkr lis stu kas samh ное нояб ноя лист нов νοε نوفمبر تشرين נוב نوامبر नव พ.ย พฤศจิกายน",
    "dec dez dic des dets joulu gruod gru pro ara noll дек груд дец δεκ ديسمبر كانون דצמ دسامبر दिस ธ.ค ธันวาคม",
)


def _by_beginning() -> dict[str, frozenset[int]]:
    table: dict[str, frozenset[int]] = {}
    for month, beginnings in enumerate(_BEGINNINGS, start=1):
        for beginning in map(fold, beginnings.split()):
            table[beginning] = table.get(beginning, frozenset()) | {month}
    return table


_MONTHS = _by_beginning()
_LENGTHS = sorted({len(beginning) for beginning in _MONTHS}, reverse=True)
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}
_HEBREW_IN = "ב"  # "in", written together with the month


def months_of(word: str) -> frozenset[int]:
    """Months (1-12) that this folded word may name; empty when it names none."""
    if word in _ROMAN:
        return frozenset({_ROMAN[word]})
    for length in _LENGTHS:
        if length <= len(word) and word[:length] in _MONTHS:
            return _MONTHS[word[:length]]
    return months_of(word[1:]) if word.startswith(_HEBREW_IN) else frozenset()
