import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { OrganizationsModule } from '../organizations/organizations.module.js';
import { DatabaseGauges } from './database-gauges.service.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsGuard } from './metrics.guard.js';

/**
 * GET /metrics, for Prometheus. Invariant: nothing is told without METRICS_TOKEN or an operator token, and no answer goes through
 * anybody's people. Owns no table.
 */
@Module({
  imports: [AuditModule, OrganizationsModule],
  controllers: [MetricsController],
  providers: [DatabaseGauges, MetricsGuard],
})
export class MetricsModule {}
