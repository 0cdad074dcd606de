const DOORS = ['scim', 'saml', 'oauth', 'admin', 'session', 'sign-out', 'health', 'ready', 'metrics'] as const;

/** The door by the first word of a path. Few values: what somebody invents is `other`. */
export function doorOf(url: string): string {
  const [, first] = /^\/+([^/?]*)/.exec(url) ?? [];
  return DOORS.find((door) => door === first) ?? (first === '' ? 'session' : 'other');
}
