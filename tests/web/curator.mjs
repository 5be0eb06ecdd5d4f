// SPDX-License-Identifier: Apache-2.0
// The team's whole work, in each language: accounts and second factor, two codings of one incident, agreement, reconciling, review,
// publication, correction, withdrawal, merging, a request of the public, an advisory, the audit log.
import { crawl } from './pages.mjs';
import { Person, totp } from './person.mjs';
import { fetchText } from './registry.mjs';
import { Walk, number } from './walk.mjs';

const criteria = ['intentional', 'malicious', 'limited-in-time', 'cyber-space', 'geopolitical'];
const judged = { a: ['yes', 'yes', 'yes', 'unclear', 'yes'], b: ['yes', 'yes', 'yes', 'unclear', 'unclear'] };
// Of these: observed .8; by chance .8 × .6 + .2 × .4 = .56.
const kappa = { en: '0.55', fr: '0,55' };

// What people write: in their language.
const french = {
    'The guild had lent the ledger.': 'La guilde avait prêté le registre.',
    'It had not: the loan was of another book.': 'Non : le prêt portait sur un autre livre.',
    'The year is right.': 'L’année est juste.',
    'The year was missing.': 'L’année manquait.',
    'The second source has the day.': 'La seconde source donne le jour.',
    'Both sources were read again.': 'Les deux sources ont été relues.',
    'The same ledger, told by another list.': 'Le même registre, selon une autre liste.',
    'By telephone, to this text.': 'Au téléphone, à ce texte.',
    'The guild’s director': 'La direction de la guilde',
    'First coding': 'Premier codage',
    'From another list': 'D’une autre liste',
    'Another guild.': 'Une autre guilde.',
    'For other guilds': 'Pour d’autres guildes',
    'Consent is recorded.': 'Le consentement est inscrit.',
    'The source has two.': 'La source en a deux.',
    'Answered: the source has two.': 'Réponse : la source en a deux.',
};
const say = (lang, english) => (lang === 'fr' ? french[english] : english);

function words(lang) {
    const unique = { en: 'Weavers’ guild of Quince Harbour finds a copied ledger', fr: 'La guilde des tisserandes de Port-Coing trouve un registre copié' }[lang];
    return {
        title: unique,
        search: { en: 'quince harbour', fr: 'port-coing' }[lang],
        summary: { en: 'Somebody copied the ledger of a guild. It said so itself.', fr: 'Quelqu’un a copié le registre d’une guilde. Elle l’a dit elle-même.' }[lang],
        target: { en: 'weavers’ guild of Quince Harbour', fr: 'guilde des tisserandes de Port-Coing' }[lang],
    };
}

// What the public sees: figures of the first page and of last year's, and of the list.
async function publicFigures(w) {
    await w.go('/');
    const [all, , espionage] = (await w.words('.figure')).match(/\d+/g).map(Number);
    const kp = number(await w.words('.tiles a[href*="origin=KP"] strong'));
    await w.go(`/?as_of=${new Date().getUTCFullYear() - 1}-11-22`);
    const past = await w.words('.figure');
    await w.go('/incidents');
    return { all, espionage, kp, list: await w.total(), past };
}

async function makePeople(world, lang, admin) {
    const people = {};
    const list = { a: ['coder'], b: ['coder', 'reviewer'], reviewer: ['reviewer'], curator: ['curator'] };
    await admin.step('people', async () => {
        await admin.go('/team/users');
        await admin.page.locator('#name').evaluate((e) => e.removeAttribute('required'));
        await admin.press('action', 'add');
        await admin.refused('a person without name', 'name');
        for (const [role, roles] of Object.entries(list)) {
            const name = `${{ a: 'Ada', b: 'Basil', reviewer: 'Renée', curator: 'Cléo' }[role]} ${lang}`;
            await admin.go('/team/users');
            await admin.fill({ name, role: roles });
            await admin.press('action', 'add');
            const password = await admin.words('.facts dd code');
            admin.check(`${name} has a password`, password.length > 15);
            people[role] = await Person.open(world, lang, name, role);
            people[role].password = password;
        }
        await admin.look('a new password');
    });
    await admin.step('people sign in', async () => {
        await people.a.signIn('not the password at all');
        await people.a.refused('a wrong password', 'name');
        for (const p of Object.values(people))
            p.check(`${p.person} signs in`, await p.signIn(p.password), true);
        people.a.check('a coder sees neither people nor log', [await people.a.status('/team/users'), await people.a.status('/team/audit')], [403, 403]);
    });
    return people;
}

async function secondFactor(p) {
    await p.step('second factor', async () => {
        await p.go('/team/account');
        await p.press('action', 'begin');
        const key = (await p.words('code.key')).replace(/\s/g, '');
        p.check('the picture says what the key says', (await p.page.locator('a[href^="otpauth:"]').getAttribute('href')).includes(`secret=${key}`));
        await p.page.fill('#code', totp(key) === '000000' ? '000001' : '000000');
        await p.press('action', 'confirm');
        await p.refused('a wrong code', 'code');
        await p.page.fill('#code', totp(key));
        await p.press('action', 'confirm');
        const codes = await p.allWords('.codes code');
        p.check('recovery codes', [codes.length, new Set(codes).size], [10, 10]);
        await p.look('recovery codes');
        await p.go('/team/account');
        await p.look('account with a second factor');
        await p.signOut();
        p.check('the password alone is not enough', await p.signIn(p.password), false);
        p.check('with the next code it is', await p.signIn(p.password, totp(key, 1)), true);
        await p.signOut();
        p.check('a code is good once', await p.signIn(p.password, totp(key, 1)), false);
        p.check('a recovery code stands in', await p.signIn(p.password, codes[3]), true);
        await p.signOut();
        p.check('and is then used up', await p.signIn(p.password, codes[3]), false);
        p.check('another one is not', await p.signIn(p.password, codes[0]), true);
    });
}

async function draft(p, t) {
    let id;
    await p.step('a new incident', async () => {
        await p.begin('incident');
        await p.look('a new record');
        await p.code('item/sources/new', { 'title.0': t.title, 'publisher.0': 'The Quince Courier', 'kind.0': 'media', 'url.0': 'https://courier.example/ledger', 'published.0': '2026-03-04' });
        await p.page.goto(`${p.work}/item/sources/new`);
        await p.fill({ 'url.0': 'javascript:alert(1)' });
        await p.press('action', 'save');
        await p.refused('an address that is none', 'f-url');
        await p.code('item/sources/new', { 'title.0': `${t.title} (2)`, 'publisher.0': 'Cedar Forensics', 'kind.0': 'technical', 'url.0': 'https://cedar.example/ledger' });
        await p.page.goto(`${p.work}/fields`);
        await p.fill({ 'began.0': '2026-02-30' });
        await p.press('action', 'save');
        await p.refused('a day that is none', 'f-began');
        p.check('what was typed is still there', await p.page.inputValue('[name="began.0"]'), '2026-02-30');
        const french = p.lang === 'fr' ? { 'title-fr.0': t.title, 'summary-fr.0': t.summary } : {};
        await p.code('fields', {
            'title.0': t.title, 'summary.0': t.summary, ...french, 'began.0': '2026-02', 'began.0.precision': 'month', 'began.0.sources': 's1',
            'disclosed.0': '2026-03-04', 'disclosed.0.sources': 's1', type: ['espionage'], sector: ['business'], 'origin.0': 'KP', 'origin.0.sources': 's2', 'decision.0': 'included',
        });
        await p.code('item/targets/new', { 'name.0': t.target, 'country.0': 'Canada', sector: ['business'] });
        await p.page.goto(`${p.work}/item/claims/new`);
        await p.look('the form of a claim');
        await p.code('item/claims/new', { 'who.0': 'Cedar Forensics', 'who-kind': ['company'], 'country.0': 'KP', 'text.0': 'Traces point there.' });
        await p.page.goto(p.work);
        await p.look('a record being edited');
        await p.page.goto(`${p.work}/finish`);
        await p.look('preview');
        await p.page.locator('#reason').evaluate((e) => e.removeAttribute('required'));
        await p.press('action', 'draft');
        await p.refused('no reason', 'reason');
        id = await p.finish('draft', say(p.lang, 'First coding'));
        p.check('it has an id', /^I-\d+$/.test(id ?? ''));
        p.check('and is not public', [(await fetchText(p.at(`/incidents/${id}`))).status, (await fetchText(`${p.base}/data/incidents.csv`)).text.includes(t.target)], [404, false]);
    });
    return id;
}

const judgments = (who) => Object.fromEntries(criteria.flatMap((c, i) => [[`criteria-${c}:met.0`, judged[who][i]], [`criteria-${c}:reason.0`, `Source ${who}.`]]));

async function codeTwice(people, id) {
    const { a, b, reviewer } = people;
    await a.step('double coding', async () => {
        await a.go(`/team/records/${id}`);
        await a.look('a draft');
        await a.page.click(`a[href$="/${id}/coding"]`);
        await a.press('action', 'open');
        a.check('the author’s values are their coding', [await a.valueOf('origin.0'), await a.page.isChecked('main [name=type][value=espionage]')], ['KP', true]);
        await a.fill(judgments('a'));
        await a.press('action', 'save');
        await a.done('saved, to go on later');
        await b.go('/team');
        b.check('it waits for a second coder', (await b.page.locator(`a[href$="/${id}/coding"]`).count()) > 0);
        await b.page.click(`a[href$="/${id}/coding"]`);
        await b.press('action', 'join');
        b.check('the second coder sees nothing of the first', [await b.valueOf('origin.0'), await b.page.locator('main [name=type]:checked').count(), (await b.page.content()).includes('Source a.')], ['', 0, false]);
        await b.look('the form of coding');
        await b.fill({ 'began.0': '2026-02-10', 'began.0.sources': 's2', 'disclosed.0': '2026-03-04', 'disclosed.0.sources': 's1', type: ['espionage'], sector: ['business'], 'origin.0': 'KP', 'origin.0.sources': 's2', 'decision.0': 'included', ...judgments('b') });
        await b.press('action', 'hand-in');
        await b.done('the second hands in');
        await a.go(`/team/records/${id}/coding`);
        a.check('the first sees nothing of the second', (await a.page.content()).includes('Source b.'), false);
        await a.press('action', 'hand-in');
        await a.page.waitForLoadState();
    });
    await a.step('reconcile', async () => {
        await a.go(`/team/records/${id}/reconcile`);
        await a.page.locator('#reason').evaluate((e) => e.removeAttribute('required'));
        await a.press('action', 'reconcile');
        await a.refused('reconciling without a choice', 'reason');
        const units = await a.page.locator('main fieldset.part').evaluateAll((l) => l.map((f) => f.id));
        a.check('what they differ in is asked', [units.includes('pick.began'), units.includes('pick.criteria-geopolitical:met'), units.includes('pick.origin')], [true, true, false]);
        for (const unit of units)
            await a.page.check(`[name="${unit}"][value="${unit === 'pick.began' ? 'b' : 'a'}"]`);
        await a.fill({ reason: say(a.lang, 'The second source has the day.') });
        await a.press('action', 'reconcile');
        await a.done('reconciled');
        a.check('the draft has what was decided', (await a.words('main')).includes('2026') && (await a.page.locator('main').textContent()).includes('Source a.'));
        await a.go('/team/agreement');
        const cells = await a.page.locator('main table tbody tr').evaluateAll((l) => l.map((r) => [...r.cells].map((c) => c.textContent.trim())));
        a.check('Cohen’s kappa of the criteria', cells.filter((c) => Number(c[1]) % 5 === 0 && Number(c[1]) > 0).map((c) => c.at(-1)).includes(kappa[a.lang]));
        await a.look('agreement');
    });
    await reviewer.step('review', async () => {
        await a.go(`/team/records/${id}`);
        await a.press('action', 'submit');
        await a.done('sent to review');
        a.check('a coder cannot review', await a.status(`/team/records/${id}/review`), 403);
        await b.go(`/team/records/${id}/review`);
        await b.fill({ reason: 'Mine' });
        await b.press('action', 'publish');
        await b.refused('who had a hand in it cannot publish it');
        await reviewer.go('/team');
        await reviewer.page.click(`a[href$="/records/${id}"]`);
        await reviewer.page.click(`a[href$="/${id}/review"]`);
        await reviewer.look('review');
        await reviewer.fill({ reason: say(reviewer.lang, 'Both sources were read again.') });
        await reviewer.press('action', 'publish');
        await reviewer.done('published');
    });
}

async function correct(people, t, id, before, w) {
    const { a, reviewer, curator } = people;
    await w.step('published', async () => {
        const now = await publicFigures(w);
        w.check('figures went up by one, last year’s stay', now, { all: before.all + 1, espionage: before.espionage + 1, kp: before.kp + 1, list: before.list + 1, past: before.past });
        await w.go(`/incidents?q=${encodeURIComponent(t.search)}`);
        w.check('it is found', (await w.allWords('.records .id')).includes(id));
        await w.go(`/incidents/${id}`);
        w.check('as it was coded', [(await w.words('h1')), (await w.page.locator('.sources > li').count()), await w.page.locator('.criteria tbody tr').count()], [t.title, 2, 5]);
    });
    const better = `${t.title}, 2025`;
    await a.step('correct', async () => {
        await a.go(`/team/records/${id}`);
        await a.press('action', 'edit');
        a.work = a.page.url().split(/[?#]/)[0];
        await a.code('fields', { [a.lang === 'fr' ? 'title-fr.0' : 'title.0']: better });
        await a.finish('review', say(a.lang, 'The year was missing.'));
        await w.go(`/incidents/${id}`);
        w.check('until it is reviewed readers see what was public', await w.words('h1'), t.title);
        await reviewer.go(`/team/records/${id}/review`);
        await reviewer.look('review of a correction');
        await reviewer.fill({ reason: say(reviewer.lang, 'The year is right.') });
        await reviewer.press('action', 'publish');
        await reviewer.done('the correction is published');
        await w.go(`/incidents/${id}`);
        w.check('the correction is public', await w.words('h1'), better);
        await w.go(`/incidents/${id}/history`);
        const revisions = await w.allWords('section.revision');
        w.check('the history says who, when, why and what', [revisions.length, revisions[0].includes(reviewer.person), revisions[0].includes(say(w.lang, 'The year is right.')), revisions[0].includes(better), /20\d\d/.test(revisions[0])], [2, true, true, true, true]);
        await w.page.locator('section.revision h2 a').last().click();
        await w.page.waitForLoadState();
        w.check('the first revision is as it was', await w.words('h1'), t.title);
        await w.go('/corrections');
        w.check('the list of corrections has it', (await w.words('#corrected + ul')).includes(id));
    });
    await curator.step('withdraw', async () => {
        await curator.go(`/team/records/${id}`);
        await curator.page.click(`a[href$="/${id}/withdraw"]`);
        await curator.page.locator('#reason').evaluate((e) => e.removeAttribute('required'));
        await curator.press('action', 'withdraw');
        await curator.refused('withdrawal without reason', 'reason');
        await curator.fill({ reason: say(curator.lang, 'The guild had lent the ledger.') });
        await curator.press('action', 'withdraw');
        await curator.done('withdrawn');
        w.check('figures are as before', await publicFigures(w), before);
        await w.go(`/incidents/${id}`);
        w.check('the record stays visible, with the reason', [await w.words('h1'), (await w.words('.banner')).includes(say(w.lang, 'The guild had lent the ledger.'))], [better, true]);
        await w.go('/corrections');
        w.check('the list of withdrawals has it', (await w.words('#withdrawn + ul')).includes(say(w.lang, 'The guild had lent the ledger.')));
        await curator.go(`/team/records/${id}/reinstate`);
        await curator.fill({ reason: say(curator.lang, 'It had not: the loan was of another book.') });
        await curator.press('action', 'reinstate');
        await curator.done('reinstated');
        w.check('and counted again', (await publicFigures(w)).all, before.all + 1);
    });
}

async function merge(people, t, id, w) {
    const { a, curator } = people;
    const twins = [];
    await a.step('near-duplicates', async () => {
        for (const addition of ['', ' (b)']) {
            await a.begin('incident');
            await a.code('item/sources/new', { 'title.0': t.title + addition, 'publisher.0': 'The Quince Courier', 'kind.0': 'media', 'url.0': 'https://courier.example/ledger' });
            await a.code('fields', { 'title.0': t.title + addition, 'summary.0': t.summary, 'began.0': '2026-02-11', 'began.0.sources': 's1', type: ['espionage'], 'origin.0': 'KP', 'decision.0': 'included' });
            await a.code('item/targets/new', { 'name.0': t.target, 'country.0': 'CA' });
            twins.push(await a.finish('draft', say(a.lang, 'From another list')));
        }
    });
    await curator.step('merge', async () => {
        await curator.go('/team/merges');
        await curator.press('action', 'compare');
        await curator.done('compared');
        await curator.look('possible duplicates');
        const pair = (x, y) => curator.page.locator('.rows a', { hasText: x }).filter({ hasText: y }).first();
        await pair(id, twins[0]).click();
        await curator.page.waitForLoadState();
        await curator.look('a pair');
        const own = new URL(curator.page.url()).pathname;
        curator.check('nothing is merged by itself', (await fetchText(curator.at(`/incidents/${id}/history`))).text.includes(twins[0]), false);
        const before = await publicFigures(w);
        await curator.page.goto(curator.base + own);
        await curator.page.locator('#reason').evaluate((e) => e.removeAttribute('required'));
        await curator.press('action', 'merge');
        await curator.refused('merging without reason', 'reason');
        await curator.fill({ reason: say(curator.lang, 'The same ledger, told by another list.') });
        await curator.press('action', 'merge');
        await curator.done('merged');
        w.check('a merged draft changes no count', await publicFigures(w), before);
        const json = JSON.parse((await fetchText(`${w.base}/api/v1/incidents/${id}`)).text);
        w.check('the values of both stand with their sources', [JSON.stringify(json).includes('2026-02-11'), JSON.stringify(json).includes('2026-02-10')], [true, true]);
        await curator.go('/team/merges');
        await pair(id, twins[1]).click();
        await curator.page.waitForLoadState();
        await curator.fill({ reason: say(curator.lang, 'Another guild.') });
        await curator.press('action', 'apart');
        await curator.done('kept apart');
        curator.check('it is not proposed again', await curator.page.locator('section').first().locator('a', { hasText: id }).filter({ hasText: twins[1] }).count(), 0);
    });
    return twins;
}

const asked = { en: 'The harbour is spelled with one r.', fr: 'Le nom du port prend un seul r.' };

async function publicRequest(people, id, w) {
    const { curator } = people;
    await w.step('a request of the public', async () => {
        await w.go(`/incidents/${id}`);
        await w.page.click('a[href*="/corrections/new"]');
        w.check('the record is filled in', await w.page.inputValue('#record'), id);
        await w.page.locator('#text').evaluate((e) => e.removeAttribute('required'));
        await w.page.fill('#record', 'I-999999');
        await w.press('action', 'send');
        w.check('an empty request is refused, with ways to the fields', [await w.page.locator('.error-summary a[href="#text"]').count(), await w.page.locator('.error-summary a[href="#record"]').count()], [1, 1]);
        await w.inspector.inspect(w.page, w.lang, `${w.name}: a request refused`);
        await w.page.fill('#record', id);
        await w.page.fill('#text', asked[w.lang]);
        await w.page.fill('#contact', 'reader@example.org');
        await w.press('action', 'send');
        w.check('it is received', (await w.page.locator('p[role=status]').count()) > 0);
        await w.inspector.inspect(w.page, w.lang, `${w.name}: thanks`);
    });
    await curator.step('answer it', async () => {
        await curator.go('/team/tasks');
        await curator.page.locator('main table a', { hasText: id }).first().click();
        await curator.page.waitForLoadState();
        curator.check('the curator reads it', (await curator.words('main')).includes(asked[curator.lang]));
        await curator.look('a request');
        await curator.press('action', 'close');
        await curator.refused('closing without words', 'text');
        await curator.fill({ text: say(curator.lang, 'The source has two.') });
        await curator.press('action', 'comment');
        await curator.done('commented');
        await curator.fill({ text: say(curator.lang, 'Answered: the source has two.') });
        await curator.press('action', 'close');
        await curator.done('closed');
        await curator.go('/team/tasks?show=done');
        curator.check('it is among the closed', (await curator.words('main')).includes(id));
        curator.check('its contact is nowhere public', (await fetchText(`${w.base}/api/v1/incidents/${id}`)).text.includes('reader@example.org'), false);
        await curator.go('/team/tasks');
        await curator.fill({ title: `Look again (${curator.lang})`, record: id, due: 'tomorrow' });
        await curator.press('action', 'add');
        await curator.refused('a due day that is none', 'due');
        await curator.fill({ due: '2027-01-15' });
        await curator.press('action', 'add');
        await curator.done('a task');
        await curator.go('/team/searches');
        await curator.fill({ name: 'KP', query: `${curator.base}/${curator.lang}/incidents?origin=KP` });
        await curator.press('action', 'add');
        await curator.done('a saved search');
        await curator.look('saved searches');
    });
}

async function advisory(people, t, id, w) {
    const { curator, reviewer } = people;
    await curator.step('advisory', async () => {
        await curator.go(`/team/records/${id}`);
        await curator.page.click(`a[href$="/${id}/advisory"]`);
        await curator.fill({ consented: 'given' });
        await curator.press('action', 'make');
        await curator.refused('consent without words', 'who');
        await curator.fill({ who: say(curator.lang, 'The guild’s director'), day: '2026-11-20', how: say(curator.lang, 'By telephone, to this text.') });
        await curator.press('action', 'make');
        curator.work = curator.page.url().split(/[?#]/)[0];
        const own = curator.lang === 'fr' ? { 'recognise-fr.0': 'Un registre qui manque un soir.', 'advice-fr.0': 'Comptez vos livres.', 'happened-fr.0': t.summary } : {};
        await curator.code('fields', { 'recognise.0': 'Ledger missing.', 'advice.0': 'Count your books.', ...own });
        await curator.code('item/indicators/new', { 'type.0': 'domain', 'value.0': `ledger-${curator.lang}.example`, 'description.0': 'Where the copy went.', 'tlp.0': 'clear' });
        await curator.page.goto(curator.work);
        await curator.look('an advisory being edited');
        const number = await curator.finish('review', say(curator.lang, 'For other guilds'));
        curator.check('it has an id', /^A-\d+$/.test(number ?? ''));
        await reviewer.go(`/team/records/${number}/review`);
        await reviewer.fill({ reason: say(reviewer.lang, 'Consent is recorded.') });
        await reviewer.press('action', 'publish');
        await reviewer.done('the advisory is published');
        await w.go(`/advisories/${number}`);
        w.check('its page says what to do', [(await w.words('main')).includes(w.lang === 'fr' ? 'Comptez vos livres.' : 'Count your books.'), (await w.words('main')).includes(`ledger-${w.lang}.example`)], [true, true]);
        await w.inspector.inspect(w.page, w.lang, `${w.name}: an advisory`);
        w.check('who consented is not told', (await w.page.content()).includes(say(w.lang, 'The guild’s director')), false);
        w.check('the feed has it', (await fetchText(`${w.base}/feeds/advisories.atom`)).text.includes(number));
        const bundle = JSON.parse((await fetchText(`${w.base}/data/advisories.stix.json`)).text);
        w.check('STIX: a report and an indicator', [bundle.objects.some((o) => o.type === 'report' && JSON.stringify(o).includes(number)), bundle.objects.some((o) => o.type === 'indicator' && o.pattern.includes(`ledger-${w.lang}.example`))], [true, true]);
        await curator.go(`/team/records/${number}/advisory`);
        await curator.look('consent');
        await curator.press('action', 'take-back');
        await curator.done('consent is taken back');
        await w.go(`/advisories/${number}`);
        w.check('then it is withdrawn at once', (await w.page.locator('.banner').count()) > 0);
    });
}

async function auditLog(admin, id) {
    await admin.step('audit log', async () => {
        await admin.go(`/team/audit?record=${id}`);
        const actions = new Set(await admin.allWords('main table tbody td code'));
        for (const action of ['draft', 'double-coding', 'second-coder', 'hand-in', 'reconcile', 'review', 'published', 'withdrawn', 'reinstated', 'merge'])
            admin.check(`the log has ${action}`, actions.has(action));
        admin.check('the chain is whole', [await admin.page.locator('.warning').count(), (await admin.words('main code.hash')).length], [0, 64]);
        const csv = (await admin.text('/team/audit.csv')).trim().split('\r\n');
        const newest = await admin.words('main code.hash');
        admin.check('the file ends as the page says', csv.at(-1).endsWith(newest));
    });
}

// Every page of the team, as somebody with all roles sees it.
async function allPages(world, lang, admin) {
    const { registry, inspector, report } = world;
    const cookie = (await admin.context.cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
    const found = await crawl(registry.base, [`/${lang}/team`], { cookie }, 12, new RegExp(`^/${lang}/team(/|$)`));
    report.none(`${lang}: links of the team’s pages`, found.faults);
    const seen = new Map();
    for (const [key, p] of found.pages) {
        seen.set(p.shape, (seen.get(p.shape) ?? 0) + 1);
        if (seen.get(p.shape) > 1)
            continue;
        await admin.page.goto(registry.base + key);
        await inspector.inspect(admin.page, lang, key, p.text);
    }
}

export async function curator(world) {
    const { browser, registry, inspector, report, languages, folder } = world;
    for (const lang of languages) {
        const context = await browser.newContext({ locale: `${lang}-CA` });
        inspector.watch(context, registry.base);
        const w = Object.assign(new Walk(await context.newPage(), { base: registry.base, lang, name: `${lang}, the public`, report, folder }), { inspector });
        const before = await publicFigures(w);
        const admin = await Person.open(world, lang, registry.user, 'administrator');
        admin.check('the administrator signs in', await admin.signIn(registry.password), true);
        const people = await makePeople(world, lang, admin);
        await secondFactor(people.curator);
        const t = words(lang);
        const id = await draft(people.a, t);
        if (!id)
            throw new Error('without a record there is no more to do');
        await codeTwice(people, id);
        await correct(people, t, id, before, w);
        await merge(people, t, id, w);
        await publicRequest(people, id, w);
        await advisory(people, t, id, w);
        await auditLog(admin, id);
        await allPages(world, lang, admin);
        for (const p of Object.values(people))
            await p.context.close();
        await admin.signOut();
        admin.check('after signing out the desk is closed', await admin.status('/team') !== 200);
        await admin.context.close();
        await context.close();
        report.none(`${lang}: the browser`, inspector.heard.splice(0));
    }
}
