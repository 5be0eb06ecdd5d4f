# SPDX-License-Identifier: Apache-2.0
"""How many records a correct reader gives of the logs with rare or damaged parts, and how many it reports as damaged.

Besides damage that costs records, some places are only doubtful (a wrong checksum, a size that is repeated wrongly, zeros
where records should stand); they are reported and counted apart.

usage: counts.py VIGIE
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import corpus  # noqa: E402

SKIP = 77
# file (its end): records, damaged, doubtful
EXPECTED = {
    "2-system-Microsoft-Windows-LiveId%4Operational.evtx": (None, 0, None),
    "RemoteDesktopServices-RdpCoreTS%4Operational.evtx": (1910, 4, None),
    "TerminalServices-RemoteConnectionManager%4Operational.evtx": (1774, 2, None),
    "2-vss_7-System.evtx": (1160, 0, 0),
    "Application_no_crc32.evtx": (17, 0, 0),
    "E_ShadowCopy6_windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx": (459, 0, 0),
    "E_Windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx": (340, 0, 0),
    "Windows-Shell-Core%4Operational.evtx": (1146, 0, 0),
    "MSExchange_Management_wec.evtx": (1, 0, 0),
    "Windows-HelloForBusiness%4Operational.evtx": (6, 0, None),
    "Windows-LanguagePackSetup%4Operational.evtx": (17, 0, None),
    "Security_short_selected.evtx": (7, 0, 0),
    "Security_with_size_t.evtx": (636, 0, 0),
    "issue_201.evtx": (1, 0, 0),
    "new-user-security.evtx": (4, 0, 0),
    "post-Security.evtx": (126, 0, 0),
    "sample-with-irregular-bool-values.evtx": (3028, 0, 0),
    "sample-with-zero-data-size-event.evtx": (335, 1, None),  # 336, one of them the error
    "sample_with_a_bad_chunk_magic.evtx": (270, 2, None),
    "/security.evtx": (2261, 0, 0),
    "security_bad_string_cache.evtx": (2261, 0, None),
    "/sysmon.evtx": (358, 8, 0),  # eight chunks behind the last good one hold other data
    "/system.evtx": (1881, 0, 0),
}


def measure(vigie, log):
    run = subprocess.run([vigie, "events", str(log)], capture_output=True, check=False)
    told = run.stderr.decode("utf-8", "replace")
    summary = re.search(r"(\d+) records or parts of files damaged, (\d+)", told)
    damaged, doubtful = (int(summary.group(1)), int(summary.group(2))) if summary else (0, 0)
    return run.stdout.count(b"\n"), damaged, doubtful, run.returncode


def main():
    logs = corpus.logs()
    if not logs:
        print("skipped: the corpus is not there (set VIGIE_CORPUS)")
        return SKIP
    passed = failed = 0
    for log in logs:
        records, damaged, doubtful, status = measure(sys.argv[1], log)
        wanted = next((v for k, v in EXPECTED.items() if str(log).endswith(k)), None)
        ok = status == 0
        if wanted:
            got = (records, damaged, doubtful)
            ok = ok and all(w is None or w == g for w, g in zip(wanted, got))
        if not ok:
            print(f"{log}: {records} records, {damaged} damaged, {doubtful} doubtful, exit {status}; expected {wanted}")
        passed += ok
        failed += not ok
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
