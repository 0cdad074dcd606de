import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { loadConfig } from '../../src/config/config.js';
import { MasterKeys } from '../../src/platform/master-keys.js';
import { keyName, seal, unseal, UnsealError } from '../../src/platform/sealing.js';

describe('a sealed text', () => {
  const key = randomBytes(32);

  it('opens with its key and context to what was sealed, and is another one each time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, context) => {
        const text = Buffer.from(bytes);
        const sealed = seal(key, text, context);
        expect(unseal(key, sealed, context)).toEqual(text);
        expect(seal(key, text, context)).not.toEqual(sealed);
      }),
    );
  });

  it('does not open with one bit changed, cut short, with another key or in another context', () => {
    const sealed = seal(key, Buffer.from('private'), 'organization a');
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(() => unseal(key, changed, 'organization a')).toThrow(UnsealError);
      expect(() => unseal(key, sealed.subarray(0, at), 'organization a')).toThrow(UnsealError);
    }
    expect(() => unseal(randomBytes(32), sealed, 'organization a')).toThrow(UnsealError);
    expect(() => unseal(key, sealed, 'organization b')).toThrow(UnsealError);
  });
});

describe('master keys', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rollcall-keys-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const load = (settings: Record<string, string>) =>
    MasterKeys.load(loadConfig({ DATA_DIRECTORY: join(directory, 'data'), ...settings }));
  const [a, b] = [randomBytes(32), randomBytes(32)];

  it('come from the setting, the first one being the current', () => {
    const keys = load({ ENCRYPTION_KEY: `${a.toString('base64')}, ${b.toString('base64url')}` });
    expect(keys.current).toEqual({ name: keyName(a), key: a });
    expect(keys.named(keyName(b))?.key).toEqual(b);
  });

  it('come from the file of the setting, in the same form', () => {
    const file = join(directory, 'keys');
    writeFileSync(file, `${a.toString('base64')}\n${b.toString('base64')}\n`);
    expect(load({ ENCRYPTION_KEY_FILE: file }).names).toEqual([keyName(a), keyName(b)]);
  });

  it('are made at the first start otherwise, for the owner alone, and are the same at the next', () => {
    const first = load({});
    const file = join(directory, 'data', 'encryption.key');
    expect(load({}).names).toEqual(first.names);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toEqual(first.current.key);
  });

  it.each([
    ['too short', Buffer.alloc(16).toString('base64')],
    ['too long', Buffer.alloc(48).toString('base64')],
    ['no base64', '!'.repeat(43)],
    ['a passphrase', 'correct horse battery staple correct horse ba'],
    ['nothing but commas', ',,'],
  ])('that are %s are refused, naming the setting and not the key', (_case, value) => {
    expect(() => load({ ENCRYPTION_KEY: value })).toThrow(/^ENCRYPTION_KEY/);
    try {
      load({ ENCRYPTION_KEY: value });
    } catch (error) {
      if (value !== ',,') expect(String(error)).not.toContain(value);
    }
  });
});
