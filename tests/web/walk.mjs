// SPDX-License-Identifier: Apache-2.0
// A person's way through the pages: each step is checked, and one that fails leaves a picture and lets the next begin.
import path from 'node:path';

export class Walk {
    constructor(page, { base, lang, name, report, folder }) {
        Object.assign(this, { page, base, lang, name, report, folder });
        page.setDefaultTimeout(20000);
    }

    async step(what, run) {
        try {
            await run();
        } catch (error) {
            this.report.none(`${this.name}: ${what}`, [`${error.message.replace(/\x1b\[\d+m/g, '').split('\n').slice(0, 4).join(' ')} at ${this.page.url()}`]);
            const file = `${this.name}-${what}`.replace(/[^\w-]+/g, '_');
            await this.page.screenshot({ path: path.join(this.folder, `${file}.png`), fullPage: true }).catch(() => {});
        }
    }

    check(what, got, wanted) {
        return this.report.check(`${this.name}: ${what}`, got, wanted);
    }

    at(address) {
        return `${this.base}/${this.lang}${address}`;
    }

    async go(address) {
        return this.page.goto(this.at(address));
    }

    // Text of the first element, without repeated spaces; "" when there is none.
    async words(selector) {
        const e = this.page.locator(selector).first();
        return (await e.count()) ? (await e.textContent()).replace(/\s+/g, ' ').trim() : '';
    }

    async allWords(selector) {
        return (await this.page.locator(selector).allTextContents()).map((t) => t.replace(/\s+/g, ' ').trim());
    }

    // How many records a list says that it has.
    async total() {
        return number(await this.words('.count'));
    }

    // Submits the form of the page's content that has this button.
    async press(name, value) {
        await this.page.locator(`main button:not(.hidden)[name="${name}"][value="${value}"]`).first().click();
        await this.page.waitForLoadState();
    }
}

// The first number of a text, as either language writes it.
export function number(text) {
    const digits = /\d[\d\s\u00a0\u202f,]*/.exec(text ?? '')?.[0];
    return digits ? Number(digits.replace(/\D/g, '')) : NaN;
}
