import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the running server is reached, and the token of its process. */
export interface Credentials {
  readonly url: string;
  readonly token: string;
}

const pathIn = (dataDirectory: string): string => join(dataDirectory, 'cli.json');

/** Readable by its owner alone. */
export function writeCredentials(dataDirectory: string, credentials: Credentials): void {
  mkdirSync(dataDirectory, { recursive: true });
  // Made anew: the mode of a file that is there would stay.
  rmSync(pathIn(dataDirectory), { force: true });
  writeFileSync(pathIn(dataDirectory), `${JSON.stringify(credentials)}\n`, { mode: 0o600, flag: 'wx' });
}

/** undefined: there is none. */
export function readCredentials(dataDirectory: string): Credentials | undefined {
  try {
    const { url, token } = JSON.parse(readFileSync(pathIn(dataDirectory), 'utf8')) as Partial<Credentials>;
    return typeof url === 'string' && typeof token === 'string' ? { url, token } : undefined;
  } catch {
    return undefined;
  }
}

/** Leaves the file of a server that started later alone. */
export function removeCredentials(dataDirectory: string, token: string): void {
  if (readCredentials(dataDirectory)?.token === token) rmSync(pathIn(dataDirectory), { force: true });
}
