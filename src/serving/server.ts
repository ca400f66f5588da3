// The HTTP routes of the serving process: the Open Inference Protocol V2 on fastify.
// Invariant: every answer that is not a success is `{"error": sentence}` with the status of its failure code, and shows no stack.
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { FAILURES, UnderstudyError, type FailureCode } from '../domain/failures';
import type { OnlineStore } from '../ports/online';
import type { TrainingJobStore } from '../ports/training-jobs';
import type { Champions } from './champions';
import { infer } from './infer';
import { messageOf, type Log } from './log';
import { modelConfig, modelMetadata, serverMetadata } from './metadata';
import { entityFeatures, entityKeysOf, KEYS_PARAMETER, withOnlineFeatures } from './online';
import type { PredictionWriter } from './prediction-writer';
import { createPushIntake, type PushDeps } from './push';
import { JSON_LENGTH_HEADER, readRequest, tooLarge, uncompressed } from './request';
import type { Lease, ModelSlot } from './slot';
import type { VersionViews } from './version-views';

/** What the server needs. */
export interface ServerDeps {
  readonly champions: Pick<Champions, 'slot' | 'slots' | 'access'>;
  readonly writer: Pick<PredictionWriter, 'take' | 'state'>;
  /** Where the features of a request by entity key are found. */
  readonly online: Pick<OnlineStore, 'lookup'>;
  /** Which of them a version may be given. */
  readonly viewsOf: VersionViews;
  /** Where pushed rows are kept. */
  readonly push: PushDeps;
  /** Where call-backs of jobs elsewhere are counted. Default: none are taken. */
  readonly trainingJobs?: Pick<TrainingJobStore, 'calledBack'>;
  readonly log: Log;
  readonly now: () => Date;
  /** The release that GET /v2 tells. */
  readonly release: string;
  /** Largest body, before and after decompression, in bytes. Default 16 MiB: some 100,000 rows of 17 columns as JSON. */
  readonly bodyLimitBytes?: number;
}

interface ModelRoute {
  Params: { model: string; version?: string };
}
type ModelRequest = FastifyRequest<ModelRoute>;
interface FeaturesRoute {
  Params: { model: string; key: string };
}
interface RowsRoute {
  Params: { model: string; table: string };
}

/** The failure code stands in this header, so that programs need not read the sentence. */
const FAILURE_HEADER = 'understudy-failure';

/** Builds the server; `listen` and `close` are the caller's. Closing answers what has arrived, then ends the connections. */
export function createServer(deps: ServerDeps): FastifyInstance {
  const { champions, writer, online, viewsOf, push, log, now, release, bodyLimitBytes = 16 * 1024 * 1024 } = deps;
  const app = fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 60_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 256 },
  });
  let closing = false;
  app.addHook('preClose', (done) => {
    closing = true;
    done();
  });

  // Clients of the protocol send no content type, or a wrong one: the JSON's length header decides, not the type.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.get('/v2', () => serverMetadata(release));
  app.get('/v2/health/live', () => ({ live: true }));
  app.get('/v2/health/ready', (_request, reply) => {
    const access = champions.access();
    const ready = access.known && !closing;
    return reply.code(ready ? 200 : FAILURES.SERVING_UNAVAILABLE.http).send({
      ready,
      ...(ready ? {} : { error: closing ? 'The process is ending.' : access.problem }),
      database: { reachable: access.reachable, problem: access.problem },
      predictions: writer.state(),
      models: champions.slots().map((slot) => slot.state()),
    });
  });

  for (const base of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get<ModelRoute>(base, (request) =>
      withLease(request, ({ served }, slot) => modelMetadata(slot.state(), served)),
    );
    app.get<ModelRoute>(`${base}/config`, (request) =>
      withLease(request, ({ served }, slot) => modelConfig(slot.state(), served)),
    );
    app.get<ModelRoute>(`${base}/ready`, (request, reply) => answerReady(request, reply));
    app.post<ModelRoute>(`${base}/infer`, async (request, reply) => {
      const { model } = request.params;
      const { body, jsonBytes } = await withLease(request, async ({ served }) => {
        const jsonLength = oneOf(request.headers[JSON_LENGTH_HEADER]);
        const asked = readRequest(bodyOf(request, bodyLimitBytes), jsonLength, served.signature.task);
        const keys = entityKeysOf(asked);
        if (!keys) return infer(model, served, asked, { now, take: writer.take });
        const { version, signature } = served;
        const fed = { version, signature, views: await viewsOf(model, version) };
        const whole = await withOnlineFeatures(online, model, asked, keys, fed);
        return infer(model, served, whole, { now, take: writer.take }, { [KEYS_PARAMETER]: keys });
      });
      if (jsonBytes === null) return reply.type('application/json').send(body);
      return reply.type('application/octet-stream').header(JSON_LENGTH_HEADER, jsonBytes).send(body);
    });
  }

  app.get<FeaturesRoute>('/v2/models/:model/features/:key', (request) => {
    slotOf(request);
    return entityFeatures(online, request.params.model, request.params.key);
  });

  const takeRows = createPushIntake(push);
  app.post<RowsRoute>('/tables/:model/:table/rows', async (request, reply) => {
    const { 'content-type': contentType, 'idempotency-key': key } = request.headers;
    const body = bodyOf(request, bodyLimitBytes);
    const answer = await takeRows({ ...request.params, body, contentType, key: oneOf(key) });
    return reply.code(202).send(answer);
  });

  // Whoever knows the token makes us look at the job's own server; what is in the body is not read.
  app.post<{ Params: { token: string } }>('/v1/training-jobs/:token', async (request, reply) => {
    const { token } = request.params;
    if (!/^[\w-]{43}$/.test(token) || !(await deps.trainingJobs?.calledBack(token))) return reply.callNotFound();
    return reply.code(202).send({ accepted: true });
  });

  function slotOf(request: FastifyRequest<{ Params: { model: string } }>): ModelSlot {
    const { model } = request.params;
    const slot = champions.slot(model);
    if (slot) return slot;
    const names = champions.slots().map((known) => known.state().model);
    const { known, problem } = champions.access();
    if (!known) throw new UnderstudyError('SERVING_UNAVAILABLE', `It is not known yet who serves ${model}: ${problem}`);
    throw new UnderstudyError(
      'MODEL_NOT_DEPLOYED',
      `${model} is not deployed; deployed: ${names.join(', ') || 'no model'}.`,
      { model },
    );
  }

  async function withLease<T>(
    request: ModelRequest,
    work: (lease: Lease, slot: ModelSlot) => T | Promise<T>,
  ): Promise<T> {
    const slot = slotOf(request);
    const lease = slot.lease(versionOf(request));
    try {
      return await work(lease, slot);
    } finally {
      lease.end();
    }
  }

  async function answerReady(request: ModelRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { model } = request.params;
    try {
      const version = await withLease(request, ({ served }) => String(served.version));
      return reply.send({ name: model, ready: true, version });
    } catch (error) {
      const { status, sentence, code } = describe(error);
      return reply.code(status).header(FAILURE_HEADER, code).send({ name: model, ready: false, error: sentence });
    }
  }

  function describe(error: unknown): { status: number; sentence: string; code: FailureCode } {
    const of = (code: FailureCode, sentence: string) => ({ status: FAILURES[code].http, sentence, code });
    if (error instanceof UnderstudyError) {
      if (FAILURES[error.code].http >= 500 && error.code !== 'NO_CHAMPION')
        log('error', 'request failed', { code: error.code, error: error.message });
      return of(error.code, error.message);
    }
    const { code, statusCode, stack } = error as { code?: string; statusCode?: number; stack?: string };
    if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return of('REQUEST_TOO_LARGE', tooLarge(bodyLimitBytes).message);
    if (statusCode !== undefined && statusCode < 500)
      return of('REQUEST_INVALID', `The request cannot be read: ${messageOf(error)}.`);
    log('error', 'request failed', { error: messageOf(error), stack });
    return of('INTERNAL', 'The request failed inside the serving process; its log says why.');
  }

  app.setErrorHandler((error, _request, reply) => {
    const { status, sentence, code } = describe(error);
    return reply.code(status).header(FAILURE_HEADER, code).send({ error: sentence });
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ error: `There is no ${request.method} ${request.url.split('?')[0]}; GET /v2 is where to start.` }),
  );
  return app;
}

/** The body as it was before compression; empty when none was sent. */
function bodyOf(request: Pick<FastifyRequest, 'body' | 'headers'>, limitBytes: number): Buffer {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return uncompressed(body, request.headers['content-encoding'], limitBytes);
}

function oneOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** The version in the path; undefined: the champion. */
function versionOf(request: ModelRequest): number | undefined {
  const { model, version } = request.params;
  if (version === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(version)) return Number(version);
  throw new UnderstudyError(
    'VERSION_NOT_FOUND',
    `${model} has no version "${version}"; versions are whole numbers from 1.`,
    { model, version },
  );
}
