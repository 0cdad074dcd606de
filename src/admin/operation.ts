import type { FieldsClass } from './field.decorators.js';

/** One thing an operator can do: the same over REST, in the API description and on the command line. */
export interface Operation {
  /** `<noun> <verb>`: the words of the command line. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /admin/v1, parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly body?: FieldsClass;
  readonly query?: FieldsClass;
  /** What is answered; absent: nothing. */
  readonly returns?: FieldsClass;
  /** What is answered instead, with status 200, where the query says `preview`. */
  readonly previews?: FieldsClass;
  /** Answered a page at a time: `items` of what `returns` says, and `next`. */
  readonly paged?: true;
  /** Media types of the body besides JSON; the parser makes them the field `metadataXml`. */
  readonly consumes?: readonly string[];
}

export const ADMIN_PREFIX = 'admin/v1';

/** The names of the parameters in a path. */
export const parametersOf = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);

export const PARAMETER_DOCS: Readonly<Record<string, string>> = {
  organization: 'The id or slug of the organization',
  connection: 'The id of the connection',
  guard: 'removals, over what sign-ins take, or deprovisioning, over what the SCIM client ends',
  token: 'The id of the token',
  client: 'The id of the client',
  key: 'The id of the key',
  secret: 'The id of the secret',
  schema: 'The URN of the schema',
  domain: 'The domain',
  handOver: 'The id of the hand-over',
  user: 'The id of the user',
  group: 'The id of the group',
  session: 'The id of the session',
  incident: 'The incident code a person was shown, in any case, with or without the hyphens',
  logout: 'The id of the logout, or the incident code a person was shown',
  testSignIn: 'The id of the test sign-in',
  signIn: 'The id of the sign-in, or the incident code a person was shown',
};
