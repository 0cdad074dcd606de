import { createPrivateKey } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { LIKELIEST_FIRST, purposeOf, type KeyUse, type SpKeyPair } from './sp-key.js';
import { SpKeys } from './sp-keys.service.js';
import { Vault } from './vault.service.js';

/**
 * Opens the private halves of sp_keys for those who sign and decrypt with them. They are read each time: what an operator activates or
 * retires holds at once and on every node. Not to be called within a transaction.
 */
@Injectable()
export class SpKeyPairs {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(SpKeys) private readonly keys: SpKeys,
  ) {}

  /** What messages to the IdP are signed with; made when there is none. */
  async signing(organizationId: string, connectionId: string): Promise<SpKeyPair> {
    const [found] = await this.live(organizationId, connectionId, 'signing');
    if (found) return found;
    await this.keys.ensureSigning(organizationId, connectionId);
    const [made] = await this.live(organizationId, connectionId, 'signing');
    if (!made) throw new Error(`The connection ${connectionId} has no signing key`);
    return made;
  }

  /** What an assertion may be encrypted for, the likeliest first; empty where encryption is not offered. */
  decryption(organizationId: string, connectionId: string): Promise<SpKeyPair[]> {
    return this.live(organizationId, connectionId, 'encryption');
  }

  private async live(organizationId: string, connectionId: string, use: KeyUse): Promise<SpKeyPair[]> {
    const { read } = this.unitOfWork;
    const rows = await read.query<{ id: string; certificate: string; sealed: Buffer }>(
      `SELECT id, certificate, sealed_private_key AS sealed FROM sp_keys
       WHERE organization_id = $1 AND connection_id = $2 AND use = $3 AND state <> 'retired' ORDER BY ${LIKELIEST_FIRST}`,
      [organizationId, connectionId, use],
    );
    return Promise.all(
      rows.map(async ({ id, certificate, sealed }) => {
        const key = await this.vault.unseal(read, organizationId, purposeOf(id), sealed);
        return { id, certificate, privateKey: createPrivateKey(key) };
      }),
    );
  }
}
