/** The core User schema (RFC 7643 sections 4.1 and 8.7.1). */
import type { Attribute, Schema } from './attribute.js';
import { attribute, complex, multiValued, reference } from './define-attribute.js';
import { USER_SCHEMA } from '../urns.js';

const display = attribute('display', 'Text for people to read.');
const primary = attribute('primary', 'Whether this is the preferred value; at most one value is.', { type: 'boolean' });
const value = (description: string) => attribute('value', description);
/** Suggestions, published for every `type` (interoperability profile section 5.4); other values are taken as well. */
const type = (...canonicalValues: [string, ...string[]]): Attribute =>
  attribute('type', 'What the value is used for.', { canonicalValues });

const NAME = complex('name', "The parts of the person's name.", [
  attribute('formatted', 'The full name as it is to be shown.'),
  attribute('familyName', 'Family name, or last name.'),
  attribute('givenName', 'Given name, or first name.'),
  attribute('middleName', 'Middle name or names.'),
  attribute('honorificPrefix', 'Title in front of the name, such as "Dr."'),
  attribute('honorificSuffix', 'Suffix after the name, such as "III".'),
]);

const ADDRESSES = multiValued('addresses', 'Postal addresses.', [
  attribute('formatted', 'The whole address, with line breaks, as it is to be shown.'),
  attribute('streetAddress', 'Street, house number, post office box; may hold several lines.'),
  attribute('locality', 'City or town.'),
  attribute('region', 'State, province or region.'),
  attribute('postalCode', 'Postal code.'),
  attribute('country', 'Country, as a two-letter ISO 3166-1 code.'),
  type('work', 'home', 'other'),
  primary,
]);

const readOnly = { mutability: 'readOnly' } as const;
const GROUPS = multiValued(
  'groups',
  'The groups the person is a member of. Changed through the groups only.',
  [
    attribute('value', 'Identifier of the group.', readOnly),
    reference('$ref', 'Address of the group.', ['Group'], readOnly),
    attribute('display', 'Name of the group.', readOnly),
    attribute('type', 'How the person came to be a member. Groups do not nest.', {
      ...readOnly,
      canonicalValues: ['direct'],
    }),
  ],
  readOnly,
);

export const USER: Schema = {
  id: USER_SCHEMA,
  name: 'User',
  description: 'A person with an account',
  attributes: [
    attribute('userName', 'The name the person signs in with, unique in the organization without regard to case.', {
      required: true,
      uniqueness: 'server',
    }),
    NAME,
    attribute('displayName', 'The name shown to others.'),
    attribute('nickName', 'The casual name.'),
    reference('profileUrl', "Address of the person's profile page.", ['external']),
    attribute('title', 'Job title.'),
    attribute('userType', 'Relation to the organization, such as "Employee" or "Contractor".'),
    attribute('preferredLanguage', 'Preferred languages, in the form of the HTTP Accept-Language header.'),
    attribute('locale', 'Where to take formats of dates, numbers and currency from, as a language tag.'),
    attribute('timezone', 'Time zone, as a name from the IANA database.'),
    attribute('active', 'Whether the person may sign in.', { type: 'boolean' }),
    attribute('password', 'Accepted and not kept: people sign in through their identity provider.', {
      caseExact: true,
      mutability: 'writeOnly',
      returned: 'never',
      kept: false,
    }),
    multiValued('emails', 'E-mail addresses.', [
      value('The e-mail address.'),
      display,
      type('work', 'home', 'other'),
      primary,
    ]),
    multiValued('phoneNumbers', 'Telephone numbers.', [
      value('The telephone number.'),
      display,
      type('work', 'home', 'mobile', 'fax', 'pager', 'other'),
      primary,
    ]),
    multiValued('ims', 'Instant messaging addresses.', [
      value('The instant messaging address.'),
      display,
      type('aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo'),
      primary,
    ]),
    multiValued('photos', 'Pictures of the person.', [
      reference('value', 'Address of the picture.', ['external']),
      display,
      type('photo', 'thumbnail'),
      primary,
    ]),
    ADDRESSES,
    GROUPS,
    multiValued('entitlements', 'Things the person is entitled to.', [
      value('The entitlement.'),
      display,
      type('work', 'other'),
      primary,
    ]),
    multiValued('roles', 'Roles of the person.', [value('The role.'), display, type('work', 'other'), primary]),
    multiValued('x509Certificates', 'Certificates of the person.', [
      attribute('value', 'The certificate: base64 of its DER form.', { type: 'binary', caseExact: true }),
      display,
      type('work', 'other'),
      primary,
    ]),
  ],
};
