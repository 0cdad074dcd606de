import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { MIGRATIONS } from '../../migrations/index.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { toReadiness, type Readiness } from './to-readiness.js';

/** A database that does not answer within this time does not answer. */
const PATIENCE_MS = 3000;

@Controller()
export class HealthController {
  constructor(@Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork) {}

  /** The process is up; says nothing about the database, so that its outage does not get every node restarted. */
  @Get('health')
  @Header('cache-control', 'no-store')
  health(): { status: 'up' } {
    return { status: 'up' };
  }

  /** Requests can be served: the database answers and its schema is not behind. Otherwise 503, for the load balancer. */
  @Get('ready')
  @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = toReadiness(
      await this.appliedMigrations(),
      MIGRATIONS.map((migration) => migration.name),
    );
    if (!readiness.ready) reply.status(503);
    return readiness;
  }

  /** undefined: the database did not say. */
  private async appliedMigrations(): Promise<string[] | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
    });
    const rows = this.unitOfWork.read
      .query<{ name: string }>('SELECT name FROM schema_migrations')
      .then((found) => found.map(({ name }) => name))
      // Why is in the log of whatever needed the database; the load balancer needs to know that.
      .catch(() => undefined);
    try {
      return await Promise.race([rows, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}
