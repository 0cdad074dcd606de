/** A logout message that was not believed. The cause is in its record under the incident code, and nowhere else. */
export class LogoutRefused extends Error {
  constructor(
    readonly incidentCode: string,
    /** The page of the session that goes on. */
    readonly sessionUrl: string,
  ) {
    super('The logout message was refused');
  }
}
