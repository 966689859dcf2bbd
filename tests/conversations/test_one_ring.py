"""One ring: from the plan to a coordinator's phone, and the answer back."""

from tests.trials import Trial


async def test_an_upload_is_claimed_by_two_taps(trial: Trial) -> None:
    amina = await trial.joins("Amina", site="417", language="ja")
    trial.patient("417-003", site="417", first_registration="2027-04-09", held={"baseline_imaging": "2027-04-09"})
    await trial.forward_to("2027-04-12 08:30", zone="Asia/Tokyo")

    await amina.taps("CT")
    await amina.taps("昨日")

    assert "4月11日(日)にアップロード（申告）" in amina.card("417-003").text
