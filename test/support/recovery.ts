import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import type { Organization } from '../../src/organizations/connection.js';
import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import type { TestServer } from './app.js';
import { createOrganization, request, TEST_OPERATOR, type JsonObject } from './scenario.js';
import { TestBrowser, type Answer } from './saml-sign-in.js';

/** Break-glass people, their recovery codes, and the form that takes them. The server must believe X-Forwarded-For of loopback. */

export interface Person {
  readonly organization: Organization;
  readonly id: string;
  readonly userName: string;
}

/** What somebody types. */
export interface Typed {
  readonly organization: string;
  readonly userName: string;
  readonly code: string;
  readonly targetUrl?: string;
}

let count = 0;
/** An address that nobody came from before. */
export const freshAddress = () => `192.0.${Math.floor(++count / 250)}.${(count % 250) + 1}`;

export const pathOf = ({ organization, id }: Person) => `/admin/v1/organizations/${organization.slug}/users/${id}`;

export const typedBy = ({ organization, userName }: Person, code: string): Typed => ({
  organization: organization.slug,
  userName,
  code,
});

export const INCIDENT_CODE = /[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{2}/;

export class Recovery {
  private constructor(
    private readonly server: TestServer,
    /** An operator's token. */
    readonly admin: string,
  ) {}

  static async of(server: TestServer): Promise<Recovery> {
    const { token } = await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR);
    return new Recovery(server, token);
  }

  async createPerson(organization: Organization, breakGlass = true): Promise<Person> {
    const operator = this.server.app.get(OperatorReconciler);
    const userName = `Glass-${++count}`;
    const attributes = { emails: [{ value: `${userName}@glass.example`, primary: true }] };
    const { user } = await operator.createUser(organization.id, { userName, attributes }, TEST_OPERATOR);
    if (breakGlass) await operator.setUser(organization.id, user.id, { breakGlass }, TEST_OPERATOR);
    return { organization, id: user.id, userName };
  }

  /** A break-glass person of an organization of their own. */
  async newPerson(): Promise<Person> {
    return this.createPerson(await createOrganization(this.server));
  }

  async issue(person: Person, body: JsonObject = {}): Promise<readonly string[]> {
    const path = `${pathOf(person)}/recovery-codes`;
    const reply = await request(this.server, 'POST', path, { token: this.admin, body });
    expect(reply.status).toBe(201);
    return reply.json['codes'] as string[];
  }

  async enter(
    { targetUrl, ...typed }: Typed,
    { address = freshAddress(), browser = new TestBrowser(this.server) } = {},
  ): Promise<Answer> {
    const form = new URLSearchParams({ ...typed, ...(targetUrl === undefined ? {} : { targetUrl }) });
    const headers = { 'sec-fetch-site': 'same-origin', 'x-forwarded-for': address };
    return browser.post('/sign-in/recovery', form, headers);
  }

  /** The sign-in that the incident code on a page leads to, and whose it was. */
  async incidentOf({ body }: Answer): Promise<JsonObject> {
    const [code] = INCIDENT_CODE.exec(body)!;
    const path = `/admin/v1/incidents/${code.toLowerCase()}`;
    const reply = await request(this.server, 'GET', path, { token: this.admin });
    expect(reply.status).toBe(200);
    expect(reply.json).toMatchObject({ kind: 'sign-in', connectionName: null, hints: [] });
    return reply.json;
  }
}
