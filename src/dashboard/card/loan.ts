// What a card says of a borrowed version: whose it is, where its training report comes from, the lender's metrics as the lender's, what is not known.
import type { Day, IsoTimestamp } from '../../domain/days';
import type { Evaluation } from '../../domain/evaluation/evaluation';
import { facts, html, list, table, type Html, type Part } from '../page/html';
import { instant } from '../page/numbers';
import type { CardDocument, MetricDocument } from './document';
import type { CardFacts } from './facts';
import { metricCells } from './task-judged';

/** The part of the document about a loan. */
export interface LoanDocument {
  /** `model@version`: what was borrowed; where that was borrowed too, whose it was before, the one that was trained last. */
  readonly from: readonly string[];
  /** The version that was trained; null: it is not recorded any more. */
  readonly trained: {
    readonly model: string;
    readonly version: number;
    readonly contender: string;
    readonly state: string;
    readonly cycle: string;
    readonly logicalTime: Day;
    readonly createdAt: IsoTimestamp;
    /** Digest of the training report, which is that of the borrowed version too. */
    readonly report: string;
    /** What the lender's definition says that it predicts. */
    readonly description: string;
    readonly label: { readonly table: string; readonly sql: string };
  } | null;
  /** Of the lender, on the rows of the lender's snapshot; none where it was not evaluated on that. */
  readonly metrics: readonly MetricDocument[];
  /** What nobody knows of it here, in sentences. */
  readonly unknown: readonly string[];
}

/** The loan of a version; null: it is its model's own. */
export function loanOf(
  { loan, version, plan, evaluation }: CardFacts,
  metricsOf: (of: Evaluation) => MetricDocument[],
): LoanDocument | null {
  if (!loan) return null;
  const { lender, chain } = loan;
  return {
    from: chain,
    trained: lender && {
      ...{ model: lender.model, version: lender.version, contender: lender.contender, state: lender.state },
      ...{ cycle: lender.lineage.cycle, logicalTime: lender.lineage.logicalTime, createdAt: lender.createdAt },
      ...{ report: lender.training.report.sha256, description: plan.description, label: plan.label },
    },
    metrics: loan.evaluation ? metricsOf(loan.evaluation) : [],
    unknown: unknownOf({ loan, version, plan, evaluation }),
  };
}

type Known = Pick<CardFacts, 'version' | 'plan' | 'evaluation'> & { readonly loan: NonNullable<CardFacts['loan']> };

function unknownOf({ loan, version: { model }, plan, evaluation }: Known): string[] {
  const lender = loan.chain.at(-1)!;
  const unknown = [];
  if (!loan.lender) unknown.push(`Who trained it, and when: ${lender} is not recorded any more.`);
  if (!loan.evaluation) unknown.push(`How well it did for the lender: no evaluation of ${lender} is recorded.`);
  if (!evaluation)
    unknown.push(`How well it predicts the rows of ${model}: no decision of ${model} has measured it yet.`);
  unknown.push(`Whether the rows of ${model} are like those that it was trained on, which are the lender's.`);
  const own = loan.plan?.label;
  if (own && own.sql !== plan.label.sql)
    unknown.push(
      `What its predictions mean here: it was trained for ${plan.label.sql} of ${plan.label.table}, and the label of ${model} is ${own.sql} of ${own.table}.`,
    );
  return unknown;
}

/** The section; nothing for a version of the model's own. */
export function loanSection({ loan }: CardDocument): Html {
  if (!loan) return html``;
  const { from, trained, metrics, unknown } = loan;
  const lender = from.at(-1)!;
  return html`<section aria-labelledby="loan">
    <h2 id="loan">Borrowed</h2>
    <p>
      This version is ${from[0]!}, borrowed. Its data, features, training, curves and what counts in it are those of
      ${lender}, on the lender's own rows.
    </p>
    ${facts([
      ['borrowed from', from.join(', borrowed from ')],
      ...(trained ? trainedFacts(trained) : [['lender', `${lender} is not recorded any more`] as const]),
    ])}
    ${table(
      `Metrics of ${lender}, the lender's: on the lender's rows`,
      ['metric', 'better', "#lender's holdout", '#interval', "#lender's truth set", '#interval'],
      metrics.map(metricCells),
      'The lender has not been evaluated, or its evaluation is not recorded.',
    )}
    <h3>What is not known</h3>
    ${list(unknown)}
  </section>`;
}

function trainedFacts(trained: NonNullable<LoanDocument['trained']>): (readonly [string, Part])[] {
  const { model, version, contender, state, cycle, logicalTime, createdAt, report, description, label } = trained;
  return [
    ['lender', `${model}@${version} (${contender}, ${state} there)`],
    ['what the lender is for', description === '' ? 'its definition does not say' : description],
    ["the lender's label", html`<code>${label.sql}</code> of ${label.table}`],
    ['trained in', cycle],
    ["the lender's logical time", logicalTime],
    ['trained on', instant(createdAt)],
    ['training report', html`that of ${model}@${version}, <code>${report}</code>`],
  ];
}

/** A sentence for sections whose numbers are the lender's; nothing for a version of the model's own. */
export function ofLender({ loan }: CardDocument): Html | null {
  return loan && html`<p>Of ${loan.from.at(-1)!}, the lender, on the lender's rows.</p>`;
}
