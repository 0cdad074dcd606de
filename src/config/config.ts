import { isIP } from 'node:net';
import { isAddressRange } from './address-range.js';

/**
 * Every setting once: environment name, type, default, meaning. `loadConfig` fails at start with all errors together, so that
 * an operator fixes them in one round. docs/operations.md is checked against this table by a test.
 */

export interface Setting {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'boolean' | 'url';
  /** Text of the default; undefined when the default depends on other settings and `doc` says how. */
  readonly default?: string;
  readonly doc: string;
  /** Needs a value of the operator's own when NODE_ENV=production. */
  readonly requiredInProduction?: true;
}

export const SETTINGS = [
  {
    name: 'NODE_ENV',
    kind: 'text',
    default: 'development',
    doc: '`production` switches the demo off, demands PUBLIC_URL and sets Secure cookies.',
  },
  {
    name: 'HOST',
    kind: 'text',
    doc: 'Address to listen on. Default: 127.0.0.1 in development, 0.0.0.0 in production.',
  },
  { name: 'PORT', kind: 'number', default: '3000', doc: 'Port to listen on; 0 takes a free one.' },
  {
    name: 'PUBLIC_URL',
    kind: 'url',
    doc: 'The address people and IdPs reach the server by; every URL the server prints is built from it, never from a Host header. Default: http://localhost:PORT.',
    requiredInProduction: true,
  },
  {
    name: 'TRUST_PROXY',
    kind: 'text',
    doc: "Proxies whose X-Forwarded-For is believed: addresses or ranges (`10.0.0.0/8`), or `loopback`, `linklocal`, `uniquelocal`, with commas between. Needed behind a proxy for address lists of tokens and limits per address. Default: none, a client's address is that of its connection.",
  },
  {
    name: 'DATABASE_URL',
    kind: 'text',
    doc: 'PostgreSQL 15 or newer. Absent: the embedded database in DATA_DIRECTORY.',
  },
  { name: 'DATABASE_POOL_SIZE', kind: 'number', default: '10', doc: 'Connections per node to PostgreSQL.' },
  {
    name: 'DATA_DIRECTORY',
    kind: 'text',
    default: './data',
    doc: 'Where the embedded database lives. One process at a time.',
  },
  {
    name: 'DEMO',
    kind: 'boolean',
    doc: 'Create the demo organization at first start and run the demo IdP. Default: true in development; refused in production.',
  },
  { name: 'DEMO_IDP_PORT', kind: 'number', default: '3001', doc: 'Port of the demo IdP; 0 takes a free one.' },
  {
    name: 'ENCRYPTION_KEY',
    kind: 'text',
    doc: 'What secrets in the database are encrypted with: 32 bytes in base64 (`openssl rand -base64 32`). Several with commas between: the first encrypts, the others still open what they have encrypted. Required in production with DATABASE_URL, there or in ENCRYPTION_KEY_FILE.',
  },
  {
    name: 'ENCRYPTION_KEY_FILE',
    kind: 'text',
    doc: 'A file with the same content, instead of ENCRYPTION_KEY. Default: `encryption.key` in DATA_DIRECTORY, made at the first start.',
  },
  { name: 'LOG_LEVEL', kind: 'text', default: 'info', doc: 'trace, debug, info, warn, error, fatal or silent.' },
  {
    name: 'SCIM_BODY_LIMIT_BYTES',
    kind: 'number',
    default: '8388608',
    doc: 'Largest SCIM request body; larger is answered 413. 10,000 members are about 1 MB.',
  },
  {
    name: 'SCIM_REQUESTS_PER_SECOND',
    kind: 'number',
    default: '100',
    doc: 'SCIM requests a second that each connection may make for any length of time, over all nodes; more is answered 429. At least 25. A connection may have its own.',
  },
  {
    name: 'SCIM_BURST_SECONDS',
    kind: 'number',
    default: '4',
    doc: "How many seconds' worth of SCIM requests may come at once. At least 4.",
  },
  {
    name: 'SAML_REFUSALS_AT_ONCE',
    kind: 'number',
    default: '50',
    doc: 'Answers of IdPs from one network address that may be refused at once; then one a second. What comes beyond that is answered 429 before anything of it is looked at. Sign-ins that succeed do not count. At least 10; a proxy in front needs TRUST_PROXY, or all people count as one address.',
  },
  {
    name: 'SIGN_IN_RETENTION_DAYS',
    kind: 'number',
    default: '365',
    doc: "Days for which sign-in records and records of logouts are kept. Beyond that stay each person's last sign-in by an IdP, and those that gave somebody a group or a role. At least 30.",
  },
  {
    name: 'METRICS_TOKEN',
    kind: 'text',
    doc: 'Bearer token with which `GET /metrics` can be read, and nothing else; at least 16 characters without spaces. Operator tokens can read it too.',
  },
  {
    name: 'MEASURE_EVERY_MINUTES',
    kind: 'number',
    default: '15',
    doc: 'How often people and drift of each organization are counted for the metrics. 0: never.',
  },
  {
    name: 'FETCH_ALLOWED_HOSTS',
    kind: 'text',
    doc: 'Hosts of your own network from which documents may be fetched (metadata of IdPs), with commas between, with their port where it is not 443: `adfs.corp.example, idp.corp.example:8443`. Everything else is fetched only from public addresses and port 443. Default: none.',
  },
  {
    name: 'FETCH_CA_FILE',
    kind: 'text',
    doc: 'PEM certificates of authorities that are believed besides the usual ones when something is fetched, for IdPs with certificates of your own authority.',
  },
] as const satisfies readonly Setting[];

export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash. Undefined only while PORT=0 has not been bound yet; see PublicUrl. */
  readonly publicUrl: string | undefined;
  /** Addresses, ranges and named ranges; empty: no proxy is believed. */
  readonly trustProxy: readonly string[];
  readonly databaseUrl: string | undefined;
  readonly databasePoolSize: number;
  readonly dataDirectory: string;
  readonly demo: boolean;
  readonly demoIdpPort: number;
  readonly encryptionKey: string | undefined;
  readonly encryptionKeyFile: string | undefined;
  readonly logLevel: string;
  readonly scimBodyLimitBytes: number;
  readonly scimRequestsPerSecond: number;
  readonly scimBurstSeconds: number;
  readonly samlRefusalsAtOnce: number;
  readonly signInRetentionDays: number;
  readonly metricsToken: string | undefined;
  readonly measureEveryMinutes: number;
  readonly fetchAllowedHosts: readonly { readonly host: string; readonly port: number | undefined }[];
  readonly fetchCaFile: string | undefined;
}

export const CONFIG = Symbol('Config');

export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`Rollcall cannot start with these settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings; throws ConfigError with every problem found. */
export function loadConfig(environment: Environment): Config {
  const problems: string[] = [];
  const text = (name: string): string | undefined => {
    const setting: Setting | undefined = SETTINGS.find((candidate) => candidate.name === name);
    const value = environment[name]?.trim();
    return value === undefined || value === '' ? setting?.default : value;
  };
  const number = (name: string, least = 0): number => {
    const value = Number(text(name));
    if (Number.isInteger(value) && value >= least) return value;
    const wanted = least > 0 ? `a whole number of at least ${least}` : 'a whole number';
    problems.push(`${name} must be ${wanted}, not "${text(name) ?? ''}"`);
    return least;
  };
  const production = text('NODE_ENV') === 'production';
  const port = number('PORT');
  const publicUrl = readPublicUrl(text('PUBLIC_URL'), port, production, problems);
  const demo = readBoolean('DEMO', text('DEMO'), !production, problems);
  if (production && demo) problems.push('DEMO cannot be on when NODE_ENV=production: a demo IdP signs in anybody');
  const logLevel = text('LOG_LEVEL') ?? 'info';
  if (!['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].includes(logLevel)) {
    problems.push(`LOG_LEVEL must be trace, debug, info, warn, error, fatal or silent, not "${logLevel}"`);
  }
  const databaseUrl = text('DATABASE_URL');
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    problems.push('DATABASE_URL must begin with postgres:// or postgresql://');
  }
  const encryptionKey = text('ENCRYPTION_KEY');
  const encryptionKeyFile = text('ENCRYPTION_KEY_FILE');
  if (encryptionKey !== undefined && encryptionKeyFile !== undefined) {
    problems.push('ENCRYPTION_KEY and ENCRYPTION_KEY_FILE exclude each other');
  }
  // A key made by one node would not open what another node has encrypted.
  if (production && databaseUrl !== undefined && encryptionKey === undefined && encryptionKeyFile === undefined) {
    problems.push(
      'ENCRYPTION_KEY is required when NODE_ENV=production and DATABASE_URL is set: openssl rand -base64 32',
    );
  }
  const config: Config = {
    production,
    host: text('HOST') ?? (production ? '0.0.0.0' : '127.0.0.1'),
    port,
    publicUrl,
    trustProxy: readTrustProxy(text('TRUST_PROXY'), problems),
    databaseUrl,
    databasePoolSize: number('DATABASE_POOL_SIZE', 1),
    dataDirectory: text('DATA_DIRECTORY') ?? './data',
    demo,
    demoIdpPort: number('DEMO_IDP_PORT'),
    encryptionKey,
    encryptionKeyFile,
    logLevel,
    scimBodyLimitBytes: number('SCIM_BODY_LIMIT_BYTES'),
    scimRequestsPerSecond: number('SCIM_REQUESTS_PER_SECOND', 25),
    scimBurstSeconds: number('SCIM_BURST_SECONDS', 4),
    samlRefusalsAtOnce: number('SAML_REFUSALS_AT_ONCE', 10),
    signInRetentionDays: number('SIGN_IN_RETENTION_DAYS', 30),
    metricsToken: readMetricsToken(text('METRICS_TOKEN'), problems),
    measureEveryMinutes: number('MEASURE_EVERY_MINUTES'),
    fetchAllowedHosts: readHosts(text('FETCH_ALLOWED_HOSTS'), problems),
    fetchCaFile: text('FETCH_CA_FILE'),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function readPublicUrl(value: string | undefined, port: number, production: boolean, problems: string[]) {
  if (value === undefined) {
    if (production)
      problems.push('PUBLIC_URL is required when NODE_ENV=production, for example https://sso.example.com');
    return port === 0 ? undefined : `http://localhost:${port}`;
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search || url.hash || url.username) {
    problems.push(`PUBLIC_URL must be an http(s) address without query, not "${value}"`);
    return undefined;
  }
  if (production && url.protocol !== 'https:') problems.push('PUBLIC_URL must be https when NODE_ENV=production');
  return url.href.replace(/\/+$/, '');
}

function readMetricsToken(value: string | undefined, problems: string[]): string | undefined {
  if (value !== undefined && !/^\S{16,}$/.test(value)) {
    problems.push('METRICS_TOKEN must have at least 16 characters and no spaces: openssl rand -hex 32');
  }
  return value;
}

const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

function readTrustProxy(value: string | undefined, problems: string[]): string[] {
  const proxies = (value ?? '').split(',').flatMap((part) => part.trim() || []);
  const stranger = proxies.find((proxy) => !NAMED_RANGES.includes(proxy) && !isAddressRange(proxy));
  if (stranger !== undefined) {
    problems.push(`TRUST_PROXY must be addresses or ranges with commas between; "${stranger}" is neither`);
  }
  return proxies;
}

/** Names, not addresses: the certificate of the host is checked by its name. */
function readHosts(value: string | undefined, problems: string[]): Config['fetchAllowedHosts'] {
  const entries = (value ?? '').split(',').flatMap((part) => part.trim() || []);
  return entries.flatMap((entry) => {
    const url =
      /^[^\s/?#@\\]+$/.test(entry) && URL.canParse(`https://${entry}`) ? new URL(`https://${entry}`) : undefined;
    const host = url?.hostname.replace(/\.$/, '') ?? '';
    if (host === '' || host.startsWith('[') || isIP(host) !== 0 || host.includes('*')) {
      problems.push(
        `FETCH_ALLOWED_HOSTS must be host names with commas between, with or without a port; "${entry}" is none`,
      );
      return [];
    }
    return [{ host, port: url?.port ? Number(url.port) : undefined }];
  });
}

function readBoolean(name: string, value: string | undefined, fallback: boolean, problems: string[]): boolean {
  if (value === undefined) return fallback;
  if (['true', '1', 'yes', 'on'].includes(value.toLowerCase())) return true;
  if (['false', '0', 'no', 'off'].includes(value.toLowerCase())) return false;
  problems.push(`${name} must be true or false, not "${value}"`);
  return fallback;
}
