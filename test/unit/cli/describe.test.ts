// The text histogram of `describe`.
import { histogramText } from '../../../src/cli/commands/describe';

describe('a histogram in text', () => {
  it('aligns labels and counts, scales the longest bar to 40 marks, and marks every bin that is not empty', () => {
    const bars = [
      { label: '-86 to 0', count: 400 },
      { label: '0 to 120', count: 100 },
      { label: '120 to 1301', count: 1 },
      { label: 'more', count: 0 },
    ];
    expect(histogramText(bars).split('\n')).toEqual([
      `   -86 to 0  400  ${'#'.repeat(40)}`,
      `   0 to 120  100  ${'#'.repeat(10)}`,
      '120 to 1301    1  #',
      '       more    0',
    ]);
  });
});
