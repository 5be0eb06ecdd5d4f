# SPDX-License-Identifier: Apache-2.0
"""What pySigma needs to load rules, and to convert them to its SQLite backend's queries: pysigma_load.py load|convert RULES_DIR..."""
import sys

from sigma.collection import SigmaCollection


def main():
    rules = SigmaCollection.load_ruleset(sys.argv[2:], collect_errors=True)
    if sys.argv[1] == "load":
        # Detections are parsed as they are loaded; conditions when they are asked for.
        for rule in rules.rules:
            for condition in getattr(getattr(rule, "detection", None), "parsed_condition", ()):
                try:
                    condition.parsed  # pylint: disable=pointless-statement
                except Exception:  # pylint: disable=broad-exception-caught
                    pass
        return
    from sigma.backends.sqlite import sqliteBackend
    backend, done = sqliteBackend(collect_errors=True), 0
    for rule in rules.rules:
        try:
            done += len(backend.convert_rule(rule))
        except Exception:  # pylint: disable=broad-exception-caught
            pass
    print(done)


main()
