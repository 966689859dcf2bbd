"""Replies as sites write them, without personal details: what the guard must let pass."""

from datetime import date, timedelta
from random import Random

from tests.trial.guard.numbers import TODAY

HARMLESS = {
    "en": (
        "uploaded yesterday",
        "MRI 3/12 done, CT tomorrow",
        "302-014 and 302-017 uploaded",
        "302-014 302-017 done",
        "site 302, visit fu_6mo uploaded",
        "EORTC-1527 302-014 FU 6 mo",
        "Done on 12.03.2026 at 10:30",
        "12 March 2026, 10 images",
        "MRI on 12 March 10 images",
        "on March 12, 2026 at 3 pm",
        "between 12/03 and 14/03, 10:30-11:45",
        "slices 1-120",
        "3/12 120 images",
        "CT 3.0 mm, 512x512",
        "scanner broken, MRI moved to 2 April",
        "patient refused, will ask again in 6 months",
        "last MRI 11/2019, earlier surgery March 2015",
        "next visit 02.09.2031",
        "2026-03-12T10:30:00",
        "20260312",
        "2026-01-05 2026-03-12",
        "12/03/2026, 14/03/2026 & 16/03/2026",
        "12-14/03/2026",
        "26-03-12",
        "2 of 3 uploaded; rest on 15/3",
        "upload @ 10:00",
        "done.CT tomorrow",
        "PACS down since 9 am, resend by 17h",
    ),
    "ja": (
        "3月12日に実施、昨日アップロードしました",
        "令和8年3月12日",
        "令和八年三月十二日に実施しました",
        "R8.3.12に実施",
        "8年3月12日",
        "8/3/12",
        "2026年3月12日 10時30分に撮影",
        "２０２６年３月１２日　１０：３０",
        "302-014はアップロード済みです",
        "302-014、302-017はアップロード済みです",
        "次回は4月2日の予定です",
        "CTは3/12、MRIは3/19に予約済み",
        "PACSの不具合で、来週月曜に再送します",
        "平成31年以前の画像はありません",
        "患者さんの希望で延期しました",
        "造影MRIは12日、CTは14日です",
    ),
    "fr": (
        "téléversé hier",
        "L'IRM est prévue le 02/04/26",
        "IRM faite le 12 mars 2026 à 14h30",
        "le 1er avril, puis scanner le 3",
        "patient absent, nouveau rendez-vous le 15.04.2026",
    ),
    "de": (
        "gestern hochgeladen",
        "Das MRT wurde am 12.3. gemacht, CT folgt am 15.3.",
        "12. März 2026 um 14.30 Uhr",
        "12.-14.3.",
        "12.03. - 14.03.",
        "14.30-15.30 Uhr",
        "Termin gebucht, letzte OP war 03/2015",
    ),
    "nl": ("gisteren geüpload", "MRI gedaan op 12-03-2026, CT volgt 19-03", "op 12 maart 2026 om 10.30 uur"),
    "sv": ("uppladdat igår", "Uppladdat den 12 mars 2026 kl 14.30", "MR gjord 2026-03-12, CT nästa vecka"),
}

_PATTERNS = (
    "uploaded on {d:02}.{m:02}.{y}",
    "MRI {m}/{d} done, CT {m2}/{d2}",
    "302-{n:03} uploaded {d}/{m}",
    "302-{n:03}, 302-{n2:03}: {y}-{m:02}-{d:02}",
    "{d} {month} {y} at {h}:{minute:02}",
    "done {month} {d}, next {month2} {d2}, {y2}",
    "{m}月{d}日に実施、{m2}月{d2}日に予約",
    "令和{reiwa}年{m}月{d}日に実施しました",
    "{y}年{m}月{d}日 {h}時{minute:02}分",
    "R{reiwa}.{m}.{d}に撮影",
    "302-{n:03}は{m}/{d}に送信済み",
    "am {d}.{m}. hochgeladen, nächste am {d2}.{m2}.{y2}",
    "le {d:02}/{m:02}/{y} à {h}h{minute:02}",
    "op {d}-{m}-{y} gedaan",
    "gjord {y}-{m:02}-{d:02} kl {h}.{minute:02}",
    "{k} images in {s} series, {d}.{m}.",
    "surgery planned {y2}-{m2:02}-{d2:02}, pathology {s} days later",
    "visit fu_6mo on {y}{m:02}{d:02}",
)


def harmless_reply(random: Random) -> str:
    """One reply about days within the trial."""
    day = TODAY - timedelta(days=random.randint(0, 400))
    later: date = TODAY + timedelta(days=random.randint(0, 700))
    return random.choice(_PATTERNS).format(
        y=day.year, m=day.month, d=day.day, month=day.strftime("%B"), reiwa=day.year - 2018,
        y2=later.year, m2=later.month, d2=later.day, month2=later.strftime("%b"),
        h=random.randint(7, 18), minute=random.randint(0, 59), n=random.randint(1, 60), n2=random.randint(1, 60),
        k=random.randint(2, 900), s=random.randint(2, 12),
    )  # fmt: skip
