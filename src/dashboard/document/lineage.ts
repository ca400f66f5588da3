// The lineage of a plan as a graph: sources → tables → views → snapshot ← label → contenders → champion. Nodes in the plan's order.
import type { ModelPlan } from '../../domain/plan/plan';
import { FORMATS, shownPath } from './source-words';

export type LineageKind = 'source' | 'table' | 'view' | 'label' | 'snapshot' | 'contender' | 'champion';

/** One box. `id` is unique, and the same in the edges. */
export interface LineageNode {
  readonly id: string;
  readonly kind: LineageKind;
  readonly name: string;
  /** A second, smaller line. */
  readonly detail: string;
}

/** From what is read to what reads it. */
export interface LineageEdge {
  readonly from: string;
  readonly to: string;
  /** What the reader takes; empty when the boxes say it. */
  readonly label: string;
}

export interface Lineage {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

/** The graph of a plan; with the serving champion at its end. Tables of one file share its source. */
export function lineageOf(plan: ModelPlan, champion: { version: number; contender: string } | null): Lineage {
  const nodes: LineageNode[] = [];
  const edges: LineageEdge[] = [];
  const edge = (from: string, to: string, label = ''): void => void edges.push({ from, to, label });
  const views = new Set(plan.features.map(({ name }) => name));
  const inputOf = (name: string): string => (views.has(name) ? `view:${name}` : `table:${name}`);

  const sources = new Map<string, string>();
  for (const [name, { source }] of Object.entries(plan.tables)) {
    // A query or a stream belongs to one table; files of one path are one source.
    const key = 'path' in source ? source.path : `${source.format} ${name}`;
    if (!sources.has(key)) {
      sources.set(key, `source:${sources.size + 1}`);
      nodes.push({ id: sources.get(key)!, kind: 'source', ...sourceBox(source) });
    }
    edge(sources.get(key)!, `table:${name}`);
  }
  for (const [name, table] of Object.entries(plan.tables)) {
    const columns = Object.keys(table.columns).length;
    nodes.push({ id: `table:${name}`, kind: 'table', name, detail: `${columns} column${columns === 1 ? '' : 's'}` });
  }
  for (const view of plan.features) {
    const count = Object.keys(view.features).length;
    nodes.push({
      id: `view:${view.name}`,
      kind: 'view',
      name: view.name,
      detail: `${count} feature${count === 1 ? '' : 's'}`,
    });
    for (const [input, days] of Object.entries(view.reads)) {
      edge(inputOf(input), `view:${view.name}`, daysSeen(days));
    }
    edge(`view:${view.name}`, 'snapshot');
  }
  nodes.push({ id: 'label', kind: 'label', name: 'label', detail: plan.label.sql });
  edge(`table:${plan.label.table}`, 'label');
  edge('label', 'snapshot');
  const { holdoutDays, truthSet } = plan.snapshot;
  const detail = `${holdoutDays} days held out, every ${truthSet.everyNthDay}th day a truth day`;
  nodes.push({ id: 'snapshot', kind: 'snapshot', name: 'snapshot', detail });
  for (const [name, { trainer }] of Object.entries(plan.contenders)) {
    nodes.push({ id: `contender:${name}`, kind: 'contender', name, detail: trainer });
    edge('snapshot', `contender:${name}`);
  }
  if (champion) {
    nodes.push({ id: 'champion', kind: 'champion', name: 'champion', detail: `version ${champion.version}` });
    // The contender may have been taken out of the definition since.
    const trained = Object.hasOwn(plan.contenders, champion.contender) ? `contender:${champion.contender}` : 'snapshot';
    edge(trained, 'champion', trained === 'snapshot' ? `as ${champion.contender}, no longer defined` : '');
  }
  return { nodes, edges };
}

function sourceBox(source: ModelPlan['tables'][string]['source']): Pick<LineageNode, 'name' | 'detail'> {
  switch (source.format) {
    case 'postgres':
      return { name: source.connection, detail: 'PostgreSQL query' };
    case 'push':
      return { name: 'pushed rows', detail: 'HTTP' };
    case 'hook':
      return { name: source.module, detail: 'hook' };
    default:
      return { name: `${FORMATS[source.format]} files`, detail: shownPath(source.path) };
  }
}

/** Which days a view sees of an input, by its look-back. */
export function daysSeen(lookBackDays: number): string {
  if (lookBackDays === 0) return 'the day itself';
  return lookBackDays === 1 ? 'the day and the day before' : `the day and the ${lookBackDays} days before`;
}
