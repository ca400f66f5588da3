// The end of a run: reads what was recorded, stops everything, checks every claim, and writes the reports.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoOptions } from './arguments';
import { servedVersion } from './faults/serving-watch';
import { checkAll, none, type Check } from './findings/checks';
import { gather, type Findings } from './findings/gather';
import { demoReport, type DemoReport } from './findings/json-report';
import { pooledBaseRate } from './findings/pooled';
import { draw } from './report/draw';
import { page, type Plot } from './report/page';
import { driftPlot, levelPlot, weeklyLossPlot } from './report/plots';
import { summary } from './report/summary';
import { timelinePlot } from './report/timeline';
import { MODEL, type World } from './stage/world';
import type { Journal } from './story/journal';
import { untilQuiet } from './story/quiet';

/** What a run may take after set-up, on two cores. */
const BUDGET_SECONDS = 480;
const DELIVERED_WITHIN_MS = 15_000;

/** Ends the run; resolves with whether every claim held. `close` stops everything and notes the total time. */
export async function conclude(
  world: World,
  journal: Journal,
  options: DemoOptions,
  close: () => Promise<void>,
): Promise<boolean> {
  const { screen, receiver, plan } = world;
  const { found, checks } = await screen.step('Read what was recorded and check every claim', async (show) => {
    const undelivered = await awaitDelivery(world);
    const status = await untilQuiet(world);
    const servedAtEnd = await servedVersion(world.stack.addresses.servingUrl, MODEL);
    const found = await gather(world, show);
    const evidence = { journal, found, receiver, servedAtEnd, undelivered, timeZone: plan.timeZone };
    const ends = { championAtEnd: status.champion?.version ?? null, epochAtEnd: status.epoch };
    return { found, checks: checkAll({ ...evidence, ...ends }) };
  });
  const ports = portsOf(world);
  await close();
  const all = [...checks, await portsCheck(ports)];
  const report = demoReport(journal, found, receiver.events(), plan.timeZone);
  const file = await writeReports(world, journal, found, report, all, options.reportFile);
  process.stdout.write(`${summary(report, found, all, process.stdout.isTTY === true)}\n\n`);
  const after = report.seconds.total - report.seconds.setup;
  if (after > BUDGET_SECONDS)
    process.stdout.write(
      `It took ${after.toFixed(0)} s after set-up; the budget is ${BUDGET_SECONDS} s on two cores that nothing else uses.\n`,
    );
  process.stdout.write(`Report: ${file}\n`);
  if (options.reportFile) process.stdout.write(`JSON:   ${options.reportFile}\n`);
  const held = all.every(({ holds }) => holds);
  if (!held)
    process.stdout.write(
      `Not every claim holds. The logs of all processes are in ${join(world.config.home, 'logs')}\n`,
    );
  return held;
}

/** Alerts are delivered off the path; gives how many are left after a while. */
async function awaitDelivery({ stores }: World): Promise<number> {
  const deadline = performance.now() + DELIVERED_WITHIN_MS;
  for (;;) {
    const pending = await stores.outbox.pending();
    if (pending === 0 || performance.now() > deadline) return pending;
    await sleep(100);
  }
}

function portsOf({ stack }: World): number[] {
  const { temporal, databaseUrl, servingUrl } = stack.addresses;
  return [
    Number(temporal.address.split(':').at(-1)),
    Number(new URL(databaseUrl).port),
    Number(new URL(servingUrl).port),
  ];
}

async function portsCheck(ports: readonly number[]): Promise<Check> {
  const open = await Promise.all(
    ports.map(async (port) => ((await answers(port)) ? [`port ${port} still answers`] : [])),
  );
  return none('everything was stopped and its ports are free', open.flat(), `ports ${ports.join(', ')}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

async function writeReports(
  world: World,
  journal: Journal,
  found: Findings,
  report: DemoReport,
  checks: readonly Check[],
  jsonFile: string | null,
): Promise<string> {
  const file = join(world.config.home, 'report.html');
  const period = { from: found.reports[0]?.day ?? '', to: found.reports.at(-1)?.day ?? '' };
  const html = page({
    report,
    found,
    checks,
    plots: await plotsOf(world, journal, found),
    baseRateLogLoss: pooledBaseRate(found.days),
    period,
    temporalCommand: journal.firstApproval?.temporalCommand ?? null,
  });
  writeFileSync(file, html);
  if (jsonFile) {
    mkdirSync(dirname(jsonFile), { recursive: true });
    writeFileSync(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  }
  return file;
}

async function plotsOf({ plan }: World, journal: Journal, found: Findings): Promise<Plot[]> {
  return [
    {
      title: 'Served log loss by week',
      text: 'What served, each contender as if it had always served (its newest version of each day), and the base rate, all on the same flights.',
      svg: await draw(weeklyLossPlot(found.days)),
    },
    {
      title: 'Timeline',
      text: 'Who served on each day, what the cycles decided, how the champion moved, what monitoring said, and the faults from outside.',
      svg: await draw(timelinePlot(found, journal, plan.timeZone)),
    },
    {
      title: 'Late flights and predictions',
      text: 'The share of flights that arrived 15 or more minutes late, and what was predicted at their departure.',
      svg: await draw(levelPlot(found.reports)),
    },
    {
      title: 'Drift',
      text: `Population stability index of the last ${plan.monitoring.drift.currentDays} days against the ${plan.monitoring.drift.referenceDays} days before, each day. Above ${plan.monitoring.drift.psiAlert} a judged one alerts; predictions are compared once half of the reference days were served.`,
      svg: await draw(driftPlot(found.reports, plan)),
    },
  ];
}
