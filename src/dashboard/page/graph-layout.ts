// Places a small directed graph without cycles in layers from left to right (after Sugiyama, Tagawa and Toda 1981): a layer by the longest
// way from a source, the order within a layer by the mean of the neighbours, long edges led through the layers between.
import type { Lineage } from '../document/lineage';

/** Sizes in pixels. */
export interface Sizes {
  readonly boxWidth: number;
  readonly boxHeight: number;
  readonly layerGap: number;
  readonly boxGap: number;
}

/** Where everything is: the middle left of each box by node id, and the way of each edge through its points, in the order of the edges. */
export interface Placement {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  readonly ways: readonly (readonly { readonly x: number; readonly y: number }[])[];
}

interface Spot {
  readonly id: string;
  readonly layer: number;
  readonly isBox: boolean;
  y: number;
  readonly before: Spot[];
  readonly after: Spot[];
}

const SWEEPS = 6;

/** Places the graph. Edges of unknown nodes, and edges that close a cycle, are the caller's mistake: they are drawn straight. */
export function placed({ nodes, edges }: Lineage, sizes: Sizes): Placement {
  const layers = layersOf(nodes, edges);
  const columns: Spot[][] = [];
  const add = (id: string, layer: number, isBox: boolean): Spot => {
    const spot: Spot = { id, layer, isBox, y: 0, before: [], after: [] };
    (columns[layer] ??= []).push(spot);
    return spot;
  };
  const spots = new Map(nodes.map(({ id }) => [id, add(id, layers.get(id)!, true)]));
  const chains = edges.map(({ from, to }): Spot[] => {
    const [start, end] = [spots.get(from)!, spots.get(to)!];
    const chain = [start];
    for (let layer = start.layer + 1; layer < end.layer; layer++) chain.push(add(`${from}>${to}`, layer, false));
    chain.push(end);
    for (let i = 1; i < chain.length; i++) {
      chain[i]!.before.push(chain[i - 1]!);
      chain[i - 1]!.after.push(chain[i]!);
    }
    return chain;
  });
  arrange(columns, sizes);
  const all = columns.flat();
  const top = Math.min(...all.map((spot) => spot.y - heightOf(spot, sizes) / 2));
  const bottom = Math.max(...all.map((spot) => spot.y + heightOf(spot, sizes) / 2));
  const left = (layer: number): number => 2 + layer * (sizes.boxWidth + sizes.layerGap);
  const yOf = (spot: Spot): number => Math.round(spot.y - top + 2);
  return {
    width: left(columns.length - 1) + sizes.boxWidth + 2,
    height: Math.ceil(bottom - top) + 4,
    boxes: new Map([...spots].map(([id, spot]) => [id, { x: left(spot.layer), y: yOf(spot) }])),
    ways: chains.map((chain) =>
      chain.flatMap((spot, index) => {
        const x = left(spot.layer);
        if (index === 0) return [{ x: x + sizes.boxWidth, y: yOf(spot) }];
        if (index === chain.length - 1) return [{ x, y: yOf(spot) }];
        return [
          { x, y: yOf(spot) },
          { x: x + sizes.boxWidth, y: yOf(spot) },
        ];
      }),
    ),
  };
}

/** The longest way from a node without input, by node; at most as many rounds as there are nodes, so that a cycle ends too. */
function layersOf(nodes: Lineage['nodes'], edges: Lineage['edges']): Map<string, number> {
  const layers = new Map(nodes.map(({ id }) => [id, 0]));
  for (let round = 0, moved = true; moved && round < nodes.length; round++) {
    moved = false;
    for (const { from, to } of edges) {
      const least = layers.get(from)! + 1;
      if (layers.get(to)! >= least) continue;
      layers.set(to, least);
      moved = true;
    }
  }
  return layers;
}

/** Sweeps to and fro: orders each layer by the mean of its neighbours, then moves it there without overlaps. */
function arrange(columns: readonly Spot[][], sizes: Sizes): void {
  for (const column of columns) spread(column, (_, index) => index * (sizes.boxHeight + sizes.boxGap), sizes);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    for (const column of forth ? columns : [...columns].reverse()) {
      const wanted = new Map(column.map((spot) => [spot, meanY(forth ? spot.before : spot.after) ?? spot.y]));
      column.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
      spread(column, (spot) => wanted.get(spot)!, sizes);
    }
  }
}

function meanY(spots: readonly Spot[]): number | null {
  return spots.length === 0 ? null : spots.reduce((sum, { y }) => sum + y, 0) / spots.length;
}

/** Puts the spots near where they want to be, in their order and with room between them; their mean stays where it was wanted. */
function spread(column: readonly Spot[], wanted: (spot: Spot, index: number) => number, sizes: Sizes): void {
  const goals = column.map(wanted);
  let free = -Infinity;
  for (const [index, spot] of column.entries()) {
    const half = heightOf(spot, sizes) / 2;
    spot.y = Math.max(goals[index]!, free + half);
    free = spot.y + half + sizes.boxGap;
  }
  const shift = column.reduce((sum, { y }, index) => sum + y - goals[index]!, 0) / Math.max(1, column.length);
  for (const spot of column) spot.y -= shift;
}

function heightOf(spot: Spot, sizes: Sizes): number {
  return spot.isBox ? sizes.boxHeight : 4;
}
