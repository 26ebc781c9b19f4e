"""What the wheel holds, and what it asks of where it is installed."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import mcp_sansio

DISTRIBUTION = metadata.distribution("mcp-sansio")


def test_one_compiled_module_serves_every_python() -> None:
    files = [str(file) for file in DISTRIBUTION.files or ()]
    assert [file for file in files if file.endswith((".so", ".pyd"))] == ["mcp_sansio/_native.abi3.so"]
    assert "Tag: cp310-abi3-" in (DISTRIBUTION.read_text("WHEEL") or "")
    assert DISTRIBUTION.metadata["Requires-Python"] == ">=3.10"


def test_types_come_with_it() -> None:
    files = {str(file) for file in DISTRIBUTION.files or ()}
    assert {"mcp_sansio/py.typed", "mcp_sansio/_native.pyi"} <= files


def test_nothing_else_comes_with_it() -> None:
    # Neither tests nor sources in Rust: whoever wants those takes the sdist.
    tops = {file.parts[0] for file in DISTRIBUTION.files or ()}
    assert tops == {"mcp_sansio", f"mcp_sansio-{DISTRIBUTION.version}.dist-info"}


def test_what_is_tested_is_what_is_installed() -> None:
    assert Path(str(DISTRIBUTION.locate_file("mcp_sansio"))) == Path(mcp_sansio.__file__).parent
    assert Path(sys.prefix) in Path(mcp_sansio.__file__).parents


def test_the_machines_need_nothing() -> None:
    """Whoever drives them from a loop of his own gets no event loop and no HTTP library for it."""
    script = """
import sys
import mcp_sansio, mcp_sansio.client, mcp_sansio.server

mcp_sansio.Client("http://127.0.0.1:9/mcp").connect(0.0)
mcp_sansio.Server().drain()
print(*sorted({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names - {"mcp_sansio"}))
"""
    ran = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    loaded = {name for name in ran.stdout.split() if not name.startswith("__") and name != "_distutils_hack"}
    assert not loaded
