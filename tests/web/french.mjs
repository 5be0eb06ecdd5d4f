// SPDX-License-Identifier: Apache-2.0
// Words of the other language outside passages marked as such: on French pages a sentence that the catalogues translate, or what reads
// as English; on English pages what reads as French.
import fs from 'node:fs';
import path from 'node:path';

// English to French of all areas.
export function readCatalogues(folder) {
    const all = new Map();
    for (const name of fs.readdirSync(folder).filter((n) => n.endsWith('.po'))) {
        const text = fs.readFileSync(path.join(folder, name), 'utf8');
        const entry = /^msgid ((?:"(?:[^"\\]|\\.)*"\s*)+)msgstr ((?:"(?:[^"\\]|\\.)*"\s*)+)/gm;
        const words = (quoted) => [...quoted.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => JSON.parse(`"${m[1]}"`)).join('');
        for (const [, id, str] of text.matchAll(entry))
            all.set(words(id), words(str));
    }
    return all;
}

// Runs in the page: every text and every attribute that people read or hear, with the language that it is said to be in.
export function passages() {
    const found = [];
    const lang = (e) => e.closest('[lang]')?.getAttribute('lang') ?? '';
    const unread = (e) => e.closest('script, style, code, pre');
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    for (let n = walker.nextNode(); n; n = walker.nextNode())
        if (n.data.trim() && !unread(n.parentElement))
            found.push([lang(n.parentElement), n.data.trim().replace(/\s+/g, ' ')]);
    for (const e of document.querySelectorAll('[title], [aria-label], [placeholder], [alt], [data-label], [summary], meta[name=description]'))
        for (const name of ['title', 'aria-label', 'placeholder', 'alt', 'data-label', 'content'])
            if (e.getAttribute(name)?.trim() && (name !== 'content' || e.matches('meta[name=description]')))
                found.push([lang(e), e.getAttribute(name).trim()]);
    return found;
}

const english = /\b(the|of|and|with|from|this|that|which|what|when|who|are|was|were|been|have|has|not|by|for|its|it|to|is)\b/gi;

export function englishIn(found, catalogue) {
    const french = new Set(catalogue.values());
    const faults = new Set();
    for (const [lang, words] of found) {
        if (!lang.startsWith('fr') || /^https?:\S+$/.test(words))
            continue;
        const translated = catalogue.get(words);
        const small = new Set((words.match(english) ?? []).map((w) => w.toLowerCase()));
        if (translated !== undefined && translated !== words && !french.has(words))
            faults.add(`not translated: "${words.slice(0, 100)}"`);
        else if (small.size >= 2 && !french.has(words))
            faults.add(`English without lang: "${words.slice(0, 100)}"`);
    }
    return [...faults];
}

const frenchWords = /(?<![\p{L}’'])(le|la|les|des|du|une|dans|pour|avec|est|sont|ont|été|qui|que|sur|aux|par|ne|pas|ce|cette|il|elle|où|d’un|d’une|l’a)(?![\p{L}])/giu;

export function frenchIn(found) {
    const faults = new Set();
    for (const [lang, words] of found) {
        if (!lang.startsWith('en') || /^https?:\S+$/.test(words))
            continue;
        const small = new Set((words.match(frenchWords) ?? []).map((w) => w.toLowerCase()));
        if (small.size >= 3)
            faults.add(`French without lang: "${words.slice(0, 100)}"`);
    }
    return [...faults];
}
