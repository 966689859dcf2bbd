"""Build what a command needs, then become that command. Standard library only.

    python3 app/bootstrap.py run|test|check|bench|soak|pictures|lock [words for the command]

The packages live in `.venv`, installed from a hash-locked file: `requirements.txt` for run,
`requirements-dev.txt` (which holds every pin of the other) for the rest. A stamp in `.venv` says what
was installed, so that the next start is instant. `.venv.lock` keeps two set-ups apart and remembers
one that never ended.

Package tools read their own settings (`UV_*`, `PIP_*`, their files): they are respected, never
written. What such a tool prints is shown only when it fails, and without the addresses it talked to.

Python 3.6 can still read this file: an older Python is refused with a sentence, not a syntax error.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

OLDEST_PYTHON = (3, 11)
CHECKOUT = Path(__file__).resolve().parent.parent
LOCKS = {"run": "requirements.txt", "dev": "requirements-dev.txt"}
COMMANDS = ("run", "test", "check", "bench", "soak", "pictures", "lock")
UNFINISHED = "unfinished\n"
EXIT_USAGE = 64
EXIT_UNAVAILABLE = 69
EXIT_INTERRUPTED = 130

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s'\"`)>]+|(?<=host=)'[^']*'", re.IGNORECASE)
LAST_LINES = 8

LOCKING = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header", "--quiet")
# Benchmarks and soaks measure: one process, their own words on the terminal, no limit on time.
MEASURING = ("-m", "pytest", "-p", "no:cacheprovider", "-o", "timeout=0", "-q", "-s")
# Asked of another interpreter: is it of this one's kind, and where does it think it stands?
KIND_AND_PLACE = (
    "import sys; sys.path[:0] = sys.argv[1:]; import bootstrap as b; print(b.interpreter_kind(), sys.prefix)"
)
CHECKS = (
    ("-m", "ruff", "check", "."),
    ("-m", "ruff", "format", "--check", "."),
    ("-m", "mypy"),
    ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-logo"),
)


class Refusal(Exception):
    """What stands in the way, as a sentence for the person at the terminal."""


def too_old(version: "tuple[int, int]") -> "str | None":
    if version >= OLDEST_PYTHON:
        return None
    wanted, found = ("{}.{}".format(*numbers) for numbers in (OLDEST_PYTHON, version))
    return f"Sitebell needs Python {wanted} or newer, this is {found}; name another: make run PYTHON=python{wanted}"


def say(sentence: str) -> None:
    print(f"sitebell: {sentence}", file=sys.stderr, flush=True)


def without_addresses(text: str) -> str:
    return ADDRESS.sub("<address>", text)


class Environment:
    """The virtual environment of one checkout, and how to bring it to what a lock file says."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.folder = checkout / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "sitebell.json"
        self.lock = checkout / ".venv.lock"

    def prepare(self, profile: str) -> Path:
        """The interpreter of an environment that holds at least `profile`'s packages.

        Raises:
            Refusal: it could not be built.
        """
        if not self._is_ready(profile):
            with self._alone() as lock:
                # Another set-up may have done it while this one waited.
                if not self._is_ready(profile):
                    self._build(profile, lock)
        return self.python

    def _is_ready(self, profile: str) -> bool:
        try:
            stamp = json.loads(self.stamp.read_text())
        except (OSError, ValueError):
            return False
        # The development lock holds every pin of the run-time lock; a test keeps it so.
        enough = [self._wanted(name) for name in LOCKS if profile in ("run", name)]
        return stamp in enough and self.python.exists()

    def _wanted(self, profile: str) -> "dict[str, str]":
        import tomllib  # noqa: PLC0415  (unknown to the Pythons that this file only refuses)

        project = tomllib.loads((self.checkout / "pyproject.toml").read_text(encoding="utf-8"))
        parts = [project.get("build-system"), project.get("project"), project.get("tool", {}).get("hatch")]
        return {
            # A moved checkout leaves scripts and the editable install pointing at the old place.
            "checkout": str(self.checkout),
            "interpreter": interpreter_kind(),
            "lock": hashlib.sha256((self.checkout / LOCKS[profile]).read_bytes()).hexdigest(),
            "project": hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest(),
        }

    @contextlib.contextmanager
    def _alone(self) -> "Iterator[IO[str]]":
        with self.lock.open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("another set-up of this folder is running; waiting for it to end.")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock

    def _build(self, profile: str, lock: "IO[str]") -> None:
        if self.folder.is_symlink() or (self.folder.exists() and not self.folder.is_dir()):
            raise Refusal(".venv is not a folder of its own; move it away and start again.")
        lock.seek(0)
        if lock.read() == UNFINISHED or not self._is_usable():
            self._remove()
        lock.truncate(0)
        lock.write(UNFINISHED)
        lock.flush()
        with contextlib.suppress(FileNotFoundError):
            self.stamp.unlink()
        say(f"setting up .venv from {LOCKS[profile]}; once, for 2 to 30 seconds.")
        began = time.monotonic()
        self._install(profile, lock)
        self.stamp.write_text(json.dumps(self._wanted(profile), indent=1))
        lock.truncate(0)
        say(f".venv is ready after {time.monotonic() - began:.1f} s.")

    def _is_usable(self) -> bool:
        """Does an environment stand here that this Python's packages can be added to?"""
        try:
            stamp = json.loads(self.stamp.read_text())
        except (OSError, ValueError):
            stamp = {}
        if not self.python.exists() or stamp.get("checkout", str(self.checkout)) != str(self.checkout):
            return False
        ask = [str(self.python), "-c", KIND_AND_PLACE, str(Path(__file__).parent)]
        answer = subprocess.run(ask, capture_output=True, text=True, check=False)
        return answer.stdout.strip() == f"{interpreter_kind()} {self.folder}"

    def _remove(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.folder)

    def _install(self, profile: str, lock: "IO[str]") -> None:
        """By a uv that is there; else by the locked uv, installed by pip; else by pip itself."""
        uv = self._find_uv()
        if uv is not None:
            try:
                if not self.python.exists():
                    self._tool(lock, [uv, "venv", "--quiet", "--python", base_interpreter(), self.folder])
                self._tool(lock, *self._installing([uv, "pip", "install", "--python", self.python], profile))
            except Refusal:
                # uv does not read pip's settings: behind a mirror that only pip knows, pip still works.
                self._remove()
            else:
                return
        if not list(self.folder.glob("lib/python*/site-packages/pip/__main__.py")):
            self._remove()
            need_venv()
            self._tool(lock, [base_interpreter(), "-m", "venv", self.folder])
        pip = [self.python, "-m", "pip", "--disable-pip-version-check", "install", "--no-input"]
        try:
            with tempfile.TemporaryDirectory() as folder:
                locked_uv = Path(folder) / "uv.txt"
                locked_uv.write_text(pin_of("uv", (self.checkout / LOCKS["dev"]).read_text()))
                self._tool(lock, [*pip, "--quiet", "--require-hashes", "-r", locked_uv])
            uv_of_ours = [self.python, "-m", "uv", "pip", "install", "--python", self.python]
            self._tool(lock, *self._installing(uv_of_ours, profile))
        except Refusal:
            self._tool(lock, *self._installing(pip, profile))

    def _find_uv(self) -> "str | None":
        for candidate in (shutil.which("uv"), shutil.which(str(self.folder / "bin" / "uv"))):
            # Version managers leave a `uv` on the path that runs nothing: ask it.
            if candidate is not None:
                with contextlib.suppress(OSError):
                    if subprocess.run([candidate, "--version"], capture_output=True, check=False).returncode == 0:
                        return candidate
        return None

    def _installing(self, install: "Sequence[object]", profile: str) -> "list[list[object]]":
        return [
            [*install, "--quiet", "--require-hashes", "-r", self.checkout / LOCKS[profile]],
            # The build back end is in the lock too, so nothing is fetched outside it.
            [*install, "--quiet", "--no-deps", "--no-build-isolation", "--editable", self.checkout],
        ]

    def _tool(self, lock: "IO[str]", *commands: "Sequence[object]") -> None:
        """Run package tools one after the other, quietly.

        Raises:
            Refusal: one failed; the message ends with the last lines it printed.
        """
        for command in commands:
            ended = subprocess.run(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                # A tool that outlives a killed set-up keeps holding the lock, so that nobody removes its work.
                pass_fds=[lock.fileno()],
                text=True,
                check=False,
            )
            if ended.returncode != 0:
                last = without_addresses(ended.stdout).strip().splitlines()[-LAST_LINES:]
                raise Refusal("the packages could not be installed:\n" + "\n".join(f"  {line}" for line in last))


def interpreter_kind() -> str:
    """What must stay the same for installed packages to fit: implementation, minor version, machine."""
    return f"{sys.implementation.cache_tag} {sysconfig.get_platform()}"


def base_interpreter() -> str:
    """This Python outside any virtual environment: one must not be built from itself."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return str(Path(sys.base_prefix) / "bin" / "python{}.{}".format(*sys.version_info[:2]))


def need_venv() -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        raise Refusal(f"this Python cannot make virtual environments; type: sudo apt-get install {package}")


def pin_of(package: str, lock: str) -> str:
    """The lines of one package in a lock file: its pin and its hashes."""
    lines = iter(lock.splitlines())
    for line in lines:
        if line.startswith(f"{package}=="):
            block = [line]
            while block[-1].endswith("\\"):
                block.append(next(lines))
            return "\n".join(block) + "\n"
    raise Refusal(f"{package} is not locked; run make lock.")


def become(command: "Sequence[object]") -> None:
    sys.stdout.flush()
    os.execv(str(command[0]), [str(word) for word in command])


def run_all(python: Path, commands: "Sequence[Sequence[str]]") -> int:
    """Run every command even if one fails, so that one run shows everything there is to mend."""
    failed = [words for words in commands if subprocess.run([python, *words], check=False).returncode != 0]
    say(f"{len(failed)} of {len(commands)} checks failed." if failed else "all checks hold.")
    return 1 if failed else 0


def relock(python: Path, words: "Sequence[str]") -> int:
    """Pin anew: everything first, then the run-time set within it, so that the two can never differ."""
    compiling = [python, "-m", "uv", "pip", "compile", *LOCKING, *words]
    dev, run = LOCKS["dev"], LOCKS["run"]
    for command in (
        [*compiling, "pyproject.toml", "--group", "dev", "-o", dev],
        [*compiling, "pyproject.toml", "--group", "setup", "-c", dev, "-o", run],
        [*compiling, "--group", "pyproject.toml:postgresql", "--no-deps", "-o", "requirements-postgresql.txt"],
    ):
        ended = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise Refusal("the packages could not be locked:\n" + without_addresses(ended.stderr).strip())
    say(f"locked {run}, {dev} and requirements-postgresql.txt.")
    return 0


def perform(command: str, words: "Sequence[str]", environ: "Mapping[str, str]") -> int:
    python = Environment(CHECKOUT).prepare("run" if command == "run" else "dev")
    if command == "check":
        return run_all(python, CHECKS)
    if command == "lock":
        return relock(python, words)
    if command == "run":
        # With a token Sitebell speaks to Telegram itself, without one it shows itself on this machine.
        with_token = environ.get("SITEBELL_TELEGRAM_TOKEN") or environ.get("SITEBELL_TELEGRAM_TOKEN_FILE")
        become([python, "-m", "app.main", "run" if with_token else "demo", *words])
    if command == "test":
        become([python, "-m", "tests.run", *words])
    if command == "pictures":
        become([python, "-m", "tests.pictures", *words])
    become([python, *MEASURING, "-o", f"python_files={command}_*.py", *(words or ["tests"])])
    raise AssertionError("exec does not return")


def main(arguments: "Sequence[str]") -> int:
    refusal = too_old(sys.version_info[:2])
    if refusal is None and (not arguments or arguments[0] not in COMMANDS):
        refusal = "which of these? python3 app/bootstrap.py " + "|".join(COMMANDS)
    if refusal is not None:
        say(refusal)
        return EXIT_USAGE
    # Commands and package tools count on the checkout as the working folder.
    os.chdir(CHECKOUT)
    try:
        return perform(arguments[0], arguments[1:], os.environ)
    except Refusal as problem:
        say(str(problem))
        return EXIT_UNAVAILABLE
    except OSError as problem:
        # A full disk, a folder that belongs to somebody else: a sentence says it better than a traceback.
        say(f"{problem.filename or 'this folder'} cannot be used: {problem.strerror}.")
        return EXIT_UNAVAILABLE
    except KeyboardInterrupt:
        say("interrupted; the next start begins again.")
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
