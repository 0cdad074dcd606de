import { Controller, Get, Inject, Res, UseGuards, type OnApplicationBootstrap } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { collectDefaultMetrics } from 'prom-client';
import { Metrics } from '../platform/metrics.js';
import { DatabaseGauges } from './database-gauges.service.js';
import { MetricsGuard } from './metrics.guard.js';

@Controller('metrics')
export class MetricsController implements OnApplicationBootstrap {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(DatabaseGauges) private readonly gauges: DatabaseGauges,
  ) {}

  onApplicationBootstrap(): void {
    collectDefaultMetrics({ register: this.metrics.registry });
  }

  @Get()
  @UseGuards(MetricsGuard)
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    await this.gauges.refresh();
    const { registry } = this.metrics;
    void reply.header('content-type', registry.contentType).header('cache-control', 'no-store');
    return registry.metrics();
  }
}
