// What a benchmark is: a name, a sentence, and a measurement that gives rows.

/** One measured number. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it should be at most, in the same unit; null: shown for information. */
  readonly goal: number | null;
  /** Whether the value is not above the goal; null where there is none. */
  readonly met: boolean | null;
}

/** What benchmarks are given. */
export interface BenchContext {
  /** Folder with `dist` and `models`. */
  readonly packageRoot: string;
  readonly say: (line: string) => void;
}

/** One benchmark; it starts what it needs and leaves nothing behind. */
export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  measure(context: BenchContext): Promise<readonly Row[]>;
}

/** A row; `goal` is the most that the value may be. */
export function row(name: string, value: number, unit: string, goal: number | null = null): Row {
  return { name, value: Number(value.toPrecision(4)), unit, goal, met: goal === null ? null : value <= goal };
}
