// A small real job server, in a process of its own: starts jobs once per key, trains, keeps its jobs in a file, calls back, and counts what it is asked.
// What a job does is in its params: hold (until it is told), fail, callback (lose), deliver (url or store), corrupt,
// parityRows.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ArtifactRef } from '../../../src/domain/data/artifacts';
import type { ArtifactStore } from '../../../src/ports/artifacts';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import type { TrainRequest, TrainResult } from '../../../src/domain/training/training';
import type { JobStart, JobStatus } from '../../../src/domain/training/training-jobs';
import { trainInThread } from '../../../src/training/train-in-thread';

interface Job {
  readonly start: JobStart<TrainRequest>;
  state: JobStatus['state'];
  error?: string;
  result?: TrainResult;
}
/** What tests read at `/control`: everything that happened, in order. */
interface Kept {
  readonly jobs: Record<string, Job>;
  readonly log: { readonly what: string; readonly key: string; readonly at: number; readonly auth?: string }[];
}

const [folder = '.', port = '0'] = process.argv.slice(2);
const file = join(folder, 'jobs.json');
const kept: Kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : { jobs: {}, log: [] };
let released = existsSync(join(folder, 'released'));
let failing = 0;

function keep(what: string, key: string, auth?: string): void {
  kept.log.push({ what, key, at: Date.now(), ...(auth === undefined ? {} : { auth }) });
  writeFileSync(file, JSON.stringify(kept));
}

async function run(key: string): Promise<void> {
  const job = kept.jobs[key]!;
  const { params } = job.start.request;
  if (params['hold'] === true) while (!released && job.state === 'running') await pause();
  if (job.state !== 'running') return;
  if (typeof params['fail'] === 'string') end(key, { state: 'failed', error: params['fail'] });
  else {
    const artifacts = createFileArtifactStore(job.start.store);
    const request = { ...job.start.request, trainer: 'logistic' as const, params: {} };
    const result = await trainInThread(request, { artifacts });
    const { parityRows } = params;
    const parity =
      typeof parityRows === 'number' ? await firstRows(artifacts, result.parity, parityRows) : result.parity;
    end(key, { state: 'succeeded', result: { ...result, parity } });
  }
  const { callback } = job.start;
  if (callback === undefined || params['callback'] === 'lose') return;
  for (let times = 0; times < 2; times++) {
    const answer = await fetch(callback, { method: 'POST' }).catch((error: unknown) => ({ status: String(error) }));
    keep(`called back: ${answer.status}`, key);
  }
}

async function firstRows(artifacts: ArtifactStore, { sha256 }: ArtifactRef, rows: number): Promise<ArtifactRef> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const out = join(folder, `${sha256}-${rows}.parquet`);
  const all = await artifacts.localPath({ sha256 });
  await connection.run(`COPY (FROM read_parquet('${all}') LIMIT ${rows}) TO '${out}'`);
  connection.closeSync();
  return artifacts.put(await readFile(out), 'application/vnd.apache.parquet', rows);
}

function end(key: string, ended: Pick<Job, 'state' | 'error' | 'result'>): void {
  if (kept.jobs[key]!.state !== 'running') return;
  Object.assign(kept.jobs[key]!, ended);
  keep(ended.state, key);
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

function statusOf(key: string): unknown {
  const { state, error, result, start } = kept.jobs[key]!;
  const progress = { iteration: 1, of: 2, message: 'on the cluster' };
  const { deliver, corrupt } = start.request.params;
  const refs = result && { onnx: result.onnx, native: result.native, parity: result.parity, report: result.report };
  const given = Object.entries(refs ?? {}).map(([name, { sha256, bytes }]) => {
    const wrong = corrupt === name ? createHash('sha256').update('other').digest('hex') : sha256;
    return [name, { sha256: wrong, bytes, ...(deliver === 'url' ? { url: `files/${sha256}` } : {}) }];
  });
  return {
    state,
    error,
    progress,
    ...(result ? { result: { ...result, ...Object.fromEntries(given) } as unknown } : {}),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, base, key = '', , sha256] = (request.url ?? '').split('/');
  const send = (status: number, body: unknown): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (base === 'control') {
    if (key === 'release') writeFileSync(join(folder, 'released'), String((released = true)));
    if (key === 'failing') failing = 3;
    if (key === 'forget') for (const each of Object.keys(kept.jobs)) delete kept.jobs[each];
    return send(200, kept);
  }
  if (failing > 0) {
    keep('not now', key);
    return send(--failing === 0 ? 429 : 503, { error: 'not now' });
  }
  if (request.method === 'POST') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const start = JSON.parse(Buffer.concat(chunks).toString()) as Job['start'];
    if (kept.jobs[start.key]) keep('started again', start.key);
    else {
      kept.jobs[start.key] = { start, state: 'running' };
      keep('started', start.key, request.headers.authorization);
      void run(start.key);
    }
    return send(202, statusOf(start.key));
  }
  const job = kept.jobs[key];
  if (!job) return send(404, { error: 'no such job' });
  if (sha256 !== undefined) {
    const ref = Object.values(job.result ?? {}).find((each) => (each as { sha256?: string }).sha256 === sha256);
    if (!ref) return send(404, { error: 'no such file' });
    return void response
      .writeHead(200)
      .end(await readFile(join(job.start.store.slice('file://'.length), sha256.slice(0, 2), sha256)));
  }
  if (request.method === 'DELETE') {
    keep('deleted', key);
    if (job.state === 'running') end(key, { state: 'cancelled' });
  }
  return send(200, statusOf(key));
}

for (const [key, { state }] of Object.entries(kept.jobs)) if (state === 'running') void run(key);
const server = createServer((request, response) => {
  void answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify(server.address())}\n`);
});
