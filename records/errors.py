"""What can go wrong with the records. Each message is one sentence for the person who has to act on it."""


class RecordsError(Exception):
    """The records cannot be used as they are; nothing was written.

    The command line prints the message and ends with an exit code that is not 0. It never holds a key, a password or
    anything about a person.
    """


class MissingKey(RecordsError):
    """A key that is needed is not there."""


class WrongKey(RecordsError):
    """A key is there, but it does not open this database."""


class UnsafeKey(RecordsError):
    """A key lies where others can read it, or beside what it protects."""


class KeyExists(RecordsError):
    """A key would have been overwritten."""


class NoDatabase(RecordsError):
    """There is no database yet."""


class NewerDatabase(RecordsError):
    """The database was changed by a newer Sitebell."""


class OlderDatabase(RecordsError):
    """The database has to be migrated first."""


class FailedMigration(RecordsError):
    """A migration failed and nothing was changed."""


class FailedBackup(RecordsError):
    """The copy before a migration could not be made or did not open."""


class NotDurable(RecordsError):
    """This database would forget what it said it had kept."""


class Unreachable(RecordsError):
    """The database does not answer."""


class OtherDeployment(RecordsError):
    """The demo's database was opened for real work, or the other way round."""


class TamperedRecord(Exception):
    """A sealed value does not open where it stands.

    The one error for every cause: changed, moved to another row, put back, sealed under a key that is not here. What
    exactly was wrong is of use to an attacker only. Names the table and the row, never a value.
    """

    def __init__(self, table: str, row: object) -> None:
        super().__init__(f"a sealed value of {table} {row} does not open where it stands")
        self.table = table
        self.row = str(row)
