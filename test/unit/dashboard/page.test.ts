// The page about a model's data: text stays text, nothing is loaded, links lead somewhere, plots are right, a year is small and fast.
import { dataDocument } from '../../../src/dashboard/document/document';
import { placed } from '../../../src/dashboard/page/graph-layout';
import { html } from '../../../src/dashboard/page/html';
import { linePlot } from '../../../src/dashboard/page/line-plot';
import { number, ranges, share } from '../../../src/dashboard/page/numbers';
import { dataPage } from '../../../src/dashboard/page/page';
import { busyTable, exampleFacts, examplePlan } from './example';

const NASTY = `<script>alert(1)</script>"'&</style><img src=x onerror=alert(2)>`;
const yearOf = (from: string, to: string) =>
  exampleFacts(
    from,
    to,
    Object.fromEntries(Object.keys(examplePlan().tables).map((name) => [name, busyTable(from, to)])),
  );
const page = dataPage(dataDocument(examplePlan(), yearOf('2026-01-01', '2026-12-31')));

/** Elements that were opened and not closed, or closed without being open, in order. */
function unbalanced(text: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const style = /<style>[\s\S]*?<\/style>/;
  for (const [whole, closing, name] of text
    .replace(style, '')
    .matchAll(/<(\/?)([a-z][a-z0-9]*)(?:"[^"]*"|'[^']*'|[^>"'])*>/g)) {
    if (whole.endsWith('/>') || ['meta', 'link', 'img', 'br'].includes(name!)) continue;
    if (closing === '') open.push(name!);
    else if (open.pop() !== name) wrong.push(whole);
  }
  return [...wrong, ...open];
}

it('keeps every text of a definition and of the data as text', () => {
  const plan = examplePlan({ description: NASTY });
  const parcels = plan.tables['parcels']!;
  const nasty = {
    ...plan,
    features: plan.features.map((view) => ({ ...view, description: NASTY, owner: NASTY, sql: NASTY })),
    label: { ...plan.label, sql: NASTY },
    tables: {
      ...plan.tables,
      parcels: { ...parcels, source: { ...parcels.source, path: NASTY }, rowRules: [{ name: 'x', sql: NASTY }] },
    },
  } as typeof plan;
  const facts = yearOf('2026-01-01', '2026-02-28');
  const busy = facts.tables['parcels']!;
  const text = dataPage(
    dataDocument(nasty, {
      ...facts,
      codeCommit: NASTY,
      tables: {
        parcels: {
          ...busy,
          rejections: [{ day: '2026-01-05', message: NASTY, at: '2026-01-05T00:00:00.000Z' }],
          checks: [
            {
              day: '2026-01-05',
              outcomes: [{ check: NASTY, kind: 'row', verdict: 'warned', found: NASTY, allowed: NASTY }],
            },
          ],
          columns: { id: { count: 1, nulls: 0, distinct: 1, top: [{ value: NASTY, count: 1 }] } },
        },
      },
    }),
  );
  expect(text).not.toMatch(/<script|<img|javascript:/i);
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;&lt;/style&gt;');
  expect(text.match(/<\/style>/g)).toHaveLength(1);
  expect(unbalanced(text)).toEqual([]);
  expect(html`<a title="${NASTY}"></a>`.text).not.toMatch(/<script|"[^"]*'[^"]*>.*">/);
});

it('stands alone: no script, nothing from elsewhere, and every link and label leads to something in it', () => {
  expect(page).not.toMatch(/<script|<link|<iframe|@import|url\((?!#)|\son[a-z]+=/);
  expect(page).not.toMatch(/(src|href)="(?!#)/);
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!);
  expect(new Set(ids).size).toBe(ids.length);
  const wanted = [...page.matchAll(/(?:href="#|url\(#)([^")]+)/g)].map(([, id]) => id!);
  const labels = [...page.matchAll(/aria-labelledby="([^"]+)"/g)].flatMap(([, all]) => all!.split(' '));
  expect([...wanted, ...labels].filter((id) => !ids.includes(id))).toEqual([]);
  expect(unbalanced(page)).toEqual([]);
  expect(page).toMatch(/^<!doctype html>\n?<html lang="en">/);
});

it('names what cannot be seen: captions, titles, descriptions', () => {
  expect(page.match(/<table>/g)!.length).toBe(page.match(/<caption>/g)!.length);
  const pictures = page.match(/<svg[^>]*role="(img|group)"[^>]*>/g)!;
  expect(pictures.filter((svg) => !/aria-label(ledby)?="/.test(svg))).toEqual([]);
  expect(page.match(/<svg/g)!.length).toBe(pictures.length + page.match(/<svg[^>]*aria-hidden="true"/g)!.length);
  expect(page).toMatch(/prefers-color-scheme: dark/);
  expect(page).toMatch(/@media print/);
});

it('puts every day into the calendar once, at its week and weekday, with its numbers', () => {
  const calendar = /<svg[^>]*aria-labelledby="calendar-parcels-t[^]*?<\/svg>/.exec(page)![0];
  const cells = [...calendar.matchAll(/<use href="#d-([a-z-]+)" x="(\d+)" y="(\d+)"[^>]*>\s*<title>([^<]+)/g)];
  expect(cells).toHaveLength(365);
  const of = (day: string) => cells.find(([, , , , title]) => title!.startsWith(day))!;
  // 2026-01-01 is a Thursday of the first week, 2026-12-31 a Thursday 52 weeks later.
  const [first, last] = [of('2026-01-01'), of('2026-12-31')];
  expect(first[3]).toBe(last[3]);
  expect(Number(last[2]) - Number(first[2])).toBe(52 * 14);
  expect(new Set(cells.map(([, , x, y]) => `${x} ${y}`)).size).toBe(365);
  expect(of('2026-01-04')[4]).toBe('2026-01-04: missing');
  expect(of('2026-01-08')[4]).toBe('2026-01-08: rejected, 1 delivery rejected');
  expect(of('2026-01-01')[4]).toBe('2026-01-01: re-opened, 1,000 rows, 1 row set aside, revision 2');
  const summary = /Coverage of parcels by day<\/title>\s*<desc[^>]*>([^<]+)/.exec(calendar)![1]!;
  expect(summary).toMatch(
    /^\d+ days accepted\. \d+ days accepted, some rows set aside\. \d+ days re-opened: 2026-01-01/,
  );
  expect(summary).toMatch(/\d+ days missing: 2026-01-04, 2026-02-07/);
});

it('gives each calendar year of a longer range a strip of its own', () => {
  const long = dataPage(dataDocument(examplePlan(), yearOf('2025-06-01', '2027-02-28')));
  const calendar = /<svg[^>]*aria-labelledby="calendar-parcels-t[^]*?<\/svg>/.exec(long)![0];
  expect(calendar.match(/<g transform="translate\(0 \d+\)">/g)).toHaveLength(3);
  expect(calendar.match(/<use /g)).toHaveLength(638);
  expect(calendar.match(/>Jan 202\d</g)).toEqual(['>Jan 2026<', '>Jan 2027<']);
});

it('draws a line with gaps, and says least, middle and most', () => {
  const values = [4, 8, null, 6, null, 2, 10];
  const points = values.map((value, index) => ({ day: `2026-01-0${index + 1}`, value }));
  const { text } = linePlot({ id: 'p', title: 'Rows', points, show: String });
  const path = /class="plot-line" d="([^"]+)"/.exec(text)![1]!;
  expect(path.match(/M/g)).toHaveLength(3);
  expect(path.match(/L/g)).toHaveLength(2);
  expect(text.match(/<circle/g)).toHaveLength(1);
  expect(text).toContain('least 2 (2026-01-06), median 6, most 10 (2026-01-07)');
  expect(linePlot({ id: 'p', title: 'Rows', points: [{ day: '2026-01-01', value: null }], show: String }).text).toBe(
    '',
  );
});

it('lays forty boxes out without overlaps, each edge from left to right', () => {
  const nodes = Array.from({ length: 40 }, (_, index) => ({
    id: `n${index}`,
    kind: 'view' as const,
    name: '',
    detail: '',
  }));
  const edges = nodes.flatMap((_, index) =>
    [index * 2 + 1, index * 3 + 5, index + 11]
      .filter((to) => to < 40)
      .map((to) => ({ from: `n${index}`, to: `n${to}`, label: '' })),
  );
  const sizes = { boxWidth: 100, boxHeight: 40, layerGap: 30, boxGap: 10 };
  const { boxes, ways, width, height } = placed({ nodes, edges }, sizes);
  const all = [...boxes.values()];
  for (const [index, a] of all.entries()) {
    expect(a.x >= 0 && a.x + 100 <= width && a.y >= 20 && a.y + 20 <= height).toBe(true);
    expect(all.slice(index + 1).filter((b) => a.x === b.x && Math.abs(a.y - b.y) < 50)).toEqual([]);
  }
  for (const [index, way] of ways.entries()) {
    const { from, to } = edges[index]!;
    expect([way[0], way.at(-1)]).toEqual([{ x: boxes.get(from)!.x + 100, y: boxes.get(from)!.y }, boxes.get(to)]);
    expect(way.every(({ x }, point) => point === 0 || x >= way[point - 1]!.x)).toBe(true);
  }
});

it('writes numbers for people', () => {
  expect([0, 1234, 31.41593, 0.000012, 1.5e12, undefined].map(number)).toEqual([
    '0',
    '1,234',
    '31.42',
    '1.20e-5',
    '1.50e+12',
    '–',
  ]);
  expect([0, 0.00001, 0.0123, 1].map(share)).toEqual(['0 %', '< 0.01 %', '1.23 %', '100 %']);
  const day = (n: number) => ({ from: `2026-01-0${n}`, to: `2026-01-0${n}` });
  expect(ranges([day(1), day(3), { from: '2026-01-05', to: '2026-01-07' }], 2)).toBe(
    '2026-01-01, 2026-01-03 and 1 more stretches',
  );
});

it('writes a year of five tables in at most 1 MB', () => {
  const facts = yearOf('2026-01-01', '2026-12-31');
  const bytes = Buffer.byteLength(dataPage(dataDocument(examplePlan(), facts)));
  expect(bytes).toBeLessThan(1_000_000);
});
