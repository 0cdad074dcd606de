import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONFIG, ConfigError, type Config } from '../config/config.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { PublicUrl } from '../platform/public-url.js';
import { DemoIdp } from './demo-idp.server.js';
import { demoKey } from './demo-key.store.js';
import { DEMO_IDP_ENTITY_ID } from './demo-people.js';
import { DemoSeed, type DemoData } from './demo-seed.service.js';

export class DemoDataError extends Error {
  constructor(organization: string, connection: string) {
    super(
      `The organization "${organization}" of this database still lets people in through the demo IdP (connection "${connection}"), ` +
        'which signs in anybody. Rollcall does not start with NODE_ENV=production on it: disable the connection or use a new database.',
    );
    this.name = 'DemoDataError';
  }
}

/** The demo as a start finds it, for the banner. */
export interface DemoStatus extends DemoData {
  readonly idpUrl: string;
}

/** Runs the demo where the settings ask for it, and refuses its remains in production. */
@Injectable()
export class DemoService implements OnModuleInit, OnApplicationShutdown {
  private idp: DemoIdp | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
    @Inject(DemoSeed) private readonly seed: DemoSeed,
  ) {}

  /** Whatever the organization is called by now: an enabled connection to the demo IdP is one too many. */
  async onModuleInit(): Promise<void> {
    if (!this.config.production) return;
    const [found] = await this.unitOfWork.read.query<{ slug: string; name: string }>(
      `SELECT o.slug, c.name FROM connections c JOIN organizations o ON o.id = c.organization_id
       WHERE c.enabled AND c.saml->>'idpEntityId' = $1 LIMIT 1`,
      [DEMO_IDP_ENTITY_ID],
    );
    if (found) throw new DemoDataError(found.slug, found.name);
  }

  /** Once the server's own address is known. undefined: there is no demo here. Throws ConfigError when the port is taken. */
  async start(): Promise<DemoStatus | undefined> {
    const { demo, host, demoIdpPort: port, dataDirectory } = this.config;
    if (!demo) return undefined;
    const key = await demoKey(dataDirectory);
    const now = () => this.clock.now();
    const idp = new DemoIdp({ host, port, key, rollcallUrl: this.publicUrl.get(), now });
    await idp.listen().catch((error: unknown) => {
      throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? portTaken(port) : error;
    });
    this.idp = idp;
    const data = await this.seed.ensure({ ssoUrl: `${idp.url}/sso`, certificate: key.certificate });
    return data && { ...data, idpUrl: idp.url };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.idp?.close();
  }
}

const portTaken = (port: number) =>
  new ConfigError([`DEMO_IDP_PORT: port ${port} is in use; choose another, 0 for a free one, or set DEMO=false`]);
