// What a life has left behind, counted from outside, and what is wrong with it when compared with an undisturbed life.
// Invariant: two lives on the same data have equal effects, in whatever order the contenders got their version numbers.
import { z } from 'zod';
import type { AlertReceiver } from './receiver';
import type { Services } from './services';

/** The effects of one life, with the model's name, digests and version numbers made comparable. Lists are sorted. */
export interface Effects {
  /** `<contender> <sha256 of its ONNX bytes> <state>`. */
  readonly versions: readonly string[];
  /** The same of the champion; null: none. */
  readonly champion: string | null;
  readonly epoch: number;
  readonly ledger: readonly string[];
  /** `<instant> <actor> <action> <subject>`. */
  readonly audit: readonly string[];
  /** Audit rows that were written more than once, as the product itself sees it. */
  readonly auditDuplicates: readonly string[];
  /** Keys of the alerts as the web hook's receiver has got them, one entry for each time. */
  readonly deliveries: readonly string[];
  /** Alerts that are still to be delivered. */
  readonly undelivered: number;
}

const LIMIT = 10_000;
const Key = z.object({ key: z.string() });
const Pending = z.object({ count: z.number() });

/** Reads the effects of a model's life. */
export async function effectsOf(
  { stores, database }: Services,
  receiver: AlertReceiver,
  model: string,
): Promise<Effects> {
  const versions = await stores.registry.list(model);
  const pointer = await stores.registry.champion(model);
  const contenders = new Map(versions.map(({ version, contender }) => [version, contender]));
  const comparable = (text: string): string =>
    text
      .replaceAll(model, '<model>')
      .replaceAll(/\b[0-9a-f]{64}\b/g, '<digest>')
      .replaceAll(/\bversion\/(\d+)\b/g, (_, version: string) => `version/<${contenders.get(Number(version))}>`);
  const shown = versions.map(({ version, contender, onnx, state }) => ({
    version,
    text: `${contender} ${onnx.sha256} ${state}`,
  }));
  const keys = await database.query(Key, 'select key from effects where model = $1', [model]);
  const audit = await stores.audit.list(model, LIMIT);
  const duplicates = await stores.audit.duplicates(model);
  const [pending] = await database.query(
    Pending,
    'select count(*) from outbox where model = $1 and delivered_at is null',
    [model],
  );
  return {
    versions: shown.map(({ text }) => text).sort(),
    champion: shown.find(({ version }) => version === pointer.version)?.text ?? null,
    epoch: pointer.epoch,
    ledger: keys.map(({ key }) => comparable(key)).sort(),
    audit: audit.map(({ asOf, by, action, subject }) => comparable(`${asOf} ${by} ${action} ${subject}`)).sort(),
    auditDuplicates: duplicates.map(({ action, subject, times }) => comparable(`${action} ${subject}: ${times} times`)),
    deliveries: receiver
      .receivedOf(model)
      .map(({ key }) => comparable(key))
      .sort(),
    undelivered: pending?.count ?? 0,
  };
}

/**
 * Everything that is wrong with a life, one sentence each; empty is good. Each effect has to be there exactly as often as in the undisturbed
 * life, and each alert exactly once.
 */
export function problemsOf(undisturbed: Effects, found: Effects): string[] {
  const problems: string[] = [];
  if (found.champion === null) problems.push('there is no champion');
  if (found.champion !== undisturbed.champion)
    problems.push(`champion: found ${found.champion}, undisturbed it is ${undisturbed.champion}`);
  if (found.epoch !== undisturbed.epoch)
    problems.push(`epoch: found ${found.epoch}, undisturbed it is ${undisturbed.epoch}`);
  for (const name of ['versions', 'ledger', 'audit'] as const)
    problems.push(...differences(name, undisturbed[name], found[name]));
  problems.push(...found.auditDuplicates.map((text) => `audit: written more than once: ${text}`));
  problems.push(...differences('alert', [...new Set(undisturbed.deliveries)], found.deliveries));
  if (found.undelivered > 0) problems.push(`${found.undelivered} alerts were not delivered`);
  return problems;
}

function differences(what: string, wanted: readonly string[], found: readonly string[]): string[] {
  const counts = (list: readonly string[]): Map<string, number> => {
    const times = new Map<string, number>();
    for (const item of list) times.set(item, (times.get(item) ?? 0) + 1);
    return times;
  };
  const [before, after] = [counts(wanted), counts(found)];
  return [...new Set([...wanted, ...found])].flatMap((item) => {
    const [expected, actual] = [before.get(item) ?? 0, after.get(item) ?? 0];
    return expected === actual ? [] : [`${what}: ${item}: found ${actual} times, undisturbed ${expected} times`];
  });
}
