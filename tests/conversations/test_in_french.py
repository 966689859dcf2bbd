"""One visit at a Belgian site in French, as it is read on the phone: joining, a card, a correction, a text and its question."""

from tests.trials import Trial

BRUSSELS = "Europe/Brussels"
PATIENT = "302-001"


async def test_a_visit_in_french(quick: Trial) -> None:
    amina = quick.phone("Amina", language="fr", zone=BRUSSELS)
    await amina.opens(quick.invitation("Amina", site="302", language="fr"))
    assert "Coordination du centre · Centre 302 Leuven" in amina.latest().text
    assert "Tout cela est-il correct ?" in _plain(amina.latest().text)
    await amina.taps("Oui")
    await amina.taps("Bien reçu")
    assert "N’écrivez jamais de nom" in amina.latest().text

    quick.patient(PATIENT, site="302", first_registration="2027-04-12")
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)
    card = amina.card(PATIENT)
    assert card.text.startswith("🔔 Centre 302 · 1 point\nQuand vous aurez une minute, merci de répondre")
    assert "Fenêtre du lun. 15 mars au lun. 12 avr. · se termine" in card.text
    assert _plain(card.text).endswith("Le rendez-vous est-il pris ?")
    assert card.labels == ["📅 Rendez-vous pris", "✅ Fait", "⏰ Plus tard", "⋯ Autre"]

    # The wrong day, taken back and said again.
    await amina.taps("Fait")
    assert amina.card(PATIENT).labels[1:] == ["Hier · dim. 11 avr.", "🗓 Choisir un jour", "‹ Retour"]
    assert _plain(await amina.taps("Hier")) == "C'est enregistré."
    assert "• fait le dim. 11 avr.\nAmina · 08:30" in amina.card(PATIENT).text
    assert _plain(await amina.taps("Annuler")) == "C'est annulé."
    assert _plain(amina.card(PATIENT).text).endswith("Le rendez-vous est-il pris ?")
    await amina.taps("Fait")
    await amina.taps("Aujourd")
    card = amina.card(PATIENT)
    assert card.text.startswith("🔔 Centre 302 · 2 points\nVotre réponse est enregistrée.")
    assert "• fait le lun. 12 avr." in card.text
    assert [_plain(label) for label in card.labels[:2]] == ["⬆️ Scanner : dépôt fait", "⬆️ IRM : dépôt fait"]

    # A text says what, and not when: one question, and a tap.
    await amina.says("IRM déposée, merci", reply_to=card)
    assert _plain(amina.card(PATIENT).text).endswith("Dépôt de l'IRM (avec IRM de diffusion) : Quel jour ?")
    assert "↑" not in amina.card(PATIENT).text
    await amina.taps("Aujourd")
    assert "dépôt du lun. 12 avr. (déclaré), pas encore vu dans" in amina.card(PATIENT).text

    # A text that says all of it needs none.
    await amina.says("le scanner a été déposé aujourd'hui", reply_to=amina.card(PATIENT))
    card = amina.card(PATIENT)
    assert card.text.startswith("✅ Centre 302 · aucun point ouvert\n")
    assert "• Dépôt du scanner : dépôt du lun. 12 avr. (déclaré)" in _plain(card.text)


async def test_who_is_away_and_who_left_in_french(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302", language="fr")
    quick.patient(PATIENT, site="302", first_registration="2027-04-12")
    await quick.forward_to("2027-04-12 08:30", zone=BRUSSELS)

    await amina.says("le patient est décédé hier", reply_to=amina.card(PATIENT))
    card = amina.card(PATIENT)
    assert "Tous les rappels pour ce patient" in card.text
    assert "pas une déclaration de vigilance" in card.text
    await amina.taps("Confirmer")

    card = amina.card(PATIENT)
    assert card.text.startswith("🔕 Centre 302 · rappels en pause\n")
    assert "fin du suivi du patient (décès)" in card.text

    await amina.says("/away")
    assert "Jusqu" in amina.latest().text
    assert "dernier jour de votre absence" in amina.latest().text


def _plain(text: str) -> str:
    """With the spaces and apostrophes of a keyboard in place of those of print."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
