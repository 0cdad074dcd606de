import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { loadConfig } from './config/config.js';
import { toBanner } from './demo/to-banner.js';
import { startServer } from './server.js';

// Garbage is collected when the heap is 40 % larger than what is in use, not several times as large: the memory of the process then
// follows its work, and listing a million memberships leaves no trace in it.
setFlagsFromString('--heap-growing-percent=40');

try {
  const { url, demo } = await startServer(loadConfig(process.env));
  if (demo) process.stdout.write(toBanner({ ...demo, url }));
} catch (error) {
  // Expected refusals (settings, schema, directory in use, demo data in production) explain themselves; anything else needs its stack.
  const named = error instanceof Error && /^(Config|SchemaBehind|DirectoryInUse|DemoData)Error$/.test(error.name);
  console.error(named ? error.message : error);
  process.exit(1);
}
