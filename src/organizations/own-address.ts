import type { SamlSettings } from './connection.js';

/** Which address of an IdP is one of this server, where we would send browsers in circles; undefined: none. */
export function ownAddressIn(
  { ssoUrl, singleLogout }: Pick<SamlSettings, 'ssoUrl' | 'singleLogout'>,
  ownOrigin: string,
): 'ssoUrl' | 'singleLogout' | undefined {
  const isOwn = (address: string | null | undefined) =>
    address != null && URL.canParse(address) && new URL(address).origin === ownOrigin;
  if (isOwn(ssoUrl)) return 'ssoUrl';
  return isOwn(singleLogout?.url) || isOwn(singleLogout?.responseUrl) ? 'singleLogout' : undefined;
}
