// Warm starts of the TypeScript trainers from a parent's ONNX graph: the same optimum in fewer steps, and no start from what does not fit.
import type { StartedFrom } from '../../../src/domain/plan/start-from';
import type { Target } from '../../../src/domain/evaluation/task';
import type { ModelColumn, ModelSignature } from '../../../src/domain/training/training';
import { buildDesign } from '../../../src/training/design';
import { fitLinear, type LinearFit } from '../../../src/training/linear/fits';
import { encodeOnnx, metadataOf } from '../../../src/training/onnx-proto';
import { COLUMNS, trainingRows } from './rows';

const ROWS = 2000;
const BINARY: Target = { task: 'binary' };
const startFrom: StartedFrom = {
  ...{ model: 'warm', version: 3, contender: 'linear', seenTo: '2013-03-01', truthEveryNthDays: [10] },
  native: { uri: 'artifact', sha256: '0'.repeat(64), bytes: 1, mediaType: 'application/json' },
};

interface Asked {
  readonly target?: Target;
  readonly columns?: readonly ModelColumn[];
  readonly rows?: number;
  readonly seed?: number;
  readonly parent?: Uint8Array;
  readonly mustStart?: boolean;
}

function fit({ target = BINARY, columns = COLUMNS, rows = ROWS, seed = 1, parent, mustStart }: Asked = {}): LinearFit {
  const made = trainingRows(rows, seed);
  const signature: ModelSignature = { columns: [...columns] };
  const labels =
    target.task === 'multiclass' ? made.labels.map((label, row) => label + (row % 5 === 0 ? 1 : 0)) : made.labels;
  return fitLinear({
    ...{
      target,
      signature,
      parent,
      onIteration: () => undefined,
      params: target.task === 'regression' ? {} : { l2: 2 },
    },
    matrix: { rows, features: made.features, labels },
    design: buildDesign(made.features, rows, signature),
    ...(mustStart && { startFrom }),
  });
}

/** A graph that carries this text where a logistic model's own is. */
function carrying(text: string): Uint8Array {
  const [key] = Object.keys(metadataOf(fit().onnx));
  return encodeOnnx({ name: 'x', inputs: [], outputs: [], constants: [], nodes: [], metadata: { [key!]: text } });
}

const losses = (a: LinearFit, b: LinearFit): void => expect(a.curve.at(-1)).toBeCloseTo(b.curve.at(-1)!, 9);
const cold = fit();

it('takes one step from the graph of its own optimum, and ends there', () => {
  const warm = fit({ parent: cold.onnx, mustStart: true });
  expect(cold.iterations).toBeGreaterThan(3);
  expect(warm.iterations).toBe(1);
  losses(warm, cold);
  expect(warm.warmStart).toBe("started from the parent version's weights");
});

it('takes fewer steps from the graph of earlier rows, to the optimum of a start from nothing', () => {
  const warm = fit({ parent: fit({ rows: 1500, seed: 1 }).onnx });
  expect(warm.iterations).toBeLessThan(cold.iterations);
  expect(warm.converged).toBe(true);
  losses(warm, cold);
});

it('has other tasks end at their optimum whatever the parent, and says that they do not start from it', () => {
  const classes: Target = { task: 'multiclass', classes: ['a', 'b', 'c'] };
  for (const target of [classes, { task: 'regression' } as const]) {
    const alone = fit({ target });
    const beside = fit({ target, parent: alone.onnx });
    expect(beside.onnx).toEqual(alone.onnx);
    expect(beside.warmStart).toMatch(/^none: /);
  }
});

describe('a graph that does not fit', () => {
  const terms = (JSON.parse(metadataOf(cold.onnx)[Object.keys(metadataOf(cold.onnx))[0]!]!) as { terms: object[] })
    .terms;
  const model = (change: (terms: Record<string, unknown>[]) => unknown[]): string =>
    JSON.stringify({ intercept: 0, terms: change(terms.map((term) => ({ ...term }))) });
  const damaged: [string, Uint8Array][] = [
    ['of another trainer', fit({ target: { task: 'regression' } }).onnx],
    [
      'whose model has too few weights for its categories',
      carrying(model((all) => all.map((t) => ({ ...t, weights: [1] })))),
    ],
    ['whose model has a weight that is no number', carrying(model((all) => all.map((t) => ({ ...t, weight: 'x' }))))],
    ['whose model has no terms', carrying('{"intercept":1}')],
  ];

  it.each(damaged)('%s is no start: a hint is left alone, a version that was named is refused', (_, parent) => {
    const alone = fit({ parent });
    expect([alone.warmStart, alone.onnx]).toEqual(['none', cold.onnx]);
    expect(() => fit({ parent, mustStart: true })).toThrow(
      expect.objectContaining({
        code: 'START_REFUSED',
        message:
          'startFrom: found: warm@3, whose graph is gone or carries no model of this trainer; allowed is a version of this trainer.',
      }) as Error,
    );
  });

  it('of other columns is a hint still, by their names, and refused as a version that was named', () => {
    const columns = COLUMNS.map((column, at) => (at === 2 ? { ...column, name: 'humidity' } : column));
    const parent = fit({ columns }).onnx;
    losses(fit({ parent }), cold);
    expect(() => fit({ parent, mustStart: true })).toThrow(
      'startFrom: found: warm@3: column 3 is humidity (number) there and pressure (number) now; allowed is a version of the same columns.',
    );
  });

  it('that is gone is refused as a version that was named', () => {
    expect(() => fit({ mustStart: true })).toThrow('whose graph is gone');
  });
});
