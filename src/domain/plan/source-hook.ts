// What a source hook is given and what it gives: the contract between the product and an author's module.
import type { Day, IsoTimestamp } from '../days';

/** What a hook is called with. */
export interface SourceHookInput {
  readonly partition: Day;
  /** The first instant of the local day. */
  readonly from: IsoTimestamp;
  /** The first instant of the next local day. */
  readonly to: IsoTimestamp;
  /** Aborted when nobody waits for the rows any more: hand it to `fetch` and the like. */
  readonly signal: AbortSignal;
}

/** A value of a row. Nested lists and objects arrive as JSON text; `undefined` counts as null. */
export type SourceValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | null
  | undefined
  | readonly SourceValue[]
  | { readonly [name: string]: SourceValue };

/**
 * The default export of a hook's module: an async generator of rows, all of them of the partition, always in the same order. No row means that
 * there are none for the day. An error ends the step with MODEL_CODE_FAILED, unless its `code` is `SOURCE_NOT_FOUND` (there is nothing yet) or
 * `SOURCE_UNAVAILABLE` (tried again by itself).
 */
export type SourceHook = (input: SourceHookInput) => AsyncIterable<Readonly<Record<string, SourceValue>>>;
