import fc from 'fast-check';
import { startTestServer, type TestServer } from '../../support/app.js';
import { Engine } from '../../support/engine.js';
import { commands } from './commands.js';
import { Oracle } from './oracle.js';
import { World } from './world.js';

/**
 * Random histories of two organizations: sign-ins, SCIM requests, operators' edits, switches and the clock, each step compared with a
 * small oracle. A failure is shrunk to the shortest story that still fails, and told in words, with the seed that repeats it:
 * MODEL_SEED=... MODEL_RUNS=... `npm run soak`.
 */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 1000);
const SEED = process.env['MODEL_SEED'];

describe('reconciliation against its oracle', () => {
  let server: TestServer;
  let engine: Engine;
  beforeAll(async () => {
    server = await startTestServer();
    engine = new Engine(server);
  });
  afterAll(() => server.close());

  it(
    `${RUNS} histories of two organizations end as the oracle says, step by step`,
    async () => {
      await fc.assert(
        fc.asyncProperty(commands(12), (history) =>
          fc.asyncModelRun(
            async () => ({ model: { A: new Oracle(null), B: new Oracle(1) }, real: await World.make(server, engine) }),
            history,
          ),
        ),
        { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
      );
    },
    Math.max(600_000, RUNS * 1000),
  );
});
