// Ports on loopback: the usual one, or a free one when it is taken.
import { createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';
export const USUAL_PORTS = { temporal: 7233, temporalUi: 8233, postgres: 54329, serving: 8600 } as const;

/** Whether nobody listens on the port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}

/** The wanted port when it is free and not in `taken`, else any free one; `taken` learns it. */
export async function choosePort(wanted: number, taken: Set<number>): Promise<number> {
  const port = wanted !== 0 && !taken.has(wanted) && (await isFree(wanted)) ? wanted : await anyFreePort(taken);
  taken.add(port);
  return port;
}

async function anyFreePort(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(0, LOOPBACK, () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
      });
    });
    if (!taken.has(port)) return port;
  }
}
