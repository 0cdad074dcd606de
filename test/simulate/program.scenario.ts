import { execFile } from 'node:child_process';
import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant } from '../support/scenario.js';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The built command in a process of its own. */
function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Run> {
  const env = { PATH: process.env['PATH'], ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, ['dist/simulate/main.js', ...args], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err });
    });
  });
}

describe('the simulate command', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  const base = () => `${server.url}/scim/v2`;

  it('plays a life, prints the summary and ends with 0', async () => {
    const { token } = await createTenant(server);
    const small = ['--users', '15', '--groups', '3', '--seed', '4'];
    const { code, out, err } = await run(['entra', ...small, '--base', base(), '--token', token]);
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(err).toContain('initial cycle: 15 users\n');
    expect(err).toContain('\nconcurrent group pushes\n');
    expect(out).toMatch(/^entra, seed 4: \d+ users \(\d+ active\), 3 groups, \d+ memberships\n\d+ requests in /);
    expect(out).toMatch(/\nrequest +count +p50 ms +p99 ms +max ms\n/);
    expect(out).toMatch(/\ncreate user +\d+ +[\d.]+ +[\d.]+ +[\d.]+\n/);
    expect(out).toMatch(/\nasked again: \d+ lost answers, 0 throttled, 0 server errors, 0 broken connections\n/);
    expect(out.trimEnd().endsWith('The server is what the directory is: no differences.')).toBe(true);
  });

  it('names the differences in a table or as JSON, and ends with 1', async () => {
    const tenant = await createTenant(server);
    // Somebody of this run whom its directory does not know.
    await tenant.scim('POST', '/Users', { userName: 'left.over@okta-4.example.com' });
    const args = [
      'okta',
      '--users',
      '3',
      '--groups',
      '1',
      '--seed',
      '4',
      '--initial-only',
      '--quiet',
      '--base',
      base(),
    ];
    const told = await run(args, { SCIM_TOKEN: tenant.token });
    expect(told).toMatchObject({ code: 1, err: '' });
    expect(told.out).toMatch(
      /\n1 differences:\n +name +difference +directory +server +id at the server\nUser +left\.over@/,
    );
    const { code, out } = await run([...args, '--json'], { SCIM_TOKEN: tenant.token });
    expect({ code, report: JSON.parse(out) as unknown }).toMatchObject({
      code: 1,
      report: {
        equal: false,
        differences: { count: 1, first: [{ kind: 'unexpected', name: 'left.over@okta-4.example.com' }] },
      },
    });
  });

  it('says what is wrong with the token or the server, and ends with 1', async () => {
    expect(await run(['okta', '--base', base(), '--token', 'wrong', '--quiet'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^test connection: GET \/Users\?startIndex=1&count=2 was answered 401 /) as unknown,
    });
  });

  it('can be used without other documentation; wrong usage ends with 2', async () => {
    const help = await run(['--help']);
    expect(help.code).toBe(0);
    for (const word of ['entra-flag', 'sailpoint', 'rippling', '--lost <share>', 'Exit codes', 'SCIM_TOKEN']) {
      expect(help.out).toContain(word);
    }
    const given = ['--base', base(), '--token', 'x'];
    for (const wrong of [
      ['nobody', ...given],
      ['okta', '--token', 'x'],
      ['okta', '--base', base()],
      ['okta', '--base', 'nowhere', '--token', 'x'],
      ['okta', ...given, '--users', '0'],
      ['okta', ...given, '--lost', '2'],
    ]) {
      expect({ wrong, ...(await run(wrong)) }).toMatchObject({
        code: 2,
        err: expect.stringMatching(/error:/) as unknown,
      });
    }
  });
});
