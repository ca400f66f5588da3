// The model card: numbers are those that were recorded, limits are said, text stays text, the page stands alone and is well formed.
import { cardDocument } from '../../../../src/dashboard/card/document';
import { cardPage } from '../../../../src/dashboard/card/page';
import { barPlot, curvePlot } from '../../../../src/dashboard/card/plots';
import { cardFacts, explanation, metricSet } from './facts';

const NASTY = `<script>alert(1)</script>"'&</style><img src=x onerror=alert(2)>`;
const facts = cardFacts();
const document = cardDocument(facts);
const page = cardPage(document);

/** Elements that were opened and not closed, or closed without being open, in order. */
function unbalanced(text: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const tags = /<(\/?)([a-z][a-z0-9]*)(?:"[^"]*"|'[^']*'|[^>"'])*>/g;
  for (const [whole, closing, name] of text.replace(/<style>[\s\S]*?<\/style>/, '').matchAll(tags)) {
    if (whole.endsWith('/>') || name === 'meta') continue;
    if (closing === '') open.push(name!);
    else if (open.pop() !== name) wrong.push(whole);
  }
  return [...wrong, ...open];
}

it('holds the recorded numbers: metrics with intervals, rows, gates, and the champion on the same rows', () => {
  const { holdout, truth } = facts.evaluation!;
  expect(document.metrics).toHaveLength(6);
  for (const { metric, ...on } of document.metrics) {
    const name = metric;
    expect(on).toMatchObject({ holdout: holdout.metrics[name], truth: truth.metrics[name] });
  }
  expect(document.data.rows.map(({ use, days, rows, positives }) => [use, days, rows, positives])).toEqual([
    ['training', 37, 1000, 250],
    ['holdout', 13, 900, 300],
    ['truth set', 5, 400, 130],
  ]);
  expect(document.comparison).toMatchObject({ champion: 1, snapshot: 's1' });
  expect(document.comparison!.metrics).toHaveLength(12);
  expect(document.decision).toMatchObject({ passed: true, proposed: true, kind: 'refresh', approval: { by: 'ann' } });
  expect(document.features.map(({ name, view, meanAbsShap }) => [name, view, meanAbsShap])).toEqual([
    ['x1', 'order', 0.8],
    ['x2', 'order', 0],
    ['kind', 'order', 0.2],
    ['past_delay', 'past', 0.01],
  ]);
  for (const shown of ['orders team', '0.5123', '0.5023 to 0.5223', 'approved by ann: fine', '✓ passed', 'not-worse'])
    expect(page).toContain(shown);
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});

it('says what became of the version, by its decision and by people', () => {
  const decision = facts.decision!;
  const outcome = (change: Partial<typeof decision>, more: Parameters<typeof cardFacts>[0] = { moves: [] }) =>
    cardDocument(cardFacts({ ...more, decision: { ...decision, ...change } })).decision!.outcome;
  expect(outcome({}, {})).toBe('it became the champion; now champion');
  const no = { verdict: 'rejected', by: 'bob', comment: 'not before the holidays' };
  expect(outcome({ approval: no })).toBe('proposed, and rejected by bob: not before the holidays');
  expect(outcome({ approval: { ...no, verdict: 'expired', comment: '' } })).toContain('nobody decided in time');
  const other = { version: 3, contender: 'linear', kind: 'switch' } as const;
  expect(outcome({ proposed: other })).toBe('it passed, but version 3 (linear) was proposed');
  const [own] = decision.candidates;
  const gates = own!.gates.map((gate) => ({ ...gate, value: 0.06, passed: false }));
  expect(outcome({ proposed: other, candidates: [{ ...own!, passed: false, gates }] })).toBe(
    'rejected: it failed 1 of 1 gates: not-worse on holdout: 0.06000, needed <= 0.05000; version 3 (linear) was proposed',
  );
});

it('is never compared on other rows', () => {
  const elsewhere = { ...facts.championEvaluation!, snapshot: 'other' };
  expect(cardDocument(cardFacts({ championEvaluation: elsewhere })).comparison).toBeNull();
});

it('says its limits: few rows and days, a missing class, drift at the time, no explanation, what became of it', () => {
  const limits = (change: Parameters<typeof cardFacts>[0]): string => cardDocument(cardFacts(change)).limits.join('\n');
  expect(limits({})).toContain('The holdout has 900 rows of 20 days, 300 of them positive.');
  expect(limits({})).toContain('trained on 37 days, 2013-01-01 to 2013-02-10: it has not seen every season');
  const oneClass = { ...facts.evaluation!, holdout: metricSet(50, 0, 3) };
  expect(limits({ evaluation: oneClass })).toContain('The holdout has no positive row');
  expect(limits({ evaluation: oneClass })).toContain('rest on 3 days only');
  expect(limits({ monitoring: null })).toContain('No monitoring report of the 30 days before');
  const drift = [{ feature: 'x1', psi: 1, psiTraining: 1, missingShare: 0, judged: true, drifted: true }];
  const monitoring = { day: '2013-03-01', drift } as unknown as typeof facts.monitoring;
  expect(limits({ monitoring })).toContain(
    'On 2013-03-01, the last report before its training, these features had drifted: x1.',
  );
  expect(limits({ explanation: null, explanationProblem: 'The rows are gone.' })).toContain(
    'could not be explained: The rows are gone.',
  );
  expect(limits({ version: { ...facts.version, state: 'quarantined' } })).toContain('is quarantined');
});

it('stays a whole page when parts are not recorded', () => {
  const bare = cardFacts({
    ...{ snapshot: null, evaluation: null, explanation: null, explanationProblem: 'none', importanceDrift: null },
    ...{ decision: null, championEvaluation: null, moves: [] },
  });
  const one = cardFacts({
    explanation: {
      ...explanation,
      shap: null,
      curves: { roc: null, precisionRecall: null, calibration: null, training: [] },
      dependence: { rows: 0, features: [] },
    },
  });
  for (const text of [cardPage(cardDocument(bare)), cardPage(cardDocument(one))]) {
    expect(unbalanced(text)).toEqual([]);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    const ids = new Set([...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of text.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  }
});

it('of a borrowed version tells the lender, whose training report it is, its metrics as its own, and what is not known', () => {
  const lender = { ...facts.version, model: 'lender', version: 7, contender: 'gbm' };
  const loan = { chain: ['middle@3', 'lender@7'], lender, evaluation: facts.evaluation, plan: facts.plan };
  const borrowed = cardFacts({ loan, evaluation: null, decision: null, championEvaluation: null });
  const own = cardDocument(borrowed);
  const text = cardPage(own);
  expect(own.metrics).toEqual([]);
  expect(own.loan!.metrics).toEqual(document.metrics);
  expect(own.data.rows).toEqual(document.data.rows);
  for (const shown of [
    'middle@3, borrowed from lender@7',
    'Metrics of lender@7',
    `<code>${lender.training.report.sha256}</code>`,
    'no decision of tiny has measured it yet',
    'Of lender@7, the lender',
  ])
    expect(text).toContain(shown);
  expect(own.limits.join()).not.toContain('No decision has judged it yet');
  expect(unbalanced(text)).toEqual([]);

  const gone = cardDocument({ ...borrowed, loan: { ...loan, lender: null, evaluation: null } });
  expect(gone.loan!.trained).toBeNull();
  expect(gone.loan!.unknown.join()).toContain('lender@7 is not recorded any more');
  expect(cardPage(gone)).not.toMatch(/NaN|undefined|Infinity/);
});

it('keeps every text of a definition, of a decision and of the data as text', () => {
  const nasty = cardDocument(
    cardFacts({
      plan: { ...facts.plan, description: NASTY, owner: NASTY, label: { table: 'results', sql: NASTY } },
      version: {
        ...facts.version,
        contender: NASTY,
        lineage: { ...facts.version.lineage, params: { [NASTY]: NASTY } },
      },
      decision: {
        ...facts.decision!,
        reasons: [NASTY],
        approval: { verdict: 'approved', by: NASTY, comment: NASTY },
        candidates: facts.decision!.candidates.map((each) => ({
          ...each,
          gates: each.gates.map((gate) => ({ ...gate, gate: NASTY, explanation: NASTY })),
        })),
      },
      explanation: {
        ...explanation,
        importance: { ...explanation.importance, features: [{ name: NASTY, mean: 1, deviation: 0 }] },
        dependence: {
          rows: 1,
          features: [{ feature: NASTY, kind: 'category', points: [{ value: NASTY, mean: 0.1, rows: 1 }] }],
        },
      },
      moves: [{ ...facts.moves[0]!, reason: NASTY }],
    }),
  );
  const text = cardPage(nasty);
  expect(text).not.toMatch(/<script|<img|javascript:/i);
  expect(text.match(/<\/style>/g)).toHaveLength(1);
  expect(unbalanced(text)).toEqual([]);
});

it('stands alone: no script, nothing from elsewhere, light and dark, and every link and label leads to something in it', () => {
  expect(page).not.toMatch(/<script|<link|<iframe|@import|url\(|\son[a-z]+=/);
  expect(page).not.toMatch(/(src|href)="(?!#)/);
  expect(page).toContain("default-src 'none'");
  expect(page).toContain('prefers-color-scheme: dark');
  expect(page).toContain('width=device-width');
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!);
  expect(new Set(ids).size).toBe(ids.length);
  const wanted = [
    ...[...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!),
    ...[...page.matchAll(/aria-labelledby="([^"]+)"/g)].flatMap(([, all]) => all!.split(' ')),
  ];
  expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
  expect(unbalanced(page)).toEqual([]);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
  expect(Buffer.byteLength(page)).toBeLessThan(60_000);
});

it('draws inside of its frame, also a single point and bars on both sides of the axis', () => {
  const plot = { id: 'p', title: 't', x: 'x', y: 'y', words: 'w' };
  expect(curvePlot({ ...plot, lines: [] }).text).toBe('');
  const one = curvePlot({ ...plot, lines: [{ points: [[3, 3]] }] }).text;
  expect(one).toMatch(/<circle class="plot-dot" cx="199" cy="111"/);
  const bars = barPlot({
    ...{ id: 'b', title: 't', words: 'w' },
    bars: [
      { name: 'up', value: 2, spread: 0.5 },
      { name: 'down', value: -1 },
    ],
  }).text;
  const rects = [...bars.matchAll(/<rect\s+class="plot-bar"\s+x="([\d.]+)"\s+y="\d+"\s+width="([\d.]+)"/g)];
  const [up, down] = rects.map(([, x, width]) => [Number(x), Number(x) + Number(width)] as const) as [
    readonly [number, number],
    readonly [number, number],
  ];
  expect(down[1]).toBeCloseTo(up[0], 0);
  expect(down[0]).toBeGreaterThanOrEqual(132);
  expect(up[1]).toBeLessThan(304);
});
