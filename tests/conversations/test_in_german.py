"""A conversation in German, from the invitation to the receipt. Monday, 12 April 2027, in Leuven."""

from tests.trials import Trial

LEUVEN = "Europe/Brussels"
PATIENT = "302-014"


async def test_a_coordinator_joins_answers_corrects_herself_and_writes_back(quick: Trial) -> None:
    amina = quick.phone("Amina", language="de", zone=LEUVEN)
    await amina.opens(quick.invitation("Amina", site="302", language="de"))
    invited = amina.latest()
    assert invited.text.startswith("👋 Hier ist Sitebell. Bitte prüfen Sie, ob diese Einladung für Sie bestimmt ist.")
    assert "Studienkoordination · Zentrum 302 Leuven" in invited.text
    assert invited.text.endswith("Ist das alles richtig?")
    assert invited.labels == ["✓ Ja, das bin ich", "Das bin ich nicht", "🌐 Andere Sprache"]
    await amina.taps("Ja, das bin ich")
    assert "Guten Tag, Amina." in amina.latest().text
    await amina.taps("Verstanden")
    assert "Schreiben Sie nie Namen, Geburtsdaten oder Krankenhausnummern" in amina.latest().text

    # A card comes, and is answered with two taps.
    quick.patient(PATIENT, site="302", first_registration="2027-04-12")
    await quick.forward_to("2027-04-12 08:30", zone=LEUVEN)
    card = amina.card(PATIENT)
    assert card.text.startswith("🔔 Zentrum 302 · 1 Punkt\n")
    assert "Baseline-CT und -MRT\nZeitfenster Mo., 15. März – Mo., 12. Apr. · endet heute" in card.text
    assert "Ist der Termin vereinbart?" in card.text
    assert card.labels == ["📅 Termin vereinbart", "✅ Durchgeführt", "⏰ Später", "⋯ Anderes"]
    await amina.taps("Durchgeführt")
    assert "An welchem Tag?" in amina.card(PATIENT).text
    assert amina.card(PATIENT).labels == [
        "Heute · Mo., 12. Apr.",
        "Gestern · So., 11. Apr.",
        "🗓 Tag auswählen",
        "‹ Zurück",
    ]
    assert await amina.taps("Gestern") == "Erfasst."
    assert "• durchgeführt am So., 11. Apr.\nAmina · 08:30" in amina.card(PATIENT).text

    # It was the wrong day: taken back, and answered again.
    assert await amina.taps("Rückgängig") == "Zurückgenommen."
    assert "Ist der Termin vereinbart?" in amina.card(PATIENT).text
    await amina.taps("Durchgeführt")
    await amina.taps("Heute")
    card = amina.card(PATIENT)
    assert "durchgeführt am Mo., 12. Apr." in card.text
    assert "Sie gilt als Rückmeldung, nicht als elektronische Signatur." in card.text
    assert card.labels == [
        "⬆️ CT hochgeladen",
        "⬆️ MRT hochgeladen",
        "⏰ Später",
        "⋯ Anderes",
        "↩ Rückgängig (10 Min.)",
    ]

    # Two days later she writes. What lacks a day is asked for once, and the answer may be words again.
    await quick.forward_to("2027-04-14 10:00", zone=LEUVEN)
    await amina.says("CT und MRT hochgeladen, danke", reply_to=amina.card(PATIENT))
    asked = amina.card(PATIENT)
    assert "An welchem Tag?" in asked.text
    assert "↑" not in asked.text
    await amina.says("gestern")
    await amina.says("MRT am 13.4. hochgeladen", reply_to=amina.card(PATIENT))
    card = amina.card(PATIENT)
    assert "↑ CT hochladen · laut Angabe am Di., 13. Apr. hochgeladen, im Archiv noch nicht gesehen" in card.text
    assert (
        "↑ MRT (mit DW-MRT) hochladen · laut Angabe am Di., 13. Apr. hochgeladen, im Archiv noch nicht gesehen"
        in card.text
    )
    assert card.text.startswith("✅ Zentrum 302 · nichts offen\n")
