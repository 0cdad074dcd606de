// Opens the database of the settings, says `open`, and holds it until it is killed. Exits with 1 when it is refused.
import { loadConfig } from '../../dist/src/config/config.js';
import { openDatabase } from '../../dist/src/database/database.js';

try {
  await openDatabase(loadConfig(process.env));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
console.log('open');
setInterval(() => undefined, 60_000);
