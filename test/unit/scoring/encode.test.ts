import { encodeRows, rowEncoder } from '../../../src/scoring/encode';
import type { ModelSignature } from '../../../src/domain/training/training';

const signature: ModelSignature = {
  columns: [
    { kind: 'number', name: 'distance' },
    { kind: 'category', name: 'carrier', categories: ['AA', 'UA'] },
  ],
};

describe('the row encoder', () => {
  it('codes categories by their index and keeps numbers', () => {
    expect([
      ...encodeRows(signature, [
        { distance: 1.5, carrier: 'UA' },
        { carrier: 'AA', distance: true },
      ]),
    ]).toEqual([1.5, 1, 1, 0]);
  });

  it('takes what is absent, null, not a number or an unseen category as missing', () => {
    const rows = [{}, { distance: null, carrier: null }, { distance: NaN, carrier: 'ZZ' }, { carrier: 'constructor' }];
    expect([...encodeRows(signature, rows)]).toEqual(Array(8).fill(NaN));
  });

  it.each([
    [{ distance: '12' }, 'Row 1, column distance: found "12"; allowed: a number or null.'],
    [{ distance: [1] }, 'Row 1, column distance: found an array; allowed: a number or null.'],
    [{ carrier: 3 }, 'Row 1, column carrier: found the number 3; allowed: a string or null.'],
    [
      { origin: 'JFK' },
      'Row 1, column origin: found a column that the model does not have; allowed: distance, carrier.',
    ],
  ])('names row, column, what was found and what is allowed for %j', (row, message) => {
    expect(() => encodeRows(signature, [{}, row])).toThrow(
      expect.objectContaining({ code: 'SIGNATURE_MISMATCH', message }) as Error,
    );
  });

  it('can be used again and again', () => {
    const encode = rowEncoder(signature);
    expect(encode([{ carrier: 'AA' }])[1]).toBe(0);
    expect(encode([])).toHaveLength(0);
  });
});
