import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { OrganizationsModule } from '../organizations/organizations.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { LoginRequests } from './login-requests.service.js';
import { LogoutRequests } from './logout-requests.service.js';
import { LogoutsReader } from './logouts.reader.js';
import { Logouts } from './logouts.service.js';
import { RecoveryAttempts } from './recovery-attempts.service.js';
import { RecoveryCodes } from './recovery-codes.service.js';
import { SessionEnder } from './session-ender.service.js';
import { SessionsReader } from './sessions.reader.js';
import { Sessions } from './sessions.service.js';
import { SignInDetails } from './sign-in-details.service.js';
import { TestSignIns } from './test-sign-ins.service.js';
import { UsedAssertions } from './used-assertions.service.js';

const SERVICES = [
  Sessions,
  SessionsReader,
  SessionEnder,
  LoginRequests,
  UsedAssertions,
  Logouts,
  LogoutsReader,
  LogoutRequests,
  RecoveryCodes,
  RecoveryAttempts,
  SignInDetails,
  TestSignIns,
];

/**
 * Who is signed in, and what ties an answer of an IdP to the question. Owns sessions, login_requests, used_assertions, logouts,
 * logout_requests, recovery_codes, recovery_attempts, and what was received and checked at recent sign-ins:
 * sign_in_details, test_sign_ins.
 * Invariant: a session verifies only while its user is active; a request is answered once; an assertion, a logout and a recovery
 * code are used once.
 */
@Module({ imports: [OrganizationsModule, OutboxModule, AuditModule], providers: SERVICES, exports: SERVICES })
export class SessionsModule {}
