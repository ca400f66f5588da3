// The question of a switch: is the challenger better than the champion, with evidence, on enough rows and days?
import { clusterTotalsTest, type ClusterTotal, type PairedClusterTest } from './cluster-t';
import { signFlipTest } from './sign-flip';

/** Fewer days than this are no evidence: with few clusters a t test by day is too sure or has no power. */
export const SUPERIORITY_LEAST_DAYS = 14;

/** How a difference by days is tested: the t test of the mean, or the exact swap of signs by day. */
export type SuperiorityMethod = 'cluster-t' | 'sign-flip';

/** What has to be given. */
export interface SuperiorityRules {
  /** One-sided, in (0, 1). Default 0.05. With several challengers compare Holm's adjusted p instead. */
  readonly level?: number;
  /** Default {@link SUPERIORITY_LEAST_DAYS}. */
  readonly leastDays?: number;
  /** Default 1,000. */
  readonly leastRows?: number;
  /** Default `cluster-t`. */
  readonly method?: SuperiorityMethod;
}

/** `better`: shown; `not-shown`: enough rows and days, no evidence; `too-little`: rows or days are missing, or a number is. */
export type SuperiorityVerdict = 'better' | 'not-shown' | 'too-little';

/** The verdict with everything that it rests on. */
export interface Superiority {
  readonly verdict: SuperiorityVerdict;
  /** One-sided, by the method asked for. */
  readonly p: number;
  readonly test: PairedClusterTest;
  readonly rules: Required<SuperiorityRules>;
}

/** Judges the days' totals of row losses, challenger minus champion. Without a number the verdict is `too-little`. */
export function judgeSuperiority(days: readonly ClusterTotal[], rules: SuperiorityRules = {}): Superiority {
  const asked = {
    level: rules.level ?? 0.05,
    leastDays: rules.leastDays ?? SUPERIORITY_LEAST_DAYS,
    leastRows: rules.leastRows ?? 1000,
    method: rules.method ?? 'cluster-t',
  };
  const test = clusterTotalsTest(days);
  const p = asked.method === 'cluster-t' ? test.pOneSided : signFlipTest(days).pOneSided;
  const enough = test.clusters >= asked.leastDays && test.n >= asked.leastRows && !Number.isNaN(p);
  return {
    verdict: !enough ? 'too-little' : test.meanDifference < 0 && p < asked.level ? 'better' : 'not-shown',
    p,
    test,
    rules: asked,
  };
}
