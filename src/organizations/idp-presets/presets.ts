import { auth0, entra, google, jumpcloud, okta, onelogin } from './cloud.js';
import { adfs, generic, keycloak, ping, shibboleth, simplesamlphp } from './hosted.js';
import type { IdpPreset } from './idp-preset.js';

export const IDP_PRESETS = {
  okta,
  entra,
  google,
  jumpcloud,
  onelogin,
  adfs,
  ping,
  auth0,
  keycloak,
  shibboleth,
  simplesamlphp,
  generic,
} as const satisfies Readonly<Record<string, IdpPreset>>;

export type PresetName = keyof typeof IDP_PRESETS;

export const PRESET_NAMES = Object.keys(IDP_PRESETS) as PresetName[];

/** What is stored may be of a later version. */
export const presetNamed = (name: string | null): IdpPreset =>
  name !== null && Object.hasOwn(IDP_PRESETS, name) ? IDP_PRESETS[name as PresetName] : generic;
