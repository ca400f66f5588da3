// Requests as clients of the Open Inference Protocol put them on the wire, over raw HTTP.
import { request, type Agent } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly bytes: Buffer;
  readonly json: AnswerJson;
}

interface AnswerJson {
  readonly [key: string]: unknown;
  readonly error?: string;
  readonly outputs?: readonly {
    name: string;
    datatype: string;
    shape: number[];
    data?: number[];
    parameters?: object;
  }[];
}

/** Sends a request with exactly these headers; the body's JSON is the part that the answer's header names. */
export function send(
  method: 'GET' | 'POST',
  url: string,
  body?: Buffer | string,
  headers: Record<string, string | number> = {},
  agent?: Agent,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const sent = request(
      url,
      { method, headers: { ...length, ...headers }, ...(agent ? { agent } : {}) },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(parts);
          const jsonLength = Number(response.headers['inference-header-content-length'] ?? bytes.length);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            json: JSON.parse(bytes.toString('utf8', 0, jsonLength)) as AnswerJson,
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A request's JSON for rows of the small model. */
export function rowsOf(rows: readonly { temp: number | null; carrier: string | null }[], more: object = {}): string {
  return JSON.stringify({
    inputs: [
      { name: 'temp', shape: [rows.length], datatype: 'FP32', data: rows.map(({ temp }) => temp) },
      { name: 'carrier', shape: [rows.length, 1], datatype: 'BYTES', data: rows.map(({ carrier }) => carrier) },
    ],
    ...more,
  });
}

/** One row without values, of the entity with this key, to be logged. */
export function loggedRow(entityKey: string, partition = '2013-07-01'): string {
  const inputs = [
    { name: 'temp', shape: [1], datatype: 'FP32', data: [null] },
    { name: 'carrier', shape: [1], datatype: 'BYTES', data: [null] },
    { name: 'entity_key', shape: [1], datatype: 'BYTES', data: [entityKey] },
  ];
  return JSON.stringify({ parameters: { partition }, inputs });
}
