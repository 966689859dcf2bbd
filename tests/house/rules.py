"""The rules of the house as functions: each takes text and returns what breaks the rule.

They know nothing of the checkout, so that each can be shown a small bad sample (`test_rules.py`), and are
let loose on every tracked file in `test_tidy.py`.
"""

import ast
import re
from collections.abc import Iterator, Mapping

# Written with a bracket each, so that this file does not break its own rules.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:hom[e]/\w|User[s]/\w|roo[t]/|wor[k]/|tm[p]/\w+[./])")
PACKAGE_HOST = re.compile(
    r"pypi\.or[g]|pythonhosted\.or[g]|npmjs\.(?:org|co[m])|--(?:extra-)?index-ur[l]|--find-link[s]"
    r"|(?m:^\s*(?:-i\s|registry\s*=))|resolved\": *\"https?:"
)

# What asks for the instant now. Monotonic counters are not among them: they tell how long, not when.
NOW = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
        "time.time",
        "time.time_ns",
        "time.localtime",
        "time.gmtime",
        "time.ctime",
        "time.asctime",
        "time.strftime",
    }
)
PICKLES = frozenset({"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"})
LONGEST_FILE = 600


def machine_paths(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if MACHINE_PATH.search(line)]


def package_hosts(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if PACKAGE_HOST.search(line)]


def too_long(text: str) -> bool:
    """Does one person still hold the file in the head?"""
    return len(text.splitlines()) > LONGEST_FILE


def unlocked_lines(lock: str) -> list[str]:
    """Lines of a lock file that are neither a pin with hashes after it nor a hash."""
    pin = re.compile(r"[a-z0-9][a-z0-9._-]*(?:\[[a-z0-9,._-]+\])?==[^\s;]+(?: ; [^\\]+)? \\")
    digest = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}(?: \\)?")
    wrong, hashed = [], True
    for line in lock.splitlines():
        if pin.fullmatch(line) and hashed:
            hashed = False
        elif digest.fullmatch(line):
            hashed = True
        else:
            wrong.append(line)
    return wrong if hashed else [*wrong, "the last pin has no hash"]


def pins(lock: str) -> frozenset[str]:
    """Each pin of a lock file together with its marker and all its hashes."""
    blocks = re.split(r"\n(?=\S)", lock.strip())
    return frozenset(re.sub(r"\s*\\\n\s*", " ", block) for block in blocks)


def clock_reads(source: str) -> list[int]:
    """Lines that read the instant now, under whatever name it was imported."""
    tree = ast.parse(source)
    names = dict(_imported(tree))
    return sorted(
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name) and _dotted(node, names) in NOW
    )


def swallowed_errors(source: str) -> list[int]:
    """Lines where any error at all is caught and nothing is done about it."""
    return sorted(
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.ExceptHandler) and _catches_all(node.type) and _does_nothing(node.body))
        or (isinstance(node, ast.Call) and _name(node.func) == "suppress" and any(map(_catches_all, node.args)))
    )


def pickle_imports(source: str) -> list[str]:
    return sorted({path.split(".")[0] for _, path in _imported(ast.parse(source))} & PICKLES)


def imported_packages(source: str) -> frozenset[str]:
    """Top-level packages that a file imports, wherever in it."""
    return frozenset(path.split(".")[0] for _, path in _imported(ast.parse(source)))


def settings_named(text: str) -> frozenset[str]:
    """Names of settings in a text; `..._FILE` counts as the setting whose value the file holds."""
    # A name that goes on behind the match, or ends in an underscore, is a pattern and not a setting.
    names = re.findall(r"\bSITEBELL_[A-Z]+(?:_[A-Z]+)*\b(?!_)", text)
    return frozenset(name.removesuffix("_FILE") for name in names)


def missing_parts(decision: str) -> list[str]:
    """Headings that a decision record lacks."""
    wanted = ("Context", "Options", "Decision", "Consequences", "How we would notice it is wrong")
    return [heading for heading in wanted if not re.search(rf"(?m)^## {heading}$", decision)]


def unlisted_decisions(index: str, records: Mapping[str, str]) -> list[str]:
    """Files of decision records that the index does not link under their own title."""
    return [
        name
        for name, text in sorted(records.items())
        if f"[{text.splitlines()[0].removeprefix('# ')}]({name})" not in index
    ]


def undefined_words(glossary: str, words: tuple[str, ...]) -> list[str]:
    """Words that have no line of their own in the glossary."""
    defined = {
        word.strip().casefold() for row in re.findall(r"(?m)^\| \*\*(.+?)\*\*", glossary) for word in row.split(",")
    }
    return [word for word in words if word.casefold() not in defined]


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(name in the file, full dotted path) of everything imported from outside the file's own package."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
            case ast.ImportFrom(module=str(package), names=names, level=0):
                for alias in names:
                    yield alias.asname or alias.name, f"{package}.{alias.name}"


def _dotted(node: ast.expr, names: Mapping[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return names.get(name, name)
        case ast.Attribute(value=value, attr=attribute):
            return f"{_dotted(value, names)}.{attribute}"
        case _:
            return ""


def _name(node: ast.expr) -> str:
    return _dotted(node, {}).rsplit(".", 1)[-1]


def _catches_all(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(map(_catches_all, caught.elts))
    return caught is None or _name(caught) in {"Exception", "BaseException"}


def _does_nothing(body: list[ast.stmt]) -> bool:
    return all(
        isinstance(step, ast.Pass) or (isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant))
        for step in body
    )
