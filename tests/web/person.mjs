// SPDX-License-Identifier: Apache-2.0
// Somebody of the team: an own browser context, signed in.
import { createHmac } from 'node:crypto';
import { Walk } from './walk.mjs';

function base32(text) {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const bits = [...text].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
    return Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
}

// RFC 6238 with SHA-1, six digits, thirty seconds; `later` steps from now.
export function totp(key, later = 0) {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + later));
    const mac = createHmac('sha1', base32(key)).update(counter).digest();
    return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

export class Person extends Walk {
    static async open({ browser, registry, inspector, report, folder }, lang, person, name) {
        const context = await browser.newContext({ locale: `${lang}-CA` });
        inspector.watch(context, registry.base);
        const p = new Person(await context.newPage(), { base: registry.base, lang, name: `${lang}, ${name}`, report, folder });
        return Object.assign(p, { context, inspector, person });
    }

    async signIn(password, code) {
        await this.go('/sign-in');
        await this.page.fill('#name', this.person);
        await this.page.fill('#password', password);
        if (code)
            await this.page.fill('#code', code);
        await this.press('action', 'sign-in');
        return new URL(this.page.url()).pathname === `/${this.lang}/team`;
    }

    async signOut() {
        await this.page.locator('form[action$="/sign-out"] button').click();
        await this.page.waitForLoadState();
    }

    // The form was refused: a summary that leads to the field, and words beside it.
    async refused(what, field) {
        const link = field ? this.page.locator(`.error-summary a[href="#${field}"]`) : this.page.locator('.error-summary li');
        this.check(`${what}: refused, with a way to the field`, (await link.count()) > 0);
        await this.look(what);
    }

    async done(what) {
        this.check(what, (await this.page.locator('.notice[role=status]').count()) > 0);
    }

    // What is wrong with the page as it stands.
    async look(what) {
        await this.inspector.inspect(this.page, this.lang, `${this.name}: ${what}`);
    }

    async status(address) {
        const answer = await this.context.request.get(this.at(address), { maxRedirects: 0 });
        return answer.status();
    }

    async text(address) {
        return (await this.context.request.get(address.startsWith('http') ? address : this.at(address))).text();
    }

    // The input of that name. The rows of a field are numbered as its values are: "origin.0" is the first of them.
    async input(asked) {
        const [field, sub] = asked.split('.0');
        const names = await this.page.locator('main :is(input, select, textarea)').evaluateAll((l) => l.map((e) => e.name));
        const shape = (n) => sub !== undefined && n.startsWith(`${field}.`) && n.endsWith(sub) && n.slice(field.length + 1).split('.').length === sub.split('.').length;
        return names.includes(asked) ? asked : (names.find(shape) ?? asked);
    }

    async valueOf(asked) {
        return this.page.inputValue(`main [name="${await this.input(asked)}"]`);
    }

    // Fills inputs by name; a list ticks boxes of that name.
    async fill(values) {
        for (const [asked, value] of Object.entries(values)) {
            const name = await this.input(asked);
            const field = this.page.locator(`main [name="${name}"]`);
            await this.page.evaluate((n) => document.getElementsByName(n).forEach((e) => {
                for (let d = e.closest('details'); d; d = d.parentElement.closest('details'))
                    d.open = true;
            }), name);
            if (Array.isArray(value))
                for (const v of value)
                    await this.page.check(`main [name="${name}"][value="${v}"]`);
            else if (await field.first().evaluate((e) => e.tagName === 'SELECT'))
                await field.first().selectOption(value);
            else if (await field.first().evaluate((e) => e.type === 'radio'))
                await this.page.check(`main [name="${name}"][value="${value}"]`);
            else
                await field.first().fill(value);
        }
    }

    // One form of the record being edited: "fields", or an item of a group.
    async code(part, values) {
        await this.page.goto(`${this.work}/${part}`);
        await this.fill(values);
        await this.press('action', 'save');
        await this.done(`${part} is saved`);
    }

    async begin(kind) {
        await this.go('/team/new');
        await this.press('kind', kind);
        this.work = this.page.url().split(/[?#]/)[0];
    }

    // Preview, reason, and on to review or back into the drawer. Returns the record's id.
    async finish(action, reason) {
        await this.page.goto(`${this.work}/finish`);
        await this.fill({ reason });
        await this.press('action', action);
        await this.done(`${action}: saved`);
        return /[A-Z]-\d+/.exec(this.page.url())?.[0];
    }
}
