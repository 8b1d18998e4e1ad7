"""The house as it was planned: sizes, names, imports, docstrings, codes, and nothing in the tree that must not be there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from gateway.web.problems import KINDS

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted([*(ROOT / "gateway").rglob("*.py"), *(ROOT / "mocks").rglob("*.py")])
FILE_LINES, FUNCTION_LINES = 250, 40

LONGER_FILES = {
    "gateway/model.py": "the nouns in one place: mostly enumerations and docstrings, and one page for each would hide them",
}
LONGER_FUNCTIONS: dict[str, str] = {}
LONGER_TESTS = {"tests/mocks/test_mocked_soap.py": "every way to send a SOAP mock something wrong, in one list"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "impl", "misc"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed() -> Iterator[tuple[str, ast.Module]]:
    for path in MODULES:
        yield name_of(path), ast.parse(path.read_text("utf-8"))


def tree_files() -> list[Path]:
    """What git tracks, and what it would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: there is no list of the tree's files")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> Iterator[tuple[str, str]]:
    for path in tree_files():
        try:
            yield name_of(path), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


# Sizes, names, docstrings


def test_no_file_is_longer_than_a_page_can_be():
    longer = {name_of(path) for path in MODULES if len(path.read_text("utf-8").splitlines()) > FILE_LINES}
    assert longer <= set(LONGER_FILES)


def test_no_function_is_longer_than_a_screen():
    longer = {
        f"{name}:{node.name}"
        for name, tree in parsed()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    }
    assert longer <= set(LONGER_FUNCTIONS)


def test_test_files_are_no_longer_either():
    longer = {
        name_of(path)
        for path in (ROOT / "tests").rglob("*.py")
        if len(path.read_text("utf-8").splitlines()) > FILE_LINES
    }
    assert longer <= set(LONGER_TESTS)


def test_every_module_says_what_it_is_in_one_line():
    silent = [name for name, tree in parsed() if not (ast.get_docstring(tree) or "").split("\n")[0].strip()]
    assert silent == []


def test_package_essays_are_short():
    long = [
        name
        for name, tree in parsed()
        if name.endswith("__init__.py") and len((ast.get_docstring(tree) or "").splitlines()) > 15
    ]
    assert long == []


def test_no_module_is_named_after_nothing():
    assert [name_of(path) for path in MODULES if FORBIDDEN_NAMES & set(path.with_suffix("").parts)] == []


# The one path, and who may import whom


def test_the_one_path_is_one_screen_without_try():
    text = (ROOT / "gateway" / "verify.py").read_text("utf-8")
    assert [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Try)] == []
    assert len(text.splitlines()) <= 80


def test_imports_only_go_down():
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert "0 broken" in checked.stdout


def test_stages_do_not_know_each_other():
    stages = {"settle", "limits", "walk", "retry"}
    for stage in stages:
        tree = ast.parse((ROOT / "gateway" / "calling" / f"{stage}.py").read_text("utf-8"))
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {f"gateway.calling.{other}" for other in stages} & imported, stage


def test_nothing_in_the_gateway_names_a_mock():
    for name, tree in parsed():
        if name.startswith("gateway/") and not name.startswith("gateway/commands/"):
            imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
            assert not any(module.split(".")[0] == "mocks" for module in imported), name


# Codes of refusals


def test_every_code_that_is_refused_with_exists():
    used = {
        node.args[0].value
        for _, tree in parsed()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "refused"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(used) >= 10
    assert used <= set(KINDS)


def test_codes_given_by_number_exist_too():
    """`Refused(422, "no_policy")`, as rooms below the web raise it."""
    for name, tree in parsed():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused" and len(node.args) > 1:
                status, code = (getattr(argument, "value", None) for argument in node.args[:2])
                if isinstance(status, int) and isinstance(code, str):
                    assert KINDS[code].status == status, f"{name}: {code}"


# What must not be in the tree

_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9X](?![0-9A-Za-z])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_of_a_person(number: str) -> bool:
    """A right check character and a birth date that exists: it may be somebody's."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    if number[17] != "10X98765432"[total % 11]:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1850 <= born.year <= 2030


def is_fictitious(number: str) -> bool:
    """domain.md section 11: second-level region 99, or a fixed prefix with the birth year 1899, or the country 999."""
    if number[:6] in ("810000", "820000", "830000"):
        return number[6:10] == "1899"
    if number[0] == "9":
        return number[3:6] == "999"
    return number[2:4] == "99" and number[4:6] != "00"


@pytest.mark.parametrize(
    ("number", "is_person", "is_made_up"),
    [
        ("229901198805121012", True, True),
        ("22990120030502104X", True, True),
        ("229901198805121013", False, True),
        ("379901198602291102", False, True),
        ("810000189901010015", True, True),
        ("922999199001010017", True, True),
        ("110101" + "199003077" + "475", True, False),
    ],
)
def test_the_test_itself_can_tell(number, is_person, is_made_up):
    assert (is_of_a_person(number), is_fictitious(number)) == (is_person, is_made_up)


def test_no_identity_number_that_may_be_somebodys():
    found = [
        f"{name}: a number that is not fictitious"
        for name, text in texts()
        for number in _NUMBER.findall(text)
        if is_of_a_person(number) and not is_fictitious(number)
    ]
    assert found == []


PUBLISHED_KEYS = {
    "tests/security/test_signatures.py": "RFC 9421 B.1.4",
    "tests/security/test_keys.py": "RFC 9421 B.1.4",
    "docs/vectors.json": "RFC 9421 B.1.3 and B.1.4, GB/T 32918.5 annex A",
}
"""Private keys that a standard prints for everybody to test with."""
_PRIVATE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*(?:\\n)?[A-Za-z0-9+/]{16}")


def test_no_private_key_in_the_tree():
    assert {name for name, text in texts() if _PRIVATE.search(text)} <= set(PUBLISHED_KEYS)


_MACHINE = re.compile(
    r"(?<![A-Za-z0-9_.:/-])/(?:work|home|root|Users|mnt|tmp/bash)/[A-Za-z0-9_]"
    r"|(?:files\.pythonhosted|pypi\.org/simple|registry\.npmjs|mirrors?\.[a-z]+\.(?:com|edu|cn|org)|artifactory|nexus\.)"
)
MACHINE_WORDS = {"tests/test_house.py": "the patterns themselves"}


def test_no_registry_and_no_path_of_one_machine_in_the_tree():
    found = [
        f"{name}: {match[0]}"
        for name, text in texts()
        if name not in MACHINE_WORDS
        for match in _MACHINE.finditer(text)
    ]
    assert found == []
