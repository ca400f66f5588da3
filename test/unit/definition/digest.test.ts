import { canonicalJson, planDigest } from '../../../src/definition/digest';
import { cronProblem } from '../../../src/definition/cron';
import { defineModel } from '../../../src/definition/define-model';
import { lifecycleSettings } from '../../../src/definition/settings';
import { modelInput } from './example';

describe('the digest of a plan', () => {
  it('does not depend on the order in which fields were written', () => {
    const input = modelInput();
    const turned = Object.fromEntries(Object.entries(input).reverse()) as typeof input;
    expect(planDigest(defineModel(turned).plan)).toBe(planDigest(defineModel(input).plan));
  });

  it('changes with the order of the features, because columns change places', () => {
    const { plan } = defineModel(modelInput());
    const turned = plan.features.map((view) => ({
      ...view,
      features: Object.fromEntries(Object.entries(view.features).reverse()),
    }));
    expect(planDigest({ ...plan, features: turned })).not.toBe(planDigest(plan));
  });

  it('changes with any value', () => {
    const { plan } = defineModel(modelInput());
    expect(planDigest({ ...plan, description: 'other' })).not.toBe(planDigest(plan));
  });

  it('survives a round trip through JSON', () => {
    const { plan } = defineModel(modelInput());
    expect(planDigest(JSON.parse(JSON.stringify(plan)) as typeof plan)).toBe(planDigest(plan));
  });

  it('writes JSON without undefined fields and with fields in alphabetical order', () => {
    expect(canonicalJson({ b: [1, undefined, 'x'], a: undefined, A: null })).toBe('{"A":null,"b":[1,null,"x"]}');
  });
});

describe('settings for the lifecycle', () => {
  it('reads durations as milliseconds', () => {
    const { plan } = defineModel(modelInput({ approval: { expiresAfter: '90 s', remindBefore: '1 min' } }));
    expect(lifecycleSettings(plan)).toMatchObject({
      approvalExpiresMs: 90_000,
      remindBeforeMs: 60_000,
      retrainCooldownMs: 604_800_000,
      tables: ['trips', 'outcomes'],
      dataEndDay: null,
    });
  });
});

describe('cron expressions', () => {
  it.each(['0 1 * * *', '*/15 0-6,22 1,15 JAN-MAR MON', '0 0 31 12 7', '59 23 * * sun'])('accepts %s', (cron) => {
    expect(cronProblem(cron)).toBeNull();
  });

  it.each([
    '60 1 * * *',
    '0 24 * * *',
    '0 0 0 * *',
    '0 0 * 13 *',
    '0 0 * * 8',
    '5-1 * * * *',
    '*/0 * * * *',
    'x * * * *',
    '1- * * * *',
    '* * * *',
  ])('refuses %s', (cron) => {
    expect(cronProblem(cron)).not.toBeNull();
  });
});
