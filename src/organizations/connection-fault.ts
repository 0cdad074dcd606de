import { X509Certificate } from 'node:crypto';
import { RecentMap } from '../platform/recent-map.js';
import {
  LEAST_REQUESTS_PER_SECOND,
  MAX_CLOCK_SKEW_SECONDS,
  MAX_ELEMENTS,
  type AttributeMapping,
  type Connection,
  type ProvisioningSettings,
  type SamlSettings,
} from './connection.js';

/** What makes the settings of a connection unusable: first by their shape, then by what they say. Pure. */

/** What a value must be; undefined when it is that. */
type Check = (value: unknown) => string | undefined;

const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be a text');
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string) ? undefined : `must be one of ${values.join(', ')}`;
const integer =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `must be a whole number from ${least} to ${most}`;
const nullOr =
  (check: Check): Check =>
  (value) =>
    value === null ? undefined : check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value)
      ? value
          .map(check)
          .find((fault) => fault !== undefined)
          ?.replace(/^/, 'every entry ')
      : 'must be a list';
const entry =
  (...names: readonly string[]): Check =>
  (value) =>
    isObject(value) && names.every((name) => text(value[name]) === undefined)
      ? undefined
      : `must have the texts ${names.join(' and ')}`;

const threshold: Check = (value) => {
  if (!isObject(value)) return 'must be null or have atLeast and percent';
  const atLeast = integer(0, 1_000_000)(value['atLeast']);
  const percent = integer(0, 100)(value['percent']);
  return (atLeast && `.atLeast ${atLeast}`) ?? (percent && `.percent ${percent}`);
};

const singleLogout: Check = (value) => {
  if (!isObject(value)) return 'must be null or have url, responseUrl and binding';
  const url = text(value['url']);
  const responseUrl = nullOr(text)(value['responseUrl']);
  const binding = oneOf('redirect', 'post')(value['binding']);
  return (url && `.url ${url}`) ?? (responseUrl && `.responseUrl ${responseUrl}`) ?? (binding && `.binding ${binding}`);
};

/** What may stand in the query of an address beside a SAML message. */
const parameterName: Check = (value) =>
  typeof value === 'string' && /^(?!SAML|RelayState$|SigAlg$|Signature$)[A-Za-z_][\w.-]{0,63}$/.test(value)
    ? undefined
    : 'must be the name of a query parameter that is none of SAML';

const PROVISIONING: Readonly<Record<keyof ProvisioningSettings, Check>> = {
  requireScim: nullOr(flag),
  linkManualUsers: flag,
  allowedDomains: nullOr(listOf(text)),
  takeover: oneOf('adopt', 'conflict'),
  defaultRole: text,
  roleMapping: listOf(entry('value', 'role')),
  groupMapping: listOf(entry('value', 'groupId')),
  whenGroupsAbsent: oneOf('remove', 'keep'),
  unknownGroups: oneOf('ignore', 'create'),
  duplicateGroupNames: flag,
  unknownMembers: oneOf('wait', 'drop', 'reject'),
  protectLastAdmin: flag,
  requestsPerSecond: nullOr(integer(LEAST_REQUESTS_PER_SECOND, 100_000)),
  dialect: oneOf('tolerant', 'strict'),
  removalGuard: nullOr(threshold),
  deprovisioningGuard: nullOr(threshold),
};

const SAML: Readonly<Record<keyof SamlSettings, Check>> = {
  idpEntityId: text,
  ssoUrl: text,
  certificates: listOf(text),
  singleLogout: nullOr(singleLogout),
  wantSigned: oneOf('assertion', 'response', 'both', 'either'),
  allowIdpInitiated: flag,
  idpInitiatedMaxAgeSeconds: integer(30, 3600),
  forceAuthn: flag,
  clockSkewSeconds: integer(0, MAX_CLOCK_SKEW_SECONDS),
  maxElements: integer(100, MAX_ELEMENTS),
  requestBinding: oneOf('redirect', 'post'),
  signRequests: flag,
  nameIdFormat: nullOr(text),
  requestedAuthnContext: listOf(text),
  loginHint: nullOr(parameterName),
  signMetadata: flag,
};

const ATTRIBUTE_MAPPING: Readonly<Record<keyof AttributeMapping, Check>> = {
  userName: listOf(text),
  email: listOf(text),
  givenName: listOf(text),
  familyName: listOf(text),
  displayName: listOf(text),
  externalId: listOf(text),
  role: listOf(text),
  groups: listOf(text),
};

export const provisioningShapeFault = (value: unknown): string | undefined =>
  shapeFault('provisioning', PROVISIONING, value);
export const samlShapeFault = (value: unknown): string | undefined => shapeFault('saml', SAML, value);
export const attributeMappingShapeFault = (value: unknown): string | undefined => {
  const mapping = isObject(value) ? value : {};
  const present = Object.entries(ATTRIBUTE_MAPPING).filter(([name]) => mapping[name] !== undefined);
  return shapeFault('attributeMapping', Object.fromEntries(present), value);
};

/** What declares schemas checks them whole (see extension-fault); here only that what was stored can be worked with. */
export function schemasShapeFault(value: unknown): string | undefined {
  const { revision, extensions } = isObject(value) ? value : {};
  if (text(revision) !== undefined || !Array.isArray(extensions)) return 'schemas have no revision or no extensions';
  const isWhole = extensions.every(
    (extension) =>
      isObject(extension) &&
      oneOf('User', 'Group')(extension['resourceType']) === undefined &&
      isObject(extension['schema']) &&
      text(extension['schema']['id']) === undefined &&
      listOf((attribute) => (isObject(attribute) ? text(attribute['name']) : 'must be an object'))(
        extension['schema']['attributes'],
      ) === undefined,
  );
  return isWhole ? undefined : 'schemas hold an extension that is none';
}

/** Settings nobody knows are left alone: a later version may have written them. */
function shapeFault(what: string, shape: Readonly<Record<string, Check>>, value: unknown): string | undefined {
  if (!isObject(value)) return `${what} is no object`;
  for (const [name, check] of Object.entries(shape)) {
    const fault = check(value[name]);
    if (fault !== undefined) return `${what}.${name} ${fault}`;
  }
  return undefined;
}

/** What makes a connection unusable; undefined when nothing does. */
export function faultOf({ saml, provisioning, attributeMapping, organizationRoles }: Connection): string | undefined {
  return (
    provisioningShapeFault(provisioning) ??
    attributeMappingShapeFault(attributeMapping) ??
    rolesFault(provisioning, organizationRoles) ??
    (saml === null ? undefined : (samlShapeFault(saml) ?? idpFault(saml)))
  );
}

function rolesFault({ defaultRole, roleMapping }: ProvisioningSettings, roles: readonly string[]): string | undefined {
  if (!roles.includes(defaultRole)) return `provisioning.defaultRole "${defaultRole}" is no role of the organization`;
  const stranger = roleMapping.find(({ role }) => !roles.includes(role));
  return stranger && `provisioning.roleMapping names "${stranger.role}", which is no role of the organization`;
}

/** SAML core section 8.3.6: an entity identifier has at most 1024 characters. */
const MAX_ENTITY_ID = 1024;

function idpFault(saml: SamlSettings): string | undefined {
  if (saml.idpEntityId.length > MAX_ENTITY_ID) return `saml.idpEntityId is longer than ${MAX_ENTITY_ID} characters`;
  const addresses = {
    ssoUrl: saml.ssoUrl,
    'singleLogout.url': saml.singleLogout?.url,
    'singleLogout.responseUrl': saml.singleLogout?.responseUrl,
  };
  for (const [name, address] of Object.entries(addresses)) {
    const fault = address == null ? undefined : addressFault(address);
    if (fault !== undefined) return `saml.${name} ${fault}`;
  }
  // Never "no certificate, no check": without a certificate nobody signs in.
  if (saml.certificates.length === 0) return 'saml.certificates is empty';
  for (const certificate of saml.certificates) {
    const fault = certificateFault(certificate);
    if (fault) return `saml.certificates: ${fault}`;
  }
  return undefined;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Browsers are sent to these addresses: https, or http on the machine itself, which is where the demo IdP lives. */
function addressFault(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url) return 'is no absolute URL';
  if (address.length > 2048) return 'is longer than 2048 characters';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) return 'must be https';
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or password';
  return url.hash === '' ? undefined : 'must not have a fragment';
}

/** Connections are read with every request, their certificates only parsed when they are new. */
const judged = new RecentMap<{ readonly fault: string | undefined }>(2_000);

/** What makes a certificate unusable for verifying IdP signatures. Its dates do not: IdPs sign on after expiry, see operations. */
export function certificateFault(pem: string): string | undefined {
  const known = judged.get(pem) ?? { fault: faultOfCertificate(pem) };
  judged.set(pem, known);
  return known.fault;
}

function faultOfCertificate(pem: string): string | undefined {
  try {
    const { publicKey } = new X509Certificate(pem);
    if (publicKey.asymmetricKeyType !== 'rsa') return `the key is ${publicKey.asymmetricKeyType}, RSA is needed`;
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    return bits < 2048 ? `the RSA key has ${bits} bits, at least 2048 are needed` : undefined;
  } catch {
    return 'it is not an X.509 certificate in PEM form';
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
