// SPDX-License-Identifier: Apache-2.0
// What holds for every page, in whatever state: axe-core finds nothing at two widths and in two schemes; no sideways scroll; nothing
// from elsewhere; no error of the browser; the right language; one first heading; markup that is well formed; French that is French.
import fs from 'node:fs';
import path from 'node:path';
import { peer } from './peers.mjs';
import { englishIn, frenchIn, passages, readCatalogues } from './french.mjs';

const axe = peer('axe-core');
const { HtmlValidate } = peer('html-validate');
const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const colours = ['color-contrast', 'link-in-text-block'];
export const wide = { width: 1280, height: 900 }, narrow = { width: 400, height: 800 };

// What is a matter of taste, or of attributes' spelling, is left out.
const markup = new HtmlValidate({
    root: true,
    extends: ['html-validate:recommended', 'html-validate:a11y'],
    rules: {
        'long-title': 'off',
        'no-trailing-whitespace': 'off',
        'attribute-boolean-style': 'off',
        'attribute-empty-style': 'off',
        'void-style': 'off',
        'no-raw-characters': 'off',
        'no-implicit-button-type': 'off',
        'no-implicit-input-type': 'off',
        'prefer-native-element': 'off',
        'doctype-style': 'off',
        'require-sri': 'off',
        'form-dup-name': ['error', { shared: ['radio', 'checkbox', 'submit', 'button'] }],
        'valid-id': ['error', { relaxed: true }],
        'tel-non-breaking': 'off',
        'text-content': 'error',
    },
});

export class Inspector {
    constructor(report, { catalogues, shots }) {
        this.report = report;
        this.shots = shots;
        this.catalogue = readCatalogues(catalogues);
        this.pages = 0;
        this.heard = [];
    }

    // Hears what goes wrong in any page of the context.
    watch(context, base) {
        context.on('request', (r) => {
            if (!r.url().startsWith(base) && !r.url().startsWith('data:') && !r.url().startsWith('about:'))
                this.heard.push(`asks another host: ${r.url()}`);
        });
        // A status of 4xx is said on the console too, and is often what is wanted here.
        context.on('console', (m) => {
            if (m.type() === 'error' && !/Failed to load resource.*status of 4\d\d/.test(m.text()))
                this.heard.push(`console: ${m.text()}`);
        });
        context.on('weberror', (e) => this.heard.push(`script: ${e.error()}`));
        context.on('response', (r) => {
            if (r.status() >= 500 || (r.status() >= 400 && r.request().resourceType() !== 'document'))
                this.heard.push(`${r.status()} of ${r.url()}`);
        });
    }

    async scrolls(page) {
        return page.evaluate(() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth)
                return null;
            const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1);
            const e = out.at(-1);
            return `${root.scrollWidth} px wide in ${root.clientWidth}: ${e ? e.outerHTML.slice(0, 160) : ''}`;
        });
    }

    async axe(page, options) {
        if (!(await page.evaluate(() => 'axe' in window)))
            await page.evaluate(axe.source);
        const found = await page.evaluate((o) => axe.run(document, { resultTypes: ['violations'], ...o }), options);
        return found.violations.map((v) => `axe ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join(' | ')} (${v.nodes.length})`);
    }

    async faults(page, lang, thorough) {
        const faults = [];
        const add = (where, list) => faults.push(...list.map((f) => `${where}: ${f}`));
        await page.setViewportSize(narrow);
        add('400 px', [await this.scrolls(page)].filter(Boolean));
        await page.evaluate(() => document.querySelectorAll('details').forEach((d) => (d.open = true)));
        add('400 px, unfolded', [await this.scrolls(page)].filter(Boolean));
        add('400 px', await this.axe(page, { runOnly: standards }));
        await page.emulateMedia({ colorScheme: 'dark' });
        add('400 px dark', await this.axe(page, { runOnly: colours }));
        await page.setViewportSize(wide);
        add('1280 px dark', await this.axe(page, { runOnly: colours }));
        await page.emulateMedia({ colorScheme: 'light' });
        add('1280 px', await this.axe(page, { runOnly: thorough ? standards : colours }));
        add('1280 px', [await this.scrolls(page)].filter(Boolean));
        const here = await page.evaluate(() => ({
            lang: document.documentElement.lang,
            h1: document.querySelectorAll('h1').length,
            title: document.title.trim(),
        }));
        if (!here.lang.startsWith(lang))
            faults.push(`lang is "${here.lang}"`);
        if (here.h1 !== 1)
            faults.push(`${here.h1} first headings`);
        if (!here.title)
            faults.push('no title');
        const read = await page.evaluate(passages);
        faults.push(...(lang === 'fr' ? englishIn(read, this.catalogue) : frenchIn(read)));
        return faults;
    }

    markup(text) {
        const { results } = markup.validateStringSync(text);
        const seen = new Map();
        for (const m of results.flatMap((r) => r.messages).filter((m) => m.severity === 2))
            seen.set(m.ruleId + m.message, `markup ${m.ruleId}: ${m.message} (line ${m.line})`);
        return [...seen.values()].slice(0, 8);
    }

    // The page as it stands in the browser; name is for the report and the picture.
    async inspect(page, lang, name, html) {
        if (process.env.QUICK)
            return;
        this.pages++;
        const text = html ?? (await page.content());
        if (this.shots)
            await this.shoot(page, name);
        const faults = await this.faults(page, lang, true);
        faults.push(...this.markup(text), ...this.heard.splice(0));
        this.report.none(name, [...new Set(faults)]);
        if (!faults.length)
            console.log(`ok: ${name}: nothing is wrong`);
    }

    async shoot(page, name) {
        fs.mkdirSync(this.shots, { recursive: true });
        const file = name.replace(/[^\w-]+/g, '_').slice(0, 100);
        for (const [width, size] of [['1280', wide], ['400', narrow]])
            for (const scheme of ['light', 'dark']) {
                await page.setViewportSize(size);
                await page.emulateMedia({ colorScheme: scheme });
                await page.screenshot({ path: path.join(this.shots, `${file}-${width}-${scheme}.png`), fullPage: true });
            }
        await page.emulateMedia({ colorScheme: 'light' });
    }
}
