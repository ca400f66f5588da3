// The lineage graph as SVG: a box for each node that leads to its section, and the same in a table for who cannot see it.
import type { Lineage, LineageNode } from '../document/lineage';
import { placed } from './graph-layout';
import { details, html, table, type Html } from './html';

/** Seven layers fit across the page; more can be scrolled. */
const SIZES = { boxWidth: 130, boxHeight: 42, layerGap: 32, boxGap: 14 } as const;
const LETTERS_OF_NAME = 17;
const LETTERS_OF_DETAIL = 22;

/** The figure and its table. */
export function lineageGraph(lineage: Lineage): Html {
  const { width, height, boxes, ways } = placed(lineage, SIZES);
  const names = new Map(lineage.nodes.map((node) => [node.id, node]));
  const sentence = (edge: Lineage['edges'][number]): string =>
    `${nameOf(names.get(edge.from)!)} → ${nameOf(names.get(edge.to)!)}${edge.label === '' ? '' : `: ${edge.label}`}`;
  const paths = lineage.edges.map(
    (edge, index) =>
      html`<path d="${curve(ways[index]!)}" marker-end="url(#arrow)"><title>${sentence(edge)}</title></path>`,
  );
  const drawn = lineage.nodes.map((node) => box(node, boxes.get(node.id)!));
  const rows = lineage.edges.map((edge) => [nameOf(names.get(edge.from)!), nameOf(names.get(edge.to)!), edge.label]);
  return html`<figure class="scroll" role="region" aria-label="Lineage graph" tabindex="0">
      <svg
        class="graph"
        width="${width}"
        height="${height}"
        viewBox="0 0 ${width} ${height}"
        role="group"
        aria-labelledby="graph-t graph-d"
      >
        <title id="graph-t">Lineage of the data</title>
        <desc id="graph-d">
          Sources, tables, feature views, snapshot, contenders and champion, from left to right; the same stands in the
          table below.
        </desc>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        ${paths}${drawn}
      </svg>
    </figure>
    ${details('The graph as a table', table('What is read by what', ['read', 'by', 'how'], rows))}`;
}

function nameOf({ kind, name }: LineageNode): string {
  return kind === name ? name : `${kind} ${name}`;
}

/** Where a node's section is. */
function target({ kind, name }: LineageNode): string {
  switch (kind) {
    case 'table':
      return `table-${name}`;
    case 'view':
      return `view-${name}`;
    case 'source':
      return 'tables';
    case 'label':
    case 'snapshot':
    case 'contender':
    case 'champion':
      return 'model';
  }
}

function box(node: LineageNode, { x, y }: { readonly x: number; readonly y: number }): Html {
  const { boxWidth, boxHeight } = SIZES;
  const top = y - boxHeight / 2;
  return html`<a class="${node.kind}" href="#${target(node)}"
    ><title>${nameOf(node)}${node.detail === '' ? '' : ` (${node.detail})`}</title
    ><rect x="${x}" y="${top}" width="${boxWidth}" height="${boxHeight}" rx="6" /><text
      class="name"
      x="${x + 9}"
      y="${top + 18}"
      >${cut(node.name, LETTERS_OF_NAME)}</text
    ><text x="${x + 9}" y="${top + 33}"
      >${cut(node.detail, LETTERS_OF_DETAIL, node.kind === 'source' ? 'end' : 'start')}</text
    ></a
  >`;
}

/** Of a path the end says most, of all else the beginning. */
function cut(text: string, letters: number, keep: 'start' | 'end' = 'start'): string {
  if (text.length <= letters) return text;
  return keep === 'start' ? `${text.slice(0, letters - 1)}…` : `…${text.slice(1 - letters)}`;
}

/** Level at every point, so that it leaves and enters boxes from the side. */
function curve(way: readonly { readonly x: number; readonly y: number }[]): string {
  return way
    .map(({ x, y }, index) => {
      const before = way[index - 1];
      if (!before) return `M${x} ${y}`;
      const middle = Math.round((before.x + x) / 2);
      return before.y === y ? `L${x} ${y}` : `C${middle} ${before.y} ${middle} ${y} ${x} ${y}`;
    })
    .join('');
}
