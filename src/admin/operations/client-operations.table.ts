import { CreateScimClientBody, RotateSecretBody, UpdateScimClientBody } from '../bodies/client.body.js';
import { NamePageQuery } from '../bodies/page.query.js';
import { DeclareSchemaBody } from '../bodies/schema.body.js';
import { CreateSpKeyBody } from '../bodies/sp-key.body.js';
import { CreateScimTokenBody, UpdateScimTokenBody } from '../bodies/token.body.js';
import { NewScimClientView, ScimClientView } from '../views/scim-client.view.js';
import { SchemaView } from '../views/schema.view.js';
import { SpKeyView } from '../views/sp-key.view.js';
import { NewScimTokenView, ScimTokenView } from '../views/token.view.js';
import { CONNECTION, get, page, patch, post, put, remove } from './line.table.js';

const TOKENS = `${CONNECTION}/scim-tokens`;
const CLIENTS = `${CONNECTION}/scim-clients`;
const KEYS = `${CONNECTION}/sp-keys`;
const SCHEMA = `${CONNECTION}/schemas/:schema`;

/** Provisioning clients: how they prove who they are, and what they may speak of; how a connection proves to its IdP who it is. */
export const CLIENT_OPERATIONS = [
  get('scim-token list', TOKENS, 'The tokens of a provisioning client, newest first', page(ScimTokenView)),
  post('scim-token create', TOKENS, 'A new token, shown once; two live ones at most', {
    body: CreateScimTokenBody,
    returns: NewScimTokenView,
  }),
  post('scim-token rotate', `${TOKENS}/rotate`, 'A new token; the newest of the old ones stays beside it', {
    body: CreateScimTokenBody,
    returns: NewScimTokenView,
  }),
  patch('scim-token update', `${TOKENS}/:token`, 'Its name and the addresses it may be used from', {
    body: UpdateScimTokenBody,
    returns: ScimTokenView,
  }),
  post('scim-token revoke', `${TOKENS}/:token/revoke`, 'End a token at once', { returns: ScimTokenView }),
  get('scim-client list', CLIENTS, 'Provisioning clients that use OAuth, newest first', page(ScimClientView)),
  post('scim-client create', CLIENTS, 'A new client: with a secret, shown once, or with public keys', {
    body: CreateScimClientBody,
    returns: NewScimClientView,
  }),
  patch('scim-client update', `${CLIENTS}/:client`, 'Its name, keys and the addresses it may come from', {
    body: UpdateScimClientBody,
    returns: ScimClientView,
  }),
  post(
    'scim-client rotate',
    `${CLIENTS}/:client/rotate`,
    'Another secret; the newest of the old ones stays beside it',
    {
      body: RotateSecretBody,
      returns: NewScimClientView,
    },
  ),
  post('scim-client revoke-secret', `${CLIENTS}/:client/secrets/:secret/revoke`, 'End a secret at once', {
    returns: ScimClientView,
  }),
  post('scim-client revoke', `${CLIENTS}/:client/revoke`, 'End a client and its access tokens at once', {
    returns: ScimClientView,
  }),
  get(
    'sp-key list',
    KEYS,
    'The keys that messages to the IdP are signed with and assertions encrypted for',
    page(SpKeyView),
  ),
  post('sp-key create', KEYS, 'Publish another key; the first of its use is active at once', {
    body: CreateSpKeyBody,
    returns: SpKeyView,
  }),
  post('sp-key activate', `${KEYS}/:key/activate`, 'Use this key from now on; the former one stays published', {
    returns: SpKeyView,
  }),
  post('sp-key retire', `${KEYS}/:key/retire`, 'Take a key out of the metadata and delete its private half', {
    returns: SpKeyView,
  }),
  get(
    'schema list',
    `${CONNECTION}/schemas`,
    'The extension schemas of a provisioning client',
    page(SchemaView, NamePageQuery),
  ),
  get('schema get', SCHEMA, 'One extension schema', { returns: SchemaView }),
  put('schema declare', SCHEMA, 'Declare an extension schema, or declare it anew', {
    body: DeclareSchemaBody,
    returns: SchemaView,
  }),
  remove('schema delete', SCHEMA, 'Take a schema back; stored values stay and are hidden'),
] as const;
