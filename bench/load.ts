import { Simulation } from '../simulate/simulate.js';
import { KeepAliveClient } from './keep-alive-client.js';
import { requestOf } from './load-requests.js';
import type { BenchOrganization } from './operations.js';

export interface LoadSize {
  readonly users: number;
  readonly groups: number;
  readonly memberships: number;
}

const CLIENT = 'okta-catalogue';
const CONCURRENCY = 8;

/** The first push of a whole directory. */
export const simulationOf = (url: string, { token }: BenchOrganization, size: LoadSize): Simulation =>
  new Simulation({
    ...{ client: CLIENT, base: `${url}/scim/v2`, token, ...size, concurrency: CONCURRENCY },
    ...{ lost: 0, initialOnly: true },
  });

/** Seconds. */
export async function play(simulation: Simulation): Promise<number> {
  const started = performance.now();
  await simulation.play();
  return (performance.now() - started) / 1000;
}

/** In which order the requests of a load, by their numbers, came and went. */
export interface Load {
  /** For each request: it was sent when so many were answered. */
  readonly after: readonly number[];
  /** In the order they were answered. */
  readonly answered: readonly number[];
}

/**
 * The floor of a load: as many requests, with the same statements; seconds. Each is sent when those are answered that were answered
 * before it was sent: what needed another one's result still finds it, and as many are under way as the simulator had.
 */
export async function loadAtTheFloor(
  url: string,
  { token }: BenchOrganization,
  { after, answered }: Load,
): Promise<number> {
  if (answered.length !== after.length) throw new Error('Some requests of the load were not answered');
  const placeOf = new Uint32Array(answered.length);
  for (const [place, request] of answered.entries()) placeOf[request] = place;
  const isDone = new Uint8Array(answered.length);
  /** So many of the first answered are done. */
  let done = 0;
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  const clients = await Promise.all(Array.from({ length: 2 * CONCURRENCY }, () => KeepAliveClient.open(url, token)));
  const send = async (request: number): Promise<void> => {
    const client = clients.pop();
    if (!client) throw new Error('More requests are under way than the simulator had');
    const { status, body } = await client.send(requestOf(request));
    if (status !== 200) throw new Error(`The floor of the load: ${status} ${body}`);
    clients.push(client);
    isDone[placeOf[request]!] = 1;
    while (isDone[done] === 1) done++;
  };
  const until = async (count: number): Promise<void> => {
    while (done < count && !failure) await new Promise<void>((resolve) => (wake = resolve));
    if (failure) throw failure;
  };
  const started = performance.now();
  for (const [request, count] of after.entries()) {
    await until(count);
    void send(request)
      .catch((error: Error) => (failure = error))
      .finally(() => wake());
  }
  await until(answered.length);
  const seconds = (performance.now() - started) / 1000;
  for (const client of clients) client.close();
  return seconds;
}
