// SPDX-License-Identifier: Apache-2.0
// Every page that a reader can reach: links are followed from the first page, each answer is looked at; of each shape of page some
// are opened in the browser and inspected.
import { fetchText } from './registry.mjs';

const most = { links: 6000, ofShape: 2 };

// Two addresses have one shape when only ids, numbers and values differ.
function shape(url) {
    const parts = url.pathname.split('/').map((p) => (/^[A-Z]-\d+$/.test(p) ? 'ID' : /^\d+$/.test(p) ? 'N' : p));
    return parts.join('/') + '?' + [...new Set(url.searchParams.keys())].sort().join('&');
}

function linksOf(text, at) {
    const found = [];
    for (const [tag, raw] of text.matchAll(/<(?:a|link|form|img|use)\b[^>]*?\s(?:href|src|action)="([^"]*)"/g)) {
        if (tag.includes('method="post"'))
            continue;
        const words = raw.replaceAll('&amp;', '&').replaceAll('&#39;', "'");
        if (!/^(mailto|otpauth|data):/.test(words))
            found.push(new URL(words, at));
    }
    return found;
}

// Follows links; returns pages by address and what is wrong with links. `enough` keeps lists of filters from being walked without end:
// of one shape so many are asked for. `within` is what addresses must match.
export async function crawl(base, starts, headers = {}, enough = 12, within = /^/) {
    const pages = new Map(), asked = new Map(), queue = starts.map((s) => [new URL(s, base), '']), shapes = new Map(), faults = [];
    const anchors = []; // [page, target page, id]
    while (queue.length && asked.size < most.links) {
        const [url, from] = queue.shift();
        const key = url.pathname + url.search;
        if (asked.has(key))
            continue;
        const s = shape(url);
        const record = /\/[A-Z]-\d+$/.test(url.pathname);
        shapes.set(s, (shapes.get(s) ?? 0) + 1);
        if (shapes.get(s) > (record ? 200 : enough))
            continue;
        asked.set(key, true);
        const answer = await fetchText(url, { headers });
        if (answer.status >= 400)
            faults.push(`${answer.status} of ${key}, linked from ${from}`);
        if (answer.status >= 300 && answer.status < 400)
            queue.push([new URL(answer.headers.get('location'), url), key]);
        if (!answer.type.startsWith('text/html') || answer.status !== 200)
            continue;
        pages.set(key, { url, text: answer.text, shape: s, ids: new Set([...answer.text.matchAll(/\sid="([^"]+)"/g)].map((m) => m[1])) });
        for (const link of linksOf(answer.text, url)) {
            if (link.origin !== url.origin || !within.test(link.pathname))
                continue;
            if (link.hash.length > 1)
                anchors.push([key, link.pathname + link.search, decodeURIComponent(link.hash.slice(1))]);
            queue.push([link, key]);
        }
    }
    const missing = new Set(anchors.filter(([, to, id]) => pages.has(to) && !pages.get(to).ids.has(id)).map(([from, to, id]) => `${from} links to ${to}#${id}, which is not there`));
    return { pages, asked: asked.size, faults: [...faults, ...missing] };
}

const special = (l) => [
    `/${l}/incidents?q=defense`,
    `/${l}/incidents?q=zzzzqqqq`,
    `/${l}/incidents?type=espionage&origin=CN&since=2015&until=2024&sort=title`,
    `/${l}/incidents?since=neverland`,
    `/${l}/incidents?page=2`,
    `/${l}/incidents?as_of=2025-11-22`,
    `/${l}/?as_of=2025-11-22`,
    `/${l}/incidents/I-999999`,
    `/${l}/nowhere`,
    `/${l}/sign-in`,
];

export async function pages({ registry, context, inspector, report, languages }) {
    const { base } = registry;
    const found = await crawl(base, ['/', ...languages.map((l) => `/${l}/`)]);
    report.none(`links: ${found.asked} addresses followed`, found.faults);
    console.log(`${found.pages.size} pages, ${found.asked} addresses`);
    const chosen = new Map(), counts = new Map();
    for (const [key, p] of found.pages) {
        const n = counts.get(p.shape) ?? 0;
        counts.set(p.shape, n + 1);
        // Of records, those with another set of sections are another shape.
        const sections = [...p.ids].filter((i) => !/\d/.test(i)).join();
        const kind = /\/ID(\/|$|\?)/.test(p.shape) ? `${p.shape} ${sections}` : p.shape;
        const k = counts.get(kind) ?? 0;
        counts.set(kind, k + 1);
        if (k < 1 || n < most.ofShape)
            chosen.set(key, p.text);
    }
    for (const l of languages)
        for (const key of special(l))
            chosen.set(key, null);
    const page = await context.newPage();
    const only = new RegExp(process.env.ONLY ?? '');
    for (const [key, text] of [...chosen].filter(([key]) => only.test(key))) {
        const lang = key.startsWith('/fr') ? 'fr' : 'en';
        await page.goto(base + key);
        await inspector.inspect(page, lang, key, text ?? (await fetchText(base + key)).text);
    }
    await page.goto(`${base}/`);
    await page.close();
}
