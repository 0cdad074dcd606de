// Makes an embedded database directory with the current schema: make-template.mjs DIRECTORY
import { openDatabase } from '../../dist/src/database/database.js';

const database = await openDatabase({ databaseUrl: undefined, databasePoolSize: 1, dataDirectory: process.argv[2] });
await database.close();
