import { DataSource } from 'typeorm';
import { postgresOptions } from './database.js';

/** What the `typeorm` command opens for `npm run migration:{show,run,revert}`. */
const url = process.env['DATABASE_URL'];
if (!url) {
  console.error(
    'DATABASE_URL is not set. Migrations are for PostgreSQL; the embedded database migrates itself at start.',
  );
  process.exit(1);
}

export default new DataSource(postgresOptions(url, 2));
