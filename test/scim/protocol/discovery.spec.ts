import {
  findResourceType,
  findSchema,
  schemasOf,
  toResourceTypeDocument,
  toSchemaDocument,
  toServiceProviderConfig,
  type Features,
} from '../../../src/scim/protocol/discovery.js';
import { GROUP, USER } from '../../../src/scim/protocol/resource-types.js';
import type { Attribute, Json, JsonObject } from '../../../src/scim/protocol/schema/attribute.js';
import { ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from '../../../src/scim/protocol/urns.js';

const BASE = 'https://rollcall.example.com/scim/v2';
const FEATURES: Features = {
  patch: true,
  filter: { maxResults: 1000 },
  changePassword: false,
  sort: true,
  etag: true,
  pagination: {
    cursor: true,
    index: true,
    defaultPaginationMethod: 'index',
    defaultPageSize: 100,
    maxPageSize: 1000,
    cursorTimeout: 3600,
  },
  authenticationSchemes: [{ type: 'oauthbearertoken', name: 'Bearer token', description: 'A token', primary: true }],
};

const TYPES = [USER, GROUP];
const documents: [string, JsonObject][] = [
  ['ServiceProviderConfig', toServiceProviderConfig(FEATURES, BASE)],
  ...TYPES.map((type): [string, JsonObject] => [type.id, toResourceTypeDocument(type, BASE)]),
  ...schemasOf(TYPES).map((schema): [string, JsonObject] => [schema.id, toSchemaDocument(schema, BASE)]),
];

describe('toServiceProviderConfig', () => {
  it('R-180 says everything RFC 7643 section 5 requires', () => {
    expect(toServiceProviderConfig(FEATURES, BASE)).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
      patch: { supported: true },
      bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
      filter: { supported: true, maxResults: 1000 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      pagination: FEATURES.pagination,
      authenticationSchemes: [
        { type: 'oauthbearertoken', name: 'Bearer token', description: 'A token', primary: true },
      ],
      meta: { resourceType: 'ServiceProviderConfig', location: `${BASE}/ServiceProviderConfig` },
    });
  });

  it('R-180 says what the door tells it', () => {
    const features = {
      ...FEATURES,
      bulk: { maxOperations: 10, maxPayloadSize: 1000 },
      sort: false,
      documentationUri: 'https://x',
    };
    expect(toServiceProviderConfig(features, BASE)).toMatchObject({
      bulk: { supported: true, maxOperations: 10, maxPayloadSize: 1000 },
      sort: { supported: false },
      documentationUri: 'https://x',
    });
  });
});

describe('toResourceTypeDocument', () => {
  it('R-184 names the endpoint, the schema and the extensions, none of them required', () => {
    expect(toResourceTypeDocument(USER, BASE)).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      id: 'User',
      name: 'User',
      description: 'People',
      endpoint: '/Users',
      schema: USER_SCHEMA,
      schemaExtensions: [{ schema: ENTERPRISE_USER_SCHEMA, required: false }],
      meta: { resourceType: 'ResourceType', location: `${BASE}/ResourceTypes/User` },
    });
    expect(toResourceTypeDocument(GROUP, BASE)).toMatchObject({ endpoint: '/Groups', schemaExtensions: [] });
  });
});

describe('toSchemaDocument', () => {
  it('R-185 has every characteristic', () => {
    const user = toSchemaDocument(USER.schema, BASE);
    expect(user).toMatchObject({ id: USER_SCHEMA, name: 'User', meta: { location: `${BASE}/Schemas/${USER_SCHEMA}` } });
    const attributes = user.attributes as JsonObject[];
    expect(attributes[0]).toEqual({
      name: 'userName',
      type: 'string',
      multiValued: false,
      description: expect.any(String) as string,
      required: true,
      caseExact: false,
      mutability: 'readWrite',
      returned: 'default',
      uniqueness: 'server',
    });
    expect(attributes.find(({ name }) => name === 'photos')).toMatchObject({
      type: 'complex',
      multiValued: true,
      subAttributes: [
        { name: 'value', type: 'reference', referenceTypes: ['external'] },
        {},
        { canonicalValues: ['photo', 'thumbnail'] },
        {},
      ],
    });
  });

  it('has the attributes of RFC 7643 section 8.7.1', () => {
    expect(USER.schema.attributes.map(({ name }) => name)).toEqual(
      (
        'userName name displayName nickName profileUrl title userType preferredLanguage locale timezone active password ' +
        'emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates'
      ).split(' '),
    );
    expect(USER.extensions[0]?.attributes.map(({ name }) => name)).toEqual(
      'employeeNumber costCenter organization division department manager'.split(' '),
    );
    expect(GROUP.schema.attributes.map(({ name }) => name)).toEqual(['displayName', 'members']);
  });

  it('R-029, R-030, R-031 keeps the password, groups and members as they must be', () => {
    const attribute = (name: string) =>
      [...USER.schema.attributes, ...GROUP.schema.attributes].find((a) => a.name === name);
    expect(attribute('password')).toMatchObject({ mutability: 'writeOnly', returned: 'never' });
    expect(attribute('groups')?.mutability).toBe('readOnly');
    expect(attribute('groups')?.subAttributes?.every(({ mutability }) => mutability === 'readOnly')).toBe(true);
    expect(attribute('members')?.subAttributes?.find(({ name }) => name === 'type')?.canonicalValues).toEqual(['User']);
    expect(attribute('members')?.subAttributes?.find(({ name }) => name === 'value')?.mutability).toBe('immutable');
  });

  it('R-025 no complex attribute holds a complex one, and each has sub-attributes', () => {
    const check = (attribute: Attribute, isTop: boolean) => {
      expect(attribute.description).not.toBe('');
      expect(attribute.type === 'complex').toBe(attribute.subAttributes !== undefined);
      expect(attribute.type === 'reference').toBe(attribute.referenceTypes !== undefined);
      if (!isTop) expect(attribute.type).not.toBe('complex');
      attribute.subAttributes?.forEach((sub) => check(sub, false));
    };
    for (const schema of schemasOf(TYPES)) schema.attributes.forEach((attribute) => check(attribute, true));
  });
});

describe('all documents', () => {
  it.each(documents)('R-185 %s holds no null and survives JSON', (_name, document) => {
    const hasNull = (value: Json | undefined): boolean =>
      value === null || value === undefined || (typeof value === 'object' && Object.values(value).some(hasNull));
    expect(hasNull(document)).toBe(false);
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it('R-183 are of resources, not of messages', () => {
    expect(schemasOf(TYPES).map(({ id }) => id)).toEqual([USER_SCHEMA, ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA]);
  });

  it('R-181 are found by name, and 404 otherwise', () => {
    expect(findResourceType(TYPES, 'group')).toBe(GROUP);
    expect(findSchema(TYPES, USER_SCHEMA.toUpperCase())).toBe(USER.schema);
    for (const find of [() => findResourceType(TYPES, '__proto__'), () => findSchema(TYPES, 'urn:example:none')]) {
      expect(find).toThrow(expect.objectContaining({ status: 404 }) as Error);
    }
  });
});
