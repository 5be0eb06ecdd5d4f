// SPDX-License-Identifier: Apache-2.0
// What was checked: a line each, and how many failed.
export class Report {
    failures = 0;
    checks = 0;

    check(what, got, wanted = true) {
        const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
        this.checks++;
        if (a === b) {
            console.log(`ok: ${what}`);
            return true;
        }
        this.failures++;
        console.log(`FAILED: ${what}: ${a?.slice(0, 600)}, wanted ${b?.slice(0, 600)}`);
        return false;
    }

    // Only what is wrong gets a line; faults is a list of words.
    none(what, faults) {
        this.checks++;
        for (const fault of faults) {
            this.failures++;
            console.log(`FAILED: ${what}: ${fault}`);
        }
    }
}
