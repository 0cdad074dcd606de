import type { JsonObject, Reply, Tenant } from '../../support/scenario.js';

/** A provisioning client that works in bulk. */

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
export const NOBODY = '0199a4ff-0000-7000-8000-000000000000';

export interface Entry {
  readonly method: string;
  readonly status: string;
  readonly bulkId?: string;
  readonly location?: string;
  readonly version?: string;
  readonly response?: { readonly status: string; readonly scimType?: string; readonly detail: string };
}

export interface BulkReply {
  readonly schemas: string[];
  readonly Operations: Entry[];
}

export const postBulk = (
  tenant: Tenant,
  operations: readonly JsonObject[],
  more: JsonObject = {},
): Promise<Reply<BulkReply>> =>
  tenant.scim<BulkReply>('POST', '/Bulk', { schemas: [BULK_REQUEST], ...more, Operations: operations });

/** The entries of a request that was performed. */
export async function bulk(tenant: Tenant, operations: readonly JsonObject[], more: JsonObject = {}): Promise<Entry[]> {
  const { status, json } = await postBulk(tenant, operations, more);
  expect([status, json.schemas]).toEqual([200, ['urn:ietf:params:scim:api:messages:2.0:BulkResponse']]);
  return json.Operations;
}

export const user = (bulkId: string, data: JsonObject = {}): JsonObject => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { userName: bulkId, ...data },
});
export const managed = (bulkId: string, manager: unknown): JsonObject => user(bulkId, { [ENTERPRISE]: { manager } });
export const group = (bulkId: string, ...members: string[]): JsonObject => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { displayName: bulkId, members: members.map((value) => ({ value })) },
});
export const patch = (path: string, ...operations: JsonObject[]): JsonObject => ({
  method: 'PATCH',
  path,
  data: { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations },
});

export const idIn = ({ location }: Entry): string => location!.slice(location!.lastIndexOf('/') + 1);
export const statuses = (entries: readonly Entry[]): string[] => entries.map(({ status }) => status);

/** All resources of one kind. */
async function all(tenant: Tenant, path: '/Users' | '/Groups'): Promise<JsonObject[]> {
  return (await tenant.scim<{ Resources: JsonObject[] }>('GET', `${path}?count=1000`)).json.Resources;
}

async function userNames(tenant: Tenant): Promise<Map<string, string>> {
  return new Map((await all(tenant, '/Users')).map((one) => [one['id'] as string, one['userName'] as string]));
}

/** Who has whom as manager, by user name. */
export async function managers(tenant: Tenant): Promise<Record<string, string | undefined>> {
  const names = await userNames(tenant);
  return Object.fromEntries(
    (await all(tenant, '/Users')).map((one): [string, string | undefined] => {
      const { manager } = (one[ENTERPRISE] ?? {}) as { manager?: { value: string } };
      return [one['userName'] as string, manager && (names.get(manager.value) ?? manager.value)];
    }),
  );
}

/** Who is in which group, by name. */
export async function members(tenant: Tenant): Promise<Record<string, string[]>> {
  const names = await userNames(tenant);
  return Object.fromEntries(
    (await all(tenant, '/Groups')).map((one): [string, string[]] => [
      one['displayName'] as string,
      (one['members'] as { value: string }[]).map(({ value }) => names.get(value) ?? value).sort(),
    ]),
  );
}
