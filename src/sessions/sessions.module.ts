import { Module } from '@nestjs/common';
import { LoginRequests } from './login-requests.service.js';
import { Sessions } from './sessions.service.js';
import { UsedAssertions } from './used-assertions.service.js';

/**
 * Who is signed in, and what ties an answer of an IdP to the question. Owns sessions, login_requests, used_assertions.
 * Invariant: a session verifies only while its user is active; a request is answered once; an assertion is used once.
 */
@Module({ providers: [Sessions, LoginRequests, UsedAssertions], exports: [Sessions, LoginRequests, UsedAssertions] })
export class SessionsModule {}
