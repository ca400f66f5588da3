// A contender with other settings: how they are read, what they change, what is refused.
import { readSettings, settingTexts, variationOf } from '../../../src/definition/contenders/variation';
import tiny from '../../models/tiny/model';

const SNAPSHOT = 'a'.repeat(64);
const contender = (text: string) =>
  variationOf(tiny.plan, 'main', readSettings(text), SNAPSHOT).plan.contenders['main']!;

describe('settings', () => {
  it('are numbers, flags, objects and texts by their look', () => {
    expect(readSettings('params.l2=3,params.kind=abc,weights.classes={"negative":1,"positive":2},tuning=null')).toEqual(
      [
        { path: 'params.l2', value: 3 },
        { path: 'params.kind', value: 'abc' },
        { path: 'weights.classes', value: { negative: 1, positive: 2 } },
        { path: 'tuning', value: null },
      ],
    );
  });

  it('are refused without a value, and twice', () => {
    expect(() => readSettings('params.l2')).toThrow('--set: found "params.l2", allowed is PATH=VALUE');
    expect(() => readSettings('seed=1,seed=2')).toThrow('--set: seed: found it twice');
  });

  it('are shown in one order, whatever the order they were given in', () => {
    expect(settingTexts(readSettings('seed=2,params.l2=1'))).toEqual(settingTexts(readSettings('params.l2=1,seed=2')));
  });
});

describe('a variation', () => {
  it('changes the named settings of the one contender and nothing else', () => {
    const { plan } = variationOf(tiny.plan, 'main', readSettings('params.l2=7,seed=3'), SNAPSHOT);
    expect(plan.contenders['main']).toMatchObject({ trainer: 'logistic', params: { l2: 7 }, seed: 3 });
    expect({ ...plan, contenders: 0 }).toEqual({ ...tiny.plan, contenders: 0 });
    expect(plan.contenders['flat']).toEqual(tiny.plan.contenders['flat']);
  });

  it('takes a setting away where it is null', () => {
    expect(contender('params.l2=null').params).toEqual({});
  });

  it('has the digest of what it trains: contender, settings and snapshot, not of how they were written', () => {
    const digest = (text: string | undefined, on = SNAPSHOT) =>
      variationOf(tiny.plan, 'main', readSettings(text), on).digest;
    expect(digest('params.l2=1')).toBe(digest(undefined));
    expect(digest('params.l2=2')).not.toBe(digest(undefined));
    expect(digest(undefined, 'b'.repeat(64))).not.toBe(digest(undefined));
    expect(variationOf(tiny.plan, 'flat', [], SNAPSHOT).digest).not.toBe(digest(undefined));
  });

  it('is refused with path, found and allowed', () => {
    expect(() => contender('earlyStopping.days=7')).toThrow(/--set: earlyStopping\.rounds: found nothing/);
    expect(() => contender('trainer=forest')).toThrow('--set: trainer: found "forest", allowed is one of "lightgbm"');
    expect(() => contender('monotone={"x9":1}')).toThrow(/--set: monotone/);
    expect(() => contender('params=3')).toThrow('--set: params: found 3, allowed is an object');
  });
});
