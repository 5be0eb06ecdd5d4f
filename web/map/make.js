// SPDX-License-Identifier: Apache-2.0
// Land and inner borders as two SVG paths in the Equal Earth projection (B. Šavrič, T. Patterson,
// B. Jenny, 2018, doi:10.1080/13658816.2018.1504949). The constants must be those of pages/map.c.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { merge, mesh } from "topojson-client";

const WIDTH = 800, TOP = 84, BOTTOM = -57; // user units; degrees of latitude
const A = [1.340264, -0.081106, 0.000893, 0.003796];
const M = Math.sqrt(3) / 2;

function equalEarth([longitude, latitude]) {
    const lambda = longitude * Math.PI / 180;
    const theta = Math.asin(M * Math.sin(latitude * Math.PI / 180));
    const t2 = theta * theta, t6 = t2 * t2 * t2;
    return [lambda * Math.cos(theta) / (M * (A[0] + 3 * A[1] * t2 + t6 * (7 * A[2] + 9 * A[3] * t2))),
        theta * (A[0] + A[1] * t2 + t6 * (A[2] + A[3] * t2))];
}

const scale = WIDTH / 2 / equalEarth([180, 0])[0];
const top = equalEarth([0, TOP])[1];
const height = Math.ceil((top - equalEarth([0, BOTTOM])[1]) * scale);

function project(point) {
    const [x, y] = equalEarth(point);
    return [Math.round((WIDTH / 2 + x * scale) * 10), Math.round((top - y) * scale * 10)];
}

const tenth = (n) => {
    const text = String(n / 10);
    return text.replace(/^(-?)0\./, "$1.");
};

// A line as relative moves of whole tenths; points that fall together are dropped.
function path(line, closed) {
    const points = line.map(project).filter((p, i, all) => i === 0 || p[0] !== all[i - 1][0] || p[1] !== all[i - 1][1]);
    if (points.length < (closed ? 4 : 2)) return "";
    let out = `M${tenth(points[0][0])} ${tenth(points[0][1])}l`;
    for (let i = 1; i < points.length - (closed ? 1 : 0); i++) {
        const dx = tenth(points[i][0] - points[i - 1][0]), dy = tenth(points[i][1] - points[i - 1][1]);
        out += (i > 1 && !dx.startsWith("-") ? " " : "") + dx + (dy.startsWith("-") ? "" : " ") + dy;
    }
    return out + (closed ? "z" : "");
}

// A ring that crosses the antimeridian is unrolled, and cut at 180 degrees on either side.
function unroll(ring) {
    let turn = 0;
    return ring.map(([x, y], i) => {
        const step = i ? x - ring[i - 1][0] : 0;
        turn += step > 180 ? -360 : step < -180 ? 360 : 0;
        return [x + turn, y];
    });
}

// Sutherland and Hodgman's clipping against one meridian; side 1 keeps what is west of it, -1 east.
function clip(ring, meridian, side) {
    const inside = ([x]) => (meridian - x) * side >= 0;
    const out = [];
    for (let i = 1; i < ring.length; i++) {
        const [a, b] = [ring[i - 1], ring[i]];
        if (inside(a)) out.push(a);
        if (inside(a) !== inside(b)) out.push([meridian, a[1] + (b[1] - a[1]) * (meridian - a[0]) / (b[0] - a[0])]);
    }
    return out.length ? [...out, out[0]] : out;
}

function cut(ring) {
    const whole = unroll(ring);
    return [-360, 0, 360].map((shift) =>
        clip(clip(whole.map(([x, y]) => [x + shift, y]), 180, 1), -180, -1)).filter((part) => part.length > 3);
}

const file = createRequire(import.meta.url).resolve("world-atlas/countries-110m.json");
const world = JSON.parse(readFileSync(file, "utf8"));
const countries = world.objects.countries;
const shown = countries.geometries.filter((g) => g.id !== "010");
const land = merge(world, shown).coordinates.flat().flatMap(cut).map((ring) => path(ring, true)).join("");
const borders = mesh(world, countries, (a, b) => a !== b).coordinates.map((line) => path(line, false)).join("");

writeFileSync(process.argv[2],
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}">` +
    "<!-- Natural Earth 1:110m, public domain; packed by world-atlas, ISC -->" +
    `<path fill="#8b8f98" fill-opacity=".32" d="${land}"/>` +
    `<path fill="none" stroke="#8b8f98" stroke-opacity=".5" stroke-width=".6" d="${borders}"/></svg>\n`);
console.log(`${process.argv[2]}: ${WIDTH} x ${height}, scale ${scale}, top ${top}`);
