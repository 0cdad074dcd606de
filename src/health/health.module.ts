import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';

/** GET /health: the process is up. GET /ready: it can serve. For load balancers and orchestrators; without secrets. */
@Module({ controllers: [HealthController] })
export class HealthModule {}
