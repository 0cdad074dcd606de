// Creates users through the engine until it is killed, and prints the id of each one once its transaction is acknowledged:
// endless-writer.mjs, with DATABASE_URL or DATA_DIRECTORY and ORGANIZATION and CONNECTION in the environment.
import { writeSync } from 'node:fs';
import { loadConfig } from '../../dist/src/config/config.js';
import { ConnectionsService } from '../../dist/src/organizations/connections.service.js';
import { UserReconciler } from '../../dist/src/reconciliation/user.reconciler.js';
import { startServer } from '../../dist/src/server.js';

const { app } = await startServer(loadConfig(process.env));
const connection = await app.get(ConnectionsService).get(process.env.ORGANIZATION, process.env.CONNECTION);
const users = app.get(UserReconciler);
const actor = { kind: 'system', id: null, correlationId: 'endless-writer' };

async function writeForEver(writer) {
  for (let count = 0; ; count++) {
    const userName = `${process.pid}-${writer}-${count}`;
    const { user } = await users.create(
      connection,
      { userName, externalId: null, active: true, attributes: {} },
      actor,
    );
    writeSync(1, `${user.id}\n`);
  }
}
await Promise.all([0, 1, 2, 3].map(writeForEver));
