// SPDX-License-Identifier: Apache-2.0
// A registry with invented data of its own, started and stopped.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Registry {
    // Resolves when it answers.
    static async start(vigied) {
        const r = new Registry();
        r.process = spawn(vigied, ['--demo', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
        process.once('exit', () => r.process.kill());
        r.ended = new Promise((done) => r.process.once('exit', done));
        await new Promise((done, fail) => {
            const lines = createInterface({ input: r.process.stdout });
            r.process.once('exit', (code) => fail(new Error(`vigied ended with ${code}`)));
            lines.on('line', (line) => {
                r.user ??= /^Sign in as:\s+(\S+)/.exec(line)?.[1];
                r.password ??= /^Password:\s+(\S+)/.exec(line)?.[1];
                r.base ??= /(http:\/\/[^/\s]+)\//.exec(line)?.[1];
                if (r.user && r.password && r.base)
                    done();
            });
        });
        return r;
    }

    async stop() {
        this.process.kill('SIGTERM');
        await this.ended;
    }
}

// What an address gives, without the browser.
export async function fetchText(url, init = {}) {
    const answer = await fetch(url, { redirect: 'manual', ...init });
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', headers: answer.headers, text: await answer.text() };
}
