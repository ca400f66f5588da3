// The order in which jest starts suites. A fresh clone has no timings, and jest's own guess, the size of a file, leaves a minute of Python for the end.
const { default: Sequencer } = require('@jest/test-sequencer');

/** Suites that wait for programs of their own, then all that wait for servers, then those that only compute and fill the gaps. */
const ORDER = [/\/integration\/(training|embedded|docs)\//, /\/integration\//];

function rank(path) {
  const at = ORDER.findIndex((pattern) => pattern.test(path));
  return at === -1 ? ORDER.length : at;
}

module.exports = class LongestFirst extends Sequencer {
  /** Within a rank jest's own order: by the last run's times, or else by size. */
  async sort(tests) {
    const sorted = await super.sort(tests);
    return sorted
      .map((test) => ({ test, rank: rank(test.path) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ test }) => test);
  }
};
