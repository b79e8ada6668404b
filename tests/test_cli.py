"""The command line as a person or a program meets it: real processes, real exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from examples import CARD, lay_out
from verideck.__main__ import verideck as group

ROOT = Path(__file__).parent.parent
GOOD = "# One? {#one}\n\n1.\n\n```python\nprint(1)\n```\n\n```output\n1\n```\n"
DISPUTED = GOOD + "\n## Conflict: which? {#which}\n\n- A: this.\n\nRuling: A. Because.\n"


def verideck(where: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "verideck", *arguments]
    return subprocess.run(
        command, cwd=where, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=120
    )


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom verideck.__main__ import verideck\n"
        "try: verideck(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'tensorflow', 'numpy', 'genanki', 'typst', 'jinja2', 'rich', 'markdown_it', 'pygments'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.endswith("[]\n")
    for name in ("build", "check", "environments", "verify"):
        assert name in result.stdout


@pytest.mark.parametrize("command", ["build", "check", "environments", "verify"])
def test_each_command_has_help_with_an_example_and_stands_in_the_readme(command: str) -> None:
    result = verideck(ROOT, command, "--help")
    assert result.returncode == 0
    assert f"Example: verideck {command}" in result.stdout
    assert f"verideck {command}" in (ROOT / "README.md").read_text()


def test_the_readme_lists_each_command_and_its_options_and_no_others() -> None:
    section = (ROOT / "README.md").read_text().partition("\n## Commands\n")[2].partition("\n## ")[0]
    context = click.Context(group)
    commands = {name: group.get_command(context, name) for name in group.list_commands(context)}
    assert re.findall(r"^\| `verideck (\w+)\b", section, re.MULTILINE) == list(commands)
    there = {(name, option) for name, command in commands.items() for option in long_options(command)}
    rows = re.findall(r"^\| `(--[\w-]+)[^|]*(?:\\\|[^|]*)*\| (.*?) \|", section, re.MULTILINE)
    listed = {(name, option) for option, of in rows for name in re.findall(r"\w+", of)}
    assert listed == there


def long_options(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if name.startswith("--")}


def test_check_says_that_all_is_well(tmp_path: Path) -> None:
    result = verideck(lay_out(tmp_path, DISPUTED), "check")
    assert (result.returncode, result.stdout, result.stderr) == (0, "demo: 1 card, 1 conflict, no problems\n", "")


def test_check_runs_nothing(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD.replace("print(1)", f"open({str(tmp_path / 'ran')!r}, 'w')"))
    assert verideck(tmp_path, "check").returncode == 0
    assert not (tmp_path / "ran").exists()


def test_check_json_is_one_object_with_the_promised_keys(tmp_path: Path) -> None:
    lay_out(tmp_path, DISPUTED + "\n# Two?\n\nYes <b>.\n")
    result = verideck(tmp_path, "check", "--format", "json")
    said = json.loads(result.stdout)
    assert (result.returncode, result.stderr) == (1, "")
    assert said["decks"] == [{"id": "demo", "cards": 1, "conflicts": 1, "open": 0}]
    assert [(p["path"], p["line"], p["column"], p["code"], p["severity"]) for p in said["problems"]] == [
        (CARD, 19, 1, "VD103", "error"),
        (CARD, 21, 5, "VD108", "error"),
    ]
    assert all(p["message"] and p["hint"] for p in said["problems"])


def test_check_github_annotates_the_lines(tmp_path: Path) -> None:
    lay_out(tmp_path, "# 100%: what, now?\n\nYes.\n")
    result = verideck(tmp_path, "check", "--format", "github")
    assert result.stdout == (
        f"::error file={CARD},line=1,col=1,title=VD103::this heading has no id%0A"
        "hint: add {#100-what-now} at its end; never change it later\n"
    )


def test_check_of_a_path_speaks_of_it_alone(tmp_path: Path) -> None:
    lay_out(tmp_path, "# One?\n\n1.\n")
    (tmp_path / "cards/demo/02.md").write_text("# Two?\n\n2.\n")
    result = verideck(tmp_path, "check", "cards/demo/02.md")
    assert result.returncode == 1
    assert "02.md:1:1: VD103" in result.stderr
    assert "01-example.md" not in result.stderr


def test_a_wrong_output_fails_at_its_line(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD.replace("\n1\n```\n", "\n2\n```\n"))
    result = verideck(tmp_path, "verify")
    assert result.returncode == 1
    assert f"{CARD}:10:1: VD501 the snippet on line 5 printed something else\n    10 | 2\n       | ^\n" in result.stderr
    assert result.stdout.startswith("demo: 1 failed\n")


def test_verify_json_has_the_promised_keys(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD + '\n```python no-run="why not"\n```\n'.replace("\n```\n", "\nx = 1\n```\n"))
    first = json.loads(verideck(tmp_path, "verify", "--sandbox", "off", "--format", "json").stdout)
    promised = [
        "deck",
        "card",
        "path",
        "line",
        "tensorflow",
        "keras",
        "device",
        "outcome",
        "seconds",
        "want",
        "got",
        "reused",
    ]
    assert set(promised) <= set(first["snippets"][0])
    one, two = first["snippets"]
    assert (one["deck"], one["card"], one["path"], one["line"], one["outcome"]) == ("demo", "one", CARD, 5, "pass")
    assert (one["want"], one["got"], one["reused"], one["tensorflow"], one["device"]) == (
        "1\n",
        "1\n",
        False,
        None,
        "cpu",
    )
    assert (two["outcome"], two["reason"]) == ("skip", "why not")
    assert first["summary"] == {"pass": 1, "skip": 1}
    assert (first["sandbox"], first["isolation"]) == ("none", "fork")
    again = json.loads(verideck(tmp_path, "verify", "--format", "json").stdout)
    assert [snippet["reused"] for snippet in again["snippets"]] == [True, False]
    fresh = json.loads(verideck(tmp_path, "verify", "--fresh", "--format", "json").stdout)
    assert [snippet["reused"] for snippet in fresh["snippets"]] == [False, False]


def test_verify_says_where_it_ran_and_what_it_skipped(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD + "\n```python gpu\nx = 1\n```\n")
    lines = verideck(tmp_path, "verify", "--sandbox", "off").stdout.splitlines()
    assert lines[0] == "demo: 1 passed, 1 skipped"
    assert lines[1].endswith("CPU; a forked process for each card; sandbox: none")
    assert lines[2] == f"  {CARD}:13: skipped: it needs a GPU, and this run is on the CPU"


def test_a_problem_elsewhere_keeps_the_lock_as_it_is(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD)
    verideck(tmp_path, "verify")
    lock = (tmp_path / "cards/demo/deck.lock").read_text()
    (tmp_path / CARD).write_bytes(b"\xff")
    assert verideck(tmp_path, "verify").returncode == 1
    assert (tmp_path / "cards/demo/deck.lock").read_text() == lock


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "no-such"], "no-such"),
        (["check", "--formt", "json"], "--format"),
        (["chekc"], "chekc"),
        (["check", "--format", "xml"], "xml"),
    ],
)
def test_wrong_usage_is_2_and_names_what_is_wrong(tmp_path: Path, arguments: list[str], words: str) -> None:
    result = verideck(lay_out(tmp_path, GOOD), *arguments)
    assert result.returncode == 2
    assert words in result.stderr


def test_no_project_and_no_deck_are_2(tmp_path: Path) -> None:
    result = verideck(tmp_path, "check")
    assert result.returncode == 2
    assert "no folder upwards of this one has a folder cards" in result.stderr
    (tmp_path / "cards").mkdir()
    result = verideck(tmp_path, "check")
    assert result.returncode == 2
    assert "no folder has a deck.toml" in result.stderr


def test_colour_is_for_eyes(tmp_path: Path) -> None:
    lay_out(tmp_path, "# One?\n\n1.\n")
    assert "\x1b" not in verideck(tmp_path, "check").stderr


def test_what_is_wrong_with_the_deck_is_said_of_each_of_its_files(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD, 'id = "demo"\nname = "Demo"\n\n[verify]\npreload = ["no_such_module"]\n')
    result = verideck(tmp_path, "verify", CARD)
    assert result.returncode == 1
    assert "VD510" in result.stderr
    (tmp_path / "cards/demo/deck.lock").write_text("<<<<<<<\n")
    assert "VD601" in verideck(tmp_path, "check", CARD).stderr


def test_evidence_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD)
    (tmp_path / "cards/demo/02.md").write_text("# Two?\n\n2.\n")
    result = verideck(tmp_path, "verify", CARD)
    assert "deck.lock was not written" in result.stderr
    assert not (tmp_path / "cards/demo/deck.lock").exists()


def test_two_projects_in_one_call_are_refused(tmp_path: Path) -> None:
    here, there = lay_out(tmp_path / "here", GOOD), lay_out(tmp_path / "there", GOOD)
    result = verideck(here, "check", "cards", str(there / "cards"))
    assert result.returncode == 2
    assert "is in another project than" in result.stderr


def test_a_file_that_cannot_be_written_is_named_after_the_verdicts(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD)
    (tmp_path / "cards/demo/deck.lock").mkdir()
    result = verideck(tmp_path, "verify")
    assert result.returncode in (1, 2)
    assert "Traceback" not in result.stderr
    assert "deck.lock" in result.stderr


def test_what_a_card_says_commands_no_terminal(tmp_path: Path) -> None:
    lay_out(tmp_path, "# One \x1b[31m?\n\n1.\n")
    assert "\x1b" not in verideck(tmp_path, "check").stderr


def test_what_a_reason_says_commands_no_terminal(tmp_path: Path) -> None:
    lay_out(tmp_path, '# One? {#one}\n\n1.\n\n```python no-run="\x1b[31m"\nx\n```\n')
    said = verideck(tmp_path, "verify").stdout
    assert "skipped: �[31m" in said
    assert "\x1b" not in said


def test_a_build_tells_in_json_how_it_was_isolated(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD)
    first = json.loads(verideck(tmp_path, "build", "--sandbox", "off", "--format", "json").stdout)
    assert (first["sandbox"], first["isolation"]) == ("none", "fork")
    again = json.loads(verideck(tmp_path, "build", "--format", "json").stdout)
    assert again["sandbox"] == ""


@pytest.mark.parametrize("command", ["verify", "build"])
@pytest.mark.parametrize(
    ("settings", "what"), [('requires = ["x"]', "requires x"), ('preload = ["tensorflow", "json"]', "preloads json")]
)
def test_where_a_sandbox_is_required_the_deck_may_bring_no_code_of_its_own(
    tmp_path: Path, command: str, settings: str, what: str
) -> None:
    lay_out(tmp_path, GOOD, f'id = "demo"\nname = "Demo"\n[verify]\n{settings}\n')
    result = verideck(tmp_path, command, "--sandbox", "required")
    assert (result.returncode, result.stdout) == (2, "")
    assert f"cards/demo/deck.toml {what}: code that would run outside of the sandbox" in result.stderr
    assert not (tmp_path / "cards/demo/deck.lock").exists()


def test_a_build_tells_what_it_skipped(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD + "\n```python gpu\nx = 1\n```\n")
    result = verideck(tmp_path, "build")
    assert f"{CARD}:13: skipped: it needs a GPU, and this run is on the CPU" in result.stderr
    assert result.returncode == 0


@pytest.mark.parametrize(
    "toml", ["a = " + "[" * 5000, "id = " + "1" * 5000, 'id = "demo"\nname = "Demo"\nurl = "http://[x"\n']
)
def test_an_odd_deck_is_a_problem(tmp_path: Path, toml: str) -> None:
    result = verideck(lay_out(tmp_path, GOOD, toml), "check")
    assert result.returncode == 1
    assert "VD41" in result.stderr


def test_a_card_is_run_as_in_its_deck_whichever_others_are(tmp_path: Path) -> None:
    text = '# One? {#one}\n\nYes.\n\n```python tensorflow=">=2"\nprint(1)\n```\n\n'
    text += "# Two? {#two}\n\nYes.\n\n```python\nimport tensorflow as tf\n```\n"
    lay_out(tmp_path, text)
    told = [json.loads(verideck(tmp_path, "verify", "--format", "json", *of).stdout) for of in ((), ("--card", "one"))]
    first, again = (run["snippets"][0] for run in told)
    assert (first["outcome"], first["tensorflow"]) == ("pass", again["tensorflow"])
    assert (again["outcome"], again["reused"]) == ("pass", True)


def test_that_nothing_runs_is_said(tmp_path: Path) -> None:
    lay_out(tmp_path, "# One? {#one}\n\nYes.\n")
    assert verideck(tmp_path, "verify").stdout == "nothing to run: what was selected has no snippets\n"
