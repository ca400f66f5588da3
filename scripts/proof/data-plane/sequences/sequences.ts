// Runs random sequences until one is found that does not settle to the state from scratch; the found one is shrunken and can be run again.
import fc from 'fast-check';
import type { OpenGround } from '../place/ground';
import { liveThrough, type Fault } from './life';
import { sequences, type Step } from './steps';

/** How many sequences, from which seed. */
export interface SequencesRequest {
  readonly seed: number;
  readonly sequences: number;
  /** No sequence is begun after this time; default: never too late. Shrinking has as much again. */
  readonly withinMs?: number;
  /** A fault that has to be found. Default: none. */
  readonly fault?: Fault;
  /** Default: a counter-example is shrunken. */
  readonly shrink?: boolean;
  readonly onSequence?: (lived: number) => void;
}

/** What came of them. */
export interface SequencesResult {
  readonly seed: number;
  readonly sequences: number;
  readonly steps: number;
  /** Workers that died in the middle of their work. */
  readonly deaths: number;
  readonly failure: {
    readonly steps: readonly Step[];
    readonly problems: readonly string[];
    /** For fast-check's `path`, which runs this very sequence. */
    readonly path: string;
  } | null;
}

/** Lives through the sequences. */
export async function liveSequences(ground: OpenGround, request: SequencesRequest): Promise<SequencesResult> {
  const { seed, fault, withinMs, shrink = true, onSequence } = request;
  const total = { sequences: 0, steps: 0, deaths: 0 };
  let failed = false;
  let last: readonly string[] = [];
  const property = fc.asyncProperty(sequences, async (steps) => {
    const { problems, deaths } = await liveThrough(ground, steps, fault);
    if (!failed) {
      total.sequences++;
      total.steps += steps.length;
      total.deaths += deaths;
      onSequence?.(total.sequences);
    }
    if (problems.length === 0) return;
    failed = true;
    last = problems;
    throw new Error(problems.join('\n'));
  });
  const checked = await fc.check(property, {
    seed,
    numRuns: request.sequences,
    endOnFailure: !shrink,
    ...(withinMs === undefined ? {} : { interruptAfterTimeLimit: withinMs, markInterruptAsFailure: false }),
  });
  if (!checked.failed) return { seed, ...total, failure: null };
  const [steps] = checked.counterexample ?? [[]];
  // What no activity may throw ends a sequence without a list of problems.
  const thrown = checked.errorInstance instanceof Error ? checked.errorInstance.message : String(checked.errorInstance);
  const problems = last.length > 0 ? thrown.split('\n') : [thrown];
  return { seed, ...total, failure: { steps, problems, path: checked.counterexamplePath ?? '' } };
}

/** A failure as a text that can be pasted into a test. */
export function describeFailure({ seed, failure }: SequencesResult): string {
  if (failure === null) return 'no failure';
  const lines = failure.steps.map((step) => `  ${JSON.stringify(step)},`);
  return [`seed ${seed}, path ${failure.path}, shrunken to:`, '[', ...lines, ']', ...failure.problems].join('\n');
}
