import { readFileSync } from 'node:fs';
import { ConfigError, loadConfig, SETTINGS, type Setting } from '../../src/config/config.js';

const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://sso.example.com' };

/** The problems that keep the server from starting with these settings. */
function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('settings', () => {
  it('need none for a first start', () => {
    expect(loadConfig({})).toMatchObject({
      production: false,
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      databaseUrl: undefined,
      dataDirectory: './data',
      demo: true,
      logLevel: 'info',
    });
  });

  it('are safe in production', () => {
    expect(loadConfig(PRODUCTION)).toMatchObject({
      production: true,
      host: '0.0.0.0',
      publicUrl: 'https://sso.example.com',
      demo: false,
    });
  });

  it.each<[wrong: Record<string, string>, names: string]>([
    [{ PORT: 'eighty' }, 'PORT'],
    [{ PORT: '-1' }, 'PORT'],
    [{ PORT: '3.5' }, 'PORT'],
    [{ DATABASE_POOL_SIZE: '0' }, 'DATABASE_POOL_SIZE'],
    [{ DATABASE_URL: 'mysql://localhost/rollcall' }, 'DATABASE_URL'],
    [{ DEMO: 'perhaps' }, 'DEMO'],
    [{ DEMO_IDP_PORT: 'x' }, 'DEMO_IDP_PORT'],
    [{ LOG_LEVEL: 'chatty' }, 'LOG_LEVEL'],
    [{ SCIM_BODY_LIMIT_BYTES: '8MB' }, 'SCIM_BODY_LIMIT_BYTES'],
    [{ SCIM_REQUESTS_PER_SECOND: '24' }, 'SCIM_REQUESTS_PER_SECOND'],
    [{ SCIM_BURST_SECONDS: '3' }, 'SCIM_BURST_SECONDS'],
    [{ SAML_REFUSALS_AT_ONCE: '9' }, 'SAML_REFUSALS_AT_ONCE'],
    [{ SIGN_IN_RETENTION_DAYS: '29' }, 'SIGN_IN_RETENTION_DAYS'],
    [{ METRICS_TOKEN: 'too-short' }, 'METRICS_TOKEN'],
    [{ METRICS_TOKEN: 'long enough, but with spaces' }, 'METRICS_TOKEN'],
    [{ MEASURE_EVERY_MINUTES: 'often' }, 'MEASURE_EVERY_MINUTES'],
    [{ FETCH_ALLOWED_HOSTS: 'https://idp.example.com' }, 'FETCH_ALLOWED_HOSTS'],
    [{ FETCH_ALLOWED_HOSTS: 'idp.example.com/metadata' }, 'FETCH_ALLOWED_HOSTS'],
    [{ FETCH_ALLOWED_HOSTS: '10.0.0.1' }, 'FETCH_ALLOWED_HOSTS'],
    [{ FETCH_ALLOWED_HOSTS: '2130706433' }, 'FETCH_ALLOWED_HOSTS'],
    [{ FETCH_ALLOWED_HOSTS: '[::1]' }, 'FETCH_ALLOWED_HOSTS'],
    [{ FETCH_ALLOWED_HOSTS: '*.example.com' }, 'FETCH_ALLOWED_HOSTS'],
    [{ TRUST_PROXY: 'proxy.example.com' }, 'TRUST_PROXY'],
    [{ TRUST_PROXY: '10.0.0.1, 10.0.0.0/33' }, 'TRUST_PROXY'],
    [{ TRUST_PROXY: 'true' }, 'TRUST_PROXY'],
    [{ PUBLIC_URL: 'sso.example.com' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'ftp://sso.example.com' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'https://sso.example.com/?a=b' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'https://user@sso.example.com' }, 'PUBLIC_URL'],
    [{ NODE_ENV: 'production' }, 'PUBLIC_URL'],
    [{ ...PRODUCTION, PUBLIC_URL: 'http://sso.example.com' }, 'PUBLIC_URL'],
    [{ ...PRODUCTION, DEMO: 'true' }, 'DEMO'],
    [{ ...PRODUCTION, DATABASE_URL: 'postgres://localhost/rollcall' }, 'ENCRYPTION_KEY'],
    [{ ENCRYPTION_KEY: 'x', ENCRYPTION_KEY_FILE: '/run/key' }, 'ENCRYPTION_KEY_FILE'],
  ])('%j is refused naming %s, and nothing else', (wrong, name) => {
    const problems = problemsOf(wrong);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it('are refused all at once, in one text', () => {
    const wrong = { NODE_ENV: 'production', DEMO: 'true', PORT: 'x', LOG_LEVEL: 'y', DATABASE_URL: 'z' };
    expect(problemsOf(wrong)).toHaveLength(6);
    expect(() => loadConfig(wrong)).toThrow(/PORT[\s\S]*PUBLIC_URL|PUBLIC_URL[\s\S]*PORT/);
  });

  it.each<[given: Record<string, string>, read: Partial<ReturnType<typeof loadConfig>>]>([
    [{ PORT: '0' }, { port: 0, publicUrl: undefined }],
    [{ PORT: '8080' }, { publicUrl: 'http://localhost:8080' }],
    [{ PUBLIC_URL: 'https://example.com/rollcall/' }, { publicUrl: 'https://example.com/rollcall' }],
    [{ PORT: ' 8080 ' }, { port: 8080 }],
    [{ PORT: '' }, { port: 3000 }],
    [{ DEMO: 'off' }, { demo: false }],
    [{ DEMO: 'YES' }, { demo: true }],
    [{ DATABASE_URL: 'postgresql://localhost/rollcall' }, { databaseUrl: 'postgresql://localhost/rollcall' }],
    [{ HOST: '::1' }, { host: '::1' }],
    [{}, { trustProxy: [], scimRequestsPerSecond: 100, scimBurstSeconds: 4 }],
    [
      { FETCH_ALLOWED_HOSTS: 'ADFS.corp.example., idp.corp.example:8443' },
      {
        fetchAllowedHosts: [
          { host: 'adfs.corp.example', port: undefined },
          { host: 'idp.corp.example', port: 8443 },
        ],
      },
    ],
    [{}, { fetchAllowedHosts: [], fetchCaFile: undefined }],
    [{ TRUST_PROXY: '10.0.0.1, fd00::/8 ,loopback' }, { trustProxy: ['10.0.0.1', 'fd00::/8', 'loopback'] }],
  ])('%j is read as %j', (given, read) => {
    expect(loadConfig(given)).toMatchObject(read);
  });

  it('have one name, one meaning and one default each', () => {
    expect(new Set(SETTINGS.map(({ name }) => name)).size).toBe(SETTINGS.length);
    const source = readFileSync('src/config/config.ts', 'utf8');
    // Read from the table, never beside it.
    for (const { name } of SETTINGS) expect(source.split(`'${name}'`).length).toBeGreaterThan(2);
    expect(source).not.toContain('process.env');
  });

  it('are listed in docs/operations.md as the table in src/config/config.ts has them', () => {
    const cells = (line: string) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .join('|'); // prettier pads the columns
    const rows = readFileSync('docs/operations.md', 'utf8')
      .split('\n')
      .filter((line) => /^\| `[A-Z_]+` /.test(line));
    expect(rows.map(cells)).toEqual(SETTINGS.map(toRow).map(cells));
  });
});

function toRow(setting: Setting): string {
  const required = setting.requiredInProduction ? ' **Required in production.**' : '';
  return `| \`${setting.name}\` | ${setting.default === undefined ? '' : `\`${setting.default}\``} | ${setting.doc}${required} |`;
}
