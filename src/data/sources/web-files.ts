// A file on a web server: revalidated by ETag or Last-Modified, redirects followed to readable addresses only.
import { get as httpGet, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as httpsGet } from 'node:https';
import { basename } from 'node:path';
import { download, type Answer, type Patience } from './download';
import { isReadable } from './location';
import { certificateProblem, networkProblem, sourceFailure, TRUSTED, type SourceFile } from './source-file';

const MOST_REDIRECTS = 5;

/** The file at an address; a user and password in it are sent as basic authentication. */
export function webFile(name: string, url: URL, patience: Patience = {}): SourceFile {
  const baseName = basename(decodeURIComponent(url.pathname)) || 'file';
  return {
    name,
    baseName,
    fetch: (request) =>
      download(name, baseName, request, (signal) => open(name, url, request.known?.validator, signal), patience),
  };
}

async function open(name: string, url: URL, validator: string | undefined, signal: AbortSignal): Promise<Answer> {
  let from = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const answer = await ask(name, from, headersFor(validator), signal);
    const status = answer.statusCode ?? 0;
    const target = answer.headers.location;
    if (status >= 300 && status < 400 && status !== 304 && target !== undefined) {
      answer.resume();
      from = redirected(name, from, target);
      continue;
    }
    if (status === 304) {
      answer.resume();
      return 'unchanged';
    }
    if (status !== 200) {
      answer.resume();
      throw refusal(name, status);
    }
    return fileOf(answer, url);
  }
  const allowed = `at most ${MOST_REDIRECTS} redirects`;
  throw sourceFailure('SOURCE_UNREADABLE', name, { what: 'the server sends elsewhere', found: 'more', allowed });
}

function fileOf(answer: IncomingMessage, url: URL): Answer {
  const { etag, 'last-modified': modified, 'content-length': length, 'content-encoding': encoding } = answer.headers;
  return {
    body: answer,
    // Without either of them the file is read each time: an empty validator is never sent.
    validator: JSON.stringify({ etag: etag ?? null, modified: modified ?? null }),
    bytes: length === undefined ? undefined : Number(length),
    gunzip: encoding === 'gzip' && !/\.gz$/i.test(url.pathname),
  };
}

function headersFor(validator: string | undefined): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity', 'user-agent': 'understudy' };
  if (validator === undefined) return headers;
  const { etag, modified } = JSON.parse(validator) as { etag: string | null; modified: string | null };
  if (etag !== null) headers['if-none-match'] = etag;
  else if (modified !== null) headers['if-modified-since'] = modified;
  return headers;
}

function ask(name: string, url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
  const options: RequestOptions = { headers, signal };
  if (url.username !== '') options.auth = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return new Promise((resolve, reject) => {
    const asked = url.protocol === 'https:' ? httpsGet(url, options, resolve) : httpGet(url, options, resolve);
    asked.on('error', (error) => {
      const untrusted = certificateProblem(error);
      if (untrusted !== null) {
        const what = `the certificate of ${url.hostname} is not accepted`;
        // Asking again would change nothing: a person has to.
        reject(sourceFailure('SOURCE_UNREADABLE', name, { what, found: untrusted, allowed: TRUSTED }, error));
        return;
      }
      const found = networkProblem(error);
      const allowed = 'a server that answers';
      const problem = { what: 'the server cannot be reached', found: found ?? error.message, allowed };
      reject(signal.aborted ? error : sourceFailure('SOURCE_UNAVAILABLE', name, problem, error));
    });
  });
}

function redirected(name: string, from: URL, target: string): URL {
  const to = URL.canParse(target, from.href) ? new URL(target, from) : null;
  if (to && isReadable(to) && !(from.protocol === 'https:' && to.protocol === 'http:')) return to;
  const found = to ? `${to.origin}${to.pathname}` : target.slice(0, 200);
  const problem = { what: 'the server sends elsewhere', found, allowed: 'an https:// address' };
  throw sourceFailure('SOURCE_UNREADABLE', name, problem);
}

function refusal(name: string, status: number): Error {
  const found = `status ${status}`;
  const allowed = 'status 200 with the file';
  if (status === 404 || status === 410)
    return sourceFailure('SOURCE_NOT_FOUND', name, { what: 'there is no such file', found, allowed });
  if (status === 401 || status === 403)
    return sourceFailure('SOURCE_UNREADABLE', name, { what: 'access denied', found, allowed });
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return sourceFailure('SOURCE_UNAVAILABLE', name, { what: 'the server failed to answer', found, allowed });
  return sourceFailure('SOURCE_UNREADABLE', name, { what: 'the server refuses', found, allowed });
}
