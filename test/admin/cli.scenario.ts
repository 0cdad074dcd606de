import { execFile } from 'node:child_process';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { freshDatabase, onPostgres, startTestServer, type TestDatabase, type TestServer } from '../support/app.js';
import { TEST_OPERATOR } from '../support/scenario.js';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The built command in a process of its own. */
function cli(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Run> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, ['dist/src/cli.js', ...args], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err });
    });
  });
}

describe('the command line beside a running server', () => {
  let server: TestServer;
  let remote: Record<string, string>;
  beforeAll(async () => {
    server = await startTestServer();
    const { token } = await server.app.get(AdminTokensService).create('cli', null, TEST_OPERATOR);
    remote = { ROLLCALL_URL: server.url, ROLLCALL_ADMIN_TOKEN: token };
  });
  afterAll(() => server.close());

  it('does what the REST API does', async () => {
    expect(await cli(remote, 'organization', 'create', '--slug', 'acme', '--name', 'Acme')).toMatchObject({
      code: 0,
      out: expect.stringContaining('slug: acme') as unknown,
    });
    const created = await cli(remote, '--json', 'connection', 'create', 'acme', '--name', 'Okta', '--scim', '--no-jit');
    expect(JSON.parse(created.out)).toMatchObject({ name: 'Okta', scim: true, jit: false });
    const { id } = JSON.parse(created.out) as { id: string };
    const token = await cli(remote, '--json', 'scim-token', 'create', 'acme', id, '--name', 'okta');
    expect(JSON.parse(token.out)).toMatchObject({ token: expect.stringMatching(/^rc_scim_/) as unknown });
    const list = await cli(remote, 'scim-token', 'list', 'acme', id);
    expect(list.out).toContain('okta');
    expect(list.out).not.toContain('rc_scim_');
    const rows = await server.sql(`SELECT slug FROM organizations`);
    expect(rows).toEqual([{ slug: 'acme' }]);
  });

  it('tells refusals from wrong usage', async () => {
    expect(await cli(remote, 'organization', 'get', 'nobody')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Not found') as unknown,
    });
    expect(await cli(remote, 'organization', 'create')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--slug') as unknown,
    });
    expect(await cli(remote, 'nothing')).toMatchObject({ code: 2 });
    expect(await cli({ ...remote, ROLLCALL_ADMIN_TOKEN: 'rc_admin_x' }, 'organization', 'list')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Not authenticated') as unknown,
    });
    expect(await cli(remote, '--help')).toMatchObject({ code: 0 });
  });

  it('finds a development server by its data directory, and is refused without one while the directory is in use', async () => {
    if (onPostgres) return;
    expect(await cli(server.environment, 'organization', 'list')).toMatchObject({
      code: 0,
      out: expect.stringContaining('acme') as unknown,
    });
  });
});

describe('the command line alone', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  it('makes the first operator token of a production database', async () => {
    const production: Record<string, string> = onPostgres
      ? { NODE_ENV: 'production', PUBLIC_URL: 'https://sso.example.com' }
      : {};
    const first = await cli(
      { ...database.environment, ...production },
      '--json',
      'admin-token',
      'create',
      '--name',
      'first',
    );
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.out)).toMatchObject({ token: expect.stringMatching(/^rc_admin_/) as unknown });
    const list = await cli(database.environment, 'admin-token', 'list');
    expect(list.out).toContain('first');
  });
});
