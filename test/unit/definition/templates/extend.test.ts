// extend and variants: what is merged, what is replaced, what is removed, and how mistakes are told.
import { extend } from '../../../../src/definition/templates/extend';
import { variants } from '../../../../src/definition/templates/variants';
import { defineModel } from '../../../../src/definition/define-model';
import { lightgbm, linear, logistic } from '../../../../src/definition/contenders/builders';
import type { UnderstudyError } from '../../../../src/domain/failures';
import { modelInput } from '../example';

const base = defineModel(modelInput());

function message(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect((error as UnderstudyError).code).toBe('DEFINITION_INVALID');
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe('extend', () => {
  it('merges objects at any depth and leaves the base as it was', () => {
    const before = JSON.stringify(base.plan);
    const { plan } = extend(base, {
      name: 'later',
      contenders: { trees: lightgbm({ iterations: 80 }) },
      snapshot: { holdoutDays: 7 },
      monitoring: { drift: { minRows: 9 } },
    });
    expect(plan).toEqual({
      ...base.plan,
      name: 'later',
      contenders: {
        ...base.plan.contenders,
        trees: { ...base.plan.contenders['trees'], params: { num_iterations: 80 } },
      },
      snapshot: { ...base.plan.snapshot, holdoutDays: 7 },
      monitoring: { ...base.plan.monitoring, drift: { ...base.plan.monitoring.drift, minRows: 9 } },
    });
    expect(JSON.stringify(base.plan)).toBe(before);
  });

  it('replaces lists, removes a field with null so that its default applies, and takes undefined for no change', () => {
    const { plan } = extend(extend(base, { evaluation: { slices: ['line'] }, snapshot: { holdoutDays: 3 } }), {
      features: [base.plan.features[0]!],
      evaluation: { slices: [] },
      snapshot: { holdoutDays: null },
      contenders: { baseline: null },
      owner: undefined,
    });
    expect(plan.features.map(({ name }) => name)).toEqual(['plan']);
    expect(plan.evaluation.slices).toEqual([]);
    expect(plan.snapshot.holdoutDays).toBe(14);
    expect(Object.keys(plan.contenders)).toEqual(['trees']);
  });

  it('carries over what is written, and no default: another task has other ones', () => {
    const numbers = defineModel(modelInput({ task: 'regression', contenders: { line: linear() } }));
    expect(numbers.plan.evaluation.primary).toBe('rmse');
    const { plan } = extend(numbers, { task: 'binary', contenders: { line: logistic() } });
    expect(plan.evaluation.primary).toBe('log_loss');
  });

  it('takes a contender of another trainer as a whole', () => {
    const { plan } = extend(base, { contenders: { trees: logistic({ l2: 3 }) } });
    expect(plan.contenders['trees']).toMatchObject({ trainer: 'logistic', params: { l2: 3 } });
    expect(plan.contenders['trees']!.params).not.toHaveProperty('num_iterations');
  });

  it('makes a definition of a template that has no name of its own', () => {
    const { name: _none, ...template } = modelInput();
    expect(extend(template, { name: 'second' }).plan).toEqual({ ...base.plan, name: 'second' });
  });

  it('names the path of each mistake', () => {
    expect(message(() => extend(base, { snapshot: { holdout: null } } as never))).toBe(
      'models/late/model.ts: snapshot.holdout: found null, allowed is null for a field that the base has: start',
    );
    expect(message(() => extend(base, { snapshot: { holdout: 3 } } as never))).toContain(
      'snapshot.holdout: found a field of this name',
    );
    expect(message(() => extend(base, { label: null }))).toContain('label: found nothing');
    expect(message(() => extend('late' as never, [] as never)).split('\n')).toHaveLength(2);
  });
});

describe('variants', () => {
  it('gives each variant the base with its changes, a name of its own and the data of the base', () => {
    const [first, second] = variants(base, { a: { rows: "line = 'a'" }, b: { rows: "line = 'b'", owner: 'ops' } });
    expect(first!.plan).toEqual({ ...base.plan, name: 'late-a', dataOf: 'late', rows: "line = 'a'" });
    expect(second!.plan).toMatchObject({ name: 'late-b', dataOf: 'late', rows: "line = 'b'", owner: 'ops' });
  });

  it('keeps the owner of the base’s own data', () => {
    const elsewhere = extend(base, { name: 'by-line', dataOf: 'late' });
    expect(variants(elsewhere, { a: {} })[0]!.plan).toMatchObject({ name: 'by-line-a', dataOf: 'late' });
  });

  it('names the variant and the path of each mistake', () => {
    const told = message(() =>
      variants(base, {
        a: { tables: {}, timeZone: 'UTC' },
        b: { snapshot: { holdoutDays: -1 } },
        C: {},
      }),
    );
    expect(told.split('\n').map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual([
      'models/late/model.ts: variants.a.tables',
      'models/late/model.ts: variants.a.timeZone',
      'models/late/model.ts: variants.b.snapshot.holdoutDays',
      'models/late/model.ts: variants.C.name',
    ]);
    expect(message(() => variants(base, {}))).toContain('variants: found none');
    expect(message(() => variants({}, { a: {} }))).toContain('name: found nothing');
  });

  it('refuses pushed rows beside the data of another model', () => {
    const { trips, outcomes } = modelInput().tables;
    const pushed = { ...trips!, source: { format: 'push', eventTime: 'starts' } };
    const input = modelInput({ dataOf: 'other', tables: { trips: pushed, outcomes } });
    expect(message(() => defineModel(input))).toContain('tables.trips: found a table of pushed rows beside dataOf');
    expect(defineModel({ ...input, dataOf: 'late' }).plan.dataOf).toBe('late');
  });
});
