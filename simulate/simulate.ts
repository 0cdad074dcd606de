import { clientNamed } from './clients/clients.js';
import { compareGroups } from './compare/compare-groups.js';
import { compareUsers } from './compare/compare-users.js';
import { Differences } from './compare/difference.js';
import { Directory } from './directory/directory.js';
import { Transport } from './http/transport.js';
import { Choice } from './life/choose.js';
import { initialCycle } from './life/initial-cycle.js';
import { LIFE } from './life/life.js';
import { Client } from './protocol/client.js';
import { readPaging } from './protocol/read-pages.js';
import type { DirectoryFigures, Report } from './report.js';

/** Plays the life of a provisioning client against any SCIM 2.0 server, and compares what became of it with what was meant. */

export interface SimulationOptions {
  /** Name of one of `CLIENTS`. */
  readonly client: string;
  /** Address of the SCIM service: `https://example.com/scim/v2`. */
  readonly base: string;
  readonly token: string;
  readonly users: number;
  readonly groups: number;
  /** Four for each user unless said. */
  readonly memberships?: number;
  readonly seed?: number;
  /** Requests at a time. */
  readonly concurrency?: number;
  /** Share of the requests whose answer is lost. */
  readonly lost?: number;
  /** Milliseconds until an answer counts as lost. */
  readonly timeout?: number;
  /** How often a request is sent at most. */
  readonly attempts?: number;
  /** How often the life after the initial cycle is played; 0 for a directory that is loaded and no more. */
  readonly rounds?: number;
  readonly initialOnly?: boolean;
  /** How many differences the report names; it counts all. */
  readonly mostDifferences?: number;
  readonly progress?: (text: string) => void;
}

const DEFAULTS = {
  seed: 1,
  concurrency: 8,
  lost: 0.02,
  // As Okta's.
  timeout: 60_000,
  attempts: 10,
  rounds: 1,
  initialOnly: false,
  mostDifferences: 100,
  progress: () => undefined,
};

export class Simulation {
  readonly client: Client;
  private readonly options: Required<SimulationOptions>;
  private milliseconds = 0;

  constructor(options: SimulationOptions) {
    this.options = { ...DEFAULTS, memberships: options.users * 4, ...definedOf(options) };
    const { users, groups, memberships, seed } = this.options;
    const profile = clientNamed(this.options.client);
    const directory = new Directory(seed, profile.name, { users, groups: profile.groups ? groups : 0, memberships });
    this.client = new Client(profile, directory, this.transport(this.options.lost));
  }

  /** The initial cycle and, unless that is all, the life after it. */
  async play(): Promise<void> {
    const { concurrency, rounds, initialOnly, progress } = this.options;
    const { client } = this;
    const started = performance.now();
    await initialCycle(client, concurrency, progress);
    for (let round = 1; round <= (initialOnly ? 0 : rounds); round++) {
      for (const step of LIFE) {
        progress(rounds > 1 ? `round ${round}: ${step.name}` : step.name);
        client.transport.nextStep();
        const choice = new Choice(client.directory, round);
        await step.live({ client, choice, round, limit: concurrency });
      }
    }
    this.milliseconds = performance.now() - started;
  }

  /** Reads the server; may be asked for again. */
  async compare(): Promise<Report> {
    const { concurrency, mostDifferences, progress } = this.options;
    progress('comparison');
    const transport = this.transport(0);
    const differences = new Differences(mostDifferences);
    try {
      const paging = await readPaging(transport);
      const users = await compareUsers(this.client, transport, paging, differences);
      const groups = await compareGroups(this.client, transport, paging, concurrency, differences);
      return this.report(differences, { users, groups });
    } finally {
      transport.close();
    }
  }

  close(): void {
    this.client.transport.close();
  }

  private transport(lost: number): Transport {
    const { client, base, token, concurrency, seed, timeout, attempts } = this.options;
    const { headers } = clientNamed(client);
    return new Transport({ base, token, headers, connections: concurrency, seed, lost, timeout, attempts });
  }

  private report(differences: Differences, foreign: Report['foreign']): Report {
    const { directory, profile, transport, problems } = this.client;
    const seconds = this.milliseconds / 1000;
    const kinds = [...transport.kinds].map(([kind, histogram]) => ({
      kind,
      count: histogram.count,
      p50: histogram.quantile(0.5),
      p99: histogram.quantile(0.99),
      max: histogram.max,
    }));
    const count = kinds.reduce((sum, one) => sum + one.count, 0);
    return {
      client: profile.name,
      base: this.options.base,
      seed: directory.seed,
      equal: differences.count === 0,
      directory: figuresOf(this.client),
      seconds,
      requests: { count, perSecond: seconds === 0 ? 0 : count / seconds, kinds },
      retries: { ...transport.retries },
      conflicts: problems.conflicts,
      problems: { count: problems.count, first: problems.first },
      differences: { count: differences.count, first: differences.first },
      foreign,
    };
  }
}

export async function simulate(options: SimulationOptions): Promise<Report> {
  const simulation = new Simulation(options);
  try {
    await simulation.play();
    return await simulation.compare();
  } finally {
    simulation.close();
  }
}

function figuresOf({ directory }: Client): DirectoryFigures {
  let [users, active, groups, memberships] = [0, 0, 0, 0];
  for (let index = 0; index < directory.personCount; index++) {
    if (directory.isGone(index)) continue;
    users++;
    if (directory.person(index).active) active++;
  }
  for (const group of directory.groups()) {
    groups++;
    for (const _ of directory.membersOf(group)) memberships++;
  }
  return { users, active, groups, memberships };
}

const definedOf = (options: SimulationOptions): SimulationOptions =>
  Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as SimulationOptions;
