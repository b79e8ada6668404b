"""Environments of other versions, made by the real uv, of wheels built on the spot where no network is needed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from test_cli import verideck

from verideck.deck import read_deck
from verideck.environments import CannotMakeError, ensure, kept, release, shelf, tensorflow_version
from verideck.verify.environment import environment

THIS = "{}.{}".format(*sys.version_info)


def wheel(folder: Path, name: str, version: str, tag: str = "py3-none-any", needs: tuple[str, ...] = ()) -> None:
    """A wheel of one module, which knows its version."""
    about = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {n}" for n in needs)]
    files = {
        f"{name}.py": f"__version__ = {version!r}\n",
        f"{about}/METADATA": "\n".join(metadata) + "\n",
        f"{about}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    files[f"{about}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as archive:
        for file, content in files.items():
            archive.writestr(file, content)


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all that uv may reach; caches are empty."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_OFFLINE", "1")
    wheel(folder, "keras", "3.9.0", needs=("numpy",))
    wheel(folder, "numpy", "2.9.1")
    wheel(folder, "tensorflow", "9.1.0", needs=("keras",))
    wheel(folder, "tensorflow", "9.2.0", needs=("keras",))
    wheel(folder, "pandas", "4.0")
    return folder


def told(interpreter: Path, expression: str) -> str:
    command = [interpreter, "-c", f"import tensorflow; print({expression})"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_an_environment_is_made_once_and_kept(wheels: Path, tmp_path: Path) -> None:
    said: list[str] = []
    python = ensure("9.1", say=said.append)
    assert python.parent.parent == tmp_path / f"cache/verideck/environments/9.1.0-py{THIS}"
    assert told(python, "tensorflow.__version__") == "9.1.0"
    assert len(said) == 2
    assert "9.1.0" in said[0]
    shutil.rmtree(wheels)
    assert ensure("9.1.0", say=said.append) == python
    assert len(said) == 2


@pytest.mark.usefixtures("wheels")
def test_its_bytecode_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    folder = ensure("9.1.0").parent.parent
    assert list(folder.rglob("tensorflow.*.pyc"))


@pytest.mark.usefixtures("wheels")
def test_its_versions_are_told_without_running_it() -> None:
    python = ensure("9.1.0")
    python.unlink()
    here = environment(["tensorflow"], python)
    assert (here.python, here.tensorflow, here.keras, here.numpy) == (THIS, "9.1.0", "3.9.0", "2.9.1")
    assert here.interpreter == str(python)
    assert environment(["numpy"], python).tensorflow == ""
    with pytest.raises(ValueError, match="not the Python of a virtual environment"):
        environment([], Path("/nowhere/bin/python"))


@pytest.mark.usefixtures("wheels")
def test_the_running_interpreter_serves_for_its_own_version() -> None:
    mine = tensorflow_version()
    assert mine == environment(["tensorflow"]).tensorflow != ""
    assert ensure(mine) == Path(sys.executable)
    assert environment(["tensorflow"], Path(sys.executable)) == environment(["tensorflow"])
    assert kept() == ()


@pytest.mark.usefixtures("wheels")
def test_what_is_required_makes_another_environment() -> None:
    plain = ensure("9.1.0")
    both = ensure("9.1.0", ["pandas >= 3", "numpy"])
    assert plain != both == ensure("9.1.0", ["numpy", "pandas>=3"])
    assert told(both, "__import__('pandas').__version__") == "4.0"
    assert [one.requires for one in kept()] == [(), ("numpy", "pandas>=3")]
    assert ensure("9.1.0") == plain


@pytest.mark.usefixtures("wheels")
def test_a_half_made_environment_is_made_again() -> None:
    folder = ensure("9.1.0").parent.parent
    (folder / "verideck.json").unlink()
    (folder / "left-over").touch()
    assert [one.whole for one in kept()] == [False]
    python = ensure("9.1.0")
    assert told(python, "1") == "1"
    assert not (folder / "left-over").exists()


@pytest.mark.usefixtures("wheels")
def test_of_several_that_of_the_running_python_is_taken() -> None:
    python = ensure("9.1.0")
    for other in ("3.1", "3.99"):
        shutil.copytree(python.parent.parent, shelf() / f"9.1.0-py{other}", symlinks=True)
    assert len(kept()) == 3
    assert ensure("9.1.0") == python


@pytest.mark.usefixtures("wheels")
def test_an_environment_whose_python_has_gone_is_made_again() -> None:
    python = ensure("9.1.0")
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert told(ensure("9.1.0"), "1") == "1"


@pytest.mark.usefixtures("wheels")
@pytest.mark.parametrize("settings", ["", "version = none\n", "\0"])
def test_an_environment_whose_settings_are_damaged_is_made_again(settings: str) -> None:
    file = ensure("9.1.0").parent.parent / "pyvenv.cfg"
    file.write_text(settings)
    assert [one.whole for one in kept()] == [False]
    assert environment(["tensorflow"], ensure("9.1.0")).tensorflow == "9.1.0"


@pytest.mark.usefixtures("wheels")
@pytest.mark.parametrize("words", [1, 2])
def test_an_interruption_leaves_nothing(words: int) -> None:
    said: list[str] = []

    def interrupt(text: str) -> None:
        said.append(text)
        if len(said) == words:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure("9.1.0", say=interrupt)
    assert kept() == ()
    assert told(ensure("9.1.0"), "1") == "1"


@pytest.mark.usefixtures("wheels")
def test_two_runs_at_the_same_time_make_it_once() -> None:
    code = "from verideck.environments import ensure; print(ensure('9.1.0', say=print))"
    command = [sys.executable, "-c", code]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [run.communicate(timeout=60)[0].splitlines() for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len({lines[-1] for lines in outputs}) == 1
    assert sum(line.startswith("making") for lines in outputs for line in lines) == 1


@pytest.mark.usefixtures("wheels")
@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("banana", "“banana” is not a version of TensorFlow: write one such as 2.15.1"),
        ("", "“” is not a version of TensorFlow"),
        ("2.11.1", "TensorFlow 2.11.1 is too old: 2.12 is the oldest"),
        ("9.9.9", f"there is no TensorFlow 9.9.9 for Python {THIS}"),
    ],
)
def test_a_version_that_cannot_be_had_is_explained(version: str, sentence: str) -> None:
    with pytest.raises(CannotMakeError) as caught:
        ensure(version)
    assert sentence in str(caught.value)
    assert kept() == ()


def test_a_version_for_pythons_that_are_not_here_is_explained(wheels: Path) -> None:
    wheel(wheels, "tensorflow", "9.3.0", "cp27-none-any")
    with pytest.raises(CannotMakeError, match=r"uv says:\n.*error: No solution(.*\n)*.*`uv python install 3\.11`"):
        ensure("9.3.0")


def test_requirements_that_cannot_be_met_are_explained(wheels: Path) -> None:
    del wheels
    with pytest.raises(CannotMakeError, match=r"there is no TensorFlow 9\.1\.0 and numpy<1 for Python"):
        ensure("9.1.0", ["numpy<1"])


def test_another_python_serves_where_the_running_one_is_not_supported(
    wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"python3.{minor}" for minor in range(10, 20) if f"3.{minor}" != THIS]
    beside = (found for name in names for found in Path(sys.base_prefix).parent.glob(f"*/bin/{name}"))
    other = next((str(path) for path in beside), None) or next(filter(None, map(shutil.which, names)), None)
    if other is None or subprocess.run([other, "-c", ""], check=False, capture_output=True).returncode:
        pytest.skip("there is only one Python here")
    minor = other.rpartition(".")[2]
    wheel(wheels, "tensorflow", "9.3.0", f"cp3{minor}-none-any")
    monkeypatch.setenv("PATH", str(Path(other).parent), prepend=":")
    python = ensure("9.3.0")
    assert environment(["tensorflow"], python).python == f"3.{minor}"
    assert told(python, "tensorflow.__version__") == "9.3.0"
    assert ensure("9.3.0") == python


def test_a_network_that_fails_is_explained(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(wheels)
    monkeypatch.delenv("UV_FIND_LINKS")
    monkeypatch.delenv("UV_OFFLINE")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(CannotMakeError, match=r"could not be looked up; uv says:\n.*Failed to fetch"):
        ensure("9.1.0")


@pytest.mark.usefixtures("wheels")
def test_without_uv_its_installation_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uv", None)  # as if it were not installed
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CannotMakeError, match="run `pip install uv`"):
        ensure("9.1.0")


@pytest.mark.parametrize(
    ("written", "meant"), [("2.15", "2.15.0"), ("v2.15.1", "2.15.1"), ("3", "3.0.0"), ("2.16-rc1", "2.16rc1")]
)
def test_a_version_is_exact_however_it_is_written(written: str, meant: str) -> None:
    assert release(written) == meant


@pytest.mark.usefixtures("wheels")
def test_the_command_lists_and_removes(tmp_path: Path) -> None:
    assert verideck(tmp_path, "environments").stdout.startswith(f"no environments in {shelf()};")
    for version in ("9.2.0", "9.1.0"):
        ensure(version, ["pandas"])
    (shelf() / "notes").mkdir()
    lines = verideck(tmp_path, "environments").stdout.splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [["TensorFlow", "Python"], ["9.1.0", THIS], ["9.2.0", THIS]]
    assert lines[1].endswith("pandas")
    assert lines[3] == f"2 environments, 0.0 GB, in {shelf()}"
    found = json.loads(verideck(tmp_path, "environments", "--format", "json").stdout)["environments"]
    assert [(one["tensorflow"], one["requires"], one["whole"]) for one in found] == [
        ("9.1.0", ["pandas"], True),
        ("9.2.0", ["pandas"], True),
    ]
    assert all(one["bytes"] > 1000 for one in found)
    refused = verideck(tmp_path, "environments", "--remove", "9.1.0", "--remove", "9.7")
    assert refused.returncode == 2
    assert "no environment with TensorFlow 9.7.0; there is 9.1.0, 9.2.0" in refused.stderr
    assert verideck(tmp_path, "environments", "--remove", "9.1").returncode == 0
    assert [one.tensorflow for one in kept()] == ["9.2.0"]
    assert verideck(tmp_path, "environments", "--remove-all").returncode == 0
    assert kept() == ()
    assert (shelf() / "notes").exists()


def test_a_deck_says_which_versions_it_is_for() -> None:
    text = 'id = "d"\nname = "D"\n[verify]\nmatrix = ["2.12.1", "2.21.0"]\nrequires = ["scikit-learn>=1.3"]\n'
    deck, problems = read_deck(text, "cards/d/deck.toml")
    assert deck is not None
    assert problems == ()
    assert (deck.verify.matrix, deck.verify.requires) == (("2.12.1", "2.21.0"), ("scikit-learn>=1.3",))


@pytest.mark.slow
def test_keras_2_comes_with_tensorflow_2_15(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from uv import find_uv_bin

    downloads = subprocess.run([find_uv_bin(), "cache", "dir"], capture_output=True, text=True, check=True).stdout
    monkeypatch.setenv("UV_CACHE_DIR", downloads.strip())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    try:
        python = ensure("2.15.1")
    except CannotMakeError as error:
        if "could not be looked up" in str(error):
            pytest.skip("the package index cannot be reached")
        raise
    here = environment(["tensorflow"], python)
    names = ("tensorflow", "keras", "numpy")
    imported = told(python, ", ".join(f"__import__({name!r}).__version__" for name in names))
    assert imported == f"{here.tensorflow} {here.keras} {here.numpy}"
    assert here.keras.startswith("2.15.")
    assert told(python, "tensorflow.keras.layers.Dense(2)(tensorflow.ones((1, 3))).shape") == "(1, 2)"
    shutil.rmtree(tmp_path)  # 2 GB
