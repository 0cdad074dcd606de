import { Controller, Inject } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { Vault } from '../../organizations/vault.service.js';
import { Operator } from '../http/admin-token.guard.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import type { RotationView } from '../views/rotation.view.js';

@Controller(ADMIN_PREFIX)
export class EncryptionController {
  constructor(@Inject(Vault) private readonly vault: Vault) {}

  @Operation('encryption rotate')
  rotate(@Operator() operator: Actor): Promise<RotationView> {
    return this.vault.rotate(operator);
  }
}
