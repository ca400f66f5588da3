// The demo's command line.
import { readDemoOptions } from '../../../scripts/demo/arguments';

describe('the options of the demo', () => {
  it('are a clean run of the whole season by default', () => {
    expect(readDemoOptions([], '/here')).toEqual({ reportFile: null, keep: false, days: null });
  });

  it('take a report file relative to the current folder, --keep and --days', () => {
    expect(readDemoOptions(['--report', 'out/r.json', '--keep', '--days', '10'], '/here')).toEqual({
      reportFile: '/here/out/r.json',
      keep: true,
      days: 10,
    });
  });

  it.each([['--days', '1'], ['--days', 'ten'], ['--fast']])('refuse %s %s in words', (...args) => {
    expect(() => readDemoOptions(args.filter(Boolean), '/here')).toThrow(/^demo: /);
  });
});
