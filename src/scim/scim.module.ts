import { Module } from '@nestjs/common';
import { DirectoryModule } from '../directory/directory.module.js';
import { ReconciliationModule } from '../reconciliation/reconciliation.module.js';
import { ScimTokenGuard } from './http/scim-token.guard.js';
import { UnroutedController } from './http/unrouted.controller.js';

@Module({
  imports: [DirectoryModule, ReconciliationModule],
  controllers: [UnroutedController],
  providers: [ScimTokenGuard],
})
export class ScimModule {}
