import type pg from 'pg';
import { backendsOf, cpuBetween, cpuTimes } from './cpu-time.js';
import { KeepAliveClient, sendAll } from './keep-alive-client.js';
import type { Side, Verifier } from './processes.js';
import type { Recorder } from './recording.js';
import { median, type Measurement } from './report.js';
import type { SignIns } from './sign-ins.js';

/** Sign-ins with what one of them says to the database. */
export interface CountedSignIns extends SignIns {
  /** Without what begins and ends the transaction. */
  readonly statements: number;
  /** With it. */
  readonly roundTrips: number;
}

export interface SignInResult {
  readonly signIns: CountedSignIns;
  /** One of each a round. */
  readonly server: readonly Measurement[];
  readonly verified: readonly Verified[];
}

/** What bare verification gave. */
export interface Verified {
  readonly perSecond: number;
  /** CPU milliseconds of one; undefined where they cannot be told. */
  readonly cpu: number | undefined;
}

/** Fewer than what may wait for a thread that verifies. */
const CONNECTIONS = 8;
const ACCEPTED = 303;
const FRAME = /^\s*(START TRANSACTION|BEGIN|COMMIT)/;
/** What is written behind the answer, which waits for none of it. */
const BEHIND = /sign_in_details|data_keys/;

/**
 * Counted by the last of a few, of which the first may do more. `settled`: nothing is written behind the answers any more. Throws where
 * sign-ins of one kind differ.
 */
export async function countStatements(
  recorder: Recorder,
  database: pg.Client,
  url: string,
  signIns: SignIns,
  settled: () => Promise<void>,
): Promise<CountedSignIns> {
  const client = await KeepAliveClient.open(url, 'none');
  const said: string[][] = [];
  for (const request of signIns.requests.slice(0, 5)) {
    const { status, statements } = await recorder.record(client, request);
    if (status !== ACCEPTED) throw new Error(`A sign-in (${signIns.name}): ${status}`);
    said.push(statements.map(({ text }) => text).filter((text) => !BEHIND.test(text)));
  }
  client.close();
  await settled();
  await signIns.reset(database);
  const last = said.at(-1)!;
  if (said.slice(1).some((each) => each.length !== last.length)) throw new Error(`Not all alike: ${signIns.name}`);
  return { ...signIns, statements: last.filter((text) => !FRAME.test(text)).length, roundTrips: last.length };
}

/** Rounds of all kinds, each beside bare verification of the same answers, so that a slow minute of the machine meets both. */
export async function measureSignIns(
  database: pg.Client,
  side: Side,
  verifier: Verifier,
  all: readonly CountedSignIns[],
  rounds: number,
): Promise<SignInResult[]> {
  const found = all.map((signIns) => ({ signIns, server: [] as Measurement[], verified: [] as Verified[] }));
  for (let round = 0; round <= rounds; round++) {
    console.log(round === 0 ? 'Warming' : `Sign-ins, round ${round} of ${rounds}`);
    for (const { signIns, server, verified } of found) {
      const bare = await verify(verifier, signIns);
      const measured = await measure(database, side, signIns);
      if (round === 0) continue;
      verified.push(bare);
      server.push(measured);
    }
  }
  return found;
}

async function verify(verifier: Verifier, { idpCert, responses }: SignIns): Promise<Verified> {
  const before = cpuTimes([verifier.pid]);
  const seconds = await verifier.verify({ idpCert, responses });
  const spent = cpuBetween(before, cpuTimes([verifier.pid]));
  return { perSecond: responses.length / seconds, cpu: spent === undefined ? undefined : spent / responses.length };
}

async function measure(database: pg.Client, side: Side, signIns: SignIns): Promise<Measurement> {
  const { requests } = signIns;
  const look = async () => [cpuTimes([side.pid]), cpuTimes(await backendsOf(database, side.applicationName))] as const;
  const before = await look();
  const { seconds, latencies } = await sendAll(side.url, 'none', requests, CONNECTIONS, [ACCEPTED]);
  const after = await look();
  await signIns.reset(database);
  const spent = (which: 0 | 1) => {
    const sum = cpuBetween(before[which], after[which]);
    return sum === undefined ? undefined : sum / requests.length;
  };
  return {
    perSecond: requests.length / seconds,
    latency: median(latencies),
    nodeCpu: spent(0),
    databaseCpu: spent(1),
  };
}
