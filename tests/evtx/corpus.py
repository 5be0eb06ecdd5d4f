# SPDX-License-Identifier: Apache-2.0
"""Where the public test logs are: $VIGIE_CORPUS, or ../shared/corpus beside the checkout."""
import os
from pathlib import Path

FOLDERS = ("evtx-edge-cases", "evtx-attack-samples")


def root():
    named = os.environ.get("VIGIE_CORPUS")
    path = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "corpus"
    return path if all((path / f).is_dir() for f in FOLDERS) else None


def logs():
    """All logs of both sets, sorted; None when the corpus is absent."""
    here = root()
    if not here:
        return None
    return [p for f in FOLDERS for p in sorted((here / f).rglob("*")) if p.suffix.lower() == ".evtx"]
