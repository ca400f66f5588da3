// The samples of a moving window: those of reading all its files, while a file is read once.
import { createWindowSamples } from '../../../src/activities/monitoring/window-samples';
import type { DayFile, DayReader } from '../../../src/activities/features/day-features';
import { featureSamples } from '../../../src/data/observe/drift-samples';
import type { Engine } from '../../../src/data/engine';
import { addDays } from '../../../src/domain/days';
import { TINY, workbench } from '../data/tiny-model';

const DAYS = Array.from({ length: 6 }, (_, index) => addDays('2013-01-01', index));
const view = { ...TINY.features[0]!, name: 'parcel', features: { weight: 'number', depot: 'category' } as const };
const plan = { ...TINY, features: [view] };

let engine: Engine;
let dir: string;
let close: () => void;
const files = new Map<string, string>();
let asked: string[] = [];

beforeAll(async () => {
  ({ engine, dir, close } = await workbench());
  for (const [index, day] of DAYS.entries()) {
    const path = `${dir}/${day}.parquet`;
    const rows = `SELECT CASE WHEN i > 0 THEN i + ${index} / 8 END::DOUBLE AS weight, CASE WHEN i > 1 THEN 'd' || (i + ${index}) END AS depot FROM range(${index + 2}) t(i)`;
    await engine.run(`COPY (${rows}) TO '${path}' (FORMAT parquet)`);
    files.set(day, path);
  }
});
afterAll(() => close());
beforeEach(() => {
  asked = [];
});

/** The days' files, and a note of each that is opened. `rows`: how many are recorded beyond those that there are. */
function reader(rows = 0): DayReader {
  const fileOf = (day: string): DayFile => ({
    sha256: `digest of ${day}`,
    rows: DAYS.indexOf(day) + 2 + rows,
    entityPath: null,
    path: () => {
      asked.push(day);
      return Promise.resolve(files.get(day)!);
    },
  });
  const unused = (): never => {
    throw new Error('not asked for here');
  };
  return {
    features: unused,
    labels: unused,
    featureFiles: (_, days) => Promise.resolve(new Map([[view.name, days.map(fileOf)]])),
  };
}

it('are those of all files, in their order, and each file is opened once', async () => {
  const samples = createWindowSamples({ engine }, reader());
  for (const window of [DAYS.slice(0, 3), DAYS.slice(1, 4), DAYS.slice(0, 6), DAYS.slice(2, 3), []]) {
    const paths = window.map((day) => files.get(day)!);
    const all = await featureSamples(engine, { paths, features: view.features });
    expect(Object.fromEntries(await samples(plan, window))).toEqual(all);
  }
  expect([...asked].sort()).toEqual(DAYS);
});

it('are refused when a file has not the rows that were recorded', async () => {
  const samples = createWindowSamples({ engine }, reader(1));
  await expect(samples(plan, DAYS.slice(0, 2))).rejects.toMatchObject({
    code: 'INTERNAL',
    message: 'feature weight: its files have 5 rows, recorded are 7',
  });
});
