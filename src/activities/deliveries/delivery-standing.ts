// Whether a delivery is news: what decides its verdict, and how it stands to the deliveries of its partition that were judged before.
// Invariant: what gave the newest revision, or was rejected last, is no news; the same bytes after other rows are.
import { dataOwner } from '../../domain/data/data-owner';
import { contractOf } from '../../domain/data/contracts';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { PartitionRevision } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import type { Delivery } from '../../ports/activities';
import type { Judgement } from '../../ports/checks';
import { createSurroundingsReader } from '../ingest/check-surroundings';
import type { DataDependencies } from '../dependencies';
import { digestOf } from '../digest';

/** What decides the verdict on any delivery of a partition, besides its rows and the partitions that it is compared with. */
export interface Terms {
  /** Of the contract, the waived rules and the referenced rows. */
  readonly contractDigest: string;
  readonly waived: readonly string[];
  readonly referenced: Readonly<Record<string, PartitionRevision | null>>;
}

export interface DeliveryStandings {
  /** @throws UnderstudyError `SOURCE_NOT_FOUND`: the definition has no such table. */
  terms(plan: ModelPlan, table: string, partition: Day): Promise<Terms>;
  /** How a delivery stands to the judged ones now. */
  of(plan: ModelPlan, delivery: Omit<Delivery, 'follows' | 'judged'>): Promise<Delivery>;
}

export function createDeliveryStandings(dependencies: DataDependencies): DeliveryStandings {
  const { checks, quarantine } = dependencies.stores;
  const surroundings = createSurroundingsReader(dependencies);

  async function terms(plan: ModelPlan, table: string, partition: Day): Promise<Terms> {
    const contract = contractOf(plan, table);
    if (!contract) throw new UnderstudyError('SOURCE_NOT_FOUND', `${plan.name} has no table ${table}`, { table });
    const waived = await quarantine.released(dataOwner(plan), table, partition);
    const referenced = await surroundings.referenced(plan, table, partition);
    const references = Object.entries(referenced).map(([column, found]) => [column, found?.data.sha256 ?? null]);
    const contractDigest = digestOf({
      contract,
      ...(waived.length > 0 ? { waived } : {}),
      ...(references.length > 0 ? { references } : {}),
    });
    return { contractDigest, waived, referenced };
  }

  return {
    terms,

    async of(plan, { table, partition, sha256, uri }) {
      const judged = await checks.judgements(dataOwner(plan), table, partition);
      const delivery = { table, partition, sha256, uri, follows: judged.length };
      const before = judgementThatStands(judged, sha256);
      if (!before || before.contractDigest !== (await terms(plan, table, partition)).contractDigest) return delivery;
      const stays =
        before.verdict === 'accepted' ||
        before.comparedWith === (await surroundings.comparedWith(plan, table, partition));
      return stays ? { ...delivery, follows: before.ordinal - 1, judged: before.verdict } : delivery;
    },
  };
}

/** Of the judgements on the same bytes the one that is in force: it gave the newest revision, or it is the last word and a rejection. */
function judgementThatStands(judged: readonly Judgement[], sha256: string): Judgement | undefined {
  const current = judged.filter(({ verdict }) => verdict === 'accepted').at(-1)?.revision;
  const last = judged.at(-1);
  return judged
    .filter(
      (each) => each.sha256 === sha256 && (each.verdict === 'accepted' ? each.revision === current : each === last),
    )
    .at(-1);
}
