// Checks of contenders that are trained by something of the author's own: the address of a job server, the file of a function.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ContenderPlan } from '../../domain/plan/contender-plan';
import type { ModelPlan } from '../../domain/plan/plan';
import { describeValue, type Problem } from '../checks/problems';
import { whyNoFunction } from '../load-module';
import { durationMs } from '../settings';

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])([:/]|$)/i;
/** What an attempt of an activity may take, times the attempts that it has, less than this. */
const LONGEST_TIME_LIMIT = '48 hours';
const SHORTEST_POLL = '500 ms';

/** Everything that contradicts itself in what a contender says of its own trainer; empty: nothing. */
export function ownTrainerProblems(path: string, { trainer, job, hook }: ContenderPlan): Problem[] {
  const problems: Problem[] = [];
  if (trainer === 'http' && !job)
    problems.push({ path: `${path}.job`, found: 'nothing', allowed: 'where the job is started: { url }' });
  if (trainer === 'hook' && hook === undefined)
    problems.push({ path: `${path}.hook`, found: 'nothing', allowed: HOOK_ALLOWED });
  if (hook !== undefined && !isInside(hook))
    problems.push({ path: `${path}.hook`, found: describeValue(hook), allowed: HOOK_ALLOWED });
  if (!job) return problems;
  if (job.auth && !/^https:/i.test(job.url) && !LOOPBACK.test(job.url)) {
    const allowed = 'https:// where a secret is sent (http:// on the loopback only)';
    problems.push({ path: `${path}.job.url`, found: describeValue(job.url), allowed });
  }
  if (/^https?:\/\/[^/]*@/i.test(job.url)) {
    const allowed = 'no user and password in it: name a variable by job.auth';
    problems.push({ path: `${path}.job.url`, found: 'a user or password', allowed });
  }
  if (durationMs(job.timeLimit) > durationMs(LONGEST_TIME_LIMIT)) {
    const allowed = `at most ${LONGEST_TIME_LIMIT}`;
    problems.push({ path: `${path}.job.timeLimit`, found: describeValue(job.timeLimit), allowed });
  }
  if (job.pollEvery !== undefined && durationMs(job.pollEvery) < durationMs(SHORTEST_POLL)) {
    const allowed = `at least ${SHORTEST_POLL}`;
    problems.push({ path: `${path}.job.pollEvery`, found: describeValue(job.pollEvery), allowed });
  }
  return problems;
}

const HOOK_ALLOWED = 'a .ts or .js file in the model\'s folder, such as "trainers/stump.ts"';

function isInside(module: string): boolean {
  return !module.startsWith('/') && !module.split('/').includes('..') && /\.[cm]?[jt]s$/.test(module);
}

/** Contenders whose function is not in the folder, or cannot be called. */
export function missingTrainHooks(plan: ModelPlan, folder: string): Problem[] {
  return Object.entries(plan.contenders).flatMap(([name, { hook }]) => {
    if (hook === undefined) return [];
    const file = join(folder, hook);
    const path = `contenders.${name}.hook`;
    if (!existsSync(file) || !statSync(file).isFile()) {
      const allowed = `a .ts or .js file in ${folder}, such as "trainers/stump.ts"`;
      return [{ path, found: `${describeValue(hook)}, which is no file there`, allowed }];
    }
    const why = whyNoFunction(file);
    const allowed = 'a file whose default export is the function of a training';
    return why === undefined ? [] : [{ path, found: `${describeValue(hook)}, which has ${why}`, allowed }];
  });
}
