/**
 * The addresses of one connection. Each connection is a service provider of its own, with its own entity id and answer address, so that
 * an assertion made for one is worth nothing at another.
 */
export interface SpAddresses {
  /** The entity id, which is also where the metadata is. */
  readonly entityId: string;
  readonly acsUrl: string;
  /** Where the IdP sends logout messages, by either binding. */
  readonly sloUrl: string;
  readonly loginUrl: string;
}

/** Where a library wants an address or a name that it never compares with anything in the way we use it. */
export type SpNames = Pick<SpAddresses, 'entityId' | 'acsUrl'>;

/** `base`: the configured public address, never what a Host header says. */
export function spAddresses(base: string, connectionId: string): SpAddresses {
  const connection = `${base}/saml/${connectionId}`;
  return {
    entityId: `${connection}/metadata`,
    acsUrl: `${connection}/acs`,
    sloUrl: `${connection}/slo`,
    loginUrl: `${connection}/login`,
  };
}
