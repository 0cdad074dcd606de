import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import type { Config } from '../config/config.js';
import { DirectoryModule } from '../directory/directory.module.js';
import { OrganizationsModule } from '../organizations/organizations.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { BrowserSession } from './browser-session.service.js';
import { SessionController } from './session.controller.js';
import { SignOutController } from './sign-out.controller.js';
import { SignOut } from './sign-out.service.js';
import { StartController } from './start.controller.js';

/**
 * The browser's user: GET /session, POST /sign-out, GET /. How somebody signs in is the business of saml/.
 * Invariant: without a live session every answer is the same.
 */
@Module({})
export class SignInModule {
  static with(config: Config): DynamicModule {
    return {
      module: SignInModule,
      imports: [SessionsModule, DirectoryModule, OrganizationsModule, OutboxModule, AuditModule],
      controllers: [SessionController, SignOutController, ...(config.demo ? [] : [StartController])],
      providers: [BrowserSession, SignOut],
    };
  }
}
