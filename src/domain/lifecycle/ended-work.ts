// How work of a lifecycle ended, and why its health is not good: what `status` tells people. Pure functions over plain JSON.
import type { Day, IsoTimestamp } from '../days';
import type { ChildFinished, ChildKind, ChildOutcome, LifecycleHealth, OpenWork } from './lifecycle';

/** So many ends are remembered, the newest last. */
export const ENDS_KEPT = 20;
/** In characters: a sentence of a failure may quote rows, and all of them are carried from run to run. The alert has all of it. */
export const LONGEST_SENTENCE = 300;

/** How one piece of work ended. */
export interface EndedWork {
  readonly kind: ChildKind;
  /** Workflow id; of a request that merged with work that runs, that work's. */
  readonly id: string;
  readonly logicalTime: Day | null;
  readonly end: ChildOutcome['type'];
  /** Of the table of failures; null: no failure. */
  readonly code: string | null;
  readonly sentence: string;
  readonly at: IsoTimestamp;
  /** The id with which the request was accepted; absent: nobody asked for it by name. */
  readonly request?: string;
  /** The work that this one merged with. */
  readonly into?: string;
}

/** Why a lifecycle's health is not good. */
export interface HealthReason {
  readonly health: Exclude<LifecycleHealth, 'good'>;
  readonly since: IsoTimestamp;
  readonly why: string;
}

/** What makes a health good again, for a person. */
export const GOOD_AGAIN: Readonly<Record<HealthReason['health'], string>> = {
  degraded: 'the next cycle that ends with a decision, whatever it decides',
  'needs-human': 'the next move of the champion: promote or roll back to a version that may serve',
};

/** The end that a report tells of. */
export function endOf(report: ChildFinished, work: OpenWork | undefined, at: IsoTimestamp): EndedWork {
  const { kind, id, outcome } = report;
  return {
    ...{ kind, id, logicalTime: work?.logicalTime ?? null, end: outcome.type },
    code: 'code' in outcome ? `${outcome.code}` : null,
    sentence: sentenceOf(outcome).slice(0, LONGEST_SENTENCE),
    at,
    ...(work?.request === undefined ? {} : { request: work.request }),
    ...(outcome.type === 'merged' ? { into: outcome.into } : {}),
  };
}

/** Daily work that went well is left out: it would push out what people look for. */
export function isWorthKeeping({ kind, end }: Pick<EndedWork, 'kind' | 'end'>): boolean {
  return end === 'failed' || end === 'not-moved' || kind === 'cycle' || kind === 'rollout' || kind === 'backfill';
}

function sentenceOf(outcome: ChildOutcome): string {
  switch (outcome.type) {
    // Reports come by signal, so a field may be missing: templates never throw.
    case 'done':
      return `${outcome.note}`;
    case 'failed':
    case 'not-moved':
      return `${outcome.message}`;
    case 'decided':
      return `${outcome.decision.verdict}: ${outcome.decision.reason}`;
    case 'merged':
      return mergedSentence(outcome.into);
    case 'ingested':
      return 'ingested';
    case 'monitored':
      return `${outcome.verdict}: ${outcome.reason}`;
    case 'moved':
      return `version ${outcome.version} (${outcome.contender}) is the champion, epoch ${outcome.epoch}`;
  }
}

/** What is said of a cycle that has the same snapshot and definition as one that was decided. */
export function mergedSentence(into: string): string {
  return `nothing new to decide: ${into} has decided on the same data and definition; bring newer data, or deploy a changed definition`;
}
