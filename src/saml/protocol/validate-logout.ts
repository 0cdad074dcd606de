/**
 * Is this verified logout message for us, of our IdP, and of now (SAML 2.0 core 3.7, profiles 4.4)? Pure: the time is an argument, and what
 * is read are the bytes that the signature covers.
 */
import { FORMAT_ENTITY, FORMAT_UNSPECIFIED, NS } from './names.js';
import { readNameId, type NameId } from './read-name-id.js';
import { isRejection, reject, type SamlRejection } from './saml-rejection.js';
import { attributeOf, is, named, parseInstant, parseXml, textOf } from './xml.js';

export interface LogoutSettings {
  readonly idpEntityId: string;
  readonly spEntityId: string;
  /** The address that the message came to. */
  readonly sloUrl: string;
  readonly clockSkewSeconds: number;
}

export interface LogoutOrder {
  readonly id: string;
  readonly issuedAt: Date;
  readonly nameId: NameId;
  /** The request names no format of the NameID: any will do. */
  readonly anyFormat: boolean;
  /** Empty: all sessions of the person at this IdP. */
  readonly sessionIndexes: readonly string[];
  /** Until when the same request would be taken again, and an assertion of before might still arrive. */
  readonly validUntil: Date;
  /** The IdP waits for no answer (asynchronous single logout). */
  readonly wantsNoAnswer: boolean;
}

export interface LogoutAnswer {
  readonly inResponseTo: string;
  /** From the top level down. */
  readonly statusCodes: readonly string[];
}

/** A message is a step of a browser that is under way; what is older was kept by somebody. */
const MAX_AGE_SECONDS = 5 * 60;
const NC_NAME = /^[A-Za-z_][\w.-]*$/;
const ASYNCHRONOUS = 'urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo';

export function validateLogoutRequest(xml: string, settings: LogoutSettings, now: Date): LogoutOrder | SamlRejection {
  return judged(() => {
    const { root, id, issuedAt } = readMessage(xml, 'LogoutRequest', settings, now);
    const skew = settings.clockSkewSeconds * 1000;
    const notOnOrAfter = attributeOf(root, 'NotOnOrAfter') === undefined ? undefined : instant(root, 'NotOnOrAfter');
    if (notOnOrAfter && now.getTime() >= notOnOrAfter.getTime() + skew)
      throw reject('expired', 'NotOnOrAfter of the request', notOnOrAfter, now);
    const element = only(root, NS.assertion, 'NameID');
    const nameId = readNameId(element);
    if (isRejection(nameId)) throw nameId;
    const spQualifier = attributeOf(element, 'SPNameQualifier');
    if (spQualifier !== undefined && spQualifier !== settings.spEntityId)
      throw reject('name-id-invalid', 'SPNameQualifier', spQualifier, settings.spEntityId);
    const freshUntil = issuedAt.getTime() + MAX_AGE_SECONDS * 1000;
    return {
      id,
      issuedAt,
      nameId,
      anyFormat: nameId.format === FORMAT_UNSPECIFIED,
      sessionIndexes: named(root, NS.protocol, 'SessionIndex').map(sessionIndexOf),
      validUntil: new Date(Math.max(freshUntil, notOnOrAfter?.getTime() ?? 0) + skew + 1000),
      wantsNoAnswer: named(root, NS.protocol, 'Extensions').some(
        (extensions) => named(extensions, ASYNCHRONOUS, 'Asynchronous').length > 0,
      ),
    };
  });
}

export function validateLogoutResponse(xml: string, settings: LogoutSettings, now: Date): LogoutAnswer | SamlRejection {
  return judged(() => {
    const { root } = readMessage(xml, 'LogoutResponse', settings, now);
    const inResponseTo = attributeOf(root, 'InResponseTo');
    if (!inResponseTo) throw reject('in-response-to-mismatch', 'InResponseTo', inResponseTo ?? null);
    const [first] = named(only(root, NS.protocol, 'Status'), NS.protocol, 'StatusCode');
    const [second] = first ? named(first, NS.protocol, 'StatusCode') : [];
    const codes = [first, second].flatMap((code) => (code ? [attributeOf(code, 'Value') ?? ''] : []));
    return { inResponseTo, statusCodes: codes };
  });
}

/** What both have in common. */
function readMessage(xml: string, name: string, settings: LogoutSettings, now: Date) {
  const root = parseXml(xml);
  if (!root || !is(root, NS.protocol, name)) throw reject('structure', `verified ${name}`);
  const version = attributeOf(root, 'Version');
  if (version !== '2.0') throw reject('version', 'Version of the message', version, '2.0');
  const id = attributeOf(root, 'ID') ?? '';
  if (!NC_NAME.test(id) || id.length > 256) throw reject('structure', 'ID of the message', id.slice(0, 100));
  checkIssuer(only(root, NS.assertion, 'Issuer'), settings.idpEntityId);
  // "If the message is signed, the Destination XML attribute ... MUST contain the URL" (bindings 3.4.5.2, 3.5.5.2).
  const destination = attributeOf(root, 'Destination');
  if (destination !== settings.sloUrl)
    throw reject('destination-mismatch', 'Destination', destination ?? null, settings.sloUrl);
  const issuedAt = instant(root, 'IssueInstant');
  const [age, skew] = [(now.getTime() - issuedAt.getTime()) / 1000, settings.clockSkewSeconds];
  if (age < -skew) throw reject('not-yet-valid', 'IssueInstant', issuedAt, now);
  if (age > MAX_AGE_SECONDS + skew)
    throw reject('too-old', 'age of the message in seconds', Math.round(age), MAX_AGE_SECONDS);
  return { root, id, issuedAt };
}

/** Entra ID signs logout messages in the name of its sign-in service, and assertions in the name of its token service. */
const ENTRA = /^https:\/\/sts\.windows\.net\/([\da-f-]{36}\/)$/i;

function checkIssuer(issuer: Element, idpEntityId: string): void {
  const names = [idpEntityId, idpEntityId.replace(ENTRA, 'https://login.microsoftonline.com/$1')];
  const format = attributeOf(issuer, 'Format');
  const got = textOf(issuer)?.trim();
  if (got === undefined || !names.includes(got) || (format !== undefined && format !== FORMAT_ENTITY))
    throw reject('issuer-mismatch', 'Issuer of the message', got ?? null, idpEntityId);
}

function sessionIndexOf(element: Element): string {
  const index = textOf(element)?.trim();
  if (!index) throw reject('structure', 'SessionIndex is a text');
  return index;
}

/** Exactly one child of the name. */
function only(parent: Element, namespace: string, name: string): Element {
  const found = named(parent, namespace, name);
  if (found.length === 1) return found[0]!;
  throw reject('structure', name, found.length, 1);
}

function instant(element: Element, name: string): Date {
  const text = attributeOf(element, name);
  const parsed = parseInstant(text);
  if (parsed) return parsed;
  throw reject('time-malformed', name, text ?? null, 'an instant in UTC, such as 2026-01-31T12:00:00Z');
}

function judged<T>(judge: () => T): T | SamlRejection {
  try {
    return judge();
  } catch (error) {
    if (isRejection(error)) return error;
    throw error;
  }
}
