import { Command, InvalidArgumentError, Option } from 'commander';
import { CLIENTS } from './clients/clients.js';
import { toText, type Report } from './report.js';
import type { SimulationOptions } from './simulate.js';

/** The command line. Exit codes: 0 the server is what the directory is, 1 it is not or the run ended early, 2 wrong usage. */

export interface ProgramActions {
  simulate(options: SimulationOptions): Promise<Report>;
  print(text: string): void;
  readonly progress: (text: string) => void;
}

interface Given extends Omit<SimulationOptions, 'client' | 'progress'> {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function buildProgram(actions: ProgramActions, result: { equal: boolean }): Command {
  return new Command('simulate')
    .description(
      "Plays a provisioning client's life against any SCIM 2.0 server: initial cycle, joiners, movers, renames, leavers, re-hires, group " +
        "changes, duplicates, concurrent group pushes, answers that never arrive. Then compares the server's state with the client's own " +
        'directory and prints the differences.',
    )
    .argument('<client>', 'whose protocol to speak; the names are below')
    .addOption(new Option('--base <url>', 'address of the SCIM service').makeOptionMandatory())
    .addOption(new Option('--token <token>', 'bearer token').env('SCIM_TOKEN').makeOptionMandatory())
    .option('--users <n>', 'people of the initial directory', whole(1), 100)
    .option('--groups <n>', 'groups of the initial directory', whole(0), 20)
    .option('--memberships <n>', 'memberships of the initial directory (default: four for each user)', whole(0))
    .option('--seed <n>', 'the same seed makes the same directory, the same life and the same accidents', whole(0), 1)
    .option('--concurrency <n>', 'requests at a time', whole(1), 8)
    .option('--rounds <n>', 'how often the life after the initial cycle is played', whole(0), 1)
    .option('--initial-only', 'load the directory, and no more')
    .option('--lost <share>', 'share of the requests whose answer is lost, from 0 to 1', share, 0.02)
    .option('--timeout <ms>', 'milliseconds until an answer counts as lost', whole(1), 60_000)
    .option('--attempts <n>', 'how often a request is sent at most', whole(1), 10)
    .option('--most-differences <n>', 'how many differences are named; all are counted', whole(0), 100)
    .option('--json', 'print the report as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (client: string, { json, quiet, ...given }: Given, command: Command) => {
      if (!CLIENTS.some(({ name }) => name === client)) command.error(`error: there is no client "${client}"`);
      if (!URL.canParse(given.base)) command.error(`error: "${given.base}" is no address`);
      const report = await actions.simulate({ ...given, client, ...(quiet ? {} : { progress: actions.progress }) });
      actions.print(json ? JSON.stringify(report, null, 2) : toText(report));
      result.equal = report.equal;
    });
}

const HELP = `
Clients:
${CLIENTS.map(({ name, title }) => `  ${name.padEnd(16)}${title}`).join('\n')}

Use a tenant for tests: what the run makes stays there. Its people live in CLIENT-SEED.example.com and its groups carry (CLIENT-SEED) in
their names; everything else at the server is left alone and not compared. A second run in the same place needs another --seed.

Answers 429 and 5xx are waited for (Retry-After, otherwise longer and longer). A flag behind the base stays on every request:
--base "https://example.com/scim/v2?aadOptscim062020".

Examples:
  simulate entra --base https://example.com/scim/v2 --token TOKEN
  simulate okta --base https://example.com/scim/v2 --token TOKEN --users 5000 --groups 200 --seed 7 --json
  simulate okta-catalogue --base https://example.com/scim/v2 --token TOKEN --users 250000 --memberships 1000000 --initial-only

Exit codes: 0 no differences, 1 differences or the run ended early, 2 wrong usage.`;

const whole = (least: number) => (text: string) => {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least) {
    throw new InvalidArgumentError(`A whole number of at least ${least} is needed.`);
  }
  return Number(text);
};

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('A number from 0 to 1 is needed.');
  return value;
}
