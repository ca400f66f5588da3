// The document about a model's data: states of days, words of the contract, lineage.
import { coverageOf, rangesOf, summaryOf } from '../../../src/dashboard/document/coverage';
import { dataDocument } from '../../../src/dashboard/document/document';
import { lineageOf } from '../../../src/dashboard/document/lineage';
import { shownPath, sourceSentence } from '../../../src/dashboard/document/source-words';
import { SourcePlan } from '../../../src/domain/plan/plan';
import { busyTable, exampleFacts, examplePlan, NO_FACTS } from './example';

const RULE = {
  availableAt: 'D+1 06:30',
  timeZone: 'Europe/Berlin',
  asOf: '2026-01-06T06:00:00.000Z',
  start: '2026-01-01',
  end: null,
};

describe('coverage', () => {
  const partition = { rows: 10, quarantinedRows: 0, revision: 1, nullShares: {} };
  const facts = {
    ...NO_FACTS,
    partitions: [
      { ...partition, day: '2026-01-01' },
      { ...partition, day: '2026-01-02', quarantinedRows: 2, nullShares: { size: 0.5, id: 0 } },
      { ...partition, day: '2026-01-03', quarantinedRows: 2, revision: 3 },
    ],
    rejections: [
      { day: '2026-01-03', message: 'bad', at: '2026-01-04T00:00:00.000Z' },
      { day: '2026-01-06', message: 'bad', at: '2026-01-07T00:00:00.000Z' },
    ],
  };
  const states = (deadlineMs: number, more: Partial<typeof RULE> = {}): string[] =>
    coverageOf({ ...facts, deadlineMs }, '2025-12-31', '2026-01-07', { ...RULE, ...more }).map(({ state }) => state);

  it('tells accepted, quarantined, re-opened, rejected, missing and not due days apart', () => {
    // The 4th became available on the 5th at 05:30 UTC, the 5th on the 6th at 05:30 UTC.
    expect(states(0)).toEqual([
      ...['not-due', 'accepted', 'quarantined', 'reopened', 'missing', 'missing', 'rejected', 'not-due'],
    ]);
  });

  it('counts a day as missing only after its deadline, and never outside of the data', () => {
    expect(states(1_800_000)[5]).toBe('not-due');
    expect(states(1_799_999)[5]).toBe('missing');
    expect(coverageOf(facts, '2026-01-04', '2026-01-05', { ...RULE, start: '2026-01-05' })[0]?.state).toBe('not-due');
    const ended = { ...RULE, end: '2026-01-04' } as unknown as typeof RULE;
    expect(coverageOf(facts, '2026-01-04', '2026-01-05', ended).map(({ state }) => state)).toEqual([
      'missing',
      'not-due',
    ]);
  });

  it('keeps the numbers of a day and sums up days that follow each other', () => {
    const days = coverageOf(facts, '2025-12-31', '2026-01-07', RULE);
    expect(days[2]).toMatchObject({
      rows: 10,
      quarantinedRows: 2,
      revision: 1,
      rejections: 0,
      nullShares: { size: 0.5 },
    });
    expect(days[3]).toMatchObject({ revision: 3, rejections: 1 });
    const { counts, missing, rejected, reopened } = summaryOf(days);
    expect(counts).toEqual({ accepted: 1, quarantined: 1, reopened: 1, rejected: 1, missing: 2, 'not-due': 2 });
    expect(missing).toEqual([{ from: '2026-01-04', to: '2026-01-05' }]);
    expect([rejected, reopened].map(([range]) => range?.from)).toEqual(['2026-01-06', '2026-01-03']);
    expect(rangesOf(['2026-02-28', '2026-03-01', '2026-03-03'])).toEqual([
      { from: '2026-02-28', to: '2026-03-01' },
      { from: '2026-03-03', to: '2026-03-03' },
    ]);
  });
});

describe('the words of a source', () => {
  it('never hold the secrets of an address', () => {
    expect(shownPath('https://ann:secret@host/a/{dd}.csv?token=secret#secret')).toBe('https://host/a/{dd}.csv');
    expect(shownPath('https://ann:s@cret@host')).toBe('https://host');
    expect(shownPath('HTTPS://secret@host?token=secret')).toBe('HTTPS://host');
    expect(shownPath('s3://bucket/what?.csv')).toBe('s3://bucket/what?.csv');
    expect(shownPath('data/{yyyy}.csv')).toBe('data/{yyyy}.csv');
    const document = JSON.stringify(
      dataDocument(
        examplePlan({
          tables: {
            ...examplePlan().tables,
            parcels: {
              ...examplePlan().tables['parcels']!,
              source: { format: 'csv', path: 'https://u:secret@h/x?k=secret' },
            },
          },
        }),
        exampleFacts('2026-01-01', '2026-01-02', {}),
      ),
    );
    expect(document).toContain('https://h/x');
    expect(document).not.toContain('secret');
  });

  it('name the dialect of files', () => {
    const source = SourcePlan.parse({
      format: 'tsv',
      path: 'a.tsv',
      encoding: 'latin-1',
      nullText: 'NA',
      partitionBy: 'd',
    });
    expect(sourceSentence(source)).toBe(
      'TSV files at a.tsv; in latin-1; “NA” stands for a missing value; split by the day of each row.',
    );
  });
});

describe('the document', () => {
  const document = dataDocument(
    examplePlan(),
    exampleFacts('2026-01-01', '2026-03-31', { parcels: busyTable('2026-01-01', '2026-03-31') }),
  );
  const [parcels, arrivals] = document.tables;

  it('says the contract in words', () => {
    expect(parcels!.roles).toEqual(['entity']);
    expect(arrivals!.roles).toEqual(['label']);
    expect(parcels!.availability).toEqual([
      'The rows of a day are available on the next day at 06:30 (Europe/Berlin).',
      'People are told 2 hours later when they have not come; the source is looked at every 10 minutes meanwhile.',
    ]);
    expect(arrivals!.availability[1]).toMatch(/^People are told at once/);
    expect(parcels!.columns.map(({ rules }) => rules.join('; '))).toEqual([
      '',
      'local time of Europe/Berlin, stored as UTC',
      'one of a, b; a new category raises an alert',
      'from 0 to 100',
    ]);
    expect(parcels!.partitionRules).toEqual([
      'At least 1 row.',
      'Between 0.2 and 5 times as many rows as the median of the last 7 partitions.',
      'At most 5 % of the rows set aside.',
      'At most 10 % of size missing.',
      'The spread of size changes by at most a factor of 3 against the last 7 partitions.',
      'The newest at is at most 1 hour before the end of the day.',
      'No row with at outside of the day.',
      'No column tells the label by itself (ROC AUC below 0.995).',
      'Unknown raw columns are left out.',
    ]);
    expect(parcels!.assumptions.map(({ sentence }) => sentence)).toEqual([
      'size is normally distributed in each window of 7 days (Jarque–Bera test, p at least 0.01); else the partition is rejected.',
      'The result of the query is from 1 to 9 in each partition; else an alert is raised.',
    ]);
  });

  it('counts what is stored and which checks noticed something', () => {
    const { totals, checks, rejections, days } = parcels!;
    expect(totals.partitions).toBe(days.filter(({ rows }) => rows !== undefined).length);
    expect(totals.rows).toBe(days.reduce((sum, { rows = 0 }) => sum + rows, 0));
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatchObject({ check: 'small', warned: 0, rejected: 0, rows: 2 * checks[0]!.quarantined });
    expect(checks[0]!.last.found).toBe('size 125');
    expect(rejections.map(({ day }) => day)).toEqual([...rejections.map(({ day }) => day)].sort().reverse());
    expect(arrivals!.totals).toEqual({ partitions: 0, rows: 0, quarantinedRows: 0, rejectedDeliveries: 0 });
    expect(document.views.map(({ version, sharedWith }) => [version, ...sharedWith])).toEqual([
      [null],
      [2, 'returns'],
      [null],
    ]);
  });
});

it('leads the lineage from shared sources over tables, views and views of views to the champion', () => {
  const { nodes, edges } = lineageOf(examplePlan(), { version: 3, contender: 'trees' });
  expect(nodes.filter(({ kind }) => kind === 'source').map(({ name }) => name)).toEqual([
    ...['CSV files', 'SOURCE_DEPOTS', 'pushed rows', 'weather.ts'],
  ]);
  const shown = edges.map(({ from, to }) => `${from} > ${to}`);
  expect(shown).toEqual(
    expect.arrayContaining([
      ...[
        'source:1 > table:parcels',
        'source:1 > table:arrivals',
        'table:arrivals > view:past',
        'view:past > view:both',
      ],
      ...['view:both > snapshot', 'table:arrivals > label', 'label > snapshot', 'snapshot > contender:line'],
      'contender:trees > champion',
    ]),
  );
  const ids = new Set(nodes.map(({ id }) => id));
  expect(edges.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([]);
  expect(lineageOf(examplePlan(), { version: 1, contender: 'gone' }).edges.at(-1)).toEqual({
    ...{ from: 'snapshot', to: 'champion', label: 'as gone, no longer defined' },
  });
});
