/** Where the browser goes from the sign-in page. `base`: this server's address. */

/** What is carried along on the way. */
export interface Errand {
  /** The path of our own origin that the person wanted; already checked. */
  readonly targetUrl: string | undefined;
  /** The address the person typed, for IdPs that take one; already checked. */
  readonly loginHint: string | undefined;
}

/** The beginning of a sign-in over a connection, which is the SAML door's. */
export const loginAddress = (base: string, connectionId: string, errand: Errand): string =>
  withErrand(`${base}/saml/${connectionId}/login`, errand);

/** The link of an organization. */
export const organizationAddress = (base: string, slug: string, errand: Errand): string =>
  withErrand(`${base}/o/${slug}`, errand);

/** The same link, where it asks for a recovery code too. */
export const recoveryAddress = (base: string, slug: string, targetUrl: string | undefined): string =>
  `${base}/o/${slug}?noLoginRedirect${targetUrl === undefined ? '' : `&${new URLSearchParams({ targetUrl }).toString()}`}`;

function withErrand(address: string, { targetUrl, loginHint }: Errand): string {
  const query = new URLSearchParams({
    ...(targetUrl === undefined ? {} : { targetUrl }),
    ...(loginHint === undefined ? {} : { loginHint }),
  });
  return query.size === 0 ? address : `${address}?${query.toString()}`;
}
