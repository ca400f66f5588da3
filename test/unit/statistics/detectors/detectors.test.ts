// The detectors against river, detection for detection (test/reference/detectors and concept-drift), and their states as plain JSON.
import {
  adwin,
  ADWIN_START,
  adwinMean,
  type AdwinOptions,
  type AdwinState,
} from '../../../../src/statistics/detectors/adwin';
import { ddm, DDM_START, type DdmOptions } from '../../../../src/statistics/detectors/ddm';
import {
  PAGE_HINKLEY_START,
  pageHinkley,
  type PageHinkleyOptions,
} from '../../../../src/statistics/detectors/page-hinkley';
import { relativeDifference } from '../closeness';
import { readExpected, readNumbers } from '../reference-rows';

interface Found {
  readonly drifts: readonly number[];
  readonly warnings?: number;
  readonly width?: number;
  readonly mean?: number;
  readonly variance?: number;
}
interface Stream {
  readonly salt: number;
  readonly stretches: readonly (readonly [rows: number, chance: number])[];
  readonly errors: number;
  readonly detectors: Readonly<Record<string, Found>>;
}
const { streams } = readExpected<{ streams: Record<string, Stream> }>('detectors/expected.json');

interface Flags {
  readonly drift: boolean;
  readonly warning?: boolean;
}

/** Feeds a stream; every state goes through JSON, as it would between two activities. */
function run<S extends Flags>(start: S, step: (state: S, value: number) => S, values: ArrayLike<number>) {
  const drifts: number[] = [];
  let warnings = 0;
  let state = start;
  for (let i = 0; i < values.length; i += 1) {
    state = JSON.parse(JSON.stringify(step(state, values[i]!))) as S;
    if (state.drift) drifts.push(i);
    if (state.warning === true) warnings += 1;
  }
  return { drifts, warnings, state };
}

const ADWINS: Record<string, AdwinOptions> = {
  adwin: {},
  'adwin delta 0.05 clock 8': { delta: 0.05, clock: 8 },
  'adwin buckets 3 part 10 grace 50': { mostBuckets: 3, leastPart: 10, grace: 50 },
};
const PAGE_HINKLEYS: Record<string, PageHinkleyOptions> = {
  'page-hinkley': { threshold: 15 },
  'page-hinkley up': { threshold: 10, direction: 'up', leastValues: 50, delta: 0.01, alpha: 0.999 },
  'page-hinkley down': { threshold: 10, direction: 'down' },
};
const DDMS: Record<string, DdmOptions> = { ddm: {}, 'ddm early': { warmUp: 100, warningAt: 1.5, driftAt: 2.2 } };

/** The streams of make-expected.py: a linear congruential generator against a chance that changes. */
function streamOf({ salt, stretches }: Stream): { readonly errors: number[]; readonly numbers: number[] } {
  let state = BigInt(salt);
  const errors: number[] = [];
  const numbers: number[] = [];
  for (const [rows, chance] of stretches) {
    for (let i = 0; i < rows; i += 1) {
      state = (1664525n * state + 1013904223n) % 2n ** 32n;
      const part = Number(state) / 2 ** 32;
      errors.push(part < chance ? 1 : 0);
      numbers.push(chance + 0.3 * part);
    }
  }
  return { errors, numbers };
}

function expectWindow(state: AdwinState, found: Found): void {
  expect(state.width).toBe(found.width);
  expect(relativeDifference(adwinMean(state), found.mean!)).toBeLessThan(1e-9);
  expect(relativeDifference(state.squares, found.variance!)).toBeLessThan(1e-9);
}

describe.each(Object.entries(streams))('on the stream "%s" of errors', (_, stream) => {
  const { errors, numbers } = streamOf(stream);

  it('is the stream that river saw', () => {
    expect(errors.reduce((sum, error) => sum + error, 0)).toBe(stream.errors);
  });

  it.each(Object.entries(ADWINS))('%s fires where river does and keeps its window', (name, options) => {
    const { drifts, state } = run(ADWIN_START, (before, value) => adwin(before, value, options), errors);
    expect(drifts).toEqual(stream.detectors[name]!.drifts);
    expectWindow(state, stream.detectors[name]!);
  });

  it('adwin fires where river does on numbers too', () => {
    const { drifts, state } = run(ADWIN_START, adwin, numbers);
    expect(drifts).toEqual(stream.detectors['adwin of numbers']!.drifts);
    expectWindow(state, stream.detectors['adwin of numbers']!);
  });

  it.each(Object.entries(PAGE_HINKLEYS))('%s fires where river does', (name, options) => {
    const step = (before: typeof PAGE_HINKLEY_START, value: number) => pageHinkley(before, value, options);
    expect(run(PAGE_HINKLEY_START, step, errors).drifts).toEqual(stream.detectors[name]!.drifts);
  });

  it.each(Object.entries(DDMS))('%s fires and warns where river does', (name, options) => {
    const { drifts, warnings } = run(DDM_START, (before, value) => ddm(before, value, options), errors);
    expect({ drifts, warnings }).toEqual(stream.detectors[name]);
  });
});

describe('on the reference stream', () => {
  const { streams: reference } = readExpected<{
    streams: { bernoulli_abrupt: { detectors: Record<string, Record<string, unknown>> } };
  }>('concept-drift/expected.json');
  const [values] = readNumbers('concept-drift/bernoulli_abrupt.csv', 'x') as [Float64Array];
  const expected = (start: string) =>
    Object.entries(reference.bernoulli_abrupt.detectors).find(([name]) => name.startsWith(start))![1];

  it('each detector fires at the row of the reference', () => {
    const window = run(ADWIN_START, adwin, values);
    expect(window.drifts).toEqual(expected('ADWIN')['drift_at']);
    expect(window.state.width).toBe(expected('ADWIN')['final_width']);
    expect(adwinMean(window.state)).toBeCloseTo(expected('ADWIN')['final_mean'] as number, 12);
    expect(run(PAGE_HINKLEY_START, pageHinkley, values).drifts).toEqual(expected('PageHinkley')['drift_at']);
    const answers = run(DDM_START, ddm, values);
    expect(answers.drifts).toEqual(expected('DDM')['drift_at']);
    expect(answers.warnings).toBe(expected('DDM')['warning_count']);
  });

  it('ADWIN keeps the newer part when it is asked to, as the paper does', () => {
    const keep = (state: AdwinState, value: number) => adwin(state, value, { afterCut: 'keep-newer' });
    const { drifts, state } = run(ADWIN_START, keep, values);
    expect(drifts[0]).toBe(1567);
    expect(state.width).toBeGreaterThan(1432);
    expect(state.width).toBeLessThan(1600);
  });
});

describe('a detector', () => {
  it('takes a value that is no number as not seen', () => {
    const seen = [1, 0, 1, 1].reduce((state, value) => adwin(state, value), ADWIN_START);
    expect(adwin(seen, Number.NaN)).toEqual(seen);
    const page = pageHinkley(PAGE_HINKLEY_START, 0.5);
    expect(pageHinkley(page, Number.POSITIVE_INFINITY)).toEqual(page);
    expect(ddm(ddm(DDM_START, 1), Number.NaN)).toEqual(ddm(DDM_START, true));
  });

  it('never fires on a constant stream', () => {
    const constant = new Float64Array(400).fill(1);
    expect(run(ADWIN_START, adwin, constant).drifts).toEqual([]);
    expect(run(PAGE_HINKLEY_START, pageHinkley, constant).drifts).toEqual([]);
    expect(run(DDM_START, ddm, constant).drifts).toEqual([]);
  });

  it('keeps a window of 100,000 values in a few buckets', () => {
    let state = ADWIN_START;
    for (let i = 0; i < 100_000; i += 1) state = adwin(state, i % 2, { clock: 1_000_000 });
    expect(state.width).toBe(100_000);
    expect(state.levels.flat().length).toBeLessThan(100);
    expect(JSON.stringify(state).length).toBeLessThan(4000);
  });
});
