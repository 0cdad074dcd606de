import 'reflect-metadata';
import { loadConfig } from './config/config.js';
import { toBanner } from './demo/to-banner.js';
import { startServer } from './server.js';

try {
  const { url, demo } = await startServer(loadConfig(process.env));
  if (demo) process.stdout.write(toBanner({ ...demo, url }));
} catch (error) {
  // Expected refusals (settings, schema, directory in use, demo data in production) explain themselves; anything else needs its stack.
  const named = error instanceof Error && /^(Config|SchemaBehind|DirectoryInUse|DemoData)Error$/.test(error.name);
  console.error(named ? error.message : error);
  process.exit(1);
}
