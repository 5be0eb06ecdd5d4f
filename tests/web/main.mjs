// SPDX-License-Identifier: Apache-2.0
// main.mjs VIGIED FOLDER [PART]...: each part on a registry of its own.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { curator } from './curator.mjs';
import { peer } from './peers.mjs';
import { Inspector } from './inspect.mjs';
import { Registry } from './registry.mjs';
import { Report } from './report.mjs';
import { pages } from './pages.mjs';
import { reader } from './reader.mjs';

const parts = { pages, reader, curator };
const [vigied, folder, ...named] = process.argv.slice(2);
const { chromium } = peer('playwright-core');
const here = path.dirname(fileURLToPath(import.meta.url));
const languages = (process.env.LANGUAGES ?? 'en fr').split(/[ ,]+/);
const report = new Report();

for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => process.exit(130)); // what was started ends with it
fs.mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
});
for (const name of named.length ? named : Object.keys(parts)) {
    if (!parts[name])
        throw new Error(`no part is called ${name}`);
    const registry = await Registry.start(vigied);
    const inspector = new Inspector(report, { catalogues: path.join(here, '../../web/po/fr'), shots: process.env.SHOTS });
    const began = report.failures;
    try {
        const context = await browser.newContext({ locale: 'en-CA' });
        inspector.watch(context, registry.base);
        await parts[name]({ registry, browser, context, inspector, report, languages, folder });
        await context.close();
    } catch (error) {
        report.none(name, [error.stack]);
    } finally {
        await registry.stop();
    }
    console.log(`${name}: ${inspector.pages} pages inspected, ${report.failures - began} failures`);
}
await browser.close();
console.log(`${report.checks} checks, ${report.failures} failures`);
process.exit(report.failures ? 1 : 0);
