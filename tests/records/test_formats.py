"""What is written today must open in every later Sitebell: fixed values, byte for byte."""

import base64
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from records import chain, keys, sealing
from records.key_providers import KeyText

KEY = bytes(range(32))
OTHER = bytes(range(32, 64))
SEALED = bytes.fromhex(
    "010102000102030405060708090a0b3c20b87aa880e021af00fae2df885a41a1ace65c9c59654b1445b9f02b5c6587232ac089c3ad6f5e5a"
    "824a707aff43bf981b21ad3fa106"
)
WRAPPED = bytes.fromhex(
    "a8f0021976ff46c604f8a3c3c302d3b0b7e94b14dcf85ad1da69cd74056ed7907d3cb49fb27799a4104db058f2901adb"
)


def test_a_sealed_value_of_format_1_opens():
    opened = sealing.unseal(
        SEALED, cipher=AESGCM(KEY), deployment=UUID(int=1), table="person", row=UUID(int=2), version=3
    )

    assert opened == {"name": "Amina", "zahl": 7, "日": None}
    assert sealing.key_id_of(SEALED) == 258


def test_the_bytes_are_those_of_the_description():
    """Built here a second time, by the description alone."""

    def measured(part: bytes) -> bytes:
        return len(part).to_bytes(4, "big") + part

    header, nonce, rest = SEALED[:3], SEALED[3:15], SEALED[15:]
    place = (header, UUID(int=1).bytes, b"person", UUID(int=2).bytes, (3).to_bytes(8, "big"))
    plain = AESGCM(KEY).decrypt(nonce, rest, b"".join(measured(part) for part in place))

    assert header == b"\x01\x01\x02"
    assert plain == b'{"name":"Amina","zahl":7,"\\u65e5":null}'


def test_a_blind_index_stays_what_it_is():
    found = sealing.blind(KEY, field="person.chat", value="4711")

    assert found.hex() == "3c6147a1350ff4b6fb179503debe3145f4dcb8632100fa88032639ef952cd5e8"


def test_a_wrapped_key_opens():
    assert keys.unwrap(WRAPPED, KeyText(base64.b64encode(KEY).decode())) == OTHER


def test_the_chain_counts_as_it_did():
    start = chain.genesis(UUID(int=1).bytes)
    committed = chain.commitment(KEY, before=None, after={"name": "Amina"}, reason="日")
    first = chain.entry_hash(
        sequence=1,
        at=2,
        recorded_at=3,
        actor="system",
        action="a.b",
        object_type="person",
        object_id="x",
        committed=committed,
        previous=start.hash,
    )

    assert start.hash.hex() == "f4e9a675d6cee3bdb36e41d2b4f470dae682829279388b129bd6e75009d97bd8"
    assert committed.hex() == "687ba863be875ccc4c510a713a0b5b6617287e8b61880038c025f1b60e8c62f6"
    assert first.hex() == "9b989888d9df4ed5950c9c163bd54e79f9094b32e197430ea0f69406a1614689"
