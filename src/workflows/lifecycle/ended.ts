// From the report of a child to what `status` tells of its end. Pure; a report comes by signal, so nothing here throws on a field that is missing.
import type { IsoTimestamp } from '../../domain/days';
import type { EndedWork } from '../../domain/lifecycle/ended-work';
import type { ChildFinished, ChildOutcome, OpenWork } from '../../domain/lifecycle/lifecycle';

/** So many ends are remembered, the newest last. */
export const ENDS_KEPT = 20;
/** In characters: a sentence of a failure may quote rows, and all of them are carried from run to run. The alert has all of it. */
export const LONGEST_SENTENCE = 300;

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
