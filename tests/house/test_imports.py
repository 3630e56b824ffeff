"""What an import costs and does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

# Each of these alone costs more than the whole help may.
HEAVY = {
    "alembic", "apscheduler", "cryptography", "fastapi", "holidays", "jinja2", "numpy", "openpyxl", "pendulum",
    "prometheus_client", "psycopg", "pydantic", "pydantic_settings", "rapidfuzz", "regex", "requests", "rich",
    "ruamel", "sqlalchemy",
    "sqlmodel", "starlette", "structlog", "tweepy", "uvicorn", "asyncio",
}  # fmt: skip
# The modules of our own that `reinforce --help` may import; everything else waits until a verb runs.
LIGHT_ROOMS = ("reinforce", "reinforce.cli", "reinforce.domain")

HELP = """
import json, sys
from reinforce.cli import main_group
main_group.main(["--help"], standalone_mode=False)
print("\\n" + json.dumps(sorted(sys.modules)))
"""

# Imports every module of the package while an audit hook writes down what is opened meanwhile.
IMPORT_ALL = """
import importlib, json, pkgutil, sys
import warnings; warnings.simplefilter("ignore")
seen = []
WATCHED = ("socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.mkdir", "os.remove", "os.rename")
def hook(event, arguments):
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        seen.append([event, str(arguments[0])])
    elif event == "socket.bind" and arguments[1][:2] in (("::1", 0), ("::", 0)):
        pass  # urllib3 tries whether this machine has IPv6, and lets go at once
    elif event in WATCHED:
        seen.append([event, str(arguments)])
sys.addaudithook(hook)
import reinforce
for module in pkgutil.walk_packages(reinforce.__path__, "reinforce."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(json.dumps(seen))
"""

ONLY_PACKAGE = """
import json, sys
seen = []
sys.addaudithook(lambda event, arguments: seen.append(str(arguments[0])) if event == "open" else None)
import reinforce
print(json.dumps([path for path in seen if not path.endswith((".py", ".pyc"))]))
"""


def run(source: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"}
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip().rpartition("\n")[2]


def test_importing_reinforce_opens_nothing(tmp_path: Path) -> None:
    assert json.loads(run(ONLY_PACKAGE, tmp_path)) == []


def test_importing_every_module_writes_nothing_and_connects_to_nothing(tmp_path: Path) -> None:
    assert json.loads(run(IMPORT_ALL, tmp_path)) == [], "move it into a function: nothing is built at import"
    assert list(tmp_path.iterdir()) == []


def test_help_waits_for_no_heavy_library(tmp_path: Path) -> None:
    imported = {name.split(".")[0] for name in json.loads(run(HELP, tmp_path))}
    assert sorted(imported & HEAVY) == [], "import it inside the verb that needs it"


def test_help_imports_only_the_command_line_and_plain_values(tmp_path: Path) -> None:
    ours = [name for name in json.loads(run(HELP, tmp_path)) if name.split(".")[0] == "reinforce"]
    rooms = {".".join(name.split(".")[:2]) for name in ours}
    assert sorted(rooms - set(LIGHT_ROOMS)) == [], "import it inside the verb that needs it"
