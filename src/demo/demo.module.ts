import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { ReconciliationModule } from '../reconciliation/reconciliation.module.js';
import { DemoSeed } from './demo-seed.service.js';
import { DemoStartController } from './demo-start.controller.js';
import { DemoService } from './demo.service.js';

/**
 * The demo: an invented organization and an IdP that signs in anybody, both only where DEMO is on, which production refuses.
 * Route: GET /. Invariant: the demo is made through the same services as everything else, and only in an empty database.
 */
@Module({})
export class DemoModule {
  static with(config: Config): DynamicModule {
    return {
      module: DemoModule,
      imports: [ReconciliationModule],
      controllers: config.demo ? [DemoStartController] : [],
      providers: [DemoSeed, DemoService],
    };
  }
}
