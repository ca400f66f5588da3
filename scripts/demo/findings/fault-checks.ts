// Claims about the faults of the run; a fault that a short run leaves out makes no claim.
import type { Check, Evidence } from './checks';

/** A verdict and the restored version's answer must not lie further apart. */
const FALLBACK_WITHIN_SECONDS = 10;

/** The checks of all planned faults. */
export function faultChecks(evidence: Evidence): Check[] {
  const { plan } = evidence.journal;
  return [
    ...(plan.damaged ? damagedChecks(evidence) : []),
    ...(plan.killTraining ? killedChecks(evidence) : []),
    ...(plan.badModelOn ? badModelChecks(evidence) : []),
    ...(plan.raceOn ? raceChecks(evidence) : []),
  ];
}

function damagedChecks({ journal: { plan, rejection, redelivery }, found }: Evidence): Check[] {
  const day = plan.damaged!.day;
  const others = found.rejections.filter(({ partition }) => partition !== day);
  const names = (list: readonly { readonly view: string; readonly day: string }[]): string[] =>
    list.map(({ view, day: of }) => `${view} ${of}`).sort();
  const recomputed = names(redelivery?.recomputed ?? []);
  const expected = names(redelivery?.expected ?? []);
  const again = found.reports.find((report) => report.day === day);
  return [
    {
      claim: `the damaged outcomes of ${day} were rejected, with a message that names column and range, and nothing else was`,
      holds:
        rejection !== null &&
        /delay/.test(rejection.message) &&
        /allowed/.test(rejection.message) &&
        others.length === 0,
      found: rejection ? `on ${rejection.onDay}: ${short(rejection.message)}` : 'no rejection',
    },
    {
      claim: 'the corrected file was accepted and re-opened exactly the days that look back on it',
      holds:
        redelivery?.revision === 1 &&
        expected.length > 0 &&
        JSON.stringify(recomputed) === JSON.stringify(expected) &&
        redelivery.forgotten.length === 0 &&
        redelivery.computedByProduct === expected.length,
      found: `${recomputed.length} of ${expected.length} feature partitions computed again (${recomputed[0] ?? 'none'} to ${recomputed.at(-1) ?? 'none'})`,
    },
    {
      claim: 'the corrected day was monitored again with its labels',
      holds: (again?.labelledRows ?? 0) > 0 && again?.scored !== null,
      found: `${again?.labelledRows ?? 0} labelled rows`,
    },
  ];
}

function killedChecks({ journal: { killedTraining }, found }: Evidence): Check[] {
  const cycle = found.cycles.find(({ id }) => id === killedTraining?.cycle);
  const own = cycle?.versions.filter(({ version }) => version.contender === killedTraining?.contender) ?? [];
  return [
    {
      claim:
        'the training worker was killed (-9) during a training; the next attempt finished it and the cycle was decided',
      holds:
        killedTraining !== null &&
        killedTraining.attemptAfter > killedTraining.attempt &&
        cycle !== undefined &&
        own.length === 1,
      found: killedTraining
        ? `${killedTraining.cycle}: attempt ${killedTraining.attemptAfter} after ${killedTraining.resumedAfterSeconds.toFixed(1)} s, ${own.length} version saved`
        : 'no training was hit',
    },
  ];
}

function badModelChecks({ journal: { badModel }, found }: Evidence): Check[] {
  if (!badModel)
    return [
      {
        claim: 'a bad model that a person put in place fell back by itself',
        holds: false,
        found: 'no fallback was seen',
      },
    ];
  const { bad, restored, servedAfterVerdictSeconds, badWasServed, stateOfBad, reason } = badModel;
  const refused = found.cycles.some(
    ({ decision }) =>
      decision.verdict !== 'promote' && decision.candidates.some(({ version, passed }) => version === bad && !passed),
  );
  return [
    {
      claim:
        'the gates had refused the bad model; the override served it, and the lifecycle fell back by itself and quarantined it',
      holds: refused && badWasServed && stateOfBad === 'quarantined',
      found: `version ${bad} is ${stateOfBad}, version ${restored} restored: ${reason}`,
    },
    {
      claim: `serving answered with the restored version within ${FALLBACK_WITHIN_SECONDS} s of the verdict`,
      holds: servedAfterVerdictSeconds >= 0 && servedAfterVerdictSeconds < FALLBACK_WITHIN_SECONDS,
      found: `${servedAfterVerdictSeconds.toFixed(2)} s after the verdict, ${badModel.seconds.toFixed(2)} s after the override`,
    },
  ];
}

function raceChecks({ journal: { race } }: Evidence): Check[] {
  const holds =
    race !== null &&
    race.winners === 1 &&
    race.refusals.length === 1 &&
    race.refusals[0] === 'EPOCH_CONFLICT' &&
    race.championAfter === race.championBefore;
  const found = race
    ? `versions ${race.versions.join(' and ')} at epoch ${race.expectedEpoch}: ${race.winners} won, refused with ${race.refusals.join(', ') || 'nothing'}; champion ${race.championBefore}, then ${race.championBetween}, then ${race.championAfter}`
    : 'no two versions to race with';
  return [
    {
      claim: 'of two promotions with the same expected epoch one won, and the champion of before was put back',
      holds,
      found,
    },
  ];
}

function short(text: string): string {
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
