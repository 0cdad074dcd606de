import type { Page } from '../platform/page.js';
import type { LiveSession } from './live-session.js';

/**
 * Ends a person's session at their IdP as well. Typed here, provided by the SAML door, asked by the door of people, which knows nothing
 * of SAML.
 */
export abstract class SingleLogout {
  /** Does the session come from an IdP that takes requests to log out? */
  abstract isOffered(session: LiveSession): Promise<boolean>;

  /**
   * The way to the IdP, for the browser of a session that has ended here: an address, or the page that leads there. undefined: there is
   * none.
   */
  abstract begin(session: LiveSession, correlationId: string): Promise<string | Page | undefined>;
}
