import { MAX_CLOCK_SKEW_SECONDS, MAX_ELEMENTS } from '../../organizations/connection.js';
import { PRESET_NAMES, type PresetName } from '../../organizations/idp-presets/presets.js';
import { Choice, Flag, Integer, LongText, Nested, Text, Texts } from '../field.decorators.js';

const optional = { optional: true };

/** How to verify what the IdP sends. */
export class SamlOptionsBody {
  @Choice(
    ['assertion', 'response', 'both', 'either'],
    'Which signatures are demanded and verified; either: that of the response where there is one, otherwise that of the assertion',
    optional,
  )
  wantSigned?: 'assertion' | 'response' | 'both' | 'either';

  @Flag('Take answers to questions nobody asked', optional)
  allowIdpInitiated?: boolean;

  @Integer('How old such an answer may be', { min: 30, max: 3600, optional: true })
  idpInitiatedMaxAgeSeconds?: number;

  @Flag('Ask the IdP to authenticate the person anew every time', optional)
  forceAuthn?: boolean;

  @Integer('By how much the clocks of the two may differ', { min: 0, max: MAX_CLOCK_SKEW_SECONDS, optional: true })
  clockSkewSeconds?: number;

  @Integer('The most XML elements an answer may have', { min: 100, max: MAX_ELEMENTS, optional: true })
  maxElements?: number;

  @Choice(['redirect', 'post'], 'How the question reaches the IdP', optional)
  requestBinding?: 'redirect' | 'post';

  @Flag('Sign the questions; switched on by metadata that demands it', optional)
  signRequests?: boolean;

  @Text('The NameID format to ask for; null: what the IdP is set to', { optional: true, nullable: true })
  nameIdFormat?: string | null;

  @Texts('How people must have authenticated: any of these class URIs; empty: the IdP decides', optional)
  requestedAuthnContext?: readonly string[];

  @Text('The parameter in which the IdP takes who wants to sign in: login_hint, Email, whr; null: none', {
    optional: true,
    nullable: true,
    max: 64,
  })
  loginHint?: string | null;

  @Flag('Sign the metadata of this connection', optional)
  signMetadata?: boolean;
}

/** Where the IdP ends sessions of its own. */
export class SingleLogoutBody {
  @Text('Where requests to log out go', { max: 2048 })
  url!: string;

  @Text('Where answers to the requests of the IdP go; null or absent: to url as well', {
    optional: true,
    nullable: true,
    max: 2048,
  })
  responseUrl?: string | null;

  @Choice(['redirect', 'post'], 'How they travel', optional)
  binding?: 'redirect' | 'post';
}

/** `metadataUrl`, `metadataXml`, or the values by hand. What is not given stays as it is. */
export class ConfigureSamlBody extends SamlOptionsBody {
  @Text('Where the metadata of the IdP is: fetched now, and kept up to date', { optional: true, max: 2048 })
  metadataUrl?: string;

  @Text('The certificate that must have signed the metadata, as of a federation; PEM or base64', {
    optional: true,
    max: 20_000,
  })
  metadataSigner?: string;

  @Flag('Believe an uploaded document beyond the day it names itself (validUntil)', optional)
  ignoreValidUntil?: boolean;

  @LongText('The metadata document of the IdP', { optional: true, max: 1024 * 1024 })
  metadataXml?: string;

  @Text('The entity ID of the IdP; with metadata that describes several, the one to take', {
    optional: true,
    max: 1024,
  })
  idpEntityId?: string;

  @Text('Where browsers are sent to sign in', { optional: true, max: 2048 })
  ssoUrl?: string;

  @Texts('The certificates the IdP signs with, as PEM or base64', { optional: true, max: 20_000 })
  certificates?: string[];

  @Texts('SHA-256 fingerprints, as the IdP shows them; certificates must have these and no others', {
    optional: true,
    max: 120,
  })
  fingerprints?: string[];

  @Nested(SingleLogoutBody, 'By hand: where the IdP ends sessions; null or absent: nowhere', {
    optional: true,
    nullable: true,
  })
  singleLogout?: SingleLogoutBody | null;

  @Flag('Take another IdP than the one configured: people are recognised by subjects that IdP names', optional)
  replaceIdp?: boolean;
}

export class ConnectSheetQuery {
  @Choice(PRESET_NAMES, 'Of this product, instead of the one of the connection', optional)
  preset?: PresetName;
}

export class RefreshMetadataBody {
  @Flag('Believe certificates no more that the metadata no longer has, without waiting a day', optional)
  dropLeaving?: boolean;
}

export class ApproveEndpointsBody {
  @Text('The address that is approved, as `connection get` shows it under held', { max: 2048 })
  ssoUrl!: string;
}
