// SPDX-License-Identifier: Apache-2.0
// A reader's whole work, in each language, with script and without: find, filter, sort, page, read, cite, take away, ask for the past,
// change the language, follow.
import { fetchText } from './registry.mjs';
import { Walk } from './walk.mjs';

const pageSize = 50;
const words = {
    en: { espionage: 'Espionage', china: 'China', warning: 'does not imply that a government is responsible' },
    fr: { espionage: 'Espionnage', china: 'Chine', warning: 'n’implique pas' },
};
// What the invented data are made to show.
const figures = { all: 75, espionage: 49, CN: 23, RU: 18, IR: 8, KP: 6, rest: 20 };

function csvRows(text) {
    let rows = 0, quoted = false;
    for (const c of text.replace(/\r/g, '')) {
        quoted = c === '"' ? !quoted : quoted;
        rows += c === '\n' && !quoted;
    }
    return rows - 1;
}

async function overview(w) {
    await w.step('overview', async () => {
        await w.go('/');
        const [all, since, espionage] = (await w.words('.figure')).match(/\d+/g).map(Number);
        w.check('incidents, since, of them espionage', [all, since, espionage], [figures.all, 2010, figures.espionage]);
        w.check('the warning stands by the origins', (await w.words('.origins .warning')).includes(words[w.lang].warning));
        const tiles = await w.page.locator('.tiles a').evaluateAll((l) => l.map((a) => [a.getAttribute('href'), parseInt(a.querySelector('strong').textContent, 10)]));
        w.check('origins', tiles.map((t) => t[1]), [figures.CN, figures.RU, figures.IR, figures.KP, figures.rest]);
        for (const [href, count] of tiles.filter(([h]) => h.includes('origin='))) {
            await w.page.goto(w.base + href);
            w.check(`the list of ${href} has as many`, await w.total(), count);
        }
        await w.go('/incidents?origin=other&origin=unknown');
        w.check('the list of other or unknown origin has as many', await w.total(), figures.rest);
        await w.go('/');
        const years = await w.page.locator('#figure-years tbody tr').evaluateAll((l) => l.map((r) => [r.querySelector('a').getAttribute('href'), parseInt(r.cells[1].textContent, 10)]));
        w.check('the years add up', years.reduce((n, y) => n + y[1], 0), figures.all);
        const [href, count] = years.reduce((a, b) => (b[1] > a[1] ? b : a));
        await w.page.goto(w.base + href);
        w.check(`the list of ${href} has as many`, await w.total(), count);
    });
}

async function find(w) {
    await w.step('search', async () => {
        const found = {};
        for (const q of ['défense', 'defense', 'DÉFENSE']) {
            await w.go('/incidents');
            await w.page.fill('#q', q);
            await w.page.press('#q', 'Enter');
            await w.page.waitForLoadState();
            w.check(`what was searched for stays in the form (${q})`, await w.page.inputValue('#q'), q);
            found[q] = [await w.total(), ...(await w.allWords('.records .id')).sort()];
        }
        w.check('something is found', found['défense'][0] > 0);
        w.check('accents and capitals make no difference', [found.defense, found['DÉFENSE']], [found['défense'], found['défense']]);
        await w.go('/incidents?q=zzzzqqqq');
        w.check('nothing is found, and help is given', [await w.total(), await w.page.locator('.empty li').count() > 0], [0, true]);
    });
}

async function filter(w) {
    await w.step('filter', async () => {
        await w.go('/incidents');
        await w.page.click('.filters > details > summary');
        await w.page.locator('details:has(> fieldset input[name=type]) > summary').click();
        await w.page.check('input[name=type][value=espionage]');
        await w.page.locator('details:has(> fieldset input[name=origin]) > summary').click();
        await w.page.check('input[name=origin][value=CN]');
        await w.page.fill('#since', '2015');
        await w.page.locator('.filters details button').last().click();
        await w.page.waitForLoadState();
        const p = new URL(w.page.url()).searchParams;
        w.check('the filters stand in the address', [p.get('type'), p.get('origin'), p.get('since')], ['espionage', 'CN', '2015']);
        const total = await w.total();
        const rows = await w.page.locator('.records tbody tr').evaluateAll((l) => l.map((r) => [...r.cells].slice(1).map((c) => c.textContent)));
        w.check('each row is what was asked for', rows.length === Math.min(total, pageSize) && total > 0 &&
            rows.every((r) => r[2].includes(words[w.lang].espionage) && r[4].includes(words[w.lang].china) && /20(1[5-9]|2\d)/.test(r[0] || r[1])));
        w.check('the warning stands by the list', (await w.words('main > .warning')).includes(words[w.lang].warning));
        w.check('a mark for each filter', await w.page.locator('.chip').count(), 3);
        await w.page.locator('.chip').nth(1).click();
        await w.page.waitForLoadState();
        w.check('a filter is taken off', [await w.page.locator('.chip').count(), (await w.total()) > total], [2, true]);
    });
    await w.step('technique', async () => {
        await w.go('/incidents?technique=T1566.001');
        const part = await w.total();
        await w.go('/incidents');
        await w.page.click('.filters > details > summary');
        await w.page.locator('details:has(> fieldset input[name=technique]) > summary').click();
        w.check('ids that occur are offered', await w.page.locator('#l-technique option[value="T1566"]').count(), 1);
        await w.page.fill('#f-technique', ' t1566');
        await w.page.press('#f-technique', 'Enter');
        await w.page.waitForLoadState();
        w.check('a typed id finds its parts too', [part > 0, (await w.total()) >= part, (await w.words('.chip')).includes('T1566')], [true, true, true]);
        w.check('and can be taken off', await w.page.isChecked('input[name=technique][value=T1566]'));
    });
    await w.step('language of passages', async () => {
        await w.go('/incidents?q=lantern');
        const said = await w.page.locator('.snippet').evaluateAll((l) => l.map((p) => p.closest('[lang]').getAttribute('lang')));
        w.check('a passage found is in the page’s language where there is one', said.length > 0 && said.filter((l) => l.startsWith(w.lang)).length > said.length / 2);
    });
    await w.step('sort', async () => {
        await w.go('/incidents?type=espionage&sort=title');
        const titles = await w.allWords('.records tbody th a');
        const collator = new Intl.Collator(`${w.lang}-CA`);
        w.check('by title', titles.slice(1).findIndex((t, i) => collator.compare(titles[i], t) > 0), -1);
        await w.go('/incidents?sort=oldest');
        const days = await w.page.locator('.records tbody tr').evaluateAll((l) => l.map((r) => (r.cells[1].querySelector('time') ?? r.cells[2].querySelector('time'))?.dateTime ?? ''));
        w.check('by date', days.slice(1).findIndex((d, i) => d.slice(0, 4) < days[i].slice(0, 4)), -1);
    });
    await w.step('pages', async () => {
        await w.go('/incidents');
        const first = await w.allWords('.records .id');
        await w.page.click('.pager a[rel=next]');
        await w.page.waitForLoadState();
        const second = await w.allWords('.records .id');
        w.check('all, each once', [first.length + second.length, new Set([...first, ...second]).size], [figures.all, figures.all]);
        w.check('the way back', await w.page.locator('.pager a[rel=prev]').count(), 1);
    });
}

async function read(w) {
    await w.step('read', async () => {
        await w.go('/incidents?q=lantern');
        await w.page.locator('.records tbody th a').first().click();
        await w.page.waitForLoadState();
        w.check('the warning stands by the origin', (await w.words('#origin ~ .warning')).includes(words[w.lang].warning));
        w.check('claims contradict each other side by side', (await w.page.locator('.claim').count()) >= 2);
        w.check('sources', (await w.page.locator('.sources > li').count()) >= 2);
        const refs = await w.page.locator('a.ref').evaluateAll((l) => l.map((a) => a.getAttribute('href')));
        w.check('each number leads to a source', refs.length > 0 && refs.every((r) => /^#source-/.test(r)) &&
            (await w.page.evaluate((ids) => ids.every((i) => document.querySelector(CSS.escape ? `[id="${i.slice(1)}"]` : i)), refs)));
        w.check('a value that another source contradicts is shown aside', (await w.page.locator('.dates .aside').count()) > 0);
    });
    await w.step('cite', async () => {
        const title = await w.words('h1');
        const permalink = await w.page.locator('p.cite a.url').getAttribute('href');
        const bibtex = await w.words('pre.cite');
        w.check('BibTeX', [/^@misc\{I-\d+-r\d+,/.test(bibtex), bibtex.includes(permalink)], [true, true]);
        await w.page.goto(permalink);
        w.check('the permalink leads to the same', await w.words('h1'), title);
        await w.page.locator('a[href$="/history"]').first().click();
        await w.page.waitForLoadState();
        w.check('the history has each revision', (await w.page.locator('section.revision').count()) > 0);
    });
}

async function takeAway(w) {
    await w.step('take away', async () => {
        await w.go('/incidents?type=espionage&origin=RU&origin=IR');
        const total = await w.total();
        const link = async (name) => w.base + (await w.page.locator(`.files a[href*="${name}"]`).first().getAttribute('href'));
        const [csv, json, stix] = [await link('incidents.csv'), await link('incidents.json'), await link('incidents.stix.json')];
        w.check('CSV', csvRows((await fetchText(csv)).text), total);
        const records = JSON.parse((await fetchText(json)).text);
        w.check('JSON', (records.incidents ?? records.records ?? records).length, total);
        const bundle = JSON.parse((await fetchText(stix)).text);
        w.check('STIX', bundle.objects.filter((o) => o.type === 'incident').length, total);
        const claims = await fetchText(await link('claims.csv'));
        w.check('claims', csvRows(claims.text) > 0);
        // By the browser as people do.
        const download = w.page.waitForEvent('download');
        await w.page.locator('.files a[href*="incidents.csv"]').click();
        w.check('the browser keeps it as a file', /\.csv$/.test((await download).suggestedFilename()));
    });
}

async function past(w) {
    await w.step('as of', async () => {
        const day = `${new Date().getUTCFullYear() - 1}-11-22`;
        await w.go('/');
        await w.page.fill('#as-of', day);
        await w.page.locator('.as-of button').click();
        await w.page.waitForLoadState();
        const [all, , espionage] = (await w.words('.figure')).match(/\d+/g).map(Number);
        w.check(`last year: fewer than now (${all}, ${espionage})`, all > 0 && all < figures.all && espionage < figures.espionage);
        await w.go(`/incidents?as_of=${day}`);
        w.check('last year: the list has as many', await w.total(), all);
        await w.go(`/incidents?as_of=${day}&type=espionage`);
        w.check('last year: espionage too', await w.total(), espionage);
        w.check('last year: and the file', csvRows((await fetchText(`${w.base}/data/incidents.csv?as_of=${day}`)).text), all);
        await w.page.locator('.records tbody th a').first().click();
        await w.page.waitForLoadState();
        w.check('a record of that list says that it is the past', w.page.url().includes('as_of=') && (await w.words('.banner, .past')) !== '');
    });
}

async function language(w) {
    await w.step('language', async () => {
        const other = w.lang === 'en' ? 'fr' : 'en';
        await w.go('/incidents?type=espionage&since=2015');
        const total = await w.total();
        await w.page.click('a.language');
        await w.page.waitForLoadState();
        const to = new URL(w.page.url());
        w.check('the other language shows the same', [to.pathname + to.search, await w.total()], [`/${other}/incidents?type=espionage&since=2015`, total]);
        await w.go('/incidents/I-000018');
        await w.page.click('a.language');
        w.check('of a record too', new URL(w.page.url()).pathname, `/${other}/incidents/I-000018`);
    });
}

async function follow(w) {
    await w.step('advisories', async () => {
        await w.go('/advisories');
        const total = await w.total();
        const feed = await fetchText(w.base + (await w.page.locator('link[type="application/atom+xml"]').getAttribute('href')));
        w.check('advisories, each in the feed', [(feed.text.match(/<entry>/g) ?? []).length, feed.type.split(';')[0], total > 0], [total, 'application/atom+xml', true]);
        await w.page.locator('.records tbody th a').first().click();
        await w.page.waitForLoadState();
        w.check('an advisory says what to do', (await w.words('h1')) !== '' && /A-\d+/.test(w.page.url()));
    });
    await w.step('what is no longer counted', async () => {
        await w.go('/corrections');
        const withdrawn = await w.page.locator('#withdrawn + ul li').count();
        w.check('withdrawals are told', withdrawn > 0);
        await w.page.locator('#withdrawn + ul a').first().click();
        await w.page.waitForLoadState();
        await w.page.locator('.kicker a').click();
        await w.page.waitForLoadState();
        w.check('a withdrawn record stays readable, with the reason', (await w.words('.banner')) !== '' && (await w.words('h1')) !== '');
        await w.go('/candidates');
        const total = await w.total();
        w.check('candidates turned down', total > 0);
        await w.page.locator('.records tbody th a').first().click();
        await w.page.waitForLoadState();
        w.check('and why, criterion by criterion', (await w.page.locator('.criteria tbody tr').count()) >= 5);
    });
    await w.step('keyboard', async () => {
        await w.go('/incidents');
        await w.page.keyboard.press('Tab');
        w.check('the first stop is the way to the content', await w.page.evaluate(() => document.activeElement.getAttribute('href')), '#main');
        await w.page.keyboard.press('Enter');
        await w.page.keyboard.press('Tab');
        w.check('which leads there', await w.page.evaluate(() => !!document.activeElement.closest('main')));
    });
}

async function doors(w, browser) {
    await w.step('first door', async () => {
        const context = await browser.newContext({ locale: `${w.lang}-CA` });
        const page = await context.newPage();
        await page.goto(`${w.base}/`);
        w.check('the browser’s language is the first page’s', new URL(page.url()).pathname, `/${w.lang}/`);
        await context.close();
    });
}

export async function reader({ registry, browser, inspector, report, languages, folder }) {
    for (const lang of languages)
        for (const script of [true, false]) {
            const context = await browser.newContext({ locale: `${lang}-CA`, javaScriptEnabled: script, acceptDownloads: true });
            inspector.watch(context, registry.base);
            const name = `reader ${lang}${script ? '' : ', no script'}`;
            const w = new Walk(await context.newPage(), { base: registry.base, lang, name, report, folder });
            await overview(w);
            await find(w);
            await filter(w);
            await read(w);
            await takeAway(w);
            await past(w);
            await language(w);
            await follow(w);
            if (script)
                await doors(w, browser);
            report.none(`${name}: the browser`, inspector.heard.splice(0));
            await context.close();
        }
}
