# SPDX-License-Identifier: Apache-2.0
"""The programs that we measure against, from the registries: installed once, under build/peers. One that cannot be had is named and left out."""
import os
import shutil
import subprocess
import sys


def attempt(argv, what):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except OSError as e:
        print(f"bench: no {what}: {e}", file=sys.stderr)
        return False
    if done.returncode:
        print(f"bench: no {what}: {(done.stderr or done.stdout).strip()[-400:]}", file=sys.stderr)
    return done.returncode == 0


def evtx_dump(folder):
    """The Rust crate `evtx`: the fastest reader of event logs that we know."""
    path = os.path.join(folder, "bin", "evtx_dump")
    if os.path.exists(path):
        return path
    cargo = shutil.which("cargo") or os.path.expanduser("~/.cargo/bin/cargo")
    print("bench: cargo install evtx (some minutes, once)", file=sys.stderr)
    if attempt([cargo, "install", "--quiet", "--locked", "--root", folder, "evtx"], "evtx_dump (it needs cargo: https://rustup.rs)"):
        return path
    return shutil.which("evtx_dump")


def evtxexport():
    """libevtx, which most forensic tools read with."""
    if not shutil.which("evtxexport"):
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        attempt(sudo + ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "libevtx-utils"], "evtxexport")
    return shutil.which("evtxexport")


def pysigma(folder):
    """Sigma's own library, with its SQLite backend: the folder's python3."""
    python = os.path.join(folder, "bin", "python3")
    if os.path.exists(python) and subprocess.run([python, "-c", "import sigma.backends.sqlite"], capture_output=True, check=False).returncode == 0:
        return python
    print("bench: pip install pysigma pysigma-backend-sqlite", file=sys.stderr)
    setup = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "peers", "setup.sh")
    return python if attempt([setup, folder], "pySigma") else None


def version(argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).strip().splitlines()[0]
    except (OSError, IndexError):
        return "?"


class Peers:
    def __init__(self, folder):
        self.folder = folder
        self.found = {}

    def get(self, name):
        if name not in self.found:
            self.found[name] = {"evtx_dump": lambda: evtx_dump(self.folder), "evtxexport": evtxexport, "pysigma": lambda: pysigma(self.folder)}[name]()
        return self.found[name]

    def versions(self):
        out = {}
        for name, path in self.found.items():
            if not path:
                out[name] = None
            elif name == "pysigma":
                out[name] = version([path, "-c", "import importlib.metadata as m; print('pySigma', m.version('pysigma'), 'sqlite backend', m.version('pysigma-backend-sqlite'))"])
            else:
                out[name] = version([path, "-V" if name == "evtxexport" else "--version"])
        return out
