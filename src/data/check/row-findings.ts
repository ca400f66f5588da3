// What each row rule of a contract found, passed ones too.
import type { QuarantineSummary } from '../../domain/data/partitions';
import type { Finding } from './findings';
import type { RowRule } from './row-rules';

/** One finding for each rule, in their order. */
export function rowFindings(
  rules: readonly RowRule[],
  isWaived: (rule: RowRule) => boolean,
  quarantined: readonly QuarantineSummary[],
): Finding[] {
  return rules.map((rule): Finding => {
    const broken = quarantined.find((summary) => summary.rule === rule.rule);
    const common = { check: rule.rule, kind: 'row', what: rule.rule, allowed: rule.allowed } as const;
    if (isWaived(rule)) return { ...common, verdict: 'passed', found: 'not looked at: a person let these rows in' };
    if (!broken) return { ...common, verdict: 'passed', found: 'no row that breaks it', rows: 0 };
    return { ...common, verdict: 'quarantined', found: broken.samples[0] ?? '', rows: broken.rows };
  });
}
