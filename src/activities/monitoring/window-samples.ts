// The features of a window of days as samples. A window moves by a day, so what a file held is kept for the next one.
// Invariant: a file is known by its digest, so what is kept is what reading it again would give; what is kept is bounded in bytes.
import { concatenated, featureSamples, slicedSample, type FeatureSample } from '../../data/observe/drift-samples';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { FeatureViewPlan, ModelPlan } from '../../domain/plan/plan';
import type { DataDependencies } from '../dependencies';
import type { DayFile, DayReader } from '../features/day-features';

/** Samples of all features by name, in day and key order. */
export type WindowSamples = (plan: ModelPlan, window: readonly Day[]) => Promise<Map<string, FeatureSample>>;

type FileSamples = Readonly<Record<string, FeatureSample>>;

/** Five weeks of some thousand rows a day; windows that need more are read again each day, as one query. */
const KEPT_BYTES = 64 * 2 ** 20;
/** Of a number; texts of a category are short, and shared by few. */
const BYTES_PER_VALUE = 8;

/** Samples of these days' files. */
export function createWindowSamples({ engine }: Pick<DataDependencies, 'engine'>, days: DayReader): WindowSamples {
  const kept = new Map<string, FileSamples>();
  let keptBytes = 0;

  function keep(name: string, samples: FileSamples): void {
    kept.set(name, samples);
    keptBytes += bytesOf(samples);
    for (const [oldest, dropped] of kept) {
      if (keptBytes <= KEPT_BYTES) return;
      kept.delete(oldest);
      keptBytes -= bytesOf(dropped);
    }
  }

  /** What was asked for last is dropped last. */
  function find(name: string): FileSamples | undefined {
    const found = kept.get(name);
    if (found) {
      kept.delete(name);
      kept.set(name, found);
    }
    return found;
  }

  async function ofFiles({ features }: FeatureViewPlan, files: readonly DayFile[]): Promise<FileSamples> {
    const nameOf = ({ sha256 }: DayFile): string => `${sha256} ${JSON.stringify(features)}`;
    const parts = files.map((file) => find(nameOf(file)));
    const missing = files.filter((_, at) => parts[at] === undefined);
    const read = await featureSamples(engine, { paths: await pathsOf(missing), features });
    requireRows(
      read,
      missing.reduce((sum, file) => sum + file.rows, 0),
    );
    let row = 0;
    for (const [at, file] of files.entries()) {
      if (parts[at] !== undefined) continue;
      const samples = Object.fromEntries(
        Object.entries(read).map(([name, sample]) => [name, slicedSample(sample, row, row + file.rows)]),
      );
      row += file.rows;
      parts[at] = samples;
      keep(nameOf(file), samples);
    }
    return Object.fromEntries(
      Object.entries(features).map(([name, kind]) => [
        name,
        concatenated(
          kind,
          parts.map((part) => part![name]!),
        ),
      ]),
    );
  }

  /** Which rows are the model's depends on the entity table too: nothing is kept. */
  async function ofOwnRows(plan: ModelPlan, { features }: FeatureViewPlan, files: readonly DayFile[]) {
    const entityPaths = files.flatMap(({ entityPath }) => entityPath ?? []);
    return featureSamples(engine, { paths: await pathsOf(files), features, own: { population: plan, entityPaths } });
  }

  return async (plan, window) => {
    const files = await days.featureFiles(plan, window);
    const all = new Map<string, FeatureSample>();
    for (const view of plan.features) {
      const ofView = files.get(view.name) ?? [];
      const found = await (plan.rows === undefined ? ofFiles(view, ofView) : ofOwnRows(plan, view, ofView));
      for (const [name, sample] of Object.entries(found)) all.set(name, sample);
    }
    return all;
  };
}

/** One after the other: a partition that lies in a file of many may have to be taken out first. */
async function pathsOf(files: readonly DayFile[]): Promise<string[]> {
  const paths: string[] = [];
  for (const file of files) paths.push(await file.path());
  return paths;
}

function requireRows(read: FileSamples, rows: number): void {
  const odd = Object.entries(read).find(([, sample]) => lengthOf(sample) !== rows);
  if (!odd) return;
  const [name, sample] = odd;
  throw new UnderstudyError(
    'INTERNAL',
    `feature ${name}: its files have ${lengthOf(sample)} rows, recorded are ${rows}`,
  );
}

function lengthOf(sample: FeatureSample): number {
  return sample.kind === 'number' ? sample.numbers.length : sample.values.length;
}

function bytesOf(samples: FileSamples): number {
  return Object.values(samples).reduce((sum, sample) => sum + BYTES_PER_VALUE * lengthOf(sample), 0);
}
