import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AdminModule } from './admin/admin.module.js';
import type { Config } from './config/config.js';
import type { Database } from './database/database.js';
import { DatabaseModule } from './database/database.module.js';
import { DemoModule } from './demo/demo.module.js';
import { ErrorTranslator } from './error-translator.filter.js';
import type { Clock } from './platform/clock.js';
import type { Log } from './platform/logger.js';
import { HealthModule } from './health/health.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { OAuthModule } from './oauth/oauth.module.js';
import { OrganizationsModule } from './organizations/organizations.module.js';
import { PlatformModule } from './platform/platform.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';
import { SamlModule } from './saml/saml.module.js';
import { ScimModule } from './scim/scim.module.js';
import { SignInModule } from './sign-in/sign-in.module.js';

/** Composes the house; decides nothing. Each door is one module. */
@Module({})
export class AppModule {
  static with(config: Config, database: Database, clock: Clock, log: Log): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.with(config, clock, log),
        DatabaseModule.with(database),
        OrganizationsModule,
        ReconciliationModule,
        HealthModule,
        MetricsModule,
        AdminModule,
        ScimModule,
        OAuthModule,
        SamlModule,
        SignInModule.with(config),
        DemoModule.with(config),
      ],
      providers: [{ provide: APP_FILTER, useClass: ErrorTranslator }],
    };
  }
}
