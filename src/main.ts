import 'reflect-metadata';
import { loadConfig } from './config/config.js';
import { startServer } from './server.js';

try {
  await startServer(loadConfig(process.env));
} catch (error) {
  // Expected refusals (settings, schema, directory in use) explain themselves; anything else needs its stack.
  const named = error instanceof Error && /^(Config|SchemaBehind|DirectoryInUse)Error$/.test(error.name);
  console.error(named ? error.message : error);
  process.exit(1);
}
