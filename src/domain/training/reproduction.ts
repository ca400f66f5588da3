// What it takes to say that a version was trained again: the environment's lock, and how two trainings differ.
// Invariant: a difference of the environment explains, it does not decide; the same bytes are the same model wherever they come from.
import { z } from 'zod';
import type { IsoTimestamp } from '../days';
import type { TrainResult } from './training';

/** The environment that a training ran in, as its trainer wrote it. */
export const EnvironmentLock = z
  .object({
    /** Such as `CPython` or `Node.js`. */
    language: z.string(),
    version: z.string(),
    /** System, processor, C library. */
    platform: z.string(),
    threads: z.number().int(),
    /** Versions by package. */
    packages: z.record(z.string(), z.string()),
  })
  .readonly();
export type EnvironmentLock = z.infer<typeof EnvironmentLock>;

/** One thing that two environments have differently; null: not there at all. */
export interface EnvironmentDifference {
  readonly what: string;
  readonly recorded: string | null;
  readonly found: string | null;
}

/** One stored file of a version, as it lay there before a training. `damaged`: other bytes than its digest says. */
export interface StoredPart {
  readonly what: 'native' | 'onnx' | 'parity';
  readonly sha256: string;
  readonly state: 'intact' | 'damaged' | 'missing';
}

/** The same file after the training. */
export interface StoredFile extends StoredPart {
  readonly now: StoredPart['state'];
  /** The training gave the recorded bytes, and they are there again. */
  readonly repaired: boolean;
}

/** Which version is trained again. */
export interface ReproduceRequest {
  readonly model: string;
  readonly version: number;
  /** Damaged files of the version are removed before, so that the training can put them back. Default: false. */
  readonly repair?: boolean;
}

/** What a training gave, to be compared. */
export interface ReproducedModel {
  readonly model: string;
  readonly version: number;
  readonly result: TrainResult;
  /** What was stored before, and who asked when. Absent: nobody looked. */
  readonly stored?: { readonly before: readonly StoredPart[]; readonly by: string; readonly asOf: IsoTimestamp };
}

/** What came of training a version again. */
export interface Reproduction {
  readonly model: string;
  readonly version: number;
  /** Both digests are the recorded ones. */
  readonly same: boolean;
  /** SHA-256 of the native model and of the ONNX graph. */
  readonly digests: readonly {
    readonly what: 'native' | 'onnx';
    readonly recorded: string;
    readonly found: string;
    readonly same: boolean;
  }[];
  /** What was found in the artifact store under the recorded digests. Absent: an earlier release did not look. */
  readonly stored?: readonly StoredFile[];
  /** Null: one of the two trainings did not say where it ran. */
  readonly environment: readonly EnvironmentDifference[] | null;
  /** How long the training took, then and now. */
  readonly seconds: { readonly recorded: number; readonly found: number };
}

/** Everything that differs, in the order of its name, the language first. */
export function environmentDifferences(recorded: EnvironmentLock, found: EnvironmentLock): EnvironmentDifference[] {
  const [before, now] = [facts(recorded), facts(found)];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .map((what) => ({ what, recorded: before[what] ?? null, found: now[what] ?? null }))
    .filter((each) => each.recorded !== each.found);
}

function facts({ language, version, platform, threads, packages }: EnvironmentLock): Record<string, string> {
  const names = Object.keys(packages).sort();
  return {
    ...{ language: `${language} ${version}`, platform, threads: String(threads) },
    ...Object.fromEntries(names.map((name) => [`package ${name}`, packages[name]!])),
  };
}
