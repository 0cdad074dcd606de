import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { DirectoryModule } from '../directory/directory.module.js';
import { OrganizationsModule } from '../organizations/organizations.module.js';
import { ReconciliationModule } from '../reconciliation/reconciliation.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { ArrivalController } from './arrival.controller.js';
import { BrowserSession } from './browser-session.service.js';
import { OrganizationLinkController } from './organization-link.controller.js';
import { OwnSessionsController } from './own-sessions.controller.js';
import { RecoveryController } from './recovery.controller.js';
import { SessionController } from './session.controller.js';
import { SignInController } from './sign-in.controller.js';
import { SignOutController } from './sign-out.controller.js';
import { SignedOutController } from './signed-out.controller.js';
import { StartController } from './start.controller.js';

/**
 * The pages of people: where they sign in (/, /sign-in, /o/{slug}), and who the browser's user is, and where else (/session, /sign-out,
 * /signed-out).
 * How somebody signs in over a connection is the business of saml/.
 * Invariants: without a live session every answer is the same; nothing said before a sign-in depends on who is in the directory.
 */
@Module({})
export class SignInModule {
  static with(config: Config): DynamicModule {
    return {
      module: SignInModule,
      imports: [ReconciliationModule, SessionsModule, DirectoryModule, OrganizationsModule],
      controllers: [
        SignInController,
        OrganizationLinkController,
        RecoveryController,
        SessionController,
        OwnSessionsController,
        ArrivalController,
        SignOutController,
        SignedOutController,
        ...(config.demo ? [] : [StartController]),
      ],
      providers: [BrowserSession],
    };
  }
}
