"""The trial with everybody in it, for the files that ask who may what."""

from collections.abc import Iterator

import pytest

from tests.databases import Place
from tests.web.board.matrix import Matrix, everybody_signed_in


@pytest.fixture(scope="module")
def matrix(migrated_sqlcipher: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with everybody_signed_in(migrated_sqlcipher, tmp_path_factory.mktemp("whole")) as there:
        yield there
