import { randomBytes } from 'node:crypto';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { Vault } from '../../src/organizations/vault.service.js';
import { keyName, UnsealError } from '../../src/platform/sealing.js';
import { freshDatabase, startTestServer, TEST_KEY, type TestDatabase, type TestServer } from '../support/app.js';
import { createOrganization, TEST_OPERATOR } from '../support/scenario.js';
import { sideEffects } from '../support/side-effects.js';

describe('the vault', () => {
  let database: TestDatabase;
  let server: TestServer;
  let organizationId: string;

  const start = async (keys?: string) => {
    server = await startTestServer(keys === undefined ? {} : { ENCRYPTION_KEY: keys }, database);
  };
  const restart = async (keys: string) => {
    await server.close();
    await start(keys);
  };
  const vault = () => server.app.get(Vault);
  const read = () => server.app.get(UnitOfWork).read;
  const seal = (text: string, id = organizationId) => vault().seal(read(), id, 'test', text);
  const open = async (sealed: Buffer, id = organizationId, purpose = 'test') =>
    (await vault().unseal(read(), id, purpose, sealed)).toString();

  beforeEach(async () => {
    database = await freshDatabase();
    await start();
    ({ id: organizationId } = await createOrganization(server));
  });
  afterEach(async () => {
    await server.close();
    await database.drop();
  });

  it('gives back what it was given, to the same organization and purpose only', async () => {
    const other = await createOrganization(server);
    const sealed = await seal('a private key');
    await seal('theirs', other.id);
    expect(sealed.toString('latin1')).not.toContain('private');
    expect(await open(sealed)).toBe('a private key');
    await expect(open(sealed, other.id)).rejects.toThrow(UnsealError);
    await expect(open(sealed, organizationId, 'another')).rejects.toThrow(UnsealError);
    await expect(open(sealed.subarray(0, 10))).rejects.toThrow(UnsealError);
  });

  it('keeps one data key an organization, and none that the database alone could open', async () => {
    await seal('one');
    server.clock.advance(2 * 60 * 60);
    const effects = await sideEffects(server, async () => {
      for (const text of ['two', 'three']) await seal(text);
    });
    expect(effects.rows).toEqual({});
    const rows = await server.sql<{ wrapped: Buffer; master_key_name: string }>(`SELECT * FROM data_keys`);
    expect(rows.map(({ master_key_name }) => master_key_name)).toEqual([keyName(Buffer.from(TEST_KEY, 'base64'))]);
  });

  it('does not lose what is sealed after a rolled-back transaction had made the first data key', async () => {
    const failing = server.app.get(UnitOfWork).run(async (tx) => {
      await vault().seal(tx, organizationId, 'test', 'lost');
      await vault().seal(tx, organizationId, 'test', 'lost as well');
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    const sealed = await seal('kept');
    await restart(TEST_KEY);
    expect(await open(sealed)).toBe('kept');
  });

  it('turns the master key over without touching what is sealed, and says so once', async () => {
    const sealed = await seal('kept');
    const key = randomBytes(32);
    await restart(`${key.toString('base64')},${TEST_KEY}`);
    expect(await open(sealed)).toBe('kept');
    const effects = await sideEffects(server, async () => {
      expect(await vault().rotate(TEST_OPERATOR)).toEqual({ rewrapped: 1, keyName: keyName(key) });
      expect(await vault().rotate(TEST_OPERATOR)).toEqual({ rewrapped: 0, keyName: keyName(key) });
    });
    expect(effects.rows).toEqual({ data_keys: '~1', audit_entries: '+1' });
    expect(effects.audit).toEqual([['encryption.rotated', keyName(key)]]);
    await restart(key.toString('base64'));
    expect(await open(sealed)).toBe('kept');
  });

  it('does not let a server start that cannot open what is sealed, and names the key', async () => {
    await seal('kept');
    await server.close();
    const other = randomBytes(32).toString('base64');
    await expect(start(other)).rejects.toThrow(
      new RegExp(`${keyName(Buffer.from(TEST_KEY, 'base64'))}.*ENCRYPTION_KEY`),
    );
    await start(TEST_KEY);
  });
});
