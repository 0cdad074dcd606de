import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.js';
import { KEY_BYTES, keyName } from './sealing.js';

export interface MasterKey {
  readonly name: string;
  readonly key: Buffer;
}

/**
 * The keys that data keys are wrapped with (organizations/vault.service). They come from the environment, from a file, or, where
 * neither is set, from a file of the data directory that the first start makes. The first one wraps; the others only open what an
 * earlier first one has wrapped, until it is rotated.
 */
export class MasterKeys {
  private constructor(private readonly keys: readonly MasterKey[]) {}

  /** Throws an Error that names the setting. */
  static load({ encryptionKey, encryptionKeyFile, dataDirectory }: Config): MasterKeys {
    if (encryptionKey !== undefined) return new MasterKeys(parse(encryptionKey, 'ENCRYPTION_KEY'));
    const file = encryptionKeyFile ?? ownFile(dataDirectory);
    return new MasterKeys(parse(read(file), file));
  }

  get current(): MasterKey {
    return this.keys[0]!;
  }

  named(name: string): MasterKey | undefined {
    return this.keys.find((key) => key.name === name);
  }

  get names(): readonly string[] {
    return this.keys.map(({ name }) => name);
  }
}

function parse(text: string, source: string): MasterKey[] {
  const keys = text.split(/[\s,]+/).filter((part) => part !== '');
  if (keys.length === 0) throw new Error(`${source} holds no key`);
  return keys.map((encoded, index) => {
    const key = Buffer.from(encoded, 'base64');
    // Buffer skips what is no base64, so that the length alone would take any long text for a key.
    if (key.length !== KEY_BYTES || !/^[A-Za-z0-9+/_-]{43}=?$/.test(encoded)) {
      throw new Error(
        `${source}: key ${index + 1} must be ${KEY_BYTES} bytes in base64, as \`openssl rand -base64 ${KEY_BYTES}\` prints`,
      );
    }
    return { name: keyName(key), key };
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`The encryption key cannot be read from ${file}`, { cause: error });
  }
}

function ownFile(dataDirectory: string): string {
  const file = join(dataDirectory, 'encryption.key');
  if (!existsSync(file)) {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    try {
      // Two that start at once must end with one key: the later one reads what the earlier one wrote.
      writeFileSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return file;
}
