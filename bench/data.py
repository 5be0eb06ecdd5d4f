# SPDX-License-Identifier: Apache-2.0
"""Logs and rules to measure with, made once and kept in build/bench/data. The public samples and SigmaHQ's rules are used where they lie."""
import os
import shutil
import subprocess
import sys

import grow_chunks

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)

NO_RULE = """title: A rule that asks for a log which none of these is
id: 00000000-0000-4000-8000-000000000001
logsource: {product: windows, service: ldap_debug}
detection:
    selection: {EventID: 1}
    condition: selection
level: low
"""


def corpus_folder():
    return os.environ.get("VIGIE_CORPUS") or os.path.normpath(os.path.join(ROOT, "..", "shared", "corpus"))


class Data:
    def __init__(self, build):
        self.office_make = os.path.join(build, "tools", "evtx-make", "office-make")
        self.folder = os.path.join(build, "bench", "data")
        os.makedirs(self.folder, exist_ok=True)
        corpus = corpus_folder()
        samples, sigma = os.path.join(corpus, "evtx-attack-samples"), os.path.join(corpus, "sigma")
        others = os.path.join(corpus, "evtx-edge-cases")
        self.samples = samples if os.path.isdir(samples) else None
        self.logs = [p for p in (samples, others) if os.path.isdir(p)]
        self.sigma = sorted(e.path for e in os.scandir(sigma) if e.is_dir() and e.name.startswith("rules")) if os.path.isdir(sigma) else []
        if not (self.samples and self.sigma):
            print(f"bench: no public samples or rules at {corpus}: our own stand in for them", file=sys.stderr)

    def path(self, name):
        return os.path.join(self.folder, name)

    def made(self, name, make):
        """The path of a file or folder, made by make(path) if it is not there; half-made ones have another name."""
        path = self.path(name)
        if not os.path.exists(path):
            print(f"bench: making {name}", file=sys.stderr)
            part = path + ".making"
            shutil.rmtree(part, ignore_errors=True)
            make(part)
            os.rename(part, path)
        return path

    def office(self, kind, mib):
        return self.made(f"{kind}-{mib}.evtx", lambda p: subprocess.run([self.office_make, kind, p, "--mib", str(mib)], check=True))

    def own(self, mib):
        """Our own office's log; above 256 MiB its chunks again, numbered on."""
        if mib <= 256:
            return self.office("grow", mib)
        return self.made(f"grow-{mib}.evtx", lambda p: grow_chunks.grow(p, mib, [self.office("grow", 256)]))

    def hard(self, mib):
        return self.office("hard", mib)

    def public(self, mib):
        """Chunks of public logs (attacks, and other readers' test files), or our own log."""
        if not self.samples:
            return self.own(mib)
        return self.made(f"public-{mib}.evtx", lambda p: grow_chunks.grow(p, mib, self.logs))

    def many(self, files):
        """Folder of small logs of one chunk each, and one log of the same chunks."""
        name = f"many-{files}"
        if not os.path.exists(self.path(name)):
            print(f"bench: making {name}", file=sys.stderr)
            grow_chunks.many(self.path(name), files, 1, [self.public(64)])
        return self.path(name), self.path(name) + ".evtx"

    def sample_files(self):
        """The public samples' folder and one log of the same chunks; None without them."""
        if not self.samples:
            return None
        return self.samples, self.made("samples-joined.evtx", lambda p: grow_chunks.join(p, [self.samples]))

    def no_rules(self):
        def write(folder):
            os.makedirs(folder)
            with open(os.path.join(folder, "none.yml"), "w", encoding="utf-8") as f:
                f.write(NO_RULE)
        return [self.made("rules-none", write)]

    def grown_rules(self, name, copies, sources):
        grow = [sys.executable, os.path.join(HERE, "rules_grow.py")]
        return [self.made(name, lambda p: subprocess.run(grow + [p, "--copies", str(copies)] + sources, check=True, stdout=sys.stderr))]

    def all_rules(self):
        """SigmaHQ's, all 3,780 of them; without them our own, 18 times."""
        return self.sigma or self.grown_rules("rules-own-x18", 18, [os.path.join(ROOT, "knowledge", "rules")])

    def ten_times(self):
        return self.grown_rules("rules-x10" if self.sigma else "rules-own-x180", 10, self.all_rules())

    def some_rules(self, wanted=400):
        """Every n-th of all rules."""
        def copy(folder):
            files = sorted(os.path.join(here, n) for r in self.all_rules() for here, _, names in os.walk(r) for n in names if n.endswith(".yml"))
            for k in range(wanted):
                path = files[k * len(files) // wanted]
                os.makedirs(os.path.join(folder, f"{k // 100}"), exist_ok=True)
                shutil.copy(path, os.path.join(folder, f"{k // 100}", f"{k:03}-" + os.path.basename(path)))
        return [self.made(f"rules-{wanted}{'' if self.sigma else '-own'}", copy)]
