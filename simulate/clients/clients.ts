import { entra, entraWithFlag } from './entra.js';
import { okta, oktaCatalogue } from './okta.js';
import { onelogin } from './onelogin.js';
import { authentik, google, jumpcloud, keycloak, ping, pingByEmail, rippling, sailpoint } from './others.js';
import type { Profile } from './profile.js';

export const CLIENTS: readonly Profile[] = [
  entra,
  entraWithFlag,
  okta,
  oktaCatalogue,
  onelogin,
  google,
  jumpcloud,
  ping,
  pingByEmail,
  authentik,
  keycloak,
  sailpoint,
  rippling,
];

export function clientNamed(name: string): Profile {
  const found = CLIENTS.find((client) => client.name === name);
  if (!found) throw new Error(`No client "${name}"; there are ${CLIENTS.map((client) => client.name).join(', ')}`);
  return found;
}
