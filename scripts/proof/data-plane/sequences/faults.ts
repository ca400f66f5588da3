// Faults to plant between the activities and the stores: the proof must turn red on each of them.
import type { Ports } from '../place/place';

/** Features of a view and day are stored once; when they are computed again from other inputs, that is lost. */
export function dropsRecomputations({ stores, artifacts }: Ports): Ports {
  const stored = new Set<string>();
  const features: Ports['stores']['features'] = {
    ...stores.features,
    save: (partitions) =>
      stores.features.save(
        partitions.filter(({ view, day }) => {
          const isNew = !stored.has(`${view}/${day}`);
          stored.add(`${view}/${day}`);
          return isNew;
        }),
      ),
  };
  return { stores: { ...stores, features }, artifacts };
}

/** A delivery that comes again is taken for a new one: the ledger forgets its keys, and only the first check is recorded, as the table demands. */
export function acceptsDuplicates({ stores, artifacts }: Ports): Ports {
  let attempts = 0;
  const recorded = new Set<string>();
  const ledger: Ports['stores']['ledger'] = {
    ...stores.ledger,
    once: (key, inputDigest, effect) => stores.ledger.once(`${key}/${++attempts}`, inputDigest, effect),
  };
  const checks: Ports['stores']['checks'] = {
    ...stores.checks,
    async record(tx, model, check) {
      const name = `${check.table}/${check.partition}/${check.sha256}`;
      if (!recorded.has(name)) await stores.checks.record(tx, model, check);
      recorded.add(name);
    },
  };
  return { stores: { ...stores, ledger, checks }, artifacts };
}
