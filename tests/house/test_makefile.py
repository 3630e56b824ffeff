"""`make` on a machine that has little."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

MAKE = shutil.which("make") or "make"


@pytest.fixture
def checkout(repository: Path, tmp_path: Path) -> Path:
    """A folder with the Makefile and the files it looks at, without an environment."""
    for name in ("Makefile", "pyproject.toml", "requirements"):
        source, target = repository / name, tmp_path / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    return tmp_path


def make(folder: Path, *arguments: str, path: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "HOME": str(folder)}
    command = [MAKE, "--no-print-directory", "-C", str(folder), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def program(folder: Path, name: str, source: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(source, "utf-8")
    (folder / name).chmod(0o755)


def tools(folder: Path) -> Path:
    """A folder of programs that holds what the Makefile and its scripts call: no Python, no browser."""
    folder.mkdir(exist_ok=True)
    for name in ("sh", "touch", "awk", "echo", "mkdir", "mktemp", "rm", "tail", "cat", "chmod"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


def test_help_lists_every_target_a_person_calls(checkout: Path) -> None:
    listed = make(checkout, "help", path=os.defpath).stdout
    assert set(re.findall(r"^  make (\w+)", listed, re.MULTILINE)) >= {
        "run",
        "test",
        "check",
        "bench",
        "soak",
        "requirements",
    }


def test_a_shim_that_runs_nothing_is_passed_over(checkout: Path, tmp_path: Path) -> None:
    path = tools(tmp_path / "bin")
    program(path, "python3.13", "#!/bin/sh\necho 'python3.13: command not found' >&2; exit 127\n")
    program(path, "python3.11", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    program(path, "python3.12", "#!/bin/sh\nexit 1\n")
    done = make(checkout, ".venv/made.stamp", path=str(path))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "making .venv with python3.11\n"
    assert (checkout / ".venv" / "bin" / "python").exists()


def test_without_a_python_one_line_says_what_to_do(checkout: Path) -> None:
    nothing = "FIND_PYTHON=true"
    done = make(checkout, "run", nothing, path=os.defpath)
    assert done.returncode != 0
    assert "Python 3.11 or newer" in done.stderr
    assert "make run PYTHON=" in done.stderr
    assert not (checkout / ".venv").exists()


def test_an_install_that_fails_stops_everything(checkout: Path) -> None:
    environment = checkout / ".venv" / "bin"
    environment.mkdir(parents=True)
    program(environment, "python", "#!/bin/sh\necho 'ERROR: no hash' >&2; exit 1\n")
    (checkout / ".venv" / "made.stamp").touch()
    done = make(checkout, "run", path=os.defpath)
    assert done.returncode != 0
    assert "ERROR: no hash" in done.stderr
    assert not (checkout / ".venv" / "run.stamp").exists()


def test_a_second_run_installs_nothing(checkout: Path) -> None:
    environment = checkout / ".venv" / "bin"
    environment.mkdir(parents=True)
    program(environment, "python", '#!/bin/sh\necho "installed: $*"\n')
    program(environment, "reinforce", '#!/bin/sh\necho "started: $*"\n')
    (checkout / ".venv" / "made.stamp").touch()
    first, second = (make(checkout, "run", path=os.defpath).stdout for _ in range(2))
    assert "--require-hashes -r requirements/run.txt" in first
    assert "installed" not in second
    assert "started: up" in second


def find_browser(repository: Path, path: Path) -> subprocess.CompletedProcess[str]:
    """Run .ci/browser with a Python that has no Playwright, on a machine that holds only the programs in `path`."""
    program(
        path,
        "no-playwright",
        "#!/bin/sh\ncat >/dev/null 2>&1 </dev/null; echo 'no build for this machine' >&2; exit 1\n",
    )
    command = [str(path / "sh"), str(repository / ".ci" / "browser"), "no-playwright"]
    return subprocess.run(command, env={"PATH": str(path)}, capture_output=True, text=True, check=False)


def test_a_browser_that_is_there_is_used(repository: Path, tmp_path: Path) -> None:
    path = tools(tmp_path / "bin")
    program(path, "chromium-browser", "#!/bin/sh\n")
    done = find_browser(repository, path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{path}/chromium-browser\n", "")


def test_root_gets_the_browser_of_the_distribution(repository: Path, tmp_path: Path) -> None:
    path = tools(tmp_path / "bin")
    program(path, "id", "#!/bin/sh\necho 0\n")
    made = f'case "$1" in install) echo "#!/bin/sh" > {path}/chromium; chmod +x {path}/chromium;; esac'
    program(path, "apt-get", f"#!/bin/sh\n{made}\n")
    done = find_browser(repository, path)
    assert (done.returncode, done.stdout) == (0, f"{path}/chromium\n"), done.stderr
    assert "installing Debian's chromium" in done.stderr


def test_without_any_browser_one_line_says_what_to_do(repository: Path, tmp_path: Path) -> None:
    path = tools(tmp_path / "bin")
    program(path, "id", "#!/bin/sh\necho 1000\n")
    done = find_browser(repository, path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no build for this machine" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("no Chromium for the browser tests: install one")


def test_what_runs_in_ci_is_what_a_person_types(repository: Path) -> None:
    script = repository / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    lines = script.read_text("utf-8").splitlines()
    assert "make check" in lines
    assert "make test" in lines
    assert not any("install" in line for line in lines if not line.startswith("#"))
