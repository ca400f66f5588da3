// How parameters were found stands on the card: declared ones apart from found ones, the study with its plots, early stopping with its rows.
import { cardDocument } from '../../../../src/dashboard/card/document';
import type { CardFacts } from '../../../../src/dashboard/card/facts';
import { cardPage } from '../../../../src/dashboard/card/page';
import { studyDocument } from '../../../../src/dashboard/study/study-document';
import { studyPage } from '../../../../src/dashboard/study/study-page';
import type { TrainRequest } from '../../../../src/domain/training/training';
import { STUDY, trial, TRIALS } from '../../tuning/study';
import { between, cardFacts } from './facts';

const bare = cardFacts();
const request = { earlyStoppingDays: 7, earlyStoppingRounds: 50 } as unknown as TrainRequest;

function tuned(change: Partial<CardFacts> = {}, won: number | null = 1): CardFacts {
  const { version, plan } = bare;
  const params = { learning_rate: 0.02, boosting: 'dart', l2: 3 };
  return {
    ...bare,
    plan: {
      ...plan,
      contenders: { [version.contender]: { trainer: 'lightgbm', params: { learning_rate: 0.5, l2: 3 }, seed: 1 } },
    },
    version: {
      ...version,
      lineage: { ...version.lineage, params, tuning: { study: STUDY.study, trial: won }, request },
    },
    ...{ search: { study: STUDY, trials: TRIALS }, stoppingRows: 120 },
    ...change,
  };
}

it('tells declared parameters from those that a trial found, and the rows that early stopping kept aside', () => {
  const document = cardDocument(tuned());
  expect(document.training).toMatchObject({
    declared: { learning_rate: 0.5, l2: 3 },
    found: { learning_rate: 0.02, boosting: 'dart' },
    earlyStopping: { days: 7, rounds: 50, rows: 120, grownOn: bare.version.training.rows - 120 },
  });
  expect(document.search).toMatchObject({ study: STUDY.study, trial: 1 });
  expect(document.search!.found).toMatchObject({
    ...{ metric: 'log_loss', better: 'lower', of: 6, best: { trial: 1, value: 0.35 } },
    states: { complete: 3, pruned: 1, failed: 1 },
  });
  const text = cardPage(document);
  for (const shown of [
    `Parameters found by study ${STUDY.study}, trial 1`,
    'on the last 7 days (120 rows), after 50 rounds without a better one; grown on the other 880 rows',
    'href="#search"',
    'log_loss by trial',
    'log_loss by learning_rate (logarithmic)',
    '0.01 to 0.3, logarithmic',
  ])
    expect(text).toContain(shown);
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});

it('says so when nothing was searched for, no trial was complete, the study is gone, or the rows are not recorded', () => {
  const none = cardDocument(bare);
  expect([none.search, none.training.found, none.training.earlyStopping]).toEqual([null, null, null]);
  expect(cardPage(none)).not.toContain('How its parameters were found');
  const early = cardDocument(tuned({ search: { study: STUDY, trials: [trial(0, 'failed', [], null)] } }, null));
  expect(early.training.found).toBeNull();
  expect(cardPage(early)).toContain('ended before any trial was complete');
  expect(cardPage(early)).toContain('there is nothing to draw');
  const gone = cardPage(cardDocument(tuned({ search: null, stoppingRows: null })));
  expect(gone).toContain('The study is not recorded any more.');
  expect(gone).toContain('on the last 7 days, after 50 rounds');
});

it('draws labels and points inside of the view box, on a page of its own too', () => {
  const text = studyPage(studyDocument(STUDY, TRIALS), '2013-03-20T00:00:00.000Z');
  expect(text).toContain('Study 3f9a01c2d4e5 of m');
  expect(text).not.toMatch(/NaN|undefined|Infinity|<script|(src|href)="(?!#)/);
  const drawings = [...text.matchAll(/<svg viewBox="0 0 (\d+) (\d+)"[\s\S]*?<\/svg>/g)];
  expect(drawings).toHaveLength(3);
  for (const [drawing, width, height] of drawings) {
    const found = (name: string) =>
      [...drawing.matchAll(new RegExp(`\\s${name}="([^"]+)"`, 'g'))].map((m) => Number(m[1]));
    for (const x of [...found('x'), ...found('cx')]) expect(x >= 0 && x <= Number(width)).toBe(true);
    for (const y of [...found('y'), ...found('cy')]) expect(y >= 0 && y <= Number(height)).toBe(true);
    for (const [, x, anchor, label] of drawing.matchAll(/<text\s+x="([\d.]+)"[^>]*text-anchor="(\w+)">([^<]*)</g)) {
      // Seven units a letter is more than the style's size takes.
      const length = 7 * label!.length;
      expect(anchor === 'end' ? Number(x) - length : 0).toBeGreaterThanOrEqual(-1);
      expect(anchor === 'end' ? 0 : Number(x) + length).toBeLessThanOrEqual(Number(width));
    }
  }
});

it('has intervals of the differences from the champion, or says that they are gone', () => {
  const metrics = { log_loss: between(-0.004, 0.003) };
  const differences = {
    ...{ version: 2, minus: 1, metrics: { holdout: metrics, truth: {} } },
    pSmallerLoss: { holdout: 0.01, truth: null },
  };
  const document = cardDocument(cardFacts({ differences }));
  expect(document.comparison!.metrics[0]).toMatchObject({ on: 'holdout', difference: between(-0.004, 0.003) });
  expect(cardPage(document)).toContain('-0.007 to -0.001');
  expect(cardPage(cardDocument(bare))).toContain('the differences have no intervals');
});

it('says of an experiment that it cannot be promoted', () => {
  const { version } = bare;
  const experiment = { digest: 'd', settings: ['params.l2=50'], by: 'ann' };
  const made = cardDocument(
    cardFacts({
      decision: null,
      version: { ...version, state: 'experiment', lineage: { ...version.lineage, experiment } },
    }),
  );
  expect(made.limits).toContain(
    'It was made by an experiment (params.l2=50): it cannot be promoted, and no decision judges it.',
  );
  expect(made.limits.join('\n')).not.toContain('No decision has judged it yet');
  expect(cardPage(made)).toContain('It is an experiment: no decision judges it, and it cannot be promoted.');
});
