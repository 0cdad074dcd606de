import { SchemaReconciler } from '../../src/reconciliation/schema.reconciler.js';
import { toAttribute, type Extension, type WrittenAttribute } from '../../src/scim/protocol/schema/extension.js';
import type { TestServer } from './app.js';
import { TEST_OPERATOR, type Tenant } from './scenario.js';

/** An extension as an operator writes it: what is not said has its default. */
export interface WrittenExtension {
  readonly resourceType?: 'User' | 'Group';
  readonly required?: boolean;
  readonly attributes: readonly WrittenAttribute[];
}

export const toExtension = (
  id: string,
  { resourceType = 'User', required = false, attributes }: WrittenExtension,
): Extension => ({
  resourceType,
  required,
  schema: { id, name: 'Test', description: 'Test', attributes: attributes.map(toAttribute) },
});

/** Declares a schema of the tenant's connection. Throws TenantError. */
export const declareSchema = (
  server: TestServer,
  { organization, connection }: Pick<Tenant, 'organization' | 'connection'>,
  id: string,
  written: WrittenExtension,
): Promise<Extension> =>
  server.app
    .get(SchemaReconciler, { strict: false })
    .declare(organization.id, connection.id, toExtension(id, written), TEST_OPERATOR);

export const removeSchema = (
  server: TestServer,
  { organization, connection }: Pick<Tenant, 'organization' | 'connection'>,
  id: string,
): Promise<void> =>
  server.app.get(SchemaReconciler, { strict: false }).remove(organization.id, connection.id, id, TEST_OPERATOR);
