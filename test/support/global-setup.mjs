// One migrated database that every test file copies: quicker than creating one each.
// Embedded: a directory, made once for a state of the migrations. PostgreSQL: a template database, made for each run.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

export default async function () {
  if (process.env.TEST_DATABASE === 'postgres' && !process.env.TEST_DATABASE_URL)
    throw new Error('TEST_DATABASE=postgres needs TEST_DATABASE_URL, an address that may create databases');
  const run = `${process.pid}${Date.now() % 100000}`;
  build();
  if (process.env.TEST_DATABASE === 'postgres') {
    const name = `rollcall_template_${run}`;
    await administer(`CREATE DATABASE ${name}`);
    process.env.TEST_TEMPLATE = name;
    execFileSync('node_modules/.bin/typeorm', ['-d', 'dist/src/database/data-source.js', 'migration:run'], {
      env: { ...process.env, DATABASE_URL: databaseUrl(name) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return;
  }
  const directory = join(tmpdir(), `rollcall-template-${fingerprint()}`);
  process.env.TEST_TEMPLATE = directory;
  if (existsSync(directory)) return;
  const fresh = `${directory}.${run}`;
  execFileSync(process.execPath, ['test/support/make-template.mjs', fresh], { stdio: 'inherit' });
  try {
    renameSync(fresh, directory);
  } catch {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Incremental, and goes on past type errors, which `npm run typecheck` judges. `npm test` has built already. */
function build() {
  if (process.env.TEST_BUILT === 'yes') return;
  try {
    execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: ['ignore', 'inherit', 'inherit'] });
  } catch {
    console.warn('The build has type errors (above); the tests run all the same.');
  }
}

function fingerprint() {
  const hash = createHash('sha1').update(readFileSync('package-lock.json'));
  for (const file of readdirSync('migrations').sort()) hash.update(readFileSync(join('migrations', file)));
  for (const file of readdirSync('src/database').sort()) hash.update(readFileSync(join('src/database', file)));
  return hash.digest('hex').slice(0, 12);
}

export function databaseUrl(name) {
  const url = new URL(process.env.TEST_DATABASE_URL);
  url.pathname = `/${name}`;
  return url.href;
}

export async function administer(sql) {
  const client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
