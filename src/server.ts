import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminModule } from './admin/admin.module.js';
import { CliAccess } from './admin/cli/cli-access.service.js';
import { ApiDocument } from './admin/docs/api-document.service.js';
import { acceptAdminBodies } from './admin/http/admin-body.parser.js';
import { AppModule } from './app.module.js';
import type { Config } from './config/config.js';
import { openDatabase } from './database/database.js';
import { answerUnreadableAddress } from './error-translator.filter.js';
import { DemoService, type DemoStatus } from './demo/demo.service.js';
import { countAnswers } from './metrics/metrics.http.js';
import { setUpOAuthHttp } from './oauth/oauth.http.js';
import { SystemClock, type Clock } from './platform/clock.js';
import { Log } from './platform/logger.js';
import { PublicUrl } from './platform/public-url.js';
import { acceptForms } from './saml/form-body.parser.js';
import { setUpRequestGate } from './scim/http/request-gate.service.js';
import { setUpScimHttp } from './scim/http/scim-body.parser.js';

export interface RunningServer {
  readonly app: NestFastifyApplication;
  /** Without a trailing slash. */
  readonly url: string;
  /** undefined: there is no demo here. */
  readonly demo: DemoStatus | undefined;
  close(): Promise<void>;
}

/** The application on an open database, not listening. Throws what openDatabase throws. */
export async function createApp(
  config: Config,
  clock: Clock = new SystemClock(),
  log: Log = Log.create(config.logLevel),
): Promise<NestFastifyApplication> {
  const database = await openDatabase(config);
  try {
    const adapter = new FastifyAdapter({
      bodyLimit: config.scimBodyLimitBytes,
      genReqId: () => randomUUID(),
      trustProxy: config.trustProxy.length > 0 && [...config.trustProxy],
      frameworkErrors: answerUnreadableAddress(log),
      routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 1024 },
    });
    const app = await NestFactory.create<NestFastifyApplication>(
      AppModule.with(config, database, clock, log),
      adapter,
      { logger: log, bodyParser: false, abortOnError: false },
    );
    countAnswers(app);
    setUpRequestGate(app);
    setUpScimHttp(app, config.scimBodyLimitBytes);
    acceptForms(app);
    setUpOAuthHttp(app);
    acceptAdminBodies(app);
    app.get(ApiDocument).describe(app, AdminModule);
    app.enableShutdownHooks();
    return app;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Starts serving. */
export async function startServer(
  config: Config,
  clock?: Clock,
  log: Log = Log.create(config.logLevel),
): Promise<RunningServer> {
  const app = await createApp(config, clock, log);
  try {
    await app.init();
    const publicUrl = app.get(PublicUrl);
    if (config.publicUrl !== undefined) publicUrl.set(config.publicUrl);
    await app.listen(config.port, config.host);
    if (config.publicUrl === undefined) publicUrl.set(await app.getUrl());
    app.get(CliAccess).open(await app.getUrl());
    const demo = await app.get(DemoService).start();
    if (!demo) log.info({ publicUrl: publicUrl.get(), listening: await app.getUrl() }, 'Rollcall is ready');
    return { app, url: publicUrl.get(), demo, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}
