import { Simulation } from '../simulate/simulate.js';
import { KeepAliveClient, type Request } from './keep-alive-client.js';
import type { BenchOrganization } from './operations.js';
import { keyOf, type Recorder, type Recording } from './recording.js';
import { userDocument } from './seed.js';

export interface LoadSize {
  readonly users: number;
  readonly groups: number;
  readonly memberships: number;
}

const CLIENT = 'okta-catalogue';
const CONCURRENCY = 8;

/** The first push of a whole directory by the simulator; seconds. */
export async function loadBySimulator(url: string, { token }: BenchOrganization, size: LoadSize): Promise<number> {
  const options = { client: CLIENT, base: `${url}/scim/v2`, token, ...size, concurrency: CONCURRENCY };
  const simulation = new Simulation({ ...options, lost: 0, initialOnly: true });
  const started = performance.now();
  await simulation.play();
  return (performance.now() - started) / 1000;
}

/** What the server is asked by such a push, and what it says to its database. */
export type Load = Awaited<ReturnType<Recorder['listen']>>;

/** What stands for the bodies of a load, which are of about this size. */
const BODY = JSON.stringify(userDocument('somebody@example.com'));
const requestOf = (index: number): Request => ({ method: 'POST', path: `/load/${index}`, body: BODY });

/** What the floor does for a load. */
export const recordingsOf = ({ token }: BenchOrganization, { sent }: Load): [key: string, recording: Recording][] =>
  sent.map(({ statements }, index) => {
    const document = JSON.parse(BODY) as unknown;
    return [keyOf(token, requestOf(index)), { statements, status: 200, headers: {}, document }];
  });

/**
 * The floor of a load: as many requests, with the same statements; seconds. Each is sent when those are answered that were answered
 * before it was sent: what needed another one's result still finds it, and as many are under way as the simulator had.
 */
export async function loadAtTheFloor(url: string, { token }: BenchOrganization, load: Load): Promise<number> {
  const { sent, answered } = load;
  const done = new Map(sent.map((request) => [request, signal()]));
  const firstDone: Promise<unknown>[] = [Promise.resolve()];
  for (const request of answered) firstDone.push(firstDone.at(-1)!.then(() => done.get(request)!.promise));
  const clients = await Promise.all(Array.from({ length: 2 * CONCURRENCY }, () => KeepAliveClient.open(url, token)));
  const started = performance.now();
  await Promise.all(
    sent.map(async (request, index) => {
      await firstDone[request.after];
      const client = clients.pop();
      if (!client) throw new Error('More requests are under way than the simulator had');
      const { status, body } = await client.send(requestOf(index));
      if (status !== 200) throw new Error(`The floor of the load: ${status} ${body}`);
      clients.push(client);
      done.get(request)!.resolve();
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const client of clients) client.close();
  return seconds;
}

function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((resolved) => (resolve = resolved));
  return { promise, resolve };
}
